import { isAliveStatus, isObservedStatus } from '../tracker/health.js'
import type { CheckResult, Outcome } from '../tracker/outcome.js'
import type { IntervalFloor } from '../tracker/policy.js'
import { type TrackerState, trackerId, type WatchedTracker } from '../tracker/state.js'
import { DAY_MS } from '../tracker/time.js'

/**
 * When a tracker is checked. Pure: the last check comes from the store, the moment is an argument, so a restart
 * continues where the last run ended and nothing here remembers anything.
 */

/** A watched tracker and what its last check left behind. */
export type Known = WatchedTracker & Pick<TrackerState, 'health' | 'last'>

/** Shortest and longest time between two beats, ms: `0 8-20 * * *` beats hourly and then not for twelve hours. */
export interface BeatInterval {
  readonly shortestMs: number
  readonly longestMs: number
}

/** How a group is checked. */
export interface Pace {
  readonly beat: BeatInterval
  /** Time over which the starts of a round are spread, ms. */
  readonly spreadMs: number
  /** Wait before a status in doubt is checked again, ms; up to a quarter longer, each tracker at its own. */
  readonly recheckMs: number
  /** The longest that a check takes, ms. */
  readonly timeoutMs: number
  /** Which wishes of a tracker hold its next check back. */
  readonly intervalFloor: IntervalFloor
}

export interface PlannedCheck<T> {
  readonly watched: T
  /** Start, ms after the round began. */
  readonly startMs: number
}

/** An interval of 2³¹ s, by fault or by malice, must not silence the monitoring of a tracker. */
const LONGEST_FLOOR_MS = DAY_MS
/** A clock may be set back so far without a check being made too early for that. */
const CLOCK_STEP_MS = 60_000
const RECHECK_JITTER_RATIO = 0.25
/** A round ends before the next beat comes. */
const SPREAD_LIMIT_RATIO = 0.8
/** A start that has to wait for the tracker's min interval may come this much of a beat after the spread, … */
const GRACE_RATIO = 0.1
/** … and no more than this: a round of a yearly beat ends the same day. */
const GRACE_LIMIT_MS = 600_000
/** Missed beats that a status survives; half a beat more for the check that comes late. */
const HOLD_BEATS = 2.5

/**
 * When the next check is due: at once if there was none, after `recheckMs` if the last one left the status in doubt,
 * else when the time between two beats has passed. Never before the tracker wants to be asked again. In the past for an
 * overdue tracker.
 */
export function dueAt(known: Known, pace: Pace, now: Date): Date {
  if (checkedAtMs(known, now) === Number.NEGATIVE_INFINITY) return now
  const regular = Math.max(checkedAtMs(known, now) + pace.beat.longestMs, floorAtMs(known, pace, now))
  const recheck = recheckAtMs(known, pace, now)
  return new Date(recheck === null ? regular : Math.min(recheck, regular))
}

/** Whether the last check left the status in doubt and the wait before the next one is over. */
export function isRecheckDue(known: Known, pace: Pace, now: Date): boolean {
  const at = recheckAtMs(known, pace, now)
  return at !== null && at <= now.getTime()
}

/**
 * The round of a beat: each tracker at its own place in the spread, the same at every beat. Left for a later beat is
 * one whose floor is not reached by then and one that was just checked (a recheck, a start between two beats).
 */
export function planBeat<T extends Known>(trackers: readonly T[], pace: Pace, at: Date): PlannedCheck<T>[] {
  const spreadMs = spreadOf(pace)
  const latestMs = spreadMs + Math.min(pace.beat.shortestMs * GRACE_RATIO, GRACE_LIMIT_MS)
  const planned = trackers.flatMap((watched) => {
    const freshUntil = checkedAtMs(watched, at) + pace.beat.shortestMs / 2
    const waitMs = Math.max(freshUntil, floorAtMs(watched, pace, at)) - at.getTime()
    const startMs = Math.max(placeOf(watched) * spreadMs, waitMs)
    return startMs <= latestMs ? [{ watched, startMs }] : []
  })
  return inOrder(planned)
}

