import type Database from 'better-sqlite3'
import { HERE, outcomeWord, reasonWord } from './codes.js'
import { addRow, createTally, type Tally } from './rollup-rows.js'

export const HOUR_MS = 3_600_000

export function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS)
}

/** Counts the checks of hours. */
export interface Hours {
  /** Adds the checks of all trackers in a stretch of time to their tallies. */
  addTo(tallies: Map<number, Tally>, fromMs: number, toMs: number): void
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
  return {
    addTo(tallies, fromMs, toMs) {
      for (const row of all.iterate(fromMs, toMs)) {
        const tally = tallies.get(row[0]) ?? createTally()
        tallies.set(row[0], tally)
        add(tally, row)
      }
    },
    tally(hour, trackerId) {
      const tally = createTally()
      for (const row of one.iterate(hour * HOUR_MS, (hour + 1) * HOUR_MS, trackerId)) add(tally, row)
      return tally
    },
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
