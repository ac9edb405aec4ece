import type Database from 'better-sqlite3'
import { type Gap, type Status, type StatusChange, unobservedStart } from '../../tracker/health.js'
import type { TrackerState } from '../../tracker/state.js'
import { DAY_MS } from '../../tracker/time.js'
import { type Uptime, type UptimeTrack, uptimeIn, uptimeTrack, type Window } from '../../tracker/uptime.js'
import type { Known } from './states.js'

/** The status changes and gaps of trackers, added up; they stay in memory until a change or gap is written. */
export interface Timelines {
  /** Uptime of a tracker in the part of `window` before `at`. */
  uptime(known: Known, window: Window, at: Date): Uptime
  /** The same of several windows that end at `at`, the longest of them first. */
  uptimes(known: Known, windows: readonly Window[], at: Date): readonly Uptime[]
  forget(id: number): void
  forgetAll(): void
}

interface Timeline {
  readonly fromMs: number
  /** By which it was added up. */
  readonly aliveWhen: TrackerState['aliveWhen']
  readonly track: UptimeTrack
}

/** What lists and pages ask about; what is older is read when it is asked for. */
const REMEMBERED_MS = 366 * DAY_MS

export function createTimelines(client: Database.Database): Timelines {
  const remembered = new Map<number, Timeline>()
  const changes = client
    .prepare<[number, number], [number, Status, Status]>(
      `SELECT at_ms, from_status, to_status FROM status_change WHERE tracker_id = ? AND at_ms >= ?
       ORDER BY at_ms, confirmed_at_ms`,
    )
    .raw()
  const gaps = client
    .prepare<[number, number], [number, number]>('SELECT from_ms, to_ms FROM gap WHERE tracker_id = ? AND to_ms > ?')
    .raw()
  const hasEarlier = client
    .prepare<[number, number], number>('SELECT EXISTS (SELECT 1 FROM status_change WHERE tracker_id = ? AND at_ms < ?)')
    .pluck()
  const read = ({ id, state }: Known, fromMs: number): Timeline => {
    const changed = changes
      .all(id, fromMs)
      .map(([atMs, was, to]): Pick<StatusChange, 'at' | 'from' | 'to'> => ({ at: new Date(atMs), from: was, to }))
    const missed = gaps.all(id, fromMs).map(([from, to]): Gap => ({ from: new Date(from), to: new Date(to) }))
    const isFromBeginning = hasEarlier.get(id, fromMs) === 0
    const { health } = state
    // An imported part of a history may tell of a status and not of how it came about: that it is known since it began.
    if (isFromBeginning && changed.length === 0 && health !== null) {
      changed.push({ at: health.since, from: 'pending', to: health.status })
    }
    // Before the first change nothing was observed; and without a change for long, the status of today is that of then.
    const statusBefore = isFromBeginning ? 'pending' : (changed[0]?.from ?? health?.status ?? 'pending')
    const { aliveWhen } = state
    return { fromMs, aliveWhen, track: uptimeTrack({ statusBefore, changes: changed, gaps: missed, aliveWhen }) }
  }
  /** Covers at least `[fromMs, now)`. */
  const timeline = (known: Known, fromMs: number, at: Date): Timeline => {
    const found = remembered.get(known.id)
    if (found !== undefined && found.fromMs <= fromMs && found.aliveWhen === known.state.aliveWhen) return found
    const horizonMs = at.getTime() - REMEMBERED_MS
    if (fromMs < horizonMs) return read(known, fromMs)
    const fresh = read(known, horizonMs)
    remembered.set(known.id, fresh)
    return fresh
  }
  return {
    uptime(known, { from, to }, at) {
      const { track } = timeline(known, from.getTime(), at)
      return uptimeIn(track, { from, to: to < at ? to : at }, unobservedMs(known.state, at))
    },
    uptimes(known, windows, at) {
      const { track } = timeline(known, windows[0]?.from.getTime() ?? at.getTime(), at)
      const unobserved = unobservedMs(known.state, at)
      return windows.map((window) => uptimeIn(track, window, unobserved))
    },
    forget: (id) => void remembered.delete(id),
    forgetAll: () => remembered.clear(),
  }
}

/** From when on nothing was observed up to `at`. */
function unobservedMs({ health }: TrackerState, at: Date): number {
  const from = health === null ? null : unobservedStart(health, at)
  return from === null ? Number.POSITIVE_INFINITY : from.getTime()
}
