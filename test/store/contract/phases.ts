import { describe, expect, it } from 'vitest'
import {
  at,
  check,
  checksOf,
  DAY,
  HOUR,
  MINUTE,
  ok,
  probe,
  records,
  rejected,
  timeout,
  url,
  watched,
} from '../support.js'
import { always, type Subject } from './subject.js'

/** Where the time of checks went, by the hour. */
export function phasesContract(name: string, { withStore }: Subject): void {
  describe(`${name} tells the phases`, () => {
    const taking = (ms: number, phases: Readonly<Record<string, number>>, outcome = ok) => {
      return { ...check('a', ms, outcome), probes: [probe(outcome, { phases })] }
    }

    it('of each hour with an answer as the mean over all its answered checks', () =>
      withStore(async (store, reopen) => {
        await store.watch([watched('a'), watched('b')], at(0))
        await store.record(records([taking(0, { resolve: 2, udp_connect: 20 }), taking(MINUTE, { udp_connect: 31 })]))
        await store.record(records([check('a', 2 * MINUTE, timeout), ...checksOf('a', '-', HOUR)]))
        await store.record(records(checksOf('a', 'r', 2 * HOUR)))
        await store.record(records(checksOf('b', '+')))
        const told = [
          { from: at(0), answered: 2, phases: { resolve: 1, udp_connect: 25.5 } },
          { from: at(2 * HOUR), answered: 1, phases: probe(rejected).phases },
        ]
        expect(await store.phases(url('a'), always)).toEqual(told)
        expect(await store.phases(url('a'), { from: at(1), to: at(DAY) })).toEqual(told.slice(1))
        expect(await store.phases(url('a'), { from: at(0), to: at(2 * HOUR) })).toEqual(told.slice(0, 1))
        expect(await (await reopen()).phases(url('a'), always)).toEqual(told)
      }))

    it('of the probe that decided', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        const slower = probe(ok, { family: 6, latencyMs: 80, phases: { udp_connect: 80 } })
        await store.record(records([{ ...check('a', 0, ok), probes: [slower, probe(ok)] }]))
        expect(await store.phases(url('a'), always)).toEqual([{ from: at(0), answered: 1, phases: probe(ok).phases }])
      }))

    it('of an hour that was rolled up and goes on later as one, and a check that came twice once', () =>
      withStore(async (store, reopen) => {
        await store.watch([watched('a')], at(0))
        const first = records([taking(0, { udp_connect: 20 })])
        await store.record(first)
        await store.record(first)
        await store.roll(at(2 * HOUR))
        await store.record(records([taking(MINUTE, { udp_connect: 40 })], undefined, first[0]?.health))
        const told = [{ from: at(0), answered: 2, phases: { udp_connect: 30 } }]
        expect(await store.phases(url('a'), always)).toEqual(told)
        expect(await (await reopen()).phases(url('a'), always)).toEqual(told)
      }))

    it('for as long as checks are kept', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        await store.record(records([...checksOf('a', '+'), ...checksOf('a', '+', 2 * DAY)]))
        await store.roll(at(3 * DAY))
        await store.prune({ checks: at(DAY), hours: at(0) })
        expect((await store.phases(url('a'), always)).map(({ from }) => from)).toEqual([at(2 * DAY)])
        expect((await store.hours(url('a'), always)).map(({ from }) => from)).toContainEqual(at(0))
      }))
  })
}
