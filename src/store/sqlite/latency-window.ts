import {
  addToBucket,
  bucketOf,
  createHistogram,
  type LatencyHistogram,
  latencyAt,
} from '../../tracker/latency-histogram.js'
import { hourOf } from './hours.js'

/** The latencies of all trackers in an hour. */
export interface HourLatencies {
  /** One number for each, see `countedLatency`, in any order. */
  readonly counted: number[]
  /** Whether this is all that will ever be read of it; if not, a roll-up has something to add to it. */
  readonly isSettled: boolean
}

/** More than there are buckets. */
const BUCKETS = 256

/** A latency of a tracker as a number: a histogram of every tracker and hour would take a hundred times the memory. */
export function countedLatency(id: number, bucket: number): number {
  return id * BUCKETS + bucket
}

/**
 * The latencies of some hours, added up by tracker. Each hour is kept as well, so that it leaves with exactly what it came
 * with, whatever the store has made of it meanwhile. What is written later is added where the hour is there.
 */
export interface LatencyWindow {
  /** Whether the hour is there. */
  has(hour: number): boolean
  put(hour: number, latencies: HourLatencies): void
  /** Lets go of the hours outside `[from, to)` and of those that are not settled. */
  keep(from: number, to: number): void
  add(id: number, atMs: number, latencyMs: number): void
  /** ms, by number of the tracker; one without a latency is left out. */
  medians(): ReadonlyMap<number, number>
}

interface Sum {
  readonly latencies: LatencyHistogram
  /** Null until it is asked for. */
  medianMs: number | null
}

export function createLatencyWindow(): LatencyWindow {
  const hours = new Map<number, HourLatencies>()
  const sums = new Map<number, Sum>()
  const count = (counted: number, by: 1 | -1): void => {
    const id = Math.floor(counted / BUCKETS)
    const sum = sums.get(id) ?? { latencies: createHistogram(), medianMs: null }
    sums.set(id, sum)
    addToBucket(sum.latencies, counted % BUCKETS, by)
    sum.medianMs = null
  }
  return {
    has: (hour) => hours.has(hour),
    put(hour, latencies) {
      hours.set(hour, latencies)
      for (const one of latencies.counted) count(one, 1)
    },
    keep(from, to) {
      for (const [hour, { counted, isSettled }] of hours) {
        if (isSettled && hour >= from && hour < to) continue
        hours.delete(hour)
        for (const one of counted) count(one, -1)
      }
    },
    add(id, atMs, latencyMs) {
      const hour = hours.get(hourOf(atMs))
      if (hour === undefined) return
      const counted = countedLatency(id, bucketOf(latencyMs))
      hour.counted.push(counted)
      count(counted, 1)
    },
    medians() {
      const medians = new Map<number, number>()
      for (const [id, sum] of sums) {
        sum.medianMs ??= latencyAt(sum.latencies, 0.5)
        if (sum.medianMs === null) sums.delete(id)
        else medians.set(id, sum.medianMs)
      }
      return medians
    },
  }
}
