import type Database from 'better-sqlite3'
import { type Gap, type Status, type StatusChange, unobservedStart } from '../../tracker/health.js'
import type { TrackerState } from '../../tracker/state.js'
import { type Uptime, uptime, type Window } from '../../tracker/uptime.js'

/** The status changes and gaps of one tracker from a moment up to now. */
export interface Timeline {
  readonly changes: readonly Pick<StatusChange, 'at' | 'from' | 'to'>[]
  readonly gaps: readonly Gap[]
}

/** Timelines by number of the tracker; those of `recent` stay in memory until a change or gap is written. */
export interface Timelines {
  /** Covers at least `[from, now)`. */
  recent(id: number, from: Date): Timeline
  read(id: number, from: Date): Timeline
  forget(id: number): void
  forgetAll(): void
}

export function createTimelines(client: Database.Database): Timelines {
  const cached = new Map<number, Timeline & { readonly from: Date }>()
  const changes = client
    .prepare<[number, number], [number, Status, Status]>(
      `SELECT at_ms, from_status, to_status FROM status_change WHERE tracker_id = ? AND at_ms >= ?
       ORDER BY at_ms, confirmed_at_ms`,
    )
    .raw()
  const gaps = client
    .prepare<[number, number], [number, number]>(
      'SELECT from_ms, to_ms FROM gap WHERE tracker_id = ? AND to_ms > ? ORDER BY to_ms',
    )
    .raw()
  const read = (id: number, from: Date): Timeline => ({
    changes: changes.all(id, from.getTime()).map(([atMs, was, to]) => ({ at: new Date(atMs), from: was, to })),
    gaps: gaps.all(id, from.getTime()).map(([fromMs, toMs]) => ({ from: new Date(fromMs), to: new Date(toMs) })),
  })
  return {
    recent(id, from) {
      const known = cached.get(id)
      if (known !== undefined && known.from <= from) return known
      const timeline = { ...read(id, from), from }
      cached.set(id, timeline)
      return timeline
    },
    read,
    forget: (id) => void cached.delete(id),
    forgetAll: () => cached.clear(),
  }
}

/** Uptime in the part of `window` before `at`. `timeline` covers the window and reaches up to now. */
export function uptimeFrom(timeline: Timeline, state: TrackerState, window: Window, at: Date): Uptime {
  const { health, aliveWhen } = state
  // Without a change since the timeline began, the status of today is that of its beginning.
  const statusBefore = timeline.changes[0]?.from ?? health?.status ?? 'pending'
  const unobserved = health === null ? null : unobservedStart(health, at)
  const gaps = unobserved === null ? timeline.gaps : [...timeline.gaps, { from: unobserved, to: at }]
  const to = window.to < at ? window.to : at
  return uptime({ statusBefore, changes: timeline.changes, gaps, aliveWhen }, { from: window.from, to })
}
