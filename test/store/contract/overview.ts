import { describe, expect, it } from 'vitest'
import type { RecentCheck } from '../../../src/store/store.js'
import type { Outcome } from '../../../src/tracker/outcome.js'
import {
  at,
  check,
  checksBefore,
  checksOf,
  DAY,
  HOUR,
  MINUTE,
  ok,
  policy,
  probe,
  records,
  rejected,
  timeout,
  url,
  watched,
} from '../support.js'
import type { Subject } from './subject.js'

/** What a page shows of all trackers at once. */
export function overviewContract(name: string, { withStore }: Subject): void {
  describe(`${name} tells the newest checks of all trackers`, () => {
    it('newest first, as many as are asked for, of those that are watched', () =>
      withStore(async (store) => {
        await store.watch([watched('a'), watched('b'), watched('gone'), watched('new')], at(0))
        const both = probe({ ...ok }, { family: 6, latencyMs: 900 })
        const last = { ...check('b', 9 * MINUTE, ok, 12.5), probes: [both, probe(ok, { latencyMs: 12.5 })] }
        await store.record([
          ...records(checksOf('a', '+++---s+')),
          ...records(checksOf('gone', '++++++++')),
          ...records([...checksOf('b', '+-'), last]),
        ])
        await store.watch([watched('b'), watched('new'), watched('a')], at(HOUR))
        const newest = await store.recent(3)
        expect([...newest.keys()]).toEqual([url('b'), url('new'), url('a')])
        const answered = { outcome: 'ok', reason: null, code: null, message: null, flags: [] }
        expect(newest.get(url('a'))).toEqual([
          { checkedAt: at(7 * MINUTE), ...answered, latencyMs: 41.25 },
          {
            checkedAt: at(6 * MINUTE),
            outcome: 'skipped',
            reason: 'uplink_down',
            code: 'net.uplink',
            message: 'uplink is down',
            flags: [],
            latencyMs: null,
          },
          expect.objectContaining({ checkedAt: at(5 * MINUTE), outcome: 'failed', code: timeout.code }),
        ])
        expect(newest.get(url('b'))?.map(({ latencyMs }) => latencyMs)).toEqual([12.5, null, 41.25])
        expect(newest.get(url('new'))).toEqual([])
        expect([...(await store.recent(0)).values()]).toEqual([[], [], []])
      }))

    it('however many there are, the same as those of each', () =>
      withStore(async (store) => {
        const names = Array.from({ length: 60 }, (_, index) => index)
        await store.watch(
          names.map((host) => watched(host)),
          at(0),
        )
        for (const host of names) await store.record(records(checksOf(host, '+-'.repeat(150), host * 500)))
        const newest = await store.recent(250)
        for (const host of [0, 31, 59]) {
          const own = await store.checks(url(host), { from: at(0), to: at(DAY) }, 250)
          expect(newest.get(url(host))).toEqual(own.map((one) => expect.objectContaining(shortOf(one))))
        }
      }))
  })

  describe(`${name} tells the newest checks again`, () => {
    it('with those that were recorded meanwhile, in whatever order they came', () =>
      withStore(async (store) => {
        await store.watch([watched('a'), watched('b')], at(0))
        await store.record(records([...checksOf('a', '++-'), ...checksOf('b', '+')]))
        const before = await store.recent(4)
        const refused: Outcome = { ...rejected, message: '' }
        const reading = store.recent(5)
        await store.record(records([check('a', 10 * MINUTE, ok, 12.3456789), check('a', 5 * MINUTE, refused)]))
        await store.record(records([check('a', 7 * MINUTE, timeout), check('a', 6 * MINUTE, ok)]))
        await reading
        const window = { from: at(0), to: at(DAY) }
        for (const limit of [4, 5]) {
          const newest = await store.recent(limit)
          const own = await store.checks(url('a'), window, limit)
          expect(newest.get(url('a'))).toEqual(own.map((one) => expect.objectContaining(sayingOf(one))))
          expect(newest.get(url('a'))?.map(({ checkedAt }) => checkedAt)).toEqual(
            [10, 7, 6, 5, 2].slice(0, limit).map((minute) => at(minute * MINUTE)),
          )
        }
        expect(before.get(url('a'))).toHaveLength(3)
        expect((await store.recent(4)).get(url('b'))).toEqual(before.get(url('b')))
      }))

    it('without a second one where a check is recorded twice', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        await store.record(records(checksOf('a', '+-')))
        await store.recent(10)
        await store.record(records(checksOf('a', '+-+')))
        expect((await store.recent(10)).get(url('a'))?.map(({ outcome }) => outcome)).toEqual(['ok', 'failed', 'ok'])
      }))

    it('of a tracker that comes back, and no more once they are deleted', () =>
      withStore(async (store) => {
        await store.watch([watched('a'), watched('b')], at(0))
        await store.record(records([...checksOf('a', '++'), ...checksOf('b', '+', DAY)]))
        await store.watch([watched('b')], at(HOUR))
        expect([...(await store.recent(10)).keys()]).toEqual([url('b')])
        await store.watch([watched('a'), watched('b')], at(2 * HOUR))
        expect((await store.recent(10)).get(url('a'))).toHaveLength(2)
        await store.roll(at(DAY))
        await store.prune(checksBefore(DAY))
        const left = await store.recent(10)
        expect([left.get(url('a')), left.get(url('b'))?.length]).toEqual([[], 1])
      }))
  })

  describe(`${name} tells the days of all trackers`, () => {
    it('as those of each, before and after they are added up and the checks are gone', () =>
      withStore(async (store) => {
        await store.watch([watched('a'), watched('b')], at(0))
        const letters = Array.from({ length: 5 * 24 }, (_, hour) => (hour % 31 < 5 ? '-' : hour % 50 > 46 ? 's' : '+'))
        const hourly = { ...policy, holdMs: 3 * HOUR }
        await store.record(records(checksOf('a', letters.join(''), 90 * MINUTE, HOUR), hourly))
        const window = { from: at(HOUR), to: at(5 * DAY - 100 * MINUTE) }
        const daily = await store.daily(window)
        const own = await store.days(url('a'), window)
        const a = daily.get(url('a')) ?? []
        expect(a.map(({ from }) => from)).toEqual([1, 2, 3, 4].map((day) => at(day * DAY)))
        expect(a).toEqual(own.map(({ from, uptime }) => ({ from, ...uptime })))
        expect(a.some(({ aliveMs, observedMs }) => aliveMs < observedMs)).toBe(true)
        expect(daily.get(url('b'))).toEqual(a.map(({ from }) => ({ from, observedMs: 0, aliveMs: 0, skippedMs: 0 })))
        await store.roll(at(5 * DAY))
        await store.prune(checksBefore(3 * DAY))
        expect(await store.daily(window)).toEqual(daily)
      }))
  })
}

function sayingOf({ checkedAt, outcome, reason, code, message, flags, latencyMs }: RecentCheck): RecentCheck {
  return { checkedAt, outcome, reason, code, message, flags, latencyMs }
}

function shortOf({
  checkedAt,
  outcome,
  code,
  latencyMs,
}: {
  checkedAt: Date
  outcome: string
  code: string | null
  latencyMs: number | null
}) {
  return { checkedAt, outcome, code, latencyMs }
}
