import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/store/store.js'
import { latencyAt } from '../../../src/tracker/latency-histogram.js'
import type { CheckResult } from '../../../src/tracker/outcome.js'
import { type Rollup, sumOf } from '../../../src/tracker/rollup.js'
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
import { always, type Subject } from './subject.js'

/** What is added up per hour and day. */
export function rollupsContract(name: string, { withStore }: Subject): void {
  describe(`${name} adds up`, () => {
    it('nothing of a tracker that was never checked', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        expect(await store.roll(at(DAY))).toBe(0)
        expect(await store.hours(url('a'), always)).toEqual([])
        expect(await store.days(url('a'), always)).toEqual([])
      }))

    it('checks, reasons, packets, time and latency of each hour', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        const lost = { attempts: 3, packetsSent: 3, packetsLost: 2, latencyMs: null }
        const down = { ...check('a', 20 * MINUTE, timeout), probes: [probe(timeout, lost)] }
        const checks = [check('a', 0, ok, 40), check('a', 10 * MINUTE, ok, 80), down]
        const strict = { ...policy, downAfter: 1, holdMs: 30 * MINUTE }
        await store.record(
          records([...checks, ...checksOf('a', 's', 50 * MINUTE), ...checksOf('a', '+', HOUR)], strict),
        )
        const [first, second] = await store.hours(url('a'), { from: at(0), to: at(65 * MINUTE) })
        expect(first).toMatchObject({
          from: at(0),
          to: at(HOUR),
          checks: { ok: 2, rejected: 0, failed: 1, skipped: 1 },
          reasons: { timeout: 1, uplink_down: 1 },
          packetsSent: 7,
          packetsLost: 2,
          // Down from minute 20 until minute 50, when nothing was learned any more.
          uptime: { observedMs: 50 * MINUTE, aliveMs: 20 * MINUTE, skippedMs: 10 * MINUTE },
        })
        expect(first?.latencies.total).toBe(2)
        expect(Math.abs((latencyAt(first?.latencies ?? none, 1) ?? 0) / 80 - 1)).toBeLessThan(0.04)
        expect(second?.uptime).toEqual({ observedMs: 5 * MINUTE, aliveMs: 5 * MINUTE, skippedMs: 0 })
      }))

    it('the same whether it is added up beforehand, in one go or hour by hour, or when it is read', () =>
      withStore((unrolled) =>
        withStore(async (store, reopen) => {
          const trackers = [watched('a'), watched('b')]
          const hours = (all: readonly CheckResult[]) => all.slice(0, 28 * 6)
          const all = [...records(hours(history('a'))), ...records(hours(history('b', 7)))]
          await unrolled.watch(trackers, at(0))
          await unrolled.record(all)
          const window = { from: at(0), to: at(4 * DAY) }
          const before = await everything(unrolled, window)
          expect(before.map(({ hours, days }) => [hours.length, days.length])).toEqual([
            [28, 2],
            [28, 2],
          ])
          await store.watch(trackers, at(0))
          const recordBetween = (from: number, to: number) =>
            store.record(all.filter(({ result: { checkedAt } }) => checkedAt >= at(from) && checkedAt < at(to)))
          await recordBetween(0, 5 * HOUR)
          expect(await store.roll(at(5 * HOUR))).toBe(4)
          for (let hour = 5; hour < 28; hour++) {
            await recordBetween(hour * HOUR, (hour + 1) * HOUR)
            await store.roll(at((hour + 1) * HOUR + 11 * MINUTE))
          }
          expect(await everything(store, window)).toEqual(before)
          expect(await store.roll(at(4 * DAY))).toBeGreaterThan(40)
          expect(await store.roll(at(4 * DAY))).toBe(0)
          expect(await everything(store, window)).toEqual(before)
          expect(await unrolled.roll(at(4 * DAY))).toBeGreaterThan(60)
          expect(await everything(unrolled, window)).toEqual(before)
          expect(await everything(await reopen(), window)).toEqual(before)
        }),
      ))

    it('a day to the uptime of that day, with hours in which nothing was observed', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        const seldom = checksOf('a', '+..................-.....s........+.........................+', 5 * HOUR, HOUR)
        await store.record(records(seldom))
        const window = { from: at(0), to: at(2 * DAY) }
        const now = at(3 * DAY)
        const days = async () => (await store.days(url('a'), window)).map(({ from, uptime }) => [from, uptime])
        const expected = await Promise.all(
          [0, DAY].map(async (ms) => {
            const { ratio: _, ...time } = await store.uptime(url('a'), { from: at(ms), to: at(ms + DAY) }, now)
            return [at(ms), time]
          }),
        )
        expect(expected[0]).toMatchObject([at(0), { observedMs: 10 * MINUTE, skippedMs: 19 * HOUR - 10 * MINUTE }])
        expect(await days()).toEqual(expected)
        await store.roll(now)
        expect(await days()).toEqual(expected)
      }))

    it('reasons in one order, whichever came first', () =>
      withStore(async (store) => {
        await store.watch([watched('a'), watched('b')], at(0))
        await store.record([...records(checksOf('a', 's-')), ...records(checksOf('b', '-s'))])
        const reasons = async () => {
          const hours = ['a', 'b'].map((host) => store.hours(url(host), { from: at(0), to: at(HOUR) }))
          return (await Promise.all(hours)).map(([hour]) => Object.keys(hour?.reasons ?? {}))
        }
        const ordered = Array(2).fill(['timeout', 'uplink_down'])
        expect(await reasons()).toEqual(ordered)
        await store.roll(at(DAY))
        expect(await reasons()).toEqual(ordered)
      }))

    it('by the policy of today, though the hours and days were added up by another', () =>
      withStore(async (store) => {
        await store.watch([watched('a'), watched('b')], at(0))
        const lasting = { ...policy, holdMs: 30 * MINUTE }
        const both = ['a', 'b'].flatMap((host) =>
          records(checksOf(host, '+'.repeat(90) + 'r'.repeat(198), 0, 10 * MINUTE), lasting),
        )
        await store.record(both)
        await store.roll(at(3 * DAY))
        await store.prune(checksBefore(DAY + 6 * HOUR))
        const window = { from: at(0), to: at(2 * DAY) }
        const [before, untouched] = await everything(store, window)
        const aliveMs = (rollups: readonly Rollup[] = []) => rollups.map(({ uptime }) => uptime.aliveMs)
        expect(aliveMs(before?.days)).toEqual([15 * HOUR, 0])
        await store.watch([watched('a', { aliveWhen: 'response' }), watched('b')], at(3 * DAY))
        const live = await everything(store, window)
        expect(aliveMs(live[0]?.days)).toEqual([DAY, DAY])
        expect(aliveMs(live[0]?.hours)).toEqual(Array(48).fill(HOUR))
        await store.roll(at(3 * DAY))
        const rolled = await everything(store, window)
        expect(rolled).toEqual(live)
        expect(rolled[0]?.days.map(withoutTime)).toEqual(before?.days.map(withoutTime))
        expect(rolled[0]?.hours.map(withoutTime)).toEqual(before?.hours.map(withoutTime))
        expect(rolled[1]).toEqual(untouched)
        // Of the first day nothing is left but its sum.
        await store.prune({ checks: at(DAY + 6 * HOUR), hours: at(DAY) })
        await store.watch([watched('a'), watched('b')], at(3 * DAY))
        expect(await store.days(url('a'), window)).toEqual(before?.days)
        await store.roll(at(3 * DAY))
        expect(await store.days(url('a'), window)).toEqual(before?.days)
        expect(await store.hours(url('a'), window)).toEqual(before?.hours.slice(24))
      }))

    it('what comes late', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        const all = records(history('a'))
        const late = all.filter((_, index) => index % 49 === 3)
        await store.record(all.filter((record) => !late.includes(record)))
        await store.roll(at(4 * DAY))
        await store.record(late)
        const window = { from: at(0), to: at(4 * DAY) }
        const unrolled = await everything(store, window)
        expect(sumOf(unrolled[0]?.hours ?? [])?.checks.ok).toBe(all.filter(({ result }) => result.alive).length)
        await store.roll(at(4 * DAY))
        expect(await everything(store, window)).toEqual(unrolled)
      }))

    it('before the checks are deleted, so that hours, days and latency outlive them', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        await store.record(records(checksOf('a', '+'.repeat(3 * 144), 0, 10 * MINUTE)))
        const window = { from: at(0), to: at(4 * DAY) }
        const before = await everything(store, window)
        const latency = await store.latency(url('a'), window)
        expect(await store.prune(checksBefore(2 * DAY + 90 * MINUTE))).toBe(49 * 6)
        expect(await everything(store, window)).toEqual(before)
        expect(await store.latency(url('a'), window)).toEqual(latency)
        // A status that turns out to have begun in an hour whose checks are gone.
        const [health] = (await store.states()).map((state) => state.health)
        const dated = records(
          [check('a', 3 * DAY, timeout), check('a', 3 * DAY + MINUTE, timeout)],
          policy,
          health ?? undefined,
        )
        const back = dated.map((record) => ({ ...record, change: record.change && { ...record.change, at: at(DAY) } }))
        await store.record(back)
        await store.roll(at(4 * DAY))
        const [after] = await everything(store, window)
        expect(sumOf(after?.hours ?? [])?.checks).toMatchObject({ ok: sumOf(before[0]?.hours ?? [])?.checks.ok })
        expect(after?.days[1]?.uptime.aliveMs).toBe(0)
        expect(await store.verify()).toEqual([])
      }))

    it('hours, of which old ones go day by day, while the days stay', () =>
      withStore(async (store, reopen) => {
        await store.watch([watched('a')], at(0))
        await store.record(records(history('a')))
        await store.roll(at(4 * DAY))
        const window = { from: at(0), to: at(4 * DAY) }
        const [before] = await everything(store, window)
        await store.prune({ checks: at(2 * DAY), hours: at(DAY + 5 * HOUR) })
        const [after] = await everything(await reopen(), window)
        expect(after?.hours).toEqual(before?.hours.slice(24))
        expect(after?.days).toEqual(before?.days)
      }))

    it('equal to counting check by check and minute by minute', () =>
      withStore(async (store) => {
        let run = 0
        const letter = fc.constantFrom('+', '+', '+', '-', 'r', 's', '.', '.............')
        const property = fc.asyncProperty(
          fc.array(letter, { minLength: 1, maxLength: 100 }),
          fc.array(fc.nat(400), { maxLength: 3 }),
          async (parts, rolledAt) => {
            run += 1
            const letters = parts.join('')
            await store.watch([watched(run)], at(0))
            const strict = { ...policy, downAfter: 1, holdMs: 4 * MINUTE }
            let left = records(checksOf(run, letters), strict)
            for (const minute of rolledAt.toSorted((one, other) => one - other)) {
              const ended = left.filter(({ result: { checkedAt } }) => checkedAt <= at(minute * MINUTE))
              await store.record(ended)
              left = left.slice(ended.length)
              await store.roll(at(minute * MINUTE))
            }
            await store.record(left)
            const window = { from: at(0), to: at((letters.length + 20) * MINUTE) }
            const hours = await store.hours(url(run), window)
            const counted = new Map(hours.map(({ from, checks }) => [from.getTime(), checks]))
            for (let hour = 0; hour * 60 < letters.length; hour++) {
              const said = letters.slice(hour * 60, hour * 60 + 60)
              const checks = {
                ok: count(said, '+'),
                rejected: count(said, 'r'),
                failed: count(said, '-'),
                skipped: count(said, 's'),
              }
              const total = Object.values(checks).reduce((sum, one) => sum + one, 0)
              if (total > 0) expect(counted.get(at(hour * HOUR).getTime())).toEqual(checks)
            }
            const { observedMs, aliveMs } = await store.uptime(url(run), window, window.to)
            expect(sumOf(hours)?.uptime ?? { observedMs: 0, aliveMs: 0 }).toMatchObject({ observedMs, aliveMs })
          },
        )
        await fc.assert(property, { numRuns: 60 })
      }))
  })
}

const none = { total: 0, counts: new Uint32Array() }

/** Three days, a check each ten minutes, now and then a bad hour, and a stretch in which the monitor stood still. */
function history(name: string, shift = 0) {
  const letters = Array.from({ length: 3 * 144 }, (_, index) => ((index + shift) % 50 < 6 ? '-' : '+')).join('')
  return checksOf(name, letters, 0, 10 * MINUTE)
}

function withoutTime({ uptime: _, ...counted }: Rollup) {
  return counted
}

async function everything(store: Store, window: { from: Date; to: Date }) {
  const states = await store.states()
  return Promise.all(
    states.map(async ({ tracker }) => ({
      hours: await store.hours(tracker.url, window),
      days: await store.days(tracker.url, window),
    })),
  ) satisfies Promise<readonly { hours: readonly Rollup[]; days: readonly Rollup[] }[]>
}

function count(letters: string, letter: string): number {
  return letters.split(letter).length - 1
}
