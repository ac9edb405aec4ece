import type Database from 'better-sqlite3'
import { HERE, outcomeCodes } from './codes.js'
import type { Meta } from './meta.js'

/** Where the checks lie whose states are not written yet, see `LateStates`. Both ends are inside. */
export interface LateSpan {
  readonly fromMs: number
  readonly toMs: number
}

/** Inside a transaction of the caller. */
export function writeSpan(meta: Meta, { fromMs, toMs }: LateSpan): void {
  meta.write('late_from_ms', fromMs)
  meta.write('late_to_ms', toMs)
}

/** Inside a transaction of the caller. */
export function removeSpan(meta: Meta): void {
  meta.remove('late_from_ms')
  meta.remove('late_to_ms')
}

/**
 * Brings the states up to the checks that a killed process had written without them: each of these said that all went
 * on. What it said beyond its row is lost, and its tracker shows what the one before said.
 */
export function catchUp(client: Database.Database, meta: Meta): void {
  // CROSS: the checks of the span once, and not once for each verdict, of which the statistics may know too few.
  const add = client.prepare<LateSpan>(
    `WITH late AS (
       SELECT state.tracker_id AS id, max(at_ms) AS at_ms, sum(outcome <> ${outcomeCodes.skipped}) AS conclusive,
         max(at_ms) FILTER (WHERE outcome = ${outcomeCodes.ok}) AS ok_ms
       FROM check_result
       CROSS JOIN verdict ON verdict.id = verdict_id AND decisive = 1
       CROSS JOIN tracker_state AS state ON state.tracker_id = check_result.tracker_id AND at_ms > checked_at_ms
       WHERE at_ms BETWEEN @fromMs AND @toMs AND vantage_id = ${HERE}
       GROUP BY state.tracker_id)
     UPDATE tracker_state SET checked_at_ms = at_ms, streak_count = streak_count + conclusive,
       last_ok_at_ms = coalesce(ok_ms, last_ok_at_ms)
     FROM late WHERE tracker_id = id`,
  )
  const all = client.transaction(() => {
    const [fromMs, toMs] = [meta.read('late_from_ms'), meta.read('late_to_ms')]
    if (fromMs === null || toMs === null) return
    add.run({ fromMs, toMs })
    removeSpan(meta)
  })
  all.immediate()
}
