import type { CheckResult } from '../../tracker/outcome.js'
import { HOURS_PER_DAY } from '../../tracker/time.js'
import { toMs, toUs } from './check-rows.js'
import type { ReadHourLatencies } from './hour-latencies.js'
import { hourOf } from './hours.js'
import { createLatencyWindow } from './latency-window.js'
import { createRest } from './turns.js'
import type { Written } from './written.js'

/**
 * The latencies of the last 24 hours and the one under way of each tracker, for the median that lists and pages show. They
 * are read hour by hour, once: from then on the window moves with the clock, and what is written is added as it comes.
 */
export interface RecentLatencies {
  /** As of `at`, ms, by number of the tracker; one without an answer is left out. */
  mediansMs(at: Date): Promise<ReadonlyMap<number, number>>
  /** Notes checks that were not there before. */
  note(written: readonly Written[]): void
  forgetAll(): void
}

export function createRecentLatencies(readHour: ReadHourLatencies): RecentLatencies {
  let window = createLatencyWindow()
  /** The hour under way, when somebody last asked. */
  let current = Number.NaN
  let before: Promise<unknown> = Promise.resolve()
  const mediansOf = async (hour: number): Promise<ReadonlyMap<number, number>> => {
    const rest = createRest()
    // Forgotten meanwhile, it is still good for whoever waits for it.
    const mine = window
    if (hour !== current) mine.keep(hour - HOURS_PER_DAY, hour + 1)
    current = hour
    for (let next = hour - HOURS_PER_DAY; next <= hour; next++) {
      if (mine.has(next)) continue
      await rest()
      mine.put(next, readHour(next))
    }
    return mine.medians()
  }
  const add = (id: number, { outcome, latencyMs }: CheckResult, atMs: number): void => {
    if (outcome.kind !== 'ok' && outcome.kind !== 'rejected') return
    // As it is stored, for it is counted just as if it were read.
    const storedMs = toMs(toUs(latencyMs))
    if (storedMs !== null) window.add(id, atMs, storedMs)
  }
  return {
    mediansMs(at) {
      // One after the other: two that ask as of different hours would take them away from each other.
      const medians = before.then(() => mediansOf(hourOf(at.getTime())))
      before = medians.catch(() => {})
      return medians
    },
    note(written) {
      for (const { id, record, atMs } of written) if (window.has(hourOf(atMs))) add(id, record.result, atMs)
    },
    forgetAll() {
      window = createLatencyWindow()
    },
  }
}
