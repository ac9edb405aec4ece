import type { Store } from '../store/store.js'
import type { StoredCheck } from '../store/stored-check.js'
import { addHistogram, createHistogram, latencyAt } from '../tracker/latency-histogram.js'
import type { Reasons, Rollup } from '../tracker/rollup.js'
import { sumOf } from '../tracker/rollup.js'
import { type TrackerState, type UptimeWindow, uptimeWindows } from '../tracker/state.js'
import { DAY_MS } from '../tracker/time.js'
import { quantileOf, type Window } from '../tracker/uptime.js'
import { type Counts, newestChecks, type Stretch, type TrackerHistory, type WindowFigures } from './history-view.js'

export interface AskedWindow {
  /** As in `24h`. */
  readonly text: string
  readonly ms: number
}

/** Windows up to here are counted check by check, up to there hour by hour, longer ones day by day. */
const LONGEST_BY_CHECK_MS = 2 * DAY_MS
const LONGEST_BY_HOUR_MS = 90 * DAY_MS
/** More rows than two days of checks every ten seconds over two families. */
const MAX_CHECK_ROWS = 40_000
const STRETCHES = 48
const CHECKS_SHOWN = 20
const FAILURES_SHOWN = 10

/** Reads what `history` shows, as of `now`. */
export async function readHistory(
  store: Store,
  state: TrackerState,
  since: AskedWindow,
  now: Date,
): Promise<TrackerHistory> {
  const { url } = state.tracker
  const windows: WindowFigures[] = []
  for (const [text, ms] of windowsOf()) windows.push(await figuresOf(store, url, { text, ms }, now))
  const asked = windows.find(({ ms }) => ms === since.ms) ?? (await figuresOf(store, url, since, now))
  const window = windowOf(since.ms, now)
  return {
    state,
    now,
    windows,
    since: asked,
    stretches: await stretchesOf(store, url, window, now),
    changes: await store.changes(url, window),
    checks: newestChecks(await store.checks(url, window, 2 * CHECKS_SHOWN), CHECKS_SHOWN),
    failures: await store.failures(url, window, FAILURES_SHOWN),
  }
}

function windowsOf(): readonly [UptimeWindow, number][] {
  return Object.entries(uptimeWindows) as [UptimeWindow, number][]
}

/** Half-open: without the extra millisecond what happened at this very moment would be missing. */
function windowOf(ms: number, now: Date): Window {
  return { from: new Date(now.getTime() - ms), to: new Date(now.getTime() + 1) }
}

async function figuresOf(store: Store, url: string, { text, ms }: AskedWindow, now: Date): Promise<WindowFigures> {
  const window = windowOf(ms, now)
  return {
    name: text,
    ms,
    uptime: await store.uptime(url, { ...window, to: now }, now),
    latency: await store.latency(url, window),
    counts: await countsOf(store, url, window),
  }
}

async function countsOf(store: Store, url: string, window: Window): Promise<Counts> {
  const checks = await allChecks(store, url, window)
  return checks === null ? countRollups(await rollupsOf(store, url, window)) : countChecks(checks)
}

/** Null where there are too many, or where some are gone already and the hours know of more. */
async function allChecks(store: Store, url: string, window: Window): Promise<readonly StoredCheck[] | null> {
  if (lengthOf(window) > LONGEST_BY_CHECK_MS) return null
  const checks = await store.checks(url, window, MAX_CHECK_ROWS)
  const known = totalOf(countRollups(await store.hours(url, window)))
  return known > totalOf(countChecks(checks)) ? null : checks
}

function totalOf({ ok, rejected, failed, skipped }: Counts): number {
  return ok + rejected + failed + skipped
}

function countRollups(rollups: readonly Rollup[]): Counts {
  const sum = sumOf(rollups)
  if (sum === null) return countChecks([])
  const { checks, reasons, packetsSent, packetsLost } = sum
  return { ...checks, reasons, packetsSent, packetsLost }
}

function rollupsOf(store: Store, url: string, window: Window): Promise<readonly Rollup[]> {
  return lengthOf(window) <= LONGEST_BY_HOUR_MS ? store.hours(url, window) : store.days(url, window)
}

function lengthOf({ from, to }: Window): number {
  return to.getTime() - from.getTime() - 1
}

function countChecks(checks: readonly StoredCheck[]): Counts {
  const counts = { ok: 0, rejected: 0, failed: 0, skipped: 0 }
  const reasons: Reasons = {}
  let packetsSent = 0
  let packetsLost = 0
  for (const check of checks) {
    packetsSent += check.packetsSent
    packetsLost += check.packetsLost
    if (!check.decisive) continue
    counts[check.outcome] += 1
    if (check.reason !== null) reasons[check.reason] = (reasons[check.reason] ?? 0) + 1
  }
  return { ...counts, reasons, packetsSent, packetsLost }
}

async function stretchesOf(store: Store, url: string, window: Window, now: Date): Promise<readonly Stretch[]> {
  const checks = await allChecks(store, url, window)
  const latencyOf = checks === null ? medianOfRollups(await rollupsOf(store, url, window)) : medianOfChecks(checks)
  const stretches: Stretch[] = []
  for (let index = 0; index < STRETCHES; index++) {
    const edge = (at: number) => new Date(Math.round(window.from.getTime() + (lengthOf(window) * at) / STRETCHES))
    const stretch = { from: edge(index), to: edge(index + 1) }
    const { ratio } = await store.uptime(url, stretch, now)
    stretches.push({ ...stretch, uptime: ratio, latencyMs: latencyOf(stretch) })
  }
  return stretches
}

function medianOfChecks(checks: readonly StoredCheck[]): (stretch: Window) => number | null {
  const answered = checks.filter(({ decisive, outcome }) => decisive && (outcome === 'ok' || outcome === 'rejected'))
  return ({ from, to }) => {
    const within = answered.filter(({ checkedAt }) => checkedAt >= from && checkedAt < to)
    return quantileOf(
      within.flatMap(({ latencyMs }) => latencyMs ?? []).sort((a, b) => a - b),
      0.5,
    )
  }
}

function medianOfRollups(rollups: readonly Rollup[]): (stretch: Window) => number | null {
  return ({ from, to }) => {
    const latencies = createHistogram()
    for (const rollup of rollups) {
      if (rollup.from >= from && rollup.from < to) addHistogram(latencies, rollup.latencies)
    }
    return latencyAt(latencies, 0.5)
  }
}
