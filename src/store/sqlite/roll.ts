import type Database from 'better-sqlite3'
import { HOUR_MS, type Hours, hourOf } from './hours.js'
import type { Meta } from './meta.js'
import { createTally, isEmpty, type Tally } from './rollup-rows.js'
import { HOURS_PER_DAY, type RollupParts, type Rollups } from './rollups.js'
import { inTurns } from './turns.js'

/** Late enough for checks that still wait to be written and for a status that its next check confirms. */
const GRACE_MS = 10 * 60_000
/** The checks of an hour are counted in pieces of 10 s: those of a large fleet take a while. */
const PIECES_PER_HOUR = 360

/** Shared with the writer: what it writes of a time before `toMs` reopens an hour. */
export interface RollProgress {
  toMs: number
}

export interface RollParts {
  readonly client: Database.Database
  readonly hours: Hours
  readonly rollups: Rollups
  readonly meta: Meta
  readonly progress: RollProgress
}

/**
 * Rolls up the hours that have ended by `at`, and again those of trackers of which something came late, in slices with a
 * turn of the event loop between. Ends early once `signal` aborts. Returns the number of hours that ended.
 */
export function roll(parts: RollParts, at: Date, signal: AbortSignal): Promise<number> {
  return rollTo(parts, hourOf(at.getTime() - GRACE_MS), signal)
}

/** The same with the hours before `endHour`. */
export async function rollTo(parts: RollParts, endHour: number, signal: AbortSignal): Promise<number> {
  const { meta } = parts
  const beganMs = rolledToMs(parts.client, meta)
  if (beganMs === null) return 0
  const beganHour = hourOf(beganMs)
  for (let hour = beganHour; hour < endHour; hour++) {
    if (signal.aborted) return hour - beganHour
    parts.progress.toMs = (hour + 1) * HOUR_MS
    await rollHour(parts, hour)
    if (signal.aborted) return hour - beganHour
    meta.write('rolled_to_ms', (hour + 1) * HOUR_MS)
  }
  await rollReopened(parts, Math.max(beganHour, endHour), signal)
  return Math.max(0, endHour - beganHour)
}

async function rollHour({ client, hours, rollups }: RollParts, hour: number): Promise<void> {
  const tallies = new Map<number, Tally>()
  const pieceMs = HOUR_MS / PIECES_PER_HOUR
  const pieces = Array.from({ length: PIECES_PER_HOUR }, (_, index) => hour * HOUR_MS + index * pieceMs)
  await inTurns(client, pieces, (fromMs) => hours.addTo(tallies, fromMs, fromMs + pieceMs))
  const endsDay = (hour + 1) % HOURS_PER_DAY === 0
  const fromMs = (endsDay ? hour + 1 - HOURS_PER_DAY : hour) * HOUR_MS
  const ids = [...new Set([...goingOn(client, fromMs), ...tallies.keys()])]
  await inTurns(client, ids, (id) => {
    rollups.putHour(id, hour, tallies.get(id) ?? createTally())
    if (endsDay) rollups.putDay(id, Math.floor(hour / HOURS_PER_DAY))
  })
}

/** Trackers whose time goes on without checks too: all that are watched, and the others while their last status held. */
function goingOn(client: Database.Database, fromMs: number): readonly number[] {
  return client
    .prepare<[number], number>(
      `SELECT id FROM tracker JOIN tracker_state ON tracker_id = id
       WHERE archived_at_ms IS NULL OR checked_at_ms + hold_ms > ?`,
    )
    .pluck()
    .all(fromMs)
}

/** What is not rolled up again because `signal` aborts stays reopened, and is counted anew by each read. */
async function rollReopened(
  { client, hours, rollups, meta }: RollParts,
  endHour: number,
  signal: AbortSignal,
): Promise<void> {
  const reopened = client.prepare<[], [number, number]>('SELECT tracker_id, from_ms FROM reopened').raw().all()
  const close = client.prepare<[number, number]>('DELETE FROM reopened WHERE tracker_id = ? AND from_ms >= ?')
  for (const [id, fromMs] of reopened) {
    const beganHour = hourOf(fromMs)
    const days = new Set<number>()
    const stretch = Array.from({ length: Math.max(0, endHour - beganHour) }, (_, index) => beganHour + index)
    await inTurns(client, stretch, (hour) => {
      const tally = hours.tally(hour, id)
      const isGone = hour * HOUR_MS < (meta.read('pruned_to_ms') ?? Number.NEGATIVE_INFINITY) && isEmpty(tally)
      rollups.putHour(id, hour, isGone ? null : tally)
      days.add(Math.floor(hour / HOURS_PER_DAY))
    })
    if (signal.aborted) return
    const ended = [...days].filter((day) => (day + 1) * HOURS_PER_DAY <= endHour)
    await inTurns(client, ended, (day) => rollups.putDay(id, day))
    close.run(id, fromMs)
  }
}

/** Has the hours of a tracker from a moment on rolled up again; inside a transaction of the caller. */
export function prepareReopen(client: Database.Database): (trackerId: number, fromMs: number) => void {
  const reopen = client.prepare<[number, number]>(
    'INSERT INTO reopened VALUES (?, ?) ON CONFLICT DO UPDATE SET from_ms = min(from_ms, excluded.from_ms)',
  )
  return (trackerId, fromMs) => void reopen.run(trackerId, fromMs)
}

/** Up to where hours are rolled up: before the first roll-up, from where there are checks; null without any. */
export function rolledToMs(client: Database.Database, meta: Meta): number | null {
  return (
    meta.read('rolled_to_ms') ?? client.prepare<[], number>('SELECT min(at_ms) FROM check_result').pluck().get() ?? null
  )
}

/** The first hour of a tracker that is to be counted anew by each read: not rolled up yet, or reopened. */
export function createOpenHour(client: Database.Database, meta: Meta): RollupParts['openHour'] {
  const reopenedFrom = client.prepare<[number], number>('SELECT from_ms FROM reopened WHERE tracker_id = ?').pluck()
  return (trackerId) => {
    const endMs = rolledToMs(client, meta) ?? Number.POSITIVE_INFINITY
    return hourOf(Math.min(endMs, reopenedFrom.get(trackerId) ?? Number.POSITIVE_INFINITY))
  }
}
