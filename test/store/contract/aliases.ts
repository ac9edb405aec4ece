import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/store/store.js'
import { trackerId } from '../../../src/tracker/state.js'
import { at, checksBefore, checksOf, DAY, HOUR, MINUTE, policy, records, url, watched } from '../support.js'
import { always, type Subject } from './subject.js'

const known = async (store: Store, name: string): Promise<string | undefined> =>
  (await store.find(url(name)))?.tracker.host.split('.')[0]

/** Trackers whose URL has changed. */
export function aliasesContract(name: string, { withStore }: Subject): void {
  describe(`${name} joins the history of a tracker whose URL has changed`, () => {
    it('from the beginning on, and finds it under either URL and id', () =>
      withStore(async (store, reopen) => {
        await store.watch([watched('old'), watched('b')], at(0))
        await store.record(records(checksOf('old', '+--+', 0, 10 * MINUTE)))
        await store.roll(at(DAY))
        const of = async (from: Store, host: string) => ({
          checks: await from.checks(url(host), always, 10),
          changes: await from.changes(url(host), always),
          hours: await from.hours(url(host), always),
          addresses: await from.addresses(url(host)),
          uptime: await from.uptime(url(host), { from: at(0), to: at(HOUR) }, at(HOUR)),
        })
        const before = await of(store, 'old')
        expect(before.checks).toHaveLength(4)
        const renamed = watched('new', { aliases: [url('old')] })
        const joined = [{ url: url('new'), alias: url('old'), joined: true }]
        expect(await store.watch([watched('b'), renamed], at(DAY))).toEqual(joined)
        expect(await store.watch([watched('b'), renamed], at(2 * DAY))).toEqual([])
        for (const open of [async () => store, reopen]) {
          const from = await open()
          expect(await of(from, 'new')).toEqual(before)
          expect(await of(from, 'old')).toEqual(before)
          const state = await from.find(url('new'))
          expect(state).toMatchObject({ id: trackerId(url('new')), addedAt: at(0), health: { status: 'up' } })
          expect(await from.find(url('old'))).toEqual(state)
          expect(await from.find(trackerId(url('old')))).toEqual(state)
          expect((await from.states()).map(({ tracker }) => tracker.host)).toEqual(['b.example', 'new.example'])
        }
      }))

    it.each([
      ['added up', 3 * HOUR],
      ['not added up yet', 0],
    ])('but does not lose one that was imported without its events, %s', (_, rolledMs) =>
      withStore(async (from) =>
        withStore(async (store) => {
          await from.watch([watched('old')], at(0))
          await from.record(records(checksOf('old', '+-+')))
          const rows = []
          for await (const row of from.export('checks', always)) rows.push(row)
          await store.watch([watched('new')], at(0))
          await store.record(records(checksOf('new', '+')))
          await store.import(rows, at(HOUR))
          await store.roll(at(rolledMs))
          const apart = [{ url: url('new'), alias: url('old'), joined: false }]
          expect(await store.watch([watched('new', { aliases: [url('old')] })], at(DAY))).toEqual(apart)
          expect(await store.checks(url('old'), always, 10)).toHaveLength(3)
          expect(await store.verify()).toEqual([])
        }),
      ),
    )

    it('and keeps the last checks under the old one with it', () =>
      withStore(async (store) => {
        await store.watch([watched('old')], at(0))
        const all = records(checksOf('old', '+++'))
        await store.record(all.slice(0, 2))
        await store.watch([watched('new', { aliases: [url('old')] })], at(HOUR))
        await store.record(all.slice(2))
        expect(await store.checks(url('new'), always, 10)).toHaveLength(3)
      }))

    it('and judges all of it by the policy of the new one', () =>
      withStore(async (store) => {
        await store.watch([watched('old')], at(0))
        await store.record(records(checksOf('old', 'r'.repeat(7), 0, 10 * MINUTE)))
        await store.roll(at(DAY))
        const alive = async () => (await store.days(url('new'), always)).map(({ uptime }) => uptime.aliveMs)
        const renamed = watched('new', { group: 'private', aliveWhen: 'response', aliases: [url('old')] })
        await store.watch([renamed], at(DAY))
        expect(await alive()).toEqual([70 * MINUTE])
        await store.roll(at(DAY))
        expect(await alive()).toEqual([70 * MINUTE])
      }))

    it('there and back again, with the alias or without it', () =>
      withStore(async (store, reopen) => {
        await store.watch([watched('a')], at(0))
        await store.record(records(checksOf('a', '+')))
        await store.watch([watched('b', { aliases: [url('a')] })], at(HOUR))
        await store.record(records(checksOf('b', '+', HOUR)))
        const back = [{ url: url('a'), alias: url('b'), joined: true }]
        expect(await store.watch([watched('a', { aliases: [url('b')] })], at(2 * HOUR))).toEqual(back)
        await store.record(records(checksOf('a', '+', 2 * HOUR)))
        expect(await known(store, 'b')).toBe('a')
        await store.watch([watched('b')], at(3 * HOUR))
        const reopened = await reopen()
        expect(await reopened.watch([watched('a')], at(4 * HOUR))).toEqual(back)
        expect(await reopened.checks(url('a'), always, 10)).toHaveLength(3)
        expect(await reopened.checks(url('b'), always, 10)).toHaveLength(3)
        expect(await reopened.find(url('a'))).toMatchObject({ addedAt: at(0), tracker: { host: 'a.example' } })
        expect(await reopened.verify()).toEqual([])
      }))

    it('over several names, of which any finds it', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        await store.record(records(checksOf('a', '+')))
        await store.watch([watched('b', { aliases: [url('a')] })], at(HOUR))
        await store.watch([watched('c', { aliases: [url('a')] })], at(2 * HOUR))
        expect(await store.checks(url('c'), always, 10)).toHaveLength(1)
        expect(await Promise.all(['a', 'b', 'c', 'd'].map((host) => known(store, host)))).toEqual([
          'c',
          'c',
          'c',
          undefined,
        ])
        await store.watch([watched('d', { aliases: [url('never'), url('c'), url('b')] })], at(3 * HOUR))
        expect(await Promise.all(['a', 'b', 'c', 'never'].map((host) => known(store, host)))).toEqual(
          Array(4).fill('d'),
        )
        expect((await store.find(url('d')))?.addedAt).toEqual(at(0))
      }))

    it('of which one that is back has it again, whatever else names the others', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        await store.record(records(checksOf('a', '++')))
        await store.watch([watched('b', { aliases: [url('a')] })], at(HOUR))
        const trackers = [watched('a'), watched('c', { aliases: [url('b')] })]
        expect(await store.watch(trackers, at(2 * HOUR))).toEqual([{ url: url('a'), alias: url('b'), joined: true }])
        expect(await known(store, 'b')).toBe('a')
        await store.watch(trackers, at(3 * HOUR))
        await store.watch([watched('b')], at(4 * HOUR))
        expect(await store.checks(url('b'), always, 10)).toHaveLength(2)
      }))

    it('where the new URL was watched but never checked', () =>
      withStore(async (store) => {
        await store.watch([watched('new', { aliases: [url('older')] })], at(0))
        await store.watch([watched('old')], at(HOUR))
        await store.record(records(checksOf('old', '+', HOUR)))
        await store.watch([watched('new', { aliases: [url('old')] }), watched('other')], at(2 * HOUR))
        expect(await store.find(url('new'))).toMatchObject({ addedAt: at(0), lastOkAt: at(HOUR) })
        expect(await known(store, 'older')).toBe('new')
        expect(await store.find(url('other'))).toMatchObject({ addedAt: at(2 * HOUR), health: null })
        expect(await store.checks(url('other'), always, 10)).toEqual([])
        expect(await store.verify()).toEqual([])
      }))

    it('but not where both have one: the old one stays archived, under its URL', () =>
      withStore(async (store) => {
        await store.watch([watched('old'), watched('new')], at(0))
        await store.record([...records(checksOf('old', '++')), ...records(checksOf('new', '---'))])
        const kept = [{ url: url('new'), alias: url('old'), joined: false }]
        for (const hour of [1, 2]) {
          expect(await store.watch([watched('new', { aliases: [url('old')] })], at(hour * HOUR))).toEqual(kept)
        }
        expect(await store.checks(url('new'), always, 10)).toHaveLength(3)
        expect(await store.checks(url('old'), always, 10)).toHaveLength(2)
        expect(await known(store, 'old')).toBe('old')
        expect(await store.states()).toHaveLength(1)
      }))

    it('but not of a URL that is watched itself, then or later', () =>
      withStore(async (store) => {
        await store.watch([watched('old')], at(0))
        await store.record(records(checksOf('old', '+')))
        expect(await store.watch([watched('new', { aliases: [url('old')] }), watched('old')], at(HOUR))).toEqual([])
        expect(await known(store, 'old')).toBe('old')
        expect((await store.find(url('new')))?.health).toBeNull()
        await store.watch([watched('new', { aliases: [url('old')] })], at(2 * HOUR))
        expect(await known(store, 'old')).toBe('new')
        // Both at once: the history stays where it is, and the old URL begins anew.
        await store.watch([watched('old'), watched('new')], at(3 * HOUR))
        expect(await store.find(url('old'))).toMatchObject({ addedAt: at(3 * HOUR), health: null })
        expect(await store.find(url('new'))).toMatchObject({ addedAt: at(0), lastOkAt: at(0) })
        await store.watch([watched('third', { aliases: [url('old')] }), watched('new')], at(4 * HOUR))
        expect(await known(store, 'old')).toBe('third')
      }))
  })

  describe(`${name} picks up the history of a tracker that returns`, () => {
    it('after forty days, with hours and days that were added up and checks that are gone', () =>
      withStore(async (store, reopen) => {
        await store.watch([watched('a'), watched('b')], at(0))
        const daily = { ...policy, holdMs: HOUR }
        const both = (letters: string, fromMs: number) =>
          ['a', 'b'].flatMap((host) => records(checksOf(host, letters, fromMs, HOUR / 2), daily))
        await store.record(both('+'.repeat(48), 0))
        await store.roll(at(DAY + HOUR))
        const days = await store.days(url('a'), always)
        await store.watch([watched('b')], at(DAY))
        const last = (await store.find(url('b')))?.health ?? undefined
        await store.record(records(checksOf('b', '+'.repeat(48), 40 * DAY, HOUR / 2), daily, last))
        await store.roll(at(41 * DAY))
        await store.prune(checksBefore(10 * DAY))
        expect(await store.days(url('a'), always)).toEqual(days)

        const reopened = await reopen()
        await reopened.watch([watched('a'), watched('b')], at(41 * DAY))
        const health = (await reopened.find(url('a')))?.health ?? undefined
        await reopened.record(records(checksOf('a', '+'.repeat(4), 41 * DAY, HOUR / 2), daily, health))
        await reopened.roll(at(42 * DAY))
        const all = await reopened.days(url('a'), always)
        // The status of the last check held for half an hour of the second day.
        expect(days.map(({ from, uptime }) => [from, uptime.observedMs])).toEqual([
          [at(0), DAY],
          [at(DAY), HOUR / 2],
        ])
        expect(all.slice(0, -1)).toEqual(days)
        expect(all.at(-1)).toMatchObject({ from: at(41 * DAY), checks: { ok: 4 } })
        // Forty days in which nobody looked count neither way.
        const uptime = await reopened.uptime(url('a'), { from: at(0), to: at(42 * DAY) }, at(41 * DAY + 2 * HOUR))
        expect(uptime).toMatchObject({ ratio: 1, observedMs: DAY + HOUR / 2 + 2 * HOUR })
        expect(await reopened.find(url('a'))).toMatchObject({ addedAt: at(0) })
        expect(await reopened.verify()).toEqual([])
      }))
  })
}
