import type { SeenAddress } from '../../store/seen-address.js'
import type { LinkedIncident, RelatedTracker } from '../../store/store.js'
import type { StoredCheck } from '../../store/stored-check.js'
import type { StatusChange } from '../../tracker/health.js'
import { type Rollup, sumOf } from '../../tracker/rollup.js'
import { type TrackerState, type UptimeWindow, uptimeWindows } from '../../tracker/state.js'
import { DAY_MS } from '../../tracker/time.js'
import type { Uptime, Window } from '../../tracker/uptime.js'
import type { ReadStore } from '../deps.js'
import { type LatencyRange, type LatencySeries, readLatencies } from './latency-series.js'

/** What the page of a tracker says beside the tracker's state. */
export interface TrackerHistory {
  readonly windows: readonly WindowFigures[]
  /** The days (UTC) of the last 90 of which something is known, oldest first. */
  readonly days: readonly Rollup[]
  readonly latencies: LatencySeries
  /** What is known of today (UTC). */
  readonly today: Rollup | null
  /** Newest first, as is all that follows. */
  readonly incidents: readonly LinkedIncident[]
  readonly changes: readonly StatusChange[]
  readonly checks: readonly StoredCheck[]
  readonly failures: readonly StoredCheck[]
  readonly addresses: readonly SeenAddress[]
  readonly related: readonly RelatedTracker[]
}

export interface WindowFigures {
  readonly window: UptimeWindow
  readonly uptime: Uptime
  /** The whole hours of a short window, the days (UTC) of a long one; null where there is nothing. */
  readonly sum: Rollup | null
}

export const CHECKS_SHOWN = 20
export const INCIDENTS_SHOWN = 20
export const DAYS_SHOWN = 90
/** A check has at most one row per address family. */
const CHECK_ROWS = 2 * CHECKS_SHOWN
/** Shorter windows are added up hour by hour. */
const LONGEST_BY_HOUR_MS = 7 * DAY_MS

const windowNames = Object.keys(uptimeWindows) as readonly UptimeWindow[]

export async function readTracker(
  store: ReadStore,
  { tracker: { url } }: Pick<TrackerState, 'tracker'>,
  { range, now }: { readonly range: LatencyRange; readonly now: Date },
): Promise<TrackerHistory> {
  // Half-open: without the extra millisecond a check of this very moment would be missing.
  const to = new Date(now.getTime() + 1)
  const last = (ms: number): Window => ({ from: new Date(now.getTime() - ms), to })
  const hours = await store.hours(url, last(LONGEST_BY_HOUR_MS))
  const lastChecks = { from: beginOfLast(CHECKS_SHOWN, hours) ?? last(uptimeWindows['30d']).from, to }
  const [days, latencies, incidents, changes, checks, failures, addresses, related] = await Promise.all([
    store.days(url, last(uptimeWindows['1y'])),
    readLatencies(store, url, range, now),
    store.incidents(last(uptimeWindows['1y']), now, INCIDENTS_SHOWN, url),
    store.changes(url, last(uptimeWindows['30d'])),
    store.checks(url, lastChecks, CHECK_ROWS),
    store.failures(url, last(uptimeWindows['90d']), CHECKS_SHOWN),
    store.addresses(url),
    store.related(url),
  ])
  const figuresOf = async (window: UptimeWindow): Promise<WindowFigures> => {
    const { from } = last(uptimeWindows[window])
    const rollups = uptimeWindows[window] <= LONGEST_BY_HOUR_MS ? hours : days
    const uptime = await store.uptime(url, { from, to: now }, now)
    return { window, uptime, sum: sumOf(rollups.filter((rollup) => rollup.from >= from)) }
  }
  return {
    windows: await Promise.all(windowNames.map(figuresOf)),
    days: days.filter((day) => day.from.getTime() > now.getTime() - DAYS_SHOWN * DAY_MS),
    latencies,
    today: days.find((day) => day.from.getTime() === startOfDay(now)) ?? null,
    incidents,
    changes: changes.toReversed(),
    checks: newestChecks(checks),
    failures,
    addresses,
    related,
  }
}

/** UTC, ms since 1970. */
export function startOfDay(at: Date): number {
  return Math.floor(at.getTime() / DAY_MS) * DAY_MS
}

/** Where the hour begins from which on there are so many checks; null if they go back further than these hours. */
function beginOfLast(count: number, hours: readonly Rollup[]): Date | null {
  let found = 0
  const first = hours.findLast((hour) => {
    found += checksIn(hour)
    return found >= count
  })
  return first?.from ?? null
}

function checksIn({ checks: { ok, rejected, failed, skipped } }: Pick<Rollup, 'checks'>): number {
  return ok + rejected + failed + skipped
}

function newestChecks(rows: readonly StoredCheck[]): readonly StoredCheck[] {
  const moments = [...new Set(rows.map(({ checkedAt }) => checkedAt.getTime()))].slice(0, CHECKS_SHOWN)
  const oldest = moments.at(-1) ?? 0
  return rows.filter(({ checkedAt }) => checkedAt.getTime() >= oldest)
}
