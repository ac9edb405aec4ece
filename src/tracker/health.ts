import { type CheckResult, type FailureReason, flagDegrades, messageOf, type Outcome } from './outcome.js'
import type { AliveWhen } from './policy.js'
import { DAY_MS } from './time.js'

/**
 * What we hold a tracker to be, after hysteresis. `pending`: not decided yet. `unknown`: every check so far was
 * skipped. `unsupported`: cannot be checked from here (an overlay network, for one). `paused`: the operator's wish,
 * and after it until the checks have decided anew.
 */
export const statuses = ['pending', 'up', 'degraded', 'rejecting', 'down', 'unknown', 'unsupported', 'paused'] as const
export type Status = (typeof statuses)[number]

/** What a single conclusive check says. */
type Verdict = 'up' | 'degraded' | 'rejecting' | 'down'

export interface HealthPolicy {
  /** Consecutive bad checks before a tracker that was fine is called `down` or `rejecting`. 1 or more. */
  readonly downAfter: number
  /** Consecutive good checks before a tracker that was not fine is called `up` again. 1 or more. */
  readonly upAfter: number
  readonly aliveWhen: AliveWhen
  /** How long after a check its status is still taken to hold; later time is unobserved. ms */
  readonly holdMs: number
}

export interface Health {
  readonly status: Status
  /** When the status began: the first of the checks that led to it, not the one that confirmed it. */
  readonly since: Date
  /** The last check, skipped ones included. */
  readonly checkedAt: Date
  /** Consecutive conclusive checks that were all good or all bad. */
  readonly streak: { readonly good: boolean; readonly count: number; readonly since: Date } | null
  readonly lastVerdict: Verdict | null
  /** Since when we have not been observing: a run of skipped checks, or a stopped monitor. */
  readonly unobservedSince: Date | null
  /** How long the status is taken to hold after `checkedAt`, ms: the policy's `holdMs` at that check. */
  readonly holdMs: number
}

/** A status change, kept for ever. */
export interface StatusChange {
  /** When the new status began (see `Health.since`). */
  readonly at: Date
  readonly from: Status
  readonly to: Status
  readonly reason: FailureReason | null
  readonly code: string | null
  readonly message: string | null
}

/** A stretch of time `[from, to)` in which the tracker was not observed; counts neither as up nor as down. */
export interface Gap {
  readonly from: Date
  readonly to: Date
}

/** Whether a tracker with this status belongs on a list of trackers alive right now. */
export function isAliveStatus(status: Status, aliveWhen: AliveWhen): boolean {
  return status === 'up' || status === 'degraded' || (status === 'rejecting' && aliveWhen === 'response')
}

/** Whether the status says something about the tracker, so that its time counts into uptime. */
export function isObservedStatus(status: Status): boolean {
  return status === 'up' || status === 'degraded' || status === 'rejecting' || status === 'down'
}

/** The next health after a check. Pure: all moments come from the arguments. */
export function nextHealth(before: Health | undefined, result: CheckResult, policy: HealthPolicy): Health {
  const at = result.checkedAt
  const previous = before === undefined ? undefined : broughtBack(before, at)
  const verdict = verdictOf(result.outcome)
  const unobservedSince = previous === undefined ? null : unobservedStart(previous, at)
  if (verdict === null) return afterSkip(previous, result, unobservedSince ?? at, policy)
  const good = isAliveStatus(verdict, policy.aliveWhen)
  const streak =
    previous?.streak?.good === good
      ? { ...previous.streak, count: previous.streak.count + 1 }
      : { good, count: 1, since: at }
  const base = { checkedAt: at, streak, lastVerdict: verdict, unobservedSince: null, holdMs: policy.holdMs }
  const status = previous?.status ?? 'pending'
  if (status === verdict || !changes(previous, verdict, streak, policy)) {
    return { ...base, status, since: previous?.since ?? at }
  }
  const isTurn = !isObservedStatus(status) || isAliveStatus(status, policy.aliveWhen) !== good
  const began = isTurn ? streak.since : good ? at : firstAlike(previous, at)
  return { ...base, status: verdict, since: previous === undefined ? began : notBefore(previous.since, began, at) }
}

/**
 * A streak that spans unobserved time does not make that time its own. Where the clock was set back, the status before
 * began later than now: this one comes after it all the same.
 */
function notBefore(since: Date, began: Date, at: Date): Date {
  if (began > since) return began
  return at < since ? new Date(since.getTime() + 1) : since
}

