import type Database from 'better-sqlite3'
import { HOUR_MS, HOURS_PER_DAY } from '../../tracker/time.js'
import { HERE, outcomeWord, reasonWord } from './codes.js'
import { addRow, createTally, type Tally } from './rollup-rows.js'

const PIECES_PER_HOUR = 360

export function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS)
}

export function dayOfHour(hour: number): number {
  return Math.floor(hour / HOURS_PER_DAY)
}

/** An hour in pieces of 10 s, ms: to count the checks of a large fleet takes a while. */
export function piecesOf(hour: number): readonly (readonly [fromMs: number, toMs: number])[] {
  const pieceMs = HOUR_MS / PIECES_PER_HOUR
  const piece = (index: number): [number, number] => [index * pieceMs, (index + 1) * pieceMs]
  return Array.from({ length: PIECES_PER_HOUR }, (_, index) => piece(hour * PIECES_PER_HOUR + index))
}

/** The tallies of trackers, by number. */
export type Tallies = Map<number, Tally>

/** Counts the checks of hours. */
export interface Hours {
  /** Adds the checks of all trackers in a stretch of time to their tallies. */
  addTo(tallies: Tallies, fromMs: number, toMs: number): void
  /** The same with those of the trackers that are reopened from `reopenedMs` on. */
  addReopenedTo(tallies: Tallies, fromMs: number, toMs: number, reopenedMs: number): void
  tally(hour: number, trackerId: number): Tally
}

type Row = [
  trackerId: number,
  latencyUs: number | null,
  outcome: number,
  reason: number,
  packetsSent: number,
  packetsLost: number,
  decisive: number,
]

export function createHours(client: Database.Database): Hours {
  const text = `SELECT tracker_id, latency_us, outcome, reason, packets_sent, packets_lost, decisive
    FROM check_result JOIN verdict ON verdict.id = verdict_id WHERE at_ms >= ? AND at_ms < ? AND vantage_id = ${HERE}`
  const all = client.prepare<[number, number], Row>(text).raw()
  const one = client.prepare<[number, number, number], Row>(`${text} AND tracker_id = ?`).raw()
  const reopened = client
    .prepare<[number, number, number], Row>(
      `${text} AND EXISTS (SELECT 1 FROM reopened WHERE reopened.tracker_id = check_result.tracker_id AND from_ms = ?)`,
    )
    .raw()
  return {
    addTo: (tallies, fromMs, toMs) => addAll(tallies, all.iterate(fromMs, toMs)),
    addReopenedTo: (tallies, fromMs, toMs, reopenedMs) => addAll(tallies, reopened.iterate(fromMs, toMs, reopenedMs)),
    tally(hour, trackerId) {
      const tally = createTally()
      for (const row of one.iterate(hour * HOUR_MS, (hour + 1) * HOUR_MS, trackerId)) add(tally, row)
      return tally
    },
  }
}

function addAll(tallies: Tallies, rows: Iterable<Row>): void {
  for (const row of rows) {
    const tally = tallies.get(row[0]) ?? createTally()
    tallies.set(row[0], tally)
    add(tally, row)
  }
}

function add(tally: Tally, [, latencyUs, outcome, reason, packetsSent, packetsLost, decisive]: Row): void {
  addRow(tally, {
    outcome: outcomeWord(outcome),
    reason: reasonWord(reason),
    latencyMs: latencyUs === null ? null : latencyUs / 1000,
    packetsSent,
    packetsLost,
    decisive: decisive === 1,
  })
}
