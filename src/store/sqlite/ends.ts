import type Database from 'better-sqlite3'
import { DAY_MS, HOUR_MS } from '../../tracker/time.js'
import type { Window } from '../../tracker/uptime.js'
import { HERE } from './codes.js'

export interface Span {
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
}

/** Where there is history at all; null where there is none. */
export interface Ends {
  /** Of all trackers. */
  checks(): Span | null
  /** Of the hours and days of one tracker that are rolled up. */
  rollups(id: number): Span | null
}

export function prepareEnds(client: Database.Database): Ends {
  type Columns = [fromMs: number | null, toMs: number | null]
  const span = (columns: Columns | undefined): Span | null => {
    const [fromMs, toMs] = columns ?? [null, null]
    return fromMs === null || toMs === null ? null : { fromMs, toMs }
  }
  const checks = client
    .prepare<[], Columns>('SELECT (SELECT min(at_ms) FROM check_result), (SELECT max(at_ms) + 1 FROM check_result)')
    .raw()
  const ofTable = (table: string, column: string, unitMs: number) =>
    client
      .prepare<{ readonly id: number }, Columns>(
        `SELECT (SELECT min(${column}) * ${unitMs} FROM ${table} WHERE tracker_id = @id AND vantage_id = ${HERE}),
           (SELECT (max(${column}) + 1) * ${unitMs} FROM ${table} WHERE tracker_id = @id AND vantage_id = ${HERE})`,
      )
      .raw()
  const hours = ofTable('hour_rollup', 'hour', HOUR_MS)
  const days = ofTable('day_rollup', 'day', DAY_MS)
  return {
    checks: () => span(checks.get()),
    rollups(id) {
      const [first, second] = [span(hours.get({ id })), span(days.get({ id }))]
      if (first === null || second === null) return first ?? second
      return { fromMs: Math.min(first.fromMs, second.fromMs), toMs: Math.max(first.toMs, second.toMs) }
    },
  }
}

/** The part of the window in which there are checks, in pieces of a day. */
export function daysOf(checks: Span | null, window: Window): readonly Span[] {
  if (checks === null) return []
  const toMs = Math.min(window.to.getTime(), checks.toMs)
  const days: Span[] = []
  for (let fromMs = Math.max(window.from.getTime(), checks.fromMs); fromMs < toMs; fromMs += DAY_MS) {
    days.push({ fromMs, toMs: Math.min(fromMs + DAY_MS, toMs) })
  }
  return days
}