/** What was learned while the clock stood more than a day ahead counts as learned at `at`: nothing began after it. */
function broughtBack(health: Health, at: Date): Health {
  if (health.checkedAt.getTime() - at.getTime() <= DAY_MS) return health
  const { since, streak, unobservedSince } = health
  const notAfter = (moment: Date): Date => (moment < at ? moment : at)
  return {
    ...health,
    since: notAfter(since),
    checkedAt: at,
    streak: streak === null ? null : { ...streak, since: notAfter(streak.since) },
    unobservedSince: unobservedSince === null ? null : notAfter(unobservedSince),
  }
}

/** From one bad status to another it takes two checks alike in a row: the moment of the first. */
function firstAlike(previous: Health | undefined, at: Date): Date {
  return previous === undefined || previous.unobservedSince !== null ? at : previous.checkedAt
}

function changes(
  previous: Health | undefined,
  verdict: Verdict,
  { good, count }: NonNullable<Health['streak']>,
  { aliveWhen, upAfter, downAfter }: HealthPolicy,
): boolean {
  const wasBad =
    previous !== undefined && isObservedStatus(previous.status) && !isAliveStatus(previous.status, aliveWhen)
  if (good) return !wasBad || count >= upAfter
  if (!wasBad) return count >= downAfter
  return previous.lastVerdict === verdict // from down to rejecting or back: two alike in a row
}

function afterSkip(
  previous: Health | undefined,
  result: CheckResult,
  unobservedSince: Date,
  policy: HealthPolicy,
): Health {
  const at = result.checkedAt
  const unobserved = { checkedAt: at, unobservedSince, holdMs: policy.holdMs }
  const reason = result.outcome.kind === 'skipped' ? result.outcome.reason : null
  if (reason === 'paused') return { ...pausedAt(previous, at), ...unobserved }
  // Pending comes of a conclusive check, so a skipped one does not make it unknown.
  const isKept = previous?.status === 'pending' || (previous !== undefined && isObservedStatus(previous.status))
  if (isKept) return { ...previous, ...unobserved }
  const cannot = reason === 'overlay_network' || reason === 'invalid_url'
  const status: Status = cannot ? 'unsupported' : 'unknown'
  const since = previous?.status === status ? previous.since : at
  return { status, since, streak: previous?.streak ?? null, lastVerdict: previous?.lastVerdict ?? null, ...unobserved }
}

/** What was known before a pause says nothing about the time after it, so it is forgotten. */
function pausedAt(previous: Health | undefined, at: Date): Pick<Health, 'status' | 'since' | 'streak' | 'lastVerdict'> {
  const since =
    previous === undefined ? at : previous.status === 'paused' ? previous.since : notBefore(previous.since, at, at)
  return { status: 'paused', since, streak: null, lastVerdict: null }
}

/** The status change between two healths of one tracker, or null. `result` is the check that caused it. */
export function statusChange(previous: Health | undefined, next: Health, result: CheckResult): StatusChange | null {
  const from = previous?.status ?? 'pending'
  if (from === next.status) return null
  const { outcome } = result
  return {
    at: next.since,
    from,
    to: next.status,
    reason: outcome.kind === 'failed' ? outcome.reason : null,
    code: outcome.kind === 'ok' ? null : outcome.code,
    // An empty one says nothing.
    message: outcome.kind === 'ok' ? null : messageOf(outcome) || null,
  }
}

/** The unobserved stretch that this check ends, or null. A skipped check ends none. */
export function closedGap(previous: Health | undefined, next: Health): Gap | null {
  if (previous === undefined || next.unobservedSince !== null) return null
  const from = unobservedStart(previous, next.checkedAt)
  // Where the clock was set back, nothing lies between.
  return from === null || from >= next.checkedAt ? null : { from, to: next.checkedAt }
}

type Observed = Pick<Health, 'checkedAt' | 'holdMs' | 'unobservedSince'>

/** Since when the tracker had been unobserved at `at`, or null if the status of the last check still held. */
export function unobservedStart(health: Observed, at: Date): Date | null {
  const until = observedUntil(health)
  return health.unobservedSince !== null || until < at ? until : null
}

/** Up to when the tracker is observed, unless another check comes. */
export function observedUntil({ unobservedSince, checkedAt, holdMs }: Observed): Date {
  return unobservedSince ?? new Date(checkedAt.getTime() + holdMs)
}

function verdictOf(outcome: Outcome): Verdict | null {
  switch (outcome.kind) {
    case 'ok':
      return outcome.flags.some((flag) => flagDegrades[flag]) ? 'degraded' : 'up'
    case 'rejected':
      return 'rejecting'
    case 'failed':
      return 'down'
    case 'skipped':
      return null
  }
}
