import { addLatency, createHistogram, type LatencyHistogram, latencyAt } from '../../tracker/latency-histogram.js'
import { HOURS_PER_DAY } from '../../tracker/time.js'
import { hourOf } from './hours.js'
import type { LatencySums } from './latency-sums.js'

/**
 * The latencies of the last 24 hours and the one under way of each tracker, for the median that lists and pages show.
 * They are added up anew each hour; what is written in between is added as it comes.
 */
export interface RecentLatencies {
  /** Median as of `at`, ms; null of none. */
  medianMs(id: number, at: Date): number | null
  /** Notes a check that was answered. */
  add(id: number, atMs: number, latencyMs: number): void
  forgetAll(): void
}

interface Recent {
  readonly latencies: LatencyHistogram
  /** Null until it is asked for. */
  medianMs: number | null
}

export function createRecentLatencies(sums: LatencySums): RecentLatencies {
  let byTracker = new Map<number, Recent>()
  /** The hour under way; null before anything was read. */
  let current: number | null = null
  const read = (hour: number): void => {
    const between = sums.between(hour - HOURS_PER_DAY, hour + 1)
    byTracker = new Map([...between].map(([id, latencies]) => [id, { latencies, medianMs: null }]))
    current = hour
  }
  return {
    medianMs(id, at) {
      const hour = hourOf(at.getTime())
      if (hour !== current) read(hour)
      const recent = byTracker.get(id)
      if (recent === undefined) return null
      recent.medianMs ??= latencyAt(recent.latencies, 0.5)
      return recent.medianMs
    },
    add(id, atMs, latencyMs) {
      const hour = hourOf(atMs)
      if (current === null || hour < current - HOURS_PER_DAY || hour > current) return
      const recent = byTracker.get(id) ?? { latencies: createHistogram(), medianMs: null }
      byTracker.set(id, recent)
      addLatency(recent.latencies, latencyMs)
      recent.medianMs = null
    },
    forgetAll: () => {
      current = null
    },
  }
}
