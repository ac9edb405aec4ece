/**
 * Checks that the store takes, beside bare inserts into the same table, and beside bare statements that write the states
 * and changes too, as often.
 */
import { rmSync } from 'node:fs'
import { type RecorderOptions, startRecorder } from '../../dist/monitor/recorder.js'
import { openStore } from '../../dist/store/open.js'
import type { CheckRecord } from '../../dist/store/store.js'
import type { Health } from '../../dist/tracker/health.js'
import { openBare, openByHand } from './history-by-hand.js'
import { roundOf, watchedTracker } from './history-fleet.js'
import type { Line } from './lines.js'
import { ownMs } from './measure.js'

const TRACKERS = 1000
const ROUNDS = 100
const CHECKS = TRACKERS * ROUNDS
const BATCH = 500
/** What the recorder comes to where a transaction takes a turn of the event loop. */
const LARGE_BATCH = 2500
const RUNS = 5
const MAX_RATIO = 2
const START_MS = Date.parse('2026-01-01T00:00:00Z')

/** Something that takes checks. */
interface Taking {
  write(records: readonly CheckRecord[]): unknown
  close(): unknown
}

type Way = (file: string) => Taking | Promise<Taking>

/** The fastest of several runs each, alternating: what else the machine does meets all. */
export async function writeLines(file: string): Promise<Line[]> {
  const waited = await measured(file, ROUNDS, [bare, byHandAtOnce, backlog])
  // Checks are made and at once written, so that they lie where a processor finds them soon.
  const came = await measured(file, 2, [bare, byHand, live])
  return [
    ...linesOf(`${CHECKS} checks of ${TRACKERS} trackers that waited in the queue`, waited),
    ...linesOf(`${CHECKS} checks as they come, ${BATCH} trackers at a time`, came),
  ]
}

function linesOf(
  what: string,
  [rowsMs = Number.NaN, allMs = Number.NaN, oursMs = Number.NaN]: readonly number[],
): Line[] {
  const line = (floor: string, floorMs: number): Line => {
    const ratio = oursMs / floorMs
    return {
      what: `${what}; bare: ${floor}`,
      floor: `${micros(floorMs)} a row`,
      ours: `${micros(oursMs)} = ${ratio.toFixed(1)} ×`,
      target: `≤ ${MAX_RATIO} ×`,
      met: ratio <= MAX_RATIO,
    }
  }
  return [line('their rows alone', rowsMs), line('with states and changes', allMs)]
}

/** The best time of each way; so many rounds are made before they are written. */
async function measured(file: string, rounds: number, ways: readonly Way[]): Promise<readonly number[]> {
  const best = ways.map(() => Number.POSITIVE_INFINITY)
  for (let run = 0; run < RUNS; run++) {
    for (const [index, way] of ways.entries()) {
      best[index] = Math.min(best[index] ?? Number.NaN, await timed(file, rounds, way))
      for (const end of ['', '-wal', '-shm', '.lock']) rmSync(file + end, { force: true })
    }
  }
  return best
}

async function timed(file: string, rounds: number, way: Way): Promise<number> {
  const trackers = Array.from({ length: TRACKERS }, (_, index) => watchedTracker(index))
  const healths = new Map<number, Health>()
  const store = await openStore(`sqlite:${file}`)
  await store.watch(trackers, new Date(START_MS))
  await store.close()
  const taking = await way(file)
  const roundsFrom = (first: number, count: number): CheckRecord[] =>
    Array.from({ length: count }, (_, index) => roundOf(trackers, healths, START_MS, first + index)).flat()
  // A monitor that runs has written the state of each tracker.
  await taking.write(roundsFrom(0, 1))
  let tookMs = 0
  const time = async (work: () => unknown): Promise<void> => {
    const startedMs = ownMs()
    await work()
    tookMs += ownMs() - startedMs
  }
  for (let round = 0; round < ROUNDS; round += rounds) {
    const records = roundsFrom(round + 1, rounds)
    await time(() => taking.write(records))
  }
  await time(taking.close)
  return tookMs
}

const bare: Way = (file) => openBare(file, TRACKERS, BATCH)
const byHand: Way = (file) => openByHand(file, TRACKERS, BATCH)
const byHandAtOnce: Way = (file) => openByHand(file, TRACKERS, LARGE_BATCH)

/** As after an outage of the disk: the recorder writes what has piled up. */
const backlog: Way = async (file) => {
  const store = await openStore(`sqlite:${file}`)
  const fail = (error: unknown): never => {
    throw error
  }
  let up = false
  const late: RecorderOptions['store'] = {
    record: (batch) => (up ? store.record(batch) : Promise.reject(new Error('the disk is away'))),
  }
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const limits = { batchSize: BATCH, capacity: CHECKS }
  const recorder = startRecorder({ store: late, log, limits, onRecorded() {}, onError() {}, onDropped: fail })
  return {
    async write(records) {
      up = false
      for (const record of records) recorder.push(record)
      await recorder.flush()
      up = true
      await recorder.flush()
      if (recorder.queued() > 0) throw new Error(`${recorder.queued()} checks were not written`)
    },
    async close() {
      await recorder.stop()
      await store.close()
    },
  }
}

const live: Way = async (file) => {
  const store = await openStore(`sqlite:${file}`)
  return {
    async write(records) {
      for (let from = 0; from < records.length; from += BATCH) await store.record(records.slice(from, from + BATCH))
    },
    close: store.close,
  }
}

function micros(ms: number): string {
  return `${((ms * 1000) / CHECKS).toFixed(2)} µs`
}
