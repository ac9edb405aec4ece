import type { LatencySummary, StoredCheck } from '../store/store.js'
import type { StatusChange } from '../tracker/health.js'
import type { TrackerState } from '../tracker/state.js'
import type { Uptime } from '../tracker/uptime.js'

/** What `history` shows of a tracker. */
export interface TrackerHistory {
  readonly state: TrackerState
  readonly now: Date
  /** The usual windows, shortest first. */
  readonly windows: readonly WindowFigures[]
  /** The window that was asked for; changes and checks are those in it. */
  readonly since: WindowFigures
  /** Oldest first. */
  readonly changes: readonly StatusChange[]
  /** Newest first, one row per address family. */
  readonly checks: readonly StoredCheck[]
}

export interface WindowFigures {
  /** As in `24h`. */
  readonly name: string
  readonly ms: number
  readonly uptime: Uptime
  readonly latency: LatencySummary
}

/** How many checks failed for which reason, the most frequent first. */
export function failuresByReason(checks: readonly StoredCheck[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const { decisive, outcome, reason } of checks) {
    if (decisive && outcome === 'failed' && reason !== null) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  return [...counts].sort(([a, first], [b, second]) => second - first || (a < b ? -1 : 1))
}

/** The rows of the newest `count` checks. */
export function newestChecks(checks: readonly StoredCheck[], count: number): readonly StoredCheck[] {
  const moments = [...new Set(checks.map(({ checkedAt }) => checkedAt.getTime()))].slice(0, count)
  const oldest = moments.at(-1)
  return oldest === undefined ? [] : checks.filter(({ checkedAt }) => checkedAt.getTime() >= oldest)
}
