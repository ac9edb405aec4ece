import { setImmediate } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import type { RecentCheck } from '../store.js'
import { toMs } from './check-rows.js'
import { HERE } from './codes.js'
import type { Known } from './states.js'
import { type Said, saidOf, type VerdictRow } from './verdict-words.js'

/** Rows per turn of the event loop: a few ms. */
const ROWS_PER_TURN = 5000
/** Rows that a check may have: one per address family. */
const ROWS_PER_CHECK = 2

type Key = readonly [atMs: number, trackerId: number, family: number, vantageId: number]
type Row = [...Key, verdictId: number, latencyUs: number | null]

/** Of the states: rows after it are of a clock that once stood ahead. Without any state, all there are. */
function newestMs(trackers: readonly Known[]): number {
  const checkedMs = trackers.flatMap(({ state: { health } }) => (health === null ? [] : health.checkedAt.getTime()))
  return checkedMs.length === 0 ? Number.MAX_SAFE_INTEGER - 1 : checkedMs.reduce((one, other) => Math.max(one, other))
}

/** The newest checks of trackers, at most so many each, newest first, by the number of the tracker. */
export type ReadRecent = (
  trackers: readonly Known[],
  limit: number,
) => Promise<ReadonlyMap<number, readonly RecentCheck[]>>

/** Reads from the end of `check_result`, where they lie side by side. */
export function prepareRecent(client: Database.Database): ReadRecent {
  const newest = client
    .prepare<[...Key, number], Row>(
      `SELECT at_ms, tracker_id, family, vantage_id, verdict_id, latency_us FROM check_result
       WHERE (at_ms, tracker_id, family, vantage_id) < (?, ?, ?, ?)
       ORDER BY at_ms DESC, tracker_id DESC, family DESC, vantage_id DESC LIMIT ?`,
    )
    .raw()
  const verdict = client.prepare<[number], VerdictRow>(
    'SELECT outcome, reason, code, message, flags, decisive FROM verdict WHERE id = ?',
  )
  return async (trackers, limit) => {
    const lists = new Map(trackers.map(({ id }) => [id, [] as RecentCheck[]]))
    const known = new Map<number, Said | null>()
    const decided = (verdictId: number): Said | null => {
      const found = known.get(verdictId)
      if (found !== undefined) return found
      const row = verdict.get(verdictId)
      const said = row === undefined || row.decisive === 0 ? null : saidOf(row)
      known.set(verdictId, said)
      return said
    }
    let short = limit > 0 ? lists.size : 0
    let before: Key = [newestMs(trackers) + 1, 0, 0, 0]
    let left = Math.max(limit * lists.size * ROWS_PER_CHECK, ROWS_PER_TURN)
    while (short > 0 && left > 0) {
      const rows = newest.all(...before, Math.min(left, ROWS_PER_TURN))
      for (const [atMs, trackerId, , vantageId, verdictId, latencyUs] of rows) {
        const list = lists.get(trackerId)
        if (list === undefined || list.length >= limit || vantageId !== HERE) continue
        const said = decided(verdictId)
        if (said === null) continue
        const { outcome, reason, code, message, flags } = said
        list.push({ checkedAt: new Date(atMs), outcome, reason, code, message, flags, latencyMs: toMs(latencyUs) })
        if (list.length === limit) short -= 1
      }
      const last = rows.at(-1)
      if (last === undefined || rows.length < Math.min(left, ROWS_PER_TURN)) break
      before = [last[0], last[1], last[2], last[3]]
      left -= rows.length
      if (short > 0) await setImmediate()
    }
    return lists
  }
}
