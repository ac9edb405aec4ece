import type Database from 'better-sqlite3'
import { addEncoded, addLatency, createHistogram, type LatencyHistogram } from '../../tracker/latency-histogram.js'
import { HOUR_MS } from '../../tracker/time.js'
import { answeredVerdicts, HERE } from './codes.js'
import { hourOf } from './hours.js'
import type { Meta } from './meta.js'
import { rolledToMs } from './roll.js'
import { stretchOf } from './stretch.js'

/** The latencies of all watched trackers at once, by number of the tracker; one without an answer is left out. */
export interface LatencySums {
  /**
   * Of the hours `[from, to)` since 1970, from the days and hours that are rolled up and the checks after them. A check
   * that came late counts once its hour has been rolled up again.
   */
  between(from: number, to: number): Map<number, LatencyHistogram>
}

export function createLatencySums(client: Database.Database, meta: Meta): LatencySums {
  const days = prepareRolled(client, 'day_rollup', 'day')
  const hours = prepareRolled(client, 'hour_rollup', 'hour')
  // As JSON, for rows one by one take twice as long.
  const checks = client
    .prepare<[number, number], [number, string]>(
      `SELECT tracker_id, json_group_array(latency_us) FROM check_result
       WHERE at_ms >= ? AND at_ms < ? AND vantage_id = ${HERE} AND latency_us IS NOT NULL
         AND verdict_id IN (${answeredVerdicts})
       GROUP BY tracker_id`,
    )
    .raw()
  return {
    between(from, to) {
      const sums = new Map<number, LatencyHistogram>()
      const addRolled = (rows: readonly [number, Buffer][]): void => {
        for (const [id, encoded] of rows) addEncoded(sumOf(sums, id), encoded)
      }
      const rolledMs = rolledToMs(client, meta)
      const open = Math.min(Math.max(rolledMs === null ? from : hourOf(rolledMs), from), to)
      const rolled = stretchOf(from, open)
      addRolled(hours.all(...rolled.hoursBefore))
      addRolled(days.all(...rolled.days))
      addRolled(hours.all(...rolled.hoursAfter))
      for (const [id, json] of checks.iterate(open * HOUR_MS, to * HOUR_MS)) {
        const latenciesUs: number[] = JSON.parse(json)
        for (const us of latenciesUs) addLatency(sumOf(sums, id), us / 1000)
      }
      return sums
    },
  }
}

/**
 * One row per tracker with its histograms in a row, see `addEncoded`: half the time of fetching them one by one. Trackers
 * come first (`CROSS JOIN`): left to itself, SQLite reads all days there are.
 */
function prepareRolled(client: Database.Database, table: 'day_rollup' | 'hour_rollup', unit: 'day' | 'hour') {
  return client
    .prepare<[number, number], [number, Buffer]>(
      `SELECT tracker.id, CAST(group_concat(rolled.latencies, x'00') AS BLOB)
       FROM tracker CROSS JOIN ${table} AS rolled
         ON rolled.tracker_id = tracker.id AND vantage_id = ${HERE} AND ${unit} >= ? AND ${unit} < ?
       WHERE archived_at_ms IS NULL GROUP BY tracker.id`,
    )
    .raw()
}

function sumOf(sums: Map<number, LatencyHistogram>, id: number): LatencyHistogram {
  const known = sums.get(id)
  if (known !== undefined) return known
  const sum = createHistogram()
  sums.set(id, sum)
  return sum
}
