import { describe, expect, it } from 'vitest'
import { at, check, checksOf, DAY, HOUR, MINUTE, ok, probe, records, timeout, url, watched } from '../support.js'
import { always, type Subject } from './subject.js'

/** The checks that went wrong. */
export function failuresContract(name: string, { withStore }: Subject): void {
  describe(`${name} finds failures`, () => {
    const minutesOf = (rows: readonly { readonly checkedAt: Date }[]) =>
      rows.map(({ checkedAt }) => (checkedAt.getTime() - at(0).getTime()) / MINUTE)

    it('newest first, refusals only where they do not count as alive, and nothing else', () =>
      withStore(async (store) => {
        await store.watch([watched('a'), watched('b', { aliveWhen: 'response' })], at(0))
        await store.record([...records(checksOf('a', '+-r+s-+')), ...records(checksOf('b', '+-r+s-+'))])
        expect(minutesOf(await store.failures(url('a'), always, 9))).toEqual([5, 2, 1])
        expect(minutesOf(await store.failures(url('b'), always, 9))).toEqual([5, 1])
        const [newest] = await store.failures(url('a'), always, 1)
        expect(newest).toEqual((await store.checks(url('a'), always, 2))[1])
      }))

    it('of each check the row that decided, and none where one family alone failed', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        const six = probe(timeout, { family: 6, address: '2001:db8::7' })
        const both = { ...check('a', 0, timeout), probes: [probe(timeout), six] }
        const one = { ...check('a', MINUTE, ok), probes: [probe(ok), six] }
        await store.record(records([both, one]))
        expect(minutesOf(await store.failures(url('a'), always, 9))).toEqual([0])
      }))

    it('as far back as the window goes, whether hours are rolled up or not, until the checks are gone', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        await store.record(
          records(['-', '+'].flatMap((letter) => checksOf('a', letter.repeat(60), letter === '-' ? 0 : HOUR))),
        )
        await store.record(records(checksOf('a', '+-', 20 * DAY)))
        const all = [20 * 24 * 60 + 1, ...Array.from({ length: 60 }, (_, index) => 59 - index)]
        expect(minutesOf(await store.failures(url('a'), always, 100))).toEqual(all)
        await store.roll(at(21 * DAY))
        expect(minutesOf(await store.failures(url('a'), always, 100))).toEqual(all)
        expect(minutesOf(await store.failures(url('a'), always, 5))).toEqual(all.slice(0, 5))
        const window = { from: at(58 * MINUTE + 1), to: at(20 * DAY + MINUTE) }
        expect(minutesOf(await store.failures(url('a'), window, 100))).toEqual([59])
        await store.prune({ checks: at(DAY), hours: at(-DAY) })
        expect(minutesOf(await store.failures(url('a'), always, 100))).toEqual(all.slice(0, 1))
      }))

    it('none of a tracker that was never checked', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        expect(await store.failures(url('a'), always, 9)).toEqual([])
      }))
  })
}
