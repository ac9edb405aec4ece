import { isAliveStatus } from '../../tracker/health.js'
import { createHistogram, type LatencyHistogram, latencyAt } from '../../tracker/latency-histogram.js'
import { type Entry, type UptimeWindow, uptimeWindows } from '../../tracker/state.js'
import { DAY_MS, HOURS_PER_DAY } from '../../tracker/time.js'
import type { Window } from '../../tracker/uptime.js'
import type { DailyUptime as Day, LatencySummary } from '../store.js'
import { hourOf } from './hours.js'
import type { LatencySums } from './latency-sums.js'
import type { ListMembers } from './list-members.js'
import type { HourPhases } from './phases.js'
import type { RecentChecks } from './recent-checks.js'
import type { RecentLatencies } from './recent-latencies.js'
import type { Known, States } from './states.js'
import type { Timelines } from './timelines.js'
import { createRest } from './turns.js'
import type { Recorded } from './written.js'

/** What the store keeps in memory of what is in the file. */
export interface Memory {
  readonly states: States
  readonly timelines: Timelines
  readonly latencies: RecentLatencies
  readonly recent: RecentChecks
  /** With what is not in the file yet. */
  readonly phases: HourPhases
  readonly members: ListMembers
}

/** The longest first. */
const WINDOWS = ['1y', '90d', '30d', '7d', '24h'] as const satisfies readonly UptimeWindow[]

export async function entriesOf({ states, timelines, latencies }: Memory, at: Date): Promise<readonly Entry[]> {
  const medians = await latencies.mediansMs(at)
  const windows = WINDOWS.map((name) => ({ from: new Date(at.getTime() - uptimeWindows[name]), to: at }))
  const rest = createRest()
  const entries: Entry[] = []
  for (const known of states.all()) {
    await rest()
    const { health, aliveWhen } = known.state
    const [year, quarter, month, week, day] = timelines.uptimes(known, windows, at).map(({ ratio }) => ratio)
    entries.push({
      ...known.state,
      alive: health !== null && isAliveStatus(health.status, aliveWhen),
      uptime: {
        '24h': day ?? null,
        '7d': week ?? null,
        '30d': month ?? null,
        '90d': quarter ?? null,
        '1y': year ?? null,
      },
      latencyMs: medians.get(known.id) ?? null,
    })
  }
  return entries
}

/** The days (UTC) that begin in `window`, of every watched tracker. */
export async function dailyOf(
  { states, timelines }: Memory,
  { from, to }: Window,
): Promise<ReadonlyMap<string, readonly Day[]>> {
  const firstMs = Math.ceil(from.getTime() / DAY_MS) * DAY_MS
  const days: Window[] = []
  for (let ms = firstMs; ms < to.getTime(); ms += DAY_MS) days.push({ from: new Date(ms), to: new Date(ms + DAY_MS) })
  const dayOf = (known: Known, day: Window): Day => {
    const { observedMs, aliveMs, skippedMs } = timelines.uptime(known, day, to)
    return { from: day.from, observedMs, aliveMs, skippedMs }
  }
  const rest = createRest()
  const byUrl = new Map<string, readonly Day[]>()
  for (const known of states.all()) {
    await rest()
    byUrl.set(
      known.state.tracker.url,
      days.map((day) => dayOf(known, day)),
    )
  }
  return byUrl
}

export async function latenciesOf(
  known: readonly Known[],
  sums: LatencySums,
  { from, to }: Window,
): Promise<ReadonlyMap<string, LatencySummary>> {
  const fromHour = Math.ceil(from.getTime() / DAY_MS) * HOURS_PER_DAY
  const byTracker = await sums.between(fromHour, hourOf(to.getTime()) + 1)
  return new Map(known.map(({ id, state }) => [state.tracker.url, summaryOf(byTracker.get(id) ?? createHistogram())]))
}

function summaryOf(latencies: LatencyHistogram): LatencySummary {
  const [p50Ms, p95Ms, p99Ms] = [0.5, 0.95, 0.99].map((quantile) => latencyAt(latencies, quantile))
  return { samples: latencies.total, p50Ms: p50Ms ?? null, p95Ms: p95Ms ?? null, p99Ms: p99Ms ?? null }
}

/** Brings the memory up to what was just committed. */
export function remember(
  { states, timelines, latencies, recent, phases }: Memory,
  { written, newest, allNew }: Recorded,
): void {
  if (allNew) {
    phases.note(written)
    recent.note(written)
    latencies.note(written)
  } else {
    latencies.forgetAll()
    recent.forgetAll()
  }
  states.apply(newest)
  for (const { id, record } of written) if (record.change !== null || record.gap !== null) timelines.forget(id)
}

export function forgetAll({ states, timelines, latencies, recent, members }: Memory): void {
  states.forget()
  timelines.forgetAll()
  latencies.forgetAll()
  recent.forgetAll()
  members.forget()
}
