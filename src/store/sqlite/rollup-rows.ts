import type { LatencyHistogram } from '../../tracker/latency-histogram.js'
import { addEncoded, addLatency, createHistogram, encodeHistogram } from '../../tracker/latency-histogram.js'
import {
  type FailureReason,
  failureReasons,
  type Outcome,
  type SkipReason,
  skipReasons,
} from '../../tracker/outcome.js'
import type { Reasons, Rollup } from '../../tracker/rollup.js'
import type { hourRollup } from './schema.js'

type Summary = Omit<typeof hourRollup.$inferSelect, 'trackerId' | 'vantageId' | 'hour'>

/** What the checks of a tracker in some stretch of time add up to. */
export interface Tally {
  readonly checks: Record<Outcome['kind'], number>
  readonly reasons: Reasons
  packetsSent: number
  packetsLost: number
  readonly latencies: LatencyHistogram
}

export function createTally(): Tally {
  return {
    checks: { ok: 0, rejected: 0, failed: 0, skipped: 0 },
    reasons: {},
    packetsSent: 0,
    packetsLost: 0,
    latencies: createHistogram(),
  }
}

export function isEmpty({ checks, packetsSent }: Tally): boolean {
  return checks.ok + checks.rejected + checks.failed + checks.skipped + packetsSent === 0
}

/** A row of `check_result` with its verdict. */
export interface TalliedRow {
  readonly outcome: Outcome['kind']
  readonly reason: FailureReason | SkipReason | null
  readonly latencyMs: number | null
  readonly packetsSent: number
  readonly packetsLost: number
  /** Whether it decided its check; others count with their packets alone. */
  readonly decisive: boolean
}

export function addRow(tally: Tally, { outcome, reason, latencyMs, packetsSent, packetsLost, decisive }: TalliedRow) {
  tally.packetsSent += packetsSent
  tally.packetsLost += packetsLost
  if (!decisive) return
  tally.checks[outcome] += 1
  if (reason !== null) tally.reasons[reason] = (tally.reasons[reason] ?? 0) + 1
  const answered = outcome === 'ok' || outcome === 'rejected'
  if (answered && latencyMs !== null) addLatency(tally.latencies, latencyMs)
}

export function summaryOf({
  checks,
  reasons,
  packetsSent,
  packetsLost,
  uptime,
  latencies,
}: Omit<Rollup, 'from' | 'to'>): Summary {
  return {
    ...checks,
    ...uptime,
    reasons: Object.keys(reasons).length === 0 ? null : JSON.stringify(reasons),
    packetsSent,
    packetsLost,
    latencies: Buffer.from(encodeHistogram(latencies)),
  }
}

export function rollupOf(row: Summary, fromMs: number, toMs: number): Rollup {
  const { ok, rejected, failed, skipped, packetsSent, packetsLost, observedMs, aliveMs, skippedMs } = row
  const latencies = createHistogram()
  addEncoded(latencies, row.latencies)
  return {
    from: new Date(fromMs),
    to: new Date(toMs),
    checks: { ok, rejected, failed, skipped },
    reasons: row.reasons === null ? {} : reasonsOf(JSON.parse(row.reasons)),
    packetsSent,
    packetsLost,
    uptime: { observedMs, aliveMs, skippedMs },
    latencies,
  }
}

/** In the order in which all reasons are listed, so that an hour reads the same wherever it comes from. */
export function reasonsOf(stored: Readonly<Record<string, number>>): Reasons {
  const reasons: Reasons = {}
  for (const reason of [...failureReasons, ...skipReasons]) {
    const count = stored[reason]
    if (count !== undefined) reasons[reason] = count
  }
  return reasons
}
