import { describe, expect, it } from 'vitest'
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
