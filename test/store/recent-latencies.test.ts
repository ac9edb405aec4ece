import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { countedLatency } from '../../src/store/sqlite/latency-window.js'
import { createRecentLatencies } from '../../src/store/sqlite/recent-latencies.js'
import type { CheckRecord, Store } from '../../src/store/store.js'
import type { TransferRow } from '../../src/store/transfer.js'
import { addLatency, bucketOf, createHistogram, latencyAt } from '../../src/tracker/latency-histogram.js'
import type { CheckResult } from '../../src/tracker/outcome.js'
import { block } from '../support/block.js'
import { at, check, DAY, HOUR, inDirectory, MINUTE, ok, records, start, url, watched } from './support.js'

const names = ['a', 'b', 'c']

const latencyMs = fc.integer({ min: 20, max: 3_000_000 }).map((us) => us / 1000 + 0.0004)
/** Some of the next hour are there before anybody asks for it. */
const answer = fc.record({ name: fc.constantFrom(...names), minute: fc.nat(75), latencyMs })

/** What happens in an hour, at its end at the latest. */
const events = fc.record({
  answers: fc.array(answer, { maxLength: 6 }),
  /** Up to half a day late, by their own check or from another store. */
  late: fc.array(fc.record({ answer, hours: fc.integer({ min: 1, max: 11 }), imported: fc.boolean() }), {
    maxLength: 2,
  }),
  asked: fc.boolean(),
  rolled: fc.boolean(),
  pruned: fc.nat(19).map((n) => n === 0),
  restarted: fc.nat(5).map((n) => n === 0),
  watched: fc.option(fc.subarray(names, { minLength: 1 }), { freq: 5 }),
  /** How many hours later the next one is: a clock that was set back, a monitor that stood still. */
  passed: fc.constantFrom(1, 1, 1, 1, 1, 1, 2, 5, 30, -1),
})

function record(result: CheckResult): CheckRecord {
  const [made] = records([result])
  if (made === undefined) throw new Error('no record')
  return { ...made, change: null }
}

/** The check as another store exports it. */
async function exported(result: CheckResult): Promise<readonly TransferRow[]> {
  const other = await openStore('sqlite::memory:')
  await other.watch(
    names.map((name) => watched(name)),
    at(-DAY),
  )
  await other.record([record(result)])
  const rows: TransferRow[] = []
  for await (const row of other.export('checks', { from: at(-DAY), to: at(1000 * DAY) })) rows.push(row)
  await other.close()
  return rows
}

async function mediansOf(store: Store, now: Date): Promise<ReadonlyMap<string, number | null>> {
  return new Map((await store.entries(now)).map(({ tracker, latencyMs }) => [tracker.url, latencyMs]))
}

/** Counted check by check. */
function medianOf(checks: readonly CheckResult[], name: string, now: Date): number | null {
  const hour = Math.floor(now.getTime() / HOUR)
  const latencies = createHistogram()
  for (const { url: of, checkedAt, latencyMs } of checks) {
    const back = hour - Math.floor(checkedAt.getTime() / HOUR)
    if (of === url(name) && latencyMs !== null && back >= 0 && back <= 24) addLatency(latencies, latencyMs)
  }
  return latencyAt(latencies, 0.5)
}

/** Answers of one tracker as a store holds them, that takes its time to read an hour of them. */
function slowStore() {
  const answers: { readonly hour: number; readonly ms: number }[] = []
  const latencies = createRecentLatencies((hour) => {
    block(1)
    const counted = answers.filter((one) => one.hour === hour).map(({ ms }) => countedLatency(1, bucketOf(ms)))
    return { counted, isSettled: true }
  })
  const write = (hour: number, ms: number): void => {
    answers.push({ hour, ms })
    const written = { id: 1, record: record(check('a', 0, ok, ms)), lastOkMs: null, phases: null }
    latencies.note([{ ...written, atMs: hour * HOUR }])
  }
  const ask = async (hour: number) => (await latencies.mediansMs(new Date(hour * HOUR))).get(1) ?? null
  return { write, ask, forgetAll: latencies.forgetAll }
}

