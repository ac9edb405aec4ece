import {
  closedGap,
  type Gap,
  type Health,
  type HealthPolicy,
  nextHealth,
  type StatusChange,
  statusChange,
} from './health.js'
import type { CheckResult } from './outcome.js'

/** What a check does to the health of its tracker. */
export interface HealthStep {
  readonly health: Health
  /**
   * The health before the check, where this one says nothing else but for its moment, which is later, and the length of the
   * streak, as after nearly every check; null otherwise.
   */
  readonly continues: Health | null
  readonly change: StatusChange | null
  readonly gap: Gap | null
}

/** Pure, as `nextHealth`. */
export function healthStep(before: Health | undefined, result: CheckResult, policy: HealthPolicy): HealthStep {
  const health = nextHealth(before, result, policy)
  return {
    health,
    continues: before !== undefined && goesOn(before, health) ? before : null,
    change: statusChange(before, health, result),
    gap: closedGap(before, health),
  }
}

function goesOn(one: Health, other: Health): boolean {
  return (
    one.checkedAt < other.checkedAt &&
    one.status === other.status &&
    one.lastVerdict === other.lastVerdict &&
    one.holdMs === other.holdMs &&
    one.streak?.good === other.streak?.good &&
    isSameMoment(one.since, other.since) &&
    isSameMoment(one.streak?.since, other.streak?.since) &&
    isSameMoment(one.unobservedSince, other.unobservedSince)
  )
}

function isSameMoment(one: Date | null | undefined, other: Date | null | undefined): boolean {
  return one === other || one?.getTime() === other?.getTime()
}
