/**
 * Checks that the store takes, beside bare inserts into the same table, and beside bare statements that write the states
 * and changes too, as often.
 */
import { rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import { type RecorderOptions, startRecorder } from '../../dist/monitor/recorder.js'
import { openStore } from '../../dist/store/open.js'
import type { CheckRecord } from '../../dist/store/store.js'
import type { Health } from '../../dist/tracker/health.js'
import { prepareCheck, writeByHand } from './history-by-hand.js'
import { roundOf, watchedTracker } from './history-fleet.js'
import type { Line } from './lines.js'
import { ownMs } from './measure.js'

const TRACKERS = 1000
const ROUNDS = 100
const BATCH = 500
/** What the recorder comes to where a transaction takes a turn of the event loop. */
const LARGE_BATCH = 2500
const RUNS = 5
const MAX_RATIO = 2

type Way = (file: string, records: readonly CheckRecord[]) => Promise<void>

/** The fastest of several runs each, alternating: what else the machine does meets all. */
export async function writeLines(file: string): Promise<Line[]> {
  const startMs = Date.parse('2026-01-01T00:00:00Z')
  const trackers = Array.from({ length: TRACKERS }, (_, index) => watchedTracker(index))
  const healths = new Map<number, Health>()
  const records = Array.from({ length: ROUNDS }, (_, round) => roundOf(trackers, healths, startMs, round)).flat()
  const best = new Map<Way, number>()
  for (let run = 0; run < RUNS; run++) {
    for (const way of [bare, byHandAtOnce, backlog, byHand, live]) {
      const store = await openStore(`sqlite:${file}`)
      await store.watch(trackers, new Date(startMs))
      await store.close()
      best.set(way, Math.min(best.get(way) ?? Number.POSITIVE_INFINITY, await timed(way, file, records)))
      for (const end of ['', '-wal', '-shm', '.lock']) rmSync(file + end, { force: true })
    }
  }
  const line = (what: string, floor: Way, ours: Way): Line => {
    const [floorMs, oursMs] = [best.get(floor) ?? Number.NaN, best.get(ours) ?? Number.NaN]
    const ratio = oursMs / floorMs
    return {
      what,
      floor: `${micros(floorMs / records.length)} a row`,
      ours: `${micros(oursMs / records.length)} = ${ratio.toFixed(1)} ×`,
      target: `≤ ${MAX_RATIO} ×`,
      met: ratio <= MAX_RATIO,
    }
  }
  const waited = `${records.length} checks of ${TRACKERS} trackers that waited in the queue`
  const came = `${records.length} checks as they come, ${BATCH} trackers at a time`
  return [
    line(`${waited}; bare: their rows alone`, bare, backlog),
    line(`${waited}; bare: with states and changes`, byHandAtOnce, backlog),
    line(`${came}; bare: their rows alone`, bare, live),
    line(`${came}; bare: with states and changes`, byHand, live),
  ]
}

async function timed(way: Way, file: string, records: readonly CheckRecord[]): Promise<number> {
  const startedMs = ownMs()
  await way(file, records)
  return ownMs() - startedMs
}

const bare: Way = async (file, records) => {
  const client = new Database(file)
  client.pragma('synchronous = NORMAL')
  const insert = prepareCheck(client)
  const batch = client.transaction((from: number) => {
    for (const [index, record] of records.slice(from, from + BATCH).entries()) {
      insert(((from + index) % TRACKERS) + 1, record)
    }
  })
  for (let from = 0; from < records.length; from += BATCH) batch.immediate(from)
  client.close()
}

const byHand: Way = async (file, records) => writeByHand(file, records, TRACKERS, BATCH)
const byHandAtOnce: Way = async (file, records) => writeByHand(file, records, TRACKERS, LARGE_BATCH)

/** As after an outage of the disk: the recorder writes what has piled up. */
const backlog: Way = async (file, records) => {
  const store = await openStore(`sqlite:${file}`)
  const fail = (error: unknown): never => {
    throw error
  }
  let up = false
  const late: RecorderOptions['store'] = {
    record: (batch) => (up ? store.record(batch) : Promise.reject(new Error('the disk is away'))),
  }
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const limits = { batchSize: BATCH, capacity: records.length }
  const recorder = startRecorder({ store: late, log, limits, onRecorded() {}, onError() {}, onDropped: fail })
  for (const record of records) recorder.push(record)
  await recorder.flush()
  up = true
  await recorder.flush()
  if (recorder.queued() > 0) throw new Error(`${recorder.queued()} checks were not written`)
  await recorder.stop()
  await store.close()
}

const live: Way = async (file, records) => {
  const store = await openStore(`sqlite:${file}`)
  for (let from = 0; from < records.length; from += BATCH) await store.record(records.slice(from, from + BATCH))
  await store.close()
}

function micros(ms: number): string {
  return `${(ms * 1000).toFixed(2)} µs`
}
