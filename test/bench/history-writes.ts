/** Checks that the store takes, beside bare inserts of the same rows into the same table. */
import { rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import { type RecorderOptions, startRecorder } from '../../dist/monitor/recorder.js'
import { openStore } from '../../dist/store/open.js'
import type { CheckRecord } from '../../dist/store/store.js'
import type { Health } from '../../dist/tracker/health.js'
import { roundOf, watchedTracker } from './history-fleet.js'
import type { Line } from './lines.js'

const TRACKERS = 1000
const ROUNDS = 100
const BATCH = 500
const RUNS = 5
const MAX_RATIO = 2

type Way = (file: string, records: readonly CheckRecord[]) => Promise<void>

/** The fastest of several runs each, alternating: what else the machine does meets all. */
export async function writeLines(file: string): Promise<Line[]> {
  const startMs = Date.parse('2026-01-01T00:00:00Z')
  const trackers = Array.from({ length: TRACKERS }, (_, index) => watchedTracker(index))
  const healths = new Map<number, Health>()
  const records = Array.from({ length: ROUNDS }, (_, round) => roundOf(trackers, healths, startMs, round)).flat()
  const ways = { bare, backlog, live }
  const best = { bare: Number.POSITIVE_INFINITY, backlog: Number.POSITIVE_INFINITY, live: Number.POSITIVE_INFINITY }
  for (let run = 0; run < RUNS; run++) {
    for (const name of ['bare', 'backlog', 'live'] as const) {
      const store = await openStore(`sqlite:${file}`)
      await store.watch(trackers, new Date(startMs))
      await store.close()
      best[name] = Math.min(best[name], await timed(ways[name], file, records))
      for (const end of ['', '-wal', '-shm', '.lock']) rmSync(file + end, { force: true })
    }
  }
  const floor = `${micros(best.bare / records.length)} a row`
  const line = (what: string, ms: number): Line => ({
    what,
    floor,
    ours: `${micros(ms / records.length)} = ${(ms / best.bare).toFixed(1)} ×`,
    target: `≤ ${MAX_RATIO} ×`,
    met: ms / best.bare <= MAX_RATIO,
  })
  return [
    line(`${records.length} checks of ${TRACKERS} trackers that waited in the queue`, best.backlog),
    line(`${records.length} checks as they come, ${BATCH} trackers at a time`, best.live),
  ]
}

async function timed(way: Way, file: string, records: readonly CheckRecord[]): Promise<number> {
  const startedAt = performance.now()
  await way(file, records)
  return performance.now() - startedAt
}

const bare: Way = async (file, records) => {
  const client = new Database(file)
  client.pragma('synchronous = NORMAL')
  const insert = client.prepare('INSERT INTO check_result VALUES (?, ?, 0, 0, ?, ?)')
  const batch = client.transaction((from: number) => {
    for (let index = from; index < from + BATCH; index++) {
      const result = records[index]?.result
      if (result === undefined) return
      const us = result.latencyMs === null ? null : Math.round(result.latencyMs * 1000)
      insert.run(result.checkedAt.getTime(), (index % TRACKERS) + 1, us === null ? 2 : 1, us)
    }
  })
  for (let from = 0; from < records.length; from += BATCH) batch.immediate(from)
  client.close()
}

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
