import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/store/store.js'
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
  skipped,
  timeout,
  url,
  watched,
} from '../support.js'
import { always, type Subject } from './subject.js'

/** The figures that are computed from history. */
export function figuresContract(name: string, { withStore }: Subject): void {
  describe(`${name} states uptime`, () => {
    it('of the time in which the tracker was observed, and null without any', () =>
      withStore(async (store) => {
        await store.watch([watched('a'), watched('b')], at(0))
        // Up for 10 min, skipped for 10 min, up until the monitor stops at minute 30, back at minute 100, down at once.
        const checks = checksOf(
          'a',
          `${'+'.repeat(10)}${'s'.repeat(10)}${'+'.repeat(11)}${'.'.repeat(69)}${'-'.repeat(20)}`,
        )
        await store.record(records(checks))
        const all = await store.uptime(url('a'), { from: at(0), to: at(2 * HOUR) }, at(2 * HOUR))
        // Held until minute 40: 10 + 20 min up; from minute 100 to 120 down; 10 + 60 min unobserved.
        expect(all).toEqual({ observedMs: 50 * MINUTE, aliveMs: 30 * MINUTE, skippedMs: 70 * MINUTE, ratio: 0.6 })
        const entries = await store.entries(at(2 * HOUR))
        expect(entries.map(({ uptime }) => uptime)).toEqual([
          { '24h': 0.6, '7d': 0.6, '30d': 0.6, '90d': 0.6, '1y': 0.6 },
          { '24h': null, '7d': null, '30d': null, '90d': null, '1y': null },
        ])
        expect(entries.map(({ alive }) => alive)).toEqual([false, false])
      }))

    it('per window, as time goes on', () =>
      withStore(async (store) => {
        const daily = { ...policy, holdMs: 2 * DAY }
        await store.watch([watched('a')], at(0))
        await store.record(records(checksOf('a', '+'.repeat(80) + '-'.repeat(20), 0, DAY), daily))
        const [first] = await store.entries(at(100 * DAY))
        expect(first?.uptime).toEqual({ '24h': 0, '7d': 0, '30d': 1 / 3, '90d': 70 / 90, '1y': 80 / 100 })
        await store.record(records(checksOf('a', '+', 100 * DAY, DAY), daily, first?.health ?? undefined))
        const [second] = await store.entries(at(101 * DAY))
        expect(second?.uptime).toEqual({ '24h': 1, '7d': 1 / 7, '30d': 10 / 30, '90d': 70 / 90, '1y': 81 / 101 })
        // Nobody has looked since the status ceased to hold.
        const [later] = await store.entries(at(104 * DAY))
        expect(later?.uptime).toMatchObject({ '24h': null, '7d': 2 / 5 })
      }))

    it('with a gap that has just been closed', () =>
      withStore(async (store, reopen) => {
        await store.watch([watched('a')], at(0))
        // Down for 20 minutes, up until minute 40 when the status ceases to hold, back at minute 90.
        const all = records(checksOf('a', `${'-'.repeat(20)}${'+'.repeat(11)}${'.'.repeat(59)}+`))
        await store.record(all.slice(0, -1))
        expect((await store.entries(at(40 * MINUTE)))[0]?.uptime['24h']).toBe(0.5)
        await store.record(all.slice(-1))
        expect((await store.entries(at(100 * MINUTE)))[0]?.uptime['24h']).toBe(0.6)
        expect((await (await reopen()).entries(at(100 * MINUTE)))[0]?.uptime['24h']).toBe(0.6)
      }))

    it.each([
      ['from where the last check ceases to hold', '+'.repeat(10), HOUR, 19 * MINUTE],
      ['with hours of skipped checks alone', `${'+'.repeat(10)}${'s'.repeat(170)}`, 3 * HOUR, 10 * MINUTE],
    ])('with a gap %s, though its hours are rolled up', (_, letters, rolledMs, observedMs) =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        const first = records(checksOf('a', letters))
        await store.record(first)
        await store.roll(at(rolledMs + 20 * MINUTE))
        await store.record(records([check('a', 4 * HOUR, ok)], policy, first.at(-1)?.health))
        const uptime = await store.uptime(url('a'), { from: at(0), to: at(4 * HOUR) }, at(4 * HOUR))
        expect(uptime).toMatchObject({ observedMs, skippedMs: 4 * HOUR - observedMs })
      }),
    )

    it('the same however many of its checks are written at once', () =>
      withStore(async (store) => {
        const batches = { a: [1, 2, 3, 4], b: [1, 4], c: [2, 4], d: [3, 4], e: [4] }
        await store.watch(
          Object.keys(batches).map((host) => watched(host)),
          at(0),
        )
        for (const [host, ends] of Object.entries(batches)) {
          const checks = [check(host, 0, ok), check(host, 5 * MINUTE, ok), check(host, 8 * MINUTE, skipped)]
          const all = records([...checks, check(host, 14 * MINUTE, ok)])
          for (const [index, end] of ends.entries()) await store.record(all.slice(ends[index - 1] ?? 0, end))
        }
        const window = { from: at(0), to: at(14 * MINUTE) }
        const uptimes = Object.keys(batches).map((host) => store.uptime(url(host), window, window.to))
        const seen = { observedMs: 8 * MINUTE, aliveMs: 8 * MINUTE, skippedMs: 6 * MINUTE, ratio: 1 }
        expect(await Promise.all(uptimes)).toEqual(Array(5).fill(seen))
      }))

    it('by the policy of the tracker: a refusal is alive where an answer is enough', () =>
      withStore(async (store) => {
        await store.watch([watched('a', { aliveWhen: 'response' }), watched('b')], at(0))
        const response = { ...policy, aliveWhen: 'response' as const }
        await store.record([...records(checksOf('a', 'rr'), response), ...records(checksOf('b', 'rr'))])
        const entries = await store.entries(at(5 * MINUTE))
        expect(entries.map(({ alive, uptime }) => [alive, uptime['24h']])).toEqual([
          [true, 1],
          [false, 0],
        ])
      }))

    it('equal to counting minute by minute', () =>
      withStore(async (store) => {
        let run = 0
        const letter = fc.constantFrom('+', '+', '+', '-', '-', 's', '.', '.........')
        const property = fc.asyncProperty(
          fc.array(letter, { maxLength: 60 }),
          fc.nat(100),
          fc.nat(100),
          async (parts, fromMinute, minutes) => {
            run += 1
            const text = parts.join('')
            await store.watch([watched(run)], at(0))
            const strict = { ...policy, downAfter: 1, holdMs: 4 * MINUTE }
            await store.record(records(checksOf(run, text), strict))
            const window = { from: at(fromMinute * MINUTE), to: at((fromMinute + minutes) * MINUTE) }
            const now = at(Math.max(text.length, 1) * MINUTE + 7 * MINUTE)
            const { observedMs, aliveMs, ratio } = await store.uptime(url(run), window, now)
            const counted = countMinutes(text, fromMinute, Math.min(fromMinute + minutes, text.length + 7), 4)
            expect({ observedMs, aliveMs }).toEqual({
              observedMs: counted.observed * MINUTE,
              aliveMs: counted.alive * MINUTE,
            })
            expect(ratio).toBe(counted.observed === 0 ? null : counted.alive / counted.observed)
            const [entry] = await store.entries(now)
            const day = countMinutes(text, 0, text.length + 7, 4)
            expect(entry?.uptime['24h']).toBe(day.observed === 0 ? null : day.alive / day.observed)
          },
        )
        await fc.assert(property, { numRuns: 60 })
      }))
  })

  describe(`${name} states latency`, () => {
    it('of the checks that were answered, by nearest rank', () =>
      withStore(async (store) => {
        await store.watch([watched('a'), watched('b')], at(0))
        const answered = Array.from({ length: 100 }, (_, index) => check('a', index * HOUR, ok, 100 - index))
        const refused = check('a', 100 * HOUR, rejected, 500)
        const dead = check('a', 101 * HOUR, timeout)
        const nonsense = {
          ...check('a', 102 * HOUR, ok, 1),
          outcome: timeout,
          probes: [probe(timeout, { latencyMs: 1 })],
        }
        const slowFamily = probe({ ...ok }, { family: 6, latencyMs: 900 })
        const both = { ...check('a', 103 * HOUR, ok, 51), probes: [slowFamily, probe(ok, { latencyMs: 51 })] }
        await store.record(records([...answered, refused, dead, nonsense, both]))
        const all = await store.latency(url('a'), always)
        expect(all.samples).toBe(102)
        for (const [told, exact] of [
          [all.p50Ms, 51],
          [all.p95Ms, 96],
          [all.p99Ms, 100],
        ] as const) {
          expect(Math.abs((told ?? 0) / exact - 1)).toBeLessThan(0.04)
        }
        // Of the last 24 h: 21 answers from 79 to 99 h, the refusal and the one over both families.
        const [entry] = await store.entries(at(103 * HOUR))
        expect(nearly(entry?.latencyMs)).toBe(12)
        expect((await store.info()).checks).toBe(104)
        const two = await store.latency(url('a'), { from: at(0), to: at(2 * HOUR) })
        expect(two).toEqual({ samples: 2, p50Ms: 99, p95Ms: 100, p99Ms: 100 })
        const none = { samples: 0, p50Ms: null, p95Ms: null, p99Ms: null }
        expect(await store.latency(url('b'), always)).toEqual(none)
      }))

    it('as the median of the last 24 hours and the one under way in entries, as time goes on', () =>
      withStore(async (store, reopen) => {
        await store.watch([watched('a'), watched('b')], at(0))
        const median = async (from: Store, ms: number) =>
          (await from.entries(at(ms))).map(({ latencyMs }) => nearly(latencyMs))
        const slowFamily = probe({ ...ok }, { family: 6, latencyMs: 900 })
        const both = { ...check('a', 0, ok, 10), probes: [slowFamily, probe(ok, { latencyMs: 10 })] }
        await store.record(records([both, check('a', HOUR, ok, 30), check('a', 2 * HOUR, ok, 20)]))
        expect(await median(store, 2 * HOUR)).toEqual([20, null])
        await store.record(records([check('a', 3 * HOUR, rejected, 40), check('b', 3 * HOUR, ok, 7)]))
        const nonsense = probe(timeout, { latencyMs: 99 })
        await store.record(records([{ ...check('a', 4 * HOUR, timeout), latencyMs: 99, probes: [nonsense] }]))
        expect(await median(store, 4 * HOUR)).toEqual([20, 7])
        expect(await median(store, 27 * HOUR - 1)).toEqual([20, 7])
        expect(await median(store, 27 * HOUR)).toEqual([40, 7])
        expect(await median(store, 4 * HOUR)).toEqual([20, 7])
        expect(await median(store, 28 * HOUR)).toEqual([null, null])
        const reopened = await reopen()
        expect(await median(reopened, 4 * HOUR)).toEqual([20, 7])
        await reopened.roll(at(8 * HOUR))
        expect(await median(reopened, 27 * HOUR)).toEqual([40, 7])
        expect(await median(reopened, 4 * HOUR)).toEqual([20, 7])
      }))

    it('of a day of which the checks are gone but for an hour', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        await store.record(records(checksOf('a', '+'.repeat(10 * 60))))
        const window = { from: at(-14 * HOUR), to: at(10 * HOUR) }
        expect((await store.latency(url('a'), window)).samples).toBe(600)
        await store.prune(checksBefore(9 * HOUR))
        expect((await store.latency(url('a'), window)).samples).toBe(600)
        expect((await store.latency(url('a'), { from: at(8.5 * HOUR), to: at(9.5 * HOUR) })).samples).toBe(30)
        expect((await store.latency(url('a'), { from: at(9 * HOUR), to: at(10 * HOUR) })).samples).toBe(60)
      }))

    it('of every watched tracker at once, in whole days, the same before and after it is added up', () =>
      withStore(async (store) => {
        await store.watch([watched('a'), watched('b'), watched('c')], at(0))
        const steps = Array.from({ length: 400 }, (_, index) => index)
        await store.record(records(steps.map((step) => check('a', step * 15 * MINUTE, ok, 10 + step))))
        await store.record(records(steps.map((step) => check('b', step * 15 * MINUTE, step % 2 ? timeout : ok, 50))))
        const window = { from: at(HOUR), to: at(400 * 15 * MINUTE) }
        const before = await store.latencies(window)
        // The first whole day begins with check 96.
        expect([...before.keys()]).toEqual([url('a'), url('b'), url('c')])
        expect(before.get(url('a'))?.samples).toBe(304)
        const { p50Ms = 0, p95Ms = 0, p99Ms = 0 } = before.get(url('a')) ?? {}
        for (const [told, exact] of [
          [p50Ms, 10 + 96 + 151],
          [p95Ms, 10 + 96 + 288],
          [p99Ms, 10 + 96 + 300],
        ] as const) {
          expect(Math.abs((told ?? 0) / exact - 1)).toBeLessThan(0.04)
        }
        expect(before.get(url('b'))?.samples).toBe(152)
        expect(before.get(url('c'))).toEqual({ samples: 0, p50Ms: null, p95Ms: null, p99Ms: null })
        await store.roll(at(3 * DAY))
        expect(await store.latencies(window)).toEqual(before)
        await store.roll(window.to)
        expect(await store.latencies(window)).toEqual(before)
      }))
  })
}

/** To the whole ms, for what is told to 4 %. */
function nearly(ms: number | null | undefined): number | null {
  if (ms === null || ms === undefined) return null
  return [7, 12, 20, 40].find((exact) => Math.abs(ms / exact - 1) < 0.04) ?? ms
}

/** The reference for uptime: looks at each minute on its own, knows neither healths nor changes nor gaps. */
function countMinutes(letters: string, from: number, to: number, holdMinutes: number) {
  let observed = 0
  let alive = 0
  for (let minute = from; minute < to; minute++) {
    const before = letters.slice(0, minute + 1).replace(/\.+$/, '')
    const newest = before.at(-1)
    const isHeld = before.length - 1 + holdMinutes > minute
    if (!isHeld || newest === 's' || newest === undefined) continue
    observed += 1
    if (newest === '+') alive += 1
  }
  return { observed, alive }
}
