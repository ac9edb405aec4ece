import { isAliveStatus } from '../../tracker/health.js'
import { type Entry, type UptimeByWindow, type UptimeWindow, uptimeWindows } from '../../tracker/state.js'
import { toUs } from './check-rows.js'
import type { RecentLatencies } from './recent-latencies.js'
import type { Known, States } from './states.js'
import { type Timeline, type Timelines, uptimeFrom } from './timelines.js'
import type { Written } from './writer.js'

/** What the store keeps in memory of what is in the file. */
export interface Memory {
  readonly states: States
  readonly timelines: Timelines
  readonly latencies: RecentLatencies
}

const LONGEST_WINDOW_MS = Math.max(...Object.values(uptimeWindows))

export function entriesOf({ states, timelines, latencies }: Memory, at: Date): readonly Entry[] {
  const from = new Date(at.getTime() - LONGEST_WINDOW_MS)
  return states.all().map((known) => {
    const { health, aliveWhen } = known.state
    return {
      ...known.state,
      alive: health !== null && isAliveStatus(health.status, aliveWhen),
      uptime: uptimes(timelines.recent(known.id, from), known, at),
      latencyMs: latencies.medianMs(known.id, at),
    }
  })
}

function uptimes(timeline: Timeline, { state }: Known, at: Date): UptimeByWindow {
  const ratio = (window: UptimeWindow): number | null => {
    const from = new Date(at.getTime() - uptimeWindows[window])
    return uptimeFrom(timeline, state, { from, to: at }, at).ratio
  }
  return { '24h': ratio('24h'), '7d': ratio('7d'), '30d': ratio('30d'), '90d': ratio('90d') }
}

/** Brings the memory up to what was just committed. */
export function remember({ states, timelines, latencies }: Memory, written: readonly Written[]): void {
  states.apply(written)
  for (const { id, record } of written) {
    const { result, change, gap } = record
    if (change !== null || gap !== null) timelines.forget(id)
    const us = toUs(result.latencyMs)
    const answered = result.outcome.kind === 'ok' || result.outcome.kind === 'rejected'
    if (answered && us !== null) latencies.add(id, result.checkedAt.getTime(), us)
  }
}

export function forgetAll({ states, timelines, latencies }: Memory): void {
  states.forget()
  timelines.forgetAll()
  latencies.forgetAll()
}