/** The round between two beats, after a start or a change of the configuration: what is due by now, spread likewise. */
export function planCatchUp<T extends Known>(trackers: readonly T[], pace: Pace, at: Date): PlannedCheck<T>[] {
  const due = trackers.filter((known) => dueAt(known, pace, at) <= at)
  return inOrder(due.map((watched) => ({ watched, startMs: placeOf(watched) * spreadOf(pace) })))
}

/** How long the status holds after this check, ms: until two checks in a row have not come (`HealthPolicy.holdMs`). */
export function holdMs(result: CheckResult, pace: Pace): number {
  return HOLD_BEATS * Math.max(pace.beat.longestMs, floorMs(result, pace)) + pace.spreadMs + pace.timeoutMs
}

function recheckAtMs(known: Known, pace: Pace, now: Date): number | null {
  if (!isInDoubt(known)) return null
  const waitMs = pace.recheckMs * (1 + RECHECK_JITTER_RATIO * placeOf(known))
  return Math.max(checkedAtMs(known, now) + waitMs, floorAtMs(known, pace, now))
}

/** The last check spoke against the status and was not enough to change it. */
function isInDoubt({ health, aliveWhen }: Known): boolean {
  if (health === null || health.lastVerdict === null || health.unobservedSince !== null) return false
  if (!isObservedStatus(health.status)) return true
  return isAliveStatus(health.lastVerdict, aliveWhen) !== isAliveStatus(health.status, aliveWhen)
}

/**
 * A clock that was set back must not silence a tracker until it has caught up: a check far in the future was made nobody
 * knows when, and counts as made long ago.
 */
function checkedAtMs({ health }: Known, now: Date): number {
  const aheadMs = health === null ? Number.POSITIVE_INFINITY : health.checkedAt.getTime() - now.getTime()
  return aheadMs > CLOCK_STEP_MS ? Number.NEGATIVE_INFINITY : now.getTime() + Math.min(aheadMs, 0)
}

function floorAtMs(known: Known, pace: Pace, now: Date): number {
  return known.last === null ? Number.NEGATIVE_INFINITY : checkedAtMs(known, now) + floorMs(known.last, pace)
}

/** How long the tracker asked us to stay away, as far as we heed it: the longest of what its addresses said alike. */
function floorMs({ outcome, probes }: CheckResult, pace: Pace): number {
  if (pace.intervalFloor === 'none') return 0
  const alike = [outcome, ...probes.map((probe) => probe.outcome)].filter(({ kind }) => kind === outcome.kind)
  const askedS = alike.map((one) => askedWaitS(one, pace) ?? 0).filter((waitS) => waitS > 0)
  return Math.min(Math.max(0, ...askedS) * 1000, LONGEST_FLOOR_MS)
}

/**
 * The interval of an announce, `retry in` of a refusal (BEP 31), `Retry-After` of a failure; any other failed announce
 * reached nobody and may be repeated soon. A tracker to which we come too often gets no re-check before the next beat.
 */
function askedWaitS(outcome: Outcome, { intervalFloor, beat }: Pace): number | null {
  switch (outcome.kind) {
    case 'ok': {
      const { intervalS, minIntervalS } = outcome.announce
      return intervalFloor === 'interval' ? Math.max(intervalS ?? 0, minIntervalS ?? 0) : minIntervalS
    }
    case 'rejected':
      if (outcome.code === 'gone') return Number.POSITIVE_INFINITY // retry in: never
      return outcome.retryAfterS ?? (outcome.code === 'rate_limited' ? beat.shortestMs / 1000 : null)
    case 'failed':
      return outcome.retryAfterS ?? null
    case 'skipped':
      return null
  }
}

function spreadOf({ spreadMs, beat }: Pace): number {
  return Math.min(spreadMs, beat.shortestMs * SPREAD_LIMIT_RATIO)
}

/** A tracker's place in every spread, 0 to 1: by the hash of its URL, whatever else is watched. */
function placeOf({ tracker }: WatchedTracker): number {
  return Number.parseInt(trackerId(tracker.url), 16) / 2 ** 48
}

function inOrder<T>(planned: PlannedCheck<T>[]): PlannedCheck<T>[] {
  return planned.sort((a, b) => a.startMs - b.startMs)
}