/** As a histogram has it. */
function roughly(ms: number): number | null {
  const latencies = createHistogram()
  addLatency(latencies, ms)
  return latencyAt(latencies, 0.5)
}

describe('the medians of the last 24 hours and the one under way', () => {
  it('are those of all checks in them at each turn of the hour, whatever came late, was rolled up or begun anew', async () => {
    const property = fc.asyncProperty(fc.array(events, { minLength: 5, maxLength: 30 }), (hours) =>
      inDirectory(async (directory, use) => {
        const file = `sqlite:${join(directory, 'history.db')}`
        let store = await use(openStore(file))
        let now = start + DAY
        let furthest = now
        let on = names
        const watch = () =>
          store.watch(
            on.map((name) => watched(name)),
            new Date(now),
          )
        await watch()
        const checks = new Map<string, CheckResult>()
        const made = (ms: number, one: { name: string; latencyMs: number }): CheckResult | null => {
          const key = `${one.name} ${ms}`
          if (checks.has(key)) return null
          const result = check(one.name, ms - start, ok, one.latencyMs)
          checks.set(key, result)
          return result
        }
        for (const hour of hours) {
          const answers = hour.answers.flatMap((one) => made(now + one.minute * MINUTE, one) ?? [])
          await store.record(answers.map(record))
          if (hour.asked) await store.entries(new Date(now + 30 * MINUTE))
          for (const { answer: one, hours: back, imported } of hour.late) {
            const result = made(now + one.minute * MINUTE - back * HOUR, one)
            if (result === null) continue
            if (imported) await store.import(await exported(result), new Date(now))
            else await store.record([record(result)])
          }
          if (hour.watched !== null) {
            on = hour.watched
            await watch()
          }
          if (hour.restarted) {
            await store.close()
            store = await use(openStore(file))
            await store.entries(new Date(now + 40 * MINUTE))
          }
          const end = new Date(now + HOUR - 1)
          // What came late counts once it is rolled up.
          const cameLate = hour.late.length > 0 || now < furthest
          if (hour.rolled || cameLate) await store.roll(end)
          if (hour.pruned) await store.prune({ checks: new Date(now - 12 * HOUR), hours: at(0) })
          furthest = Math.max(furthest, now)
          now += hour.passed * HOUR
          const told = await mediansOf(store, new Date(now))
          const expected = on.map((name) => [url(name), medianOf([...checks.values()], name, new Date(now))] as const)
          expect(told).toEqual(new Map(expected))
        }
      }),
    )
    await fc.assert(property, { numRuns: 30 })
  }, 120_000)

  it('are right for each of several that ask at once as of different hours', async () => {
    const { write, ask } = slowStore()
    write(100, 10)
    write(150, 500)
    const told = await Promise.all([100, 150, 100, 200].map(ask))
    expect(told).toEqual([roughly(10), roughly(500), roughly(10), null])
  })

  it('count once what is written while they are being read', async () => {
    const { write, ask } = slowStore()
    write(76, 10)
    write(100, 10)
    const asked = ask(100)
    for (const hour of [76, 88, 100]) {
      await new Promise(setImmediate)
      write(hour, 500)
    }
    // Two of 10 ms and three of 500 ms.
    expect(await asked).toBe(roughly(500))
    write(100, 10)
    expect(await ask(100)).toBe(roughly(10))
  })

  it('are read anew by whoever asks after they were forgotten, even while somebody waits for them', async () => {
    const { write, ask, forgetAll } = slowStore()
    write(100, 10)
    const asked = ask(100)
    await new Promise(setImmediate)
    forgetAll()
    write(100, 500)
    write(99, 500)
    expect(await ask(100)).toBe(roughly(500))
    await asked
    expect(await ask(100)).toBe(roughly(500))
  })
})
