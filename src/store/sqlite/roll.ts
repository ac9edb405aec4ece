import type Database from 'better-sqlite3'
import { DAY_MS, HOUR_MS, HOURS_PER_DAY } from '../../tracker/time.js'
import { dayOfHour, hourOf, piecesOf, type Tallies } from './hours.js'
import type { Meta } from './meta.js'
import { type ReopenedParts, rollReopened } from './reopened.js'
import { createTally } from './rollup-rows.js'
import type { RollupParts } from './rollups.js'
import { inTurns } from './turns.js'

/** Late enough for checks that still wait to be written and for a status that its next check confirms. */
const GRACE_MS = 10 * 60_000

/** Shared with the writer: what it writes of a time before `toMs` reopens an hour. */
export interface RollProgress {
  toMs: number
}

export interface RollParts extends ReopenedParts {
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
  let hour = beganHour
  while (hour < endHour) {
    const next = await rollFrom(parts, hour, endHour, signal)
    if (signal.aborted) return hour - beganHour
    meta.write('rolled_to_ms', next * HOUR_MS)
    hour = next
  }
  await rollReopened(parts, hour, signal)
  return hour - beganHour
}

/** Rolls up an hour and, where there was nothing to tell of it, those after it in which that is so. Returns the next one. */
async function rollFrom(parts: RollParts, hour: number, endHour: number, signal: AbortSignal): Promise<number> {
  parts.progress.toMs = (hour + 1) * HOUR_MS
  const hadContent = await rollHour(parts, hour, signal)
  if (hadContent || signal.aborted) return hour + 1
  // Before the look around: a check that comes meanwhile has to reopen its hour.
  parts.progress.toMs = endHour * HOUR_MS
  const ids = goingOn(parts.client, dayOfHour(hour) * DAY_MS)
  let next = endHour
  const look = (id: number): void => {
    next = Math.min(next, parts.nextContent(id, hour + 1))
  }
  await inTurns(parts.client, ids, look, signal)
  const isInsideDay = dayOfHour(hour + 1) === dayOfHour(hour)
  if (signal.aborted || !isInsideDay || dayOfHour(next) === dayOfHour(hour)) return next
  await inTurns(parts.client, ids, (id) => parts.rollups.putDay(id, dayOfHour(hour)), signal)
  return next
}

/** Returns whether there was anything to tell of any tracker. */
async function rollHour(parts: RollParts, hour: number, signal: AbortSignal): Promise<boolean> {
  const { client, hours, rollups } = parts
  const tallies: Tallies = new Map()
  await inTurns(client, piecesOf(hour), ([fromMs, toMs]) => hours.addTo(tallies, fromMs, toMs), signal)
  if (signal.aborted) return true
  const endsDay = (hour + 1) % HOURS_PER_DAY === 0
  const fromMs = endsDay ? dayOfHour(hour) * DAY_MS : hour * HOUR_MS
  const ids = [...new Set([...goingOn(client, fromMs), ...tallies.keys()])]
  let hadContent = false
  const put = (id: number): void => {
    if (rollups.putHour(id, hour, tallies.get(id) ?? createTally())) hadContent = true
    if (endsDay) rollups.putDay(id, dayOfHour(hour))
  }
  await inTurns(client, ids, put, signal)
  return hadContent
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
