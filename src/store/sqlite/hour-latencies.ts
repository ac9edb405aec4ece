import type Database from 'better-sqlite3'
import { bucketOf, eachBucket } from '../../tracker/latency-histogram.js'
import { HOUR_MS } from '../../tracker/time.js'
import { HERE } from './codes.js'
import { hourOf } from './hours.js'
import { prepareCheckLatencies } from './latency-sums.js'
import { countedLatency, type HourLatencies } from './latency-window.js'
import type { Meta } from './meta.js'
import { rolledToMs } from './roll.js'

/** Reads the latencies of an hour since 1970 of all watched trackers: from its row, or its checks until it has one. */
export type ReadHourLatencies = (hour: number) => HourLatencies

export function prepareHourLatencies(client: Database.Database, meta: Meta): ReadHourLatencies {
  // Trackers come first (`CROSS JOIN`), for the rows of an hour lie apart.
  const rowsOf = `FROM tracker CROSS JOIN hour_rollup AS rolled
    ON rolled.tracker_id = tracker.id AND vantage_id = ${HERE} AND hour = ? WHERE archived_at_ms IS NULL`
  const rolledUp = client.prepare<[number], [number, Buffer]>(`SELECT tracker.id, latencies ${rowsOf}`).raw()
  const hasRow = client.prepare<[number], number>(`SELECT EXISTS (SELECT 1 ${rowsOf})`).pluck()
  const isReopened = client
    .prepare<[number], number>('SELECT EXISTS (SELECT 1 FROM reopened WHERE from_ms < ?)')
    .pluck()
  const checks = prepareCheckLatencies(client)
  return (hour) => {
    const [fromMs, toMs] = [hour * HOUR_MS, (hour + 1) * HOUR_MS]
    const counted: number[] = []
    const rolledMs = rolledToMs(client, meta)
    if (rolledMs !== null && hour < hourOf(rolledMs)) {
      for (const [id, latencies] of rolledUp.all(hour)) {
        eachBucket(latencies, (bucket, count) => {
          for (let left = count; left > 0; left--) counted.push(countedLatency(id, bucket))
        })
      }
      return { counted, isSettled: isReopened.get(toMs) === 0 }
    }
    for (const [id, latenciesMs] of checks(fromMs, toMs)) {
      for (const ms of latenciesMs) counted.push(countedLatency(id, bucketOf(ms)))
    }
    // What another store knows of the hour counts once it is rolled up.
    return { counted, isSettled: hasRow.get(hour) === 0 }
  }
}
