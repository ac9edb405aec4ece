import type Database from 'better-sqlite3'
import { and, asc, eq, gte, lt, sql } from 'drizzle-orm'
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'
import { type Rollup, sumOf } from '../../tracker/rollup.js'
import { DAY_MS, HOUR_MS, HOURS_PER_DAY } from '../../tracker/time.js'
import type { Uptime, Window } from '../../tracker/uptime.js'
import { HERE } from './codes.js'
import { dayOfHour, type Hours } from './hours.js'
import { prepareInsert, replacing } from './insert.js'
import type { NextContent } from './next-content.js'
import { createTally, reasonsOf, rollupOf, summaryOf, type Tally } from './rollup-rows.js'
import { dayRollup, hourRollup } from './schema.js'

/**
 * Hours and days of single trackers. An hour that has been rolled up is a row; what came later, and what something late
 * has reopened, is counted from the checks each time, so a read is right whether the roll-up has run or not. An hour in
 * which there is nothing to tell is left out.
 *
 * What was once counted is never counted down: checks leave when they are old, and the sums of another store come without
 * them. So of what is stored and what can be counted the one with more checks stands.
 */
export interface Rollups {
  /** The hours `[from, to)`, numbered since 1970; their time counts up to `at`. */
  hours(trackerId: number, from: number, to: number, at: Date): readonly Rollup[]
  /** The days `[from, to)`, likewise. */
  days(trackerId: number, from: number, to: number, at: Date): readonly Rollup[]
  /**
   * Keeps an hour with these checks in it, or, of an hour whose checks are gone, its times anew. Returns whether there is
   * anything to tell of it.
   */
  putHour(trackerId: number, hour: number, tally: Tally | null): boolean
  /** Keeps a day as the sum of its hours, unless more is known of it. */
  putDay(trackerId: number, day: number): void
}

export interface RollupParts {
  readonly client: Database.Database
  readonly db: BetterSQLite3Database
  readonly hours: Hours
  /** Of the time up to `at`. */
  readonly uptimeOf: (trackerId: number, window: Window, at: Date) => Uptime
  /** Hours of this tracker before this one are rolled up and current. */
  readonly openHour: (trackerId: number) => number
  readonly nextContent: NextContent
}

export function createRollups(parts: RollupParts): Rollups {
  const { client, db, hours, openHour, nextContent } = parts
  const putHour = prepareInsert(client, hourRollup, replacing(hourRollup))
  const putDay = prepareInsert(client, dayRollup, replacing(dayRollup))
  const storedHours = prepareHours(db)
  const storedDays = prepareDays(db)
  const timesOf = (trackerId: number, window: Window, at: Date): Rollup['uptime'] => {
    const { observedMs, aliveMs, skippedMs } = parts.uptimeOf(trackerId, window, at)
    return { observedMs, aliveMs, skippedMs }
  }
  const hourNow = (trackerId: number, hour: number, tally: Tally, at: Date): Rollup => {
    const window = windowOf(hour, HOUR_MS)
    return { ...window, ...tally, reasons: reasonsOf(tally.reasons), uptime: timesOf(trackerId, window, at) }
  }
  const hoursOf = (trackerId: number, from: number, to: number, at: Date): readonly Rollup[] => {
    const open = Math.min(Math.max(openHour(trackerId), from), to)
    const stored = byStart(storedHours(trackerId, open, to))
    const live: Rollup[] = []
    for (let hour = open; hour < to; ) {
      const counted = hourNow(trackerId, hour, hours.tally(hour, trackerId), at)
      const rollup = richer(stored.get(hour * HOUR_MS), counted)
      const isTold = hasContent(rollup)
      if (isTold) live.push(rollup)
      hour = isTold ? hour + 1 : nextContent(trackerId, hour + 1)
    }
    return [...storedHours(trackerId, from, open), ...live]
  }
  /** The skipped time of the hours of a day that are left out, for nothing was observed in them. */
  const leftOutMs = (trackerId: number, day: number, hours: readonly Rollup[], at: Date): number => {
    const told = new Set(hours.map(({ from }) => from.getTime() / HOUR_MS))
    let ms = 0
    for (let hour = day * HOURS_PER_DAY; hour < (day + 1) * HOURS_PER_DAY; hour++) {
      if (!told.has(hour)) ms += timesOf(trackerId, windowOf(hour, HOUR_MS), at).skippedMs
    }
    return ms
  }
  /** `stored` and the sum of `hours`, brought together; null of neither. */
  const dayNow = (trackerId: number, day: number, stored: Rollup | undefined, hours: readonly Rollup[], at: Date) => {
    const window = windowOf(day, DAY_MS)
    const sum = sumOf(hours)
    if (sum !== null && countOf(sum) >= countOf(stored)) {
      const skippedMs = sum.uptime.skippedMs + leftOutMs(trackerId, day, hours, at)
      return { ...richer(stored, { ...sum, uptime: { ...sum.uptime, skippedMs } }), ...window }
    }
    // Its hours are gone, or were never here: the day alone knows, but for what status changes say.
    const uptime = timesOf(trackerId, window, at)
    return stored === undefined ? null : richer(stored, { ...window, ...createTally(), uptime })
  }
  return {
    hours: hoursOf,
    days(trackerId, from, to, at) {
      const open = Math.min(Math.max(dayOfHour(openHour(trackerId)), from), to)
      const stored = byStart(storedDays(trackerId, open, to))
      const live: Rollup[] = []
      for (let day = open; day < to; ) {
        const endHour = (day + 1) * HOURS_PER_DAY
        const summed = hoursOf(trackerId, day * HOURS_PER_DAY, endHour, at)
        const rollup = dayNow(trackerId, day, stored.get(day * DAY_MS), summed, at)
        if (rollup !== null) live.push(rollup)
        day = rollup === null ? dayOfHour(nextContent(trackerId, endHour)) : day + 1
      }
      return [...storedDays(trackerId, from, open), ...live]
    },
    putHour(trackerId, hour, tally) {
      const [stored] = storedHours(trackerId, hour, hour + 1)
      const { to } = windowOf(hour, HOUR_MS)
      const rollup = richer(stored, hourNow(trackerId, hour, tally ?? createTally(), to))
      if (!hasContent(rollup)) return false
      const isKnown = tally !== null || stored !== undefined
      if (isKnown) putHour({ trackerId, vantageId: HERE, hour, ...summaryOf(rollup) })
      return true
    },
    putDay(trackerId, day) {
      const [stored] = storedDays(trackerId, day, day + 1)
      const summed = storedHours(trackerId, day * HOURS_PER_DAY, (day + 1) * HOURS_PER_DAY)
      const rollup = dayNow(trackerId, day, stored, summed, windowOf(day, DAY_MS).to)
      if (rollup !== null) putDay({ trackerId, vantageId: HERE, day, ...summaryOf(rollup) })
    },
  }
}

