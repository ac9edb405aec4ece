import type Database from 'better-sqlite3'
import { addEncoded, addLatency, createHistogram, type LatencyHistogram } from '../../tracker/latency-histogram.js'
import { HOUR_MS } from '../../tracker/time.js'
import { answeredVerdicts, HERE } from './codes.js'
import { hourOf } from './hours.js'
import type { Meta } from './meta.js'
import { rolledToMs } from './roll.js'
import { stretchOf } from './stretch.js'
import { createRest } from './turns.js'

/** Hours or days of all trackers that are read in one go: two or three ms for a thousand trackers. */
const ROLLED_AT_ONCE = 6

type RolledUp = Database.Statement<[from: number, to: number], [id: number, latencies: Buffer]>

/** The latencies of all watched trackers at once, by number of the tracker; one without an answer is left out. */
export interface LatencySums {
  /**
   * Of the hours `[from, to)` since 1970, from the days and hours that are rolled up and the checks after them. A check
   * that came late counts once its hour has been rolled up again.
   */
  between(from: number, to: number): Promise<ReadonlyMap<number, LatencyHistogram>>
}

export function createLatencySums(client: Database.Database, meta: Meta): LatencySums {
  const days = prepareRolled(client, 'day_rollup', 'day')
  const hours = prepareRolled(client, 'hour_rollup', 'hour')
  const checks = prepareCheckLatencies(client)
  return {
    async between(from, to) {
      const sums = new Map<number, LatencyHistogram>()
      const rest = createRest()
      const addRolled = async (rolledUp: RolledUp, [from, to]: readonly [number, number]): Promise<void> => {
        for (let next = from; next < to; next += ROLLED_AT_ONCE) {
          await rest()
          const rows = rolledUp.all(next, Math.min(next + ROLLED_AT_ONCE, to))
          for (const [id, encoded] of rows) addEncoded(sumOf(sums, id), encoded)
        }
      }
      const rolledMs = rolledToMs(client, meta)
      const open = Math.min(Math.max(rolledMs === null ? from : hourOf(rolledMs), from), to)
      const rolled = stretchOf(from, open)
      await addRolled(hours, rolled.hoursBefore)
      await addRolled(days, rolled.days)
      await addRolled(hours, rolled.hoursAfter)
      await rest()
      for (const [id, latenciesMs] of checks(open * HOUR_MS, to * HOUR_MS)) {
        const sum = sumOf(sums, id)
        for (const ms of latenciesMs) addLatency(sum, ms)
      }
      return sums
    },
  }
}

/** The latencies of the checks in a stretch of time, ms, by number of the tracker. */
export type CheckLatencies = (fromMs: number, toMs: number) => Iterable<readonly [id: number, latenciesMs: number[]]>

export function prepareCheckLatencies(client: Database.Database): CheckLatencies {
  // As JSON, for rows one by one take twice as long.
  const checks = client
    .prepare<[number, number], [number, string]>(
      `SELECT tracker_id, json_group_array(latency_us) FROM check_result
       WHERE at_ms >= ? AND at_ms < ? AND vantage_id = ${HERE} AND latency_us IS NOT NULL
         AND verdict_id IN (${answeredVerdicts})
       GROUP BY tracker_id`,
    )
    .raw()
  return function* (fromMs, toMs) {
    for (const [id, json] of checks.iterate(fromMs, toMs)) {
      const latenciesUs: number[] = JSON.parse(json)
      yield [id, latenciesUs.map((us) => us / 1000)]
    }
  }
}

/**
 * One row per tracker with its histograms in a row, see `addEncoded`: half the time of fetching them one by one. Trackers
 * come first (`CROSS JOIN`): left to itself, SQLite reads all days there are.
 */
function prepareRolled(client: Database.Database, table: 'day_rollup' | 'hour_rollup', unit: 'day' | 'hour'): RolledUp {
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
