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
  /** The checks of a window in pieces of a day at most; where there are none for long there is no piece. */
  days(window: Window): Iterable<Span>
  /** Likewise, the newest first. */
  daysBack(window: Window): Iterable<Span>
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
  const first = client.prepare<[number], number>('SELECT min(at_ms) FROM check_result WHERE at_ms >= ?').pluck()
  const last = client.prepare<[number], number>('SELECT max(at_ms) FROM check_result WHERE at_ms < ?').pluck()
  const firstFrom = (ms: number): number => first.get(ms) ?? Number.POSITIVE_INFINITY
  const lastBefore = (ms: number): number => last.get(ms) ?? Number.NEGATIVE_INFINITY
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
    *days({ from, to }) {
      const endMs = lastBefore(to.getTime()) + 1
      for (let fromMs = firstFrom(from.getTime()); fromMs < endMs; ) {
        const toMs = Math.min(fromMs + DAY_MS, endMs)
        yield { fromMs, toMs }
        fromMs = firstFrom(toMs)
      }
    },
    *daysBack({ from, to }) {
      const beginMs = from.getTime()
      for (let lastMs = lastBefore(to.getTime()); lastMs >= beginMs; ) {
        const fromMs = Math.max(lastMs + 1 - DAY_MS, beginMs)
        yield { fromMs, toMs: lastMs + 1 }
        lastMs = lastBefore(fromMs)
      }
    },
    rollups(id) {
      const [first, second] = [span(hours.get({ id })), span(days.get({ id }))]
      if (first === null || second === null) return first ?? second
      return { fromMs: Math.min(first.fromMs, second.fromMs), toMs: Math.max(first.toMs, second.toMs) }
    },
  }
}