/** The counts of the one with more checks; the times that were counted now, unless nothing is known of that time. */
function richer(stored: Rollup | undefined, counted: Rollup): Rollup {
  if (stored === undefined) return counted
  const { uptime } = counted.uptime.observedMs + counted.uptime.skippedMs > 0 ? counted : stored
  return { ...(countOf(stored) > countOf(counted) ? stored : counted), uptime }
}

function hasContent(rollup: Rollup): boolean {
  return rollup.uptime.observedMs > 0 || countOf(rollup) > 0
}

function countOf(rollup: Rollup | undefined): number {
  if (rollup === undefined) return 0
  const { ok, rejected, failed, skipped } = rollup.checks
  return ok + rejected + failed + skipped
}

function byStart(rollups: readonly Rollup[]): ReadonlyMap<number, Rollup> {
  return new Map(rollups.map((rollup) => [rollup.from.getTime(), rollup]))
}

function windowOf(number: number, unitMs: number): Window {
  return { from: new Date(number * unitMs), to: new Date((number + 1) * unitMs) }
}

/** Reads rows of `[from, to)`; prepared once, for each page of the site asks several times. */
type StoredRollups = (trackerId: number, from: number, to: number) => readonly Rollup[]

/** What a read of a stretch of one tracker is asked with. */
export const asked = { id: sql.placeholder('id'), from: sql.placeholder('from'), to: sql.placeholder('to') }

function prepareHours(db: BetterSQLite3Database): StoredRollups {
  const { hour, trackerId, vantageId } = hourRollup
  const rows = db
    .select()
    .from(hourRollup)
    .where(and(eq(trackerId, asked.id), eq(vantageId, HERE), gte(hour, asked.from), lt(hour, asked.to)))
    .orderBy(asc(hour))
    .prepare()
  return (id, from, to) =>
    rows.all({ id, from, to }).map((row) => rollupOf(row, row.hour * HOUR_MS, (row.hour + 1) * HOUR_MS))
}

function prepareDays(db: BetterSQLite3Database): StoredRollups {
  const { day, trackerId, vantageId } = dayRollup
  const rows = db
    .select()
    .from(dayRollup)
    .where(and(eq(trackerId, asked.id), eq(vantageId, HERE), gte(day, asked.from), lt(day, asked.to)))
    .orderBy(asc(day))
    .prepare()
  return (id, from, to) =>
    rows.all({ id, from, to }).map((row) => rollupOf(row, row.day * DAY_MS, (row.day + 1) * DAY_MS))
}
