import { addHistogram, createHistogram, type LatencyHistogram } from './latency-histogram.js'
import { type FailureReason, failureReasons, type Outcome, type SkipReason, skipReasons } from './outcome.js'
import type { Uptime } from './uptime.js'

/** What one tracker did in an hour or a day (UTC). The sum of rollups is that of the stretch they cover. */
export interface Rollup {
  readonly from: Date
  /** Exclusive. */
  readonly to: Date
  /** Checks by outcome. */
  readonly checks: Readonly<Record<Outcome['kind'], number>>
  /** Failed and skipped checks by reason. */
  readonly reasons: Readonly<Reasons>
  readonly packetsSent: number
  /** Packets that had to be sent again. */
  readonly packetsLost: number
  /** Time-weighted, as in `uptime`. */
  readonly uptime: Pick<Uptime, 'observedMs' | 'aliveMs' | 'skippedMs'>
  /** Of the checks that were answered. */
  readonly latencies: LatencyHistogram
}

export type Reasons = Partial<Record<FailureReason | SkipReason, number>>

/** The sum of rollups, which ascend in time; null of none. */
export function sumOf(rollups: readonly Rollup[]): Rollup | null {
  const [first] = rollups
  const last = rollups.at(-1)
  if (first === undefined || last === undefined) return null
  const latencies = createHistogram()
  const reasons: Reasons = {}
  for (const rollup of rollups) {
    addHistogram(latencies, rollup.latencies)
    for (const reason of [...failureReasons, ...skipReasons]) {
      const count = rollup.reasons[reason]
      if (count !== undefined) reasons[reason] = (reasons[reason] ?? 0) + count
    }
  }
  const total = (of: (rollup: Rollup) => number): number => rollups.reduce((sum, rollup) => sum + of(rollup), 0)
  return {
    from: first.from,
    to: last.to,
    checks: {
      ok: total(({ checks }) => checks.ok),
      rejected: total(({ checks }) => checks.rejected),
      failed: total(({ checks }) => checks.failed),
      skipped: total(({ checks }) => checks.skipped),
    },
    reasons,
    packetsSent: total(({ packetsSent }) => packetsSent),
    packetsLost: total(({ packetsLost }) => packetsLost),
    uptime: {
      observedMs: total(({ uptime }) => uptime.observedMs),
      aliveMs: total(({ uptime }) => uptime.aliveMs),
      skippedMs: total(({ uptime }) => uptime.skippedMs),
    },
    latencies,
  }
}
