import type Database from 'better-sqlite3'
import { HOUR_MS, HOURS_PER_DAY } from '../../tracker/time.js'
import { HERE } from './codes.js'
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
  const ids = toldOf(parts.client, daysHours(hour))
  let next = Math.min(nextCheckHour(parts.client, hour + 1), endHour)
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
  const told = toldOf(client, endsDay ? daysHours(hour) : [hour, hour + 1])
  const ids = [...new Set([...told, ...tallies.keys()])]
  let hadContent = false
  const put = (id: number): void => {
    if (rollups.putHour(id, hour, tallies.get(id) ?? createTally())) hadContent = true
    if (endsDay) rollups.putDay(id, dayOfHour(hour))
  }
  await inTurns(client, ids, put, signal)
  return hadContent
}

/** The hours `[from, to)` of the day that this one is in. */
function daysHours(hour: number): readonly [from: number, to: number] {
  const from = dayOfHour(hour) * HOURS_PER_DAY
  return [from, from + HOURS_PER_DAY]
}

/**
 * Trackers of which there is something to tell without a check in these hours: all that are watched, for their time goes
 * on, the others while their last status held, and those that have a row of such an hour already.
 */
function toldOf(client: Database.Database, [fromHour, toHour]: readonly [number, number]): readonly number[] {
  return client
    .prepare<[number, number, number], number>(
      `SELECT id FROM tracker LEFT JOIN tracker_state ON tracker_id = id
       WHERE (archived_at_ms IS NULL AND checked_at_ms IS NOT NULL) OR checked_at_ms + hold_ms > ?
         OR EXISTS (SELECT 1 FROM hour_rollup AS rolled
           WHERE rolled.tracker_id = id AND vantage_id = ${HERE} AND hour >= ? AND hour < ?)`,
    )
    .pluck()
    .all(fromHour * HOUR_MS, fromHour, toHour)
}

/** The hour of the first check of any tracker from this hour on: not all that have checks are told of without one. */
function nextCheckHour(client: Database.Database, hour: number): number {
  const first = client.prepare<[number], number | null>('SELECT min(at_ms) FROM check_result WHERE at_ms >= ?').pluck()
  const atMs = first.get(hour * HOUR_MS) ?? null
  return atMs === null ? Number.POSITIVE_INFINITY : hourOf(atMs)
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
