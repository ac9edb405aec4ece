import type Database from 'better-sqlite3'
import type { CheckRecord } from '../store.js'
import { encodeCheck } from './check-json.js'

/** The state of a tracker after a check. */
export interface StatePut {
  readonly id: number
  readonly record: CheckRecord
  /** Of the newest check that was answered, as far as the transaction knows. */
  readonly lastOkAt: Date | null
}

/** In the order of the statements. */
type Values = readonly (number | string | null)[]

/**
 * Writes states. A newer one replaces the older, not the other way about; but a failure does not take away when the tracker
 * last answered. By hand and not from the schema: every check that is written on its own goes through it.
 */
export function prepareStatePut(client: Database.Database): (put: StatePut) => void {
  // Nearly always the row is there, and an update does without the look at the foreign key.
  const update = client.prepare<[Values]>(
    `UPDATE tracker_state SET status = ?, since_ms = ?, streak_good = ?, streak_count = ?, streak_since_ms = ?,
       last_verdict = ?, unobserved_since_ms = ?, hold_ms = ?, last_check = ?,
       last_ok_at_ms = nullif(max(ifnull(?, 0), ifnull(last_ok_at_ms, 0)), 0), checked_at_ms = ?
     WHERE tracker_id = ? AND checked_at_ms <= ?`,
  )
  const insert = client.prepare<[Values]>(
    `INSERT INTO tracker_state (status, since_ms, streak_good, streak_count, streak_since_ms, last_verdict,
       unobserved_since_ms, hold_ms, last_check, last_ok_at_ms, checked_at_ms, tracker_id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  )
  return (put) => {
    const values = valuesOf(put)
    if (update.run([...values, put.record.health.checkedAt.getTime()]).changes === 0) insert.run(values)
  }
}

function valuesOf({ id, record: { health, result }, lastOkAt }: StatePut): Values {
  const { status, since, checkedAt, streak, lastVerdict, unobservedSince, holdMs } = health
  return [
    status,
    since.getTime(),
    streak === null ? null : streak.good ? 1 : 0,
    streak?.count ?? null,
    streak?.since.getTime() ?? null,
    lastVerdict,
    unobservedSince?.getTime() ?? null,
    holdMs,
    encodeCheck(result),
    lastOkAt?.getTime() ?? null,
    checkedAt.getTime(),
    id,
  ]
}
