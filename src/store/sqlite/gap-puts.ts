import type Database from 'better-sqlite3'
import type { Gap, Health } from '../../tracker/health.js'
import { HOUR_MS } from '../../tracker/time.js'
import { HERE } from './codes.js'
import { hourOf } from './hours.js'
import { prepareInsert } from './insert.js'
import { gap } from './schema.js'

interface Asked {
  readonly id: number
  /** When the check before was, if that is known. */
  readonly beforeMs: number
  readonly fromMs: number
  readonly toMs: number
  readonly fromHour: number
  readonly toHour: number
}

/**
 * Writes the gap that a check has closed; inside a transaction of the caller, before the state that follows from the check.
 *
 * A clock that stood behind for a while, as on a board without a battery, makes a gap out of all the time that it was
 * behind. So a gap begins no earlier than what is known to be observed inside it ends: the time that the newest check
 * stands for, or an hour with a check that was not skipped. The newest is in the file, unless `before` is newer, the
 * health that this check met: of checks that are written together only the last state is.
 */
export function prepareGapPut(
  client: Database.Database,
): (trackerId: number, closed: Gap, before: Health | null) => void {
  const put = prepareInsert(client, gap, 'ON CONFLICT DO NOTHING')
  const observedUpTo = client
    .prepare<[Asked], number | null>(
      `SELECT max(ms) FROM (
         SELECT coalesce(unobserved_since_ms, checked_at_ms + hold_ms) AS ms FROM tracker_state
           WHERE tracker_id = @id AND checked_at_ms >= @beforeMs
         UNION ALL SELECT (max(hour) + 1) * ${HOUR_MS} FROM hour_rollup
           WHERE tracker_id = @id AND vantage_id = ${HERE} AND hour > @fromHour AND hour < @toHour
             AND ok + rejected + failed > 0)
       WHERE ms > @fromMs AND ms < @toMs`,
    )
    .pluck()
  return (trackerId, { from, to }, before) => {
    const [fromMs, toMs] = [from.getTime(), to.getTime()]
    const beforeMs = before?.checkedAt.getTime() ?? Number.MIN_SAFE_INTEGER
    const asked = { id: trackerId, beforeMs, fromMs, toMs, fromHour: hourOf(fromMs), toHour: hourOf(toMs) }
    put({ trackerId, from: new Date(observedUpTo.get(asked) ?? fromMs), to })
  }
}
