import { createHash } from 'node:crypto'
import type { Health } from './health.js'
import type { CheckResult } from './outcome.js'
import type { AliveWhen } from './policy.js'
import { DAY_MS } from './time.js'
import type { Tracker } from './tracker.js'

/** The windows over which uptime is stated, in ms. All end now. */
export const uptimeWindows = {
  '24h': DAY_MS,
  '7d': 7 * DAY_MS,
  '30d': 30 * DAY_MS,
  '90d': 90 * DAY_MS,
  '1y': 365 * DAY_MS,
} as const
export type UptimeWindow = keyof typeof uptimeWindows

/** Share of observed time with an alive status, 0 to 1, per window; null where nothing was observed. */
export type UptimeByWindow = Readonly<Record<UptimeWindow, number | null>>

/** A tracker that the configuration asks to watch. */
export interface WatchedTracker {
  readonly tracker: Tracker
  readonly group: string
  readonly aliveWhen: AliveWhen
  /** Canonical URLs that the tracker had before; none of them is watched. */
  readonly aliases?: readonly string[]
}

/** What is known about a watched tracker right now. */
export interface TrackerState extends WatchedTracker {
  /** See `trackerId`. */
  readonly id: string
  /** When the tracker was first watched. */
  readonly addedAt: Date
  /** Since when it is not watched any more; null while it is. */
  readonly archivedAt: Date | null
  readonly health: Health | null
  /** The newest check, conclusive or skipped; null too where it was made elsewhere, see `Store.import`. */
  readonly last: CheckResult | null
  readonly lastOkAt: Date | null
}

/** A tracker with what lists, pages and metrics say about it. */
export interface Entry extends TrackerState {
  readonly alive: boolean
  readonly uptime: UptimeByWindow
  /** Median latency over the last 24 h, ms; null without an answer in that time. */
  readonly latencyMs: number | null
}

/** Stable public identifier of a tracker: the same in every database and at every vantage. 12 hex digits. */
export function trackerId(url: string): string {
  return createHash('sha256').update(url).digest('hex').slice(0, 12)
}
