import type { LatencySummary } from '../store/store.js'
import type { StoredCheck } from '../store/stored-check.js'
import type { StatusChange } from '../tracker/health.js'
import { type FailureReason, failureReasons, type SkipReason, skipReasons } from '../tracker/outcome.js'
import type { Reasons } from '../tracker/rollup.js'
import type { TrackerState } from '../tracker/state.js'
import type { Uptime } from '../tracker/uptime.js'

/** What `history` shows of a tracker. */
export interface TrackerHistory {
  readonly state: TrackerState
  readonly now: Date
  /** The usual windows, shortest first. */
  readonly windows: readonly WindowFigures[]
  /** The window that was asked for; what follows is of it. */
  readonly since: WindowFigures
  /** Its course, oldest first, in stretches of the same length. */
  readonly stretches: readonly Stretch[]
  /** Oldest first. */
  readonly changes: readonly StatusChange[]
  /** Newest first, one row per address family. */
  readonly checks: readonly StoredCheck[]
  /** The newest that did not find it alive, by its own policy; of each the row that decided. */
  readonly failures: readonly StoredCheck[]
}

export interface WindowFigures {
  /** As in `24h`. */
  readonly name: string
  readonly ms: number
  readonly uptime: Uptime
  readonly latency: LatencySummary
  readonly counts: Counts
}

/** What the checks of a window add up to. */
export interface Counts {
  readonly ok: number
  readonly rejected: number
  readonly failed: number
  readonly skipped: number
  readonly reasons: Readonly<Reasons>
  readonly packetsSent: number
  readonly packetsLost: number
}

export interface Stretch {
  readonly from: Date
  readonly to: Date
  /** Share of the observed time; null where nothing was observed. */
  readonly uptime: number | null
  /** Median; null without an answer. */
  readonly latencyMs: number | null
}

type ReasonCount = readonly [reason: FailureReason | SkipReason, count: number]

/** The most frequent first. */
export function failuresByReason(reasons: Readonly<Reasons>): readonly ReasonCount[] {
  return ranked(reasons, failureReasons)
}

export function skipsByReason(reasons: Readonly<Reasons>): readonly ReasonCount[] {
  return ranked(reasons, skipReasons)
}

function ranked(reasons: Readonly<Reasons>, names: readonly (FailureReason | SkipReason)[]): readonly ReasonCount[] {
  const counts = names.map((name): ReasonCount => [name, reasons[name] ?? 0])
  return counts.filter(([, count]) => count > 0).sort(([a, first], [b, second]) => second - first || (a < b ? -1 : 1))
}

/** The rows of the newest `count` checks. */
export function newestChecks(checks: readonly StoredCheck[], count: number): readonly StoredCheck[] {
  const moments = [...new Set(checks.map(({ checkedAt }) => checkedAt.getTime()))].slice(0, count)
  const oldest = moments.at(-1)
  return oldest === undefined ? [] : checks.filter(({ checkedAt }) => checkedAt.getTime() >= oldest)
}
