import type Database from 'better-sqlite3'
import { HOUR_MS } from '../../tracker/time.js'
import { hourOf } from './hours.js'
import type { Meta } from './meta.js'
import type { RollProgress } from './roll.js'
import { inTurns } from './turns.js'

/** What lies further ahead of now was noted while the clock stood wrong: hours that are rolled up, … */
const ROLLED_AHEAD_MS = HOUR_MS
/** … and states, which until then would give way to no new check. */
const STATE_AHEAD_MS = 60_000

export interface ClockParts {
  readonly client: Database.Database
  readonly meta: Meta
  readonly progress: RollProgress
}

/**
 * Goes on from now where a clock once stood ahead: hours are rolled up from now on again, states give way to new checks,
 * and a gap that seemed to last until then ends. No check is deleted, because nobody can tell a clock that was ahead then
 * from one that is behind now. Returns whether there was anything to set back.
 */
export async function setBack({ client, meta, progress }: ClockParts, at: Date, signal: AbortSignal): Promise<boolean> {
  const nowMs = at.getTime()
  const rolledMs = meta.read('rolled_to_ms')
  const isRolledAhead = rolledMs !== null && rolledMs > nowMs + ROLLED_AHEAD_MS
  if (isRolledAhead) {
    progress.toMs = hourOf(nowMs) * HOUR_MS
    meta.write('rolled_to_ms', progress.toMs)
  }
  const ids = client
    .prepare<[number], number>('SELECT tracker_id FROM tracker_state WHERE checked_at_ms > ?')
    .pluck()
    .all(nowMs + STATE_AHEAD_MS)
  await inTurns(client, ids, prepareSetBackOne(client, nowMs), signal)
  return isRolledAhead || ids.length > 0
}

function prepareSetBackOne(client: Database.Database, nowMs: number): (trackerId: number) => void {
  const state = client.prepare<{ readonly id: number; readonly nowMs: number }>(
    `UPDATE tracker_state SET checked_at_ms = @nowMs, since_ms = min(since_ms, @nowMs),
       streak_since_ms = min(streak_since_ms, @nowMs), unobserved_since_ms = min(unobserved_since_ms, @nowMs),
       last_ok_at_ms = min(last_ok_at_ms, @nowMs)
     WHERE tracker_id = @id`,
  )
  const gap = client.prepare<{ readonly id: number; readonly nowMs: number }>(
    'UPDATE OR REPLACE gap SET to_ms = @nowMs WHERE tracker_id = @id AND to_ms > @nowMs AND from_ms < @nowMs',
  )
  return (id) => {
    state.run({ id, nowMs })
    gap.run({ id, nowMs })
  }
}
