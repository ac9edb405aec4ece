import type Database from 'better-sqlite3'
import { DAY_MS, HOUR_MS } from '../../tracker/time.js'
import { HERE } from './codes.js'
import { dayOfHour, hourOf } from './hours.js'

/**
 * The first hour from `hour` on in which there may be anything to tell of a tracker of whose hour before there was nothing;
 * infinite if there is none. What was not observed stays so until a status begins or changes or a gap ends; besides, a
 * check of any tracker counts, and so does an hour or day that is stored already, which may come from another store.
 */
export type NextContent = (trackerId: number, hour: number) => number

export function prepareNextContent(client: Database.Database): NextContent {
  const select = client
    .prepare<
      { readonly id: number; readonly fromMs: number; readonly hour: number; readonly day: number },
      number | null
    >(
      `SELECT min(ms) FROM (
         SELECT min(at_ms) AS ms FROM check_result WHERE at_ms >= @fromMs
         UNION ALL SELECT min(at_ms) FROM status_change WHERE tracker_id = @id AND at_ms >= @fromMs
         UNION ALL SELECT since_ms FROM tracker_state WHERE tracker_id = @id AND since_ms >= @fromMs
         UNION ALL SELECT min(to_ms) FROM gap WHERE tracker_id = @id AND to_ms >= @fromMs
         UNION ALL SELECT min(hour) * ${HOUR_MS} FROM hour_rollup
           WHERE tracker_id = @id AND vantage_id = ${HERE} AND hour >= @hour
         UNION ALL SELECT min(day) * ${DAY_MS} FROM day_rollup
           WHERE tracker_id = @id AND vantage_id = ${HERE} AND day > @day)`,
    )
    .pluck()
  return (trackerId, hour) => {
    const atMs = select.get({ id: trackerId, fromMs: hour * HOUR_MS, hour, day: dayOfHour(hour - 1) })
    return atMs === undefined || atMs === null ? Number.POSITIVE_INFINITY : hourOf(atMs)
  }
}
