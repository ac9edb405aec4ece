import type Database from 'better-sqlite3'
import { quantileOf } from '../../tracker/uptime.js'
import { answeredCodes } from './codes.js'
import { DAY_MS } from './details.js'

/**
 * The latencies of the last 24 h of each tracker, for the median that lists and pages show. In memory, because time
 * comes first in the key of `check_result`: to ask for each tracker anew would read a day of checks each time.
 */
export interface RecentLatencies {
  /** Median of the last 24 h as of `at`, ms; null of none. */
  medianMs(id: number, at: Date): number | null
  /** Notes a check that was written. */
  add(id: number, atMs: number, us: number): void
  forgetAll(): void
}

interface Series {
  readonly atMs: number[]
  readonly us: number[]
  /** `us` in ascending order. */
  readonly sorted: number[]
}

export function createRecentLatencies(client: Database.Database): RecentLatencies {
  const byTracker = new Map<number, Series>()
  /** From when on the series are complete; null before they were read. */
  let completeFromMs: number | null = null
  // As JSON, for a day of a thousand trackers is 300,000 rows: half the time of fetching one by one.
  const newerThan = client
    .prepare<[number], [number, string, string]>(
      `SELECT tracker_id, json_group_array(at_ms ORDER BY at_ms), json_group_array(latency_us ORDER BY at_ms)
       FROM check_result
       WHERE at_ms >= ? AND decisive = 1 AND latency_us IS NOT NULL AND outcome IN (${answeredCodes.join(', ')})
       GROUP BY tracker_id`,
    )
    .raw()
  const read = (fromMs: number): void => {
    byTracker.clear()
    for (const [id, atJson, usJson] of newerThan.iterate(fromMs)) {
      const atMs: number[] = JSON.parse(atJson)
      const us: number[] = JSON.parse(usJson)
      byTracker.set(id, { atMs, us, sorted: us.toSorted((a, b) => a - b) })
    }
  }
  return {
    medianMs(id, at) {
      const fromMs = at.getTime() - DAY_MS
      if (completeFromMs === null || fromMs < completeFromMs) read(fromMs)
      completeFromMs = fromMs
      const series = byTracker.get(id)
      if (series === undefined) return null
      dropOlder(series, fromMs)
      const us = quantileOf(series.sorted, 0.5)
      return us === null ? null : us / 1000
    },
    add(id, atMs, us) {
      if (completeFromMs !== null) insert(seriesOf(byTracker, id), atMs, us)
    },
    forgetAll() {
      byTracker.clear()
      completeFromMs = null
    },
  }
}

function seriesOf(byTracker: Map<number, Series>, id: number): Series {
  const known = byTracker.get(id)
  if (known !== undefined) return known
  const series = { atMs: [], us: [], sorted: [] }
  byTracker.set(id, series)
  return series
}

function insert({ atMs, us, sorted }: Series, at: number, value: number): void {
  const index = lowerBound(atMs, at)
  if (atMs[index] === at) return // a repeated write
  atMs.splice(index, 0, at)
  us.splice(index, 0, value)
  sorted.splice(lowerBound(sorted, value), 0, value)
}

function dropOlder({ atMs, us, sorted }: Series, fromMs: number): void {
  const count = lowerBound(atMs, fromMs)
  atMs.splice(0, count)
  for (const value of us.splice(0, count)) sorted.splice(lowerBound(sorted, value), 1)
}

/** Index of the first of ascending `values` that is not less than `value`. */
function lowerBound(values: readonly number[], value: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((values[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}
