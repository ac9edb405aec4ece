import { maskUrl } from '../tracker/mask.js'
import type { IntervalFloor } from '../tracker/policy.js'
import type { WatchedTracker } from '../tracker/state.js'
import type { Pace } from './due.js'
import { beatInterval } from './schedule.js'
import { type Family, families } from './uplink.js'

/** What to watch and how: the part of the configuration that a reload can change. */
export interface MonitorPlan {
  /** Complete. Every tracker once, its group one of `groups`. */
  readonly watched: readonly WatchedTracker[]
  readonly groups: readonly MonitoredGroup[]
  readonly policy: MonitorPolicy
}

export interface MonitoredGroup {
  readonly name: string
  /** Cron beat of its rounds, validated. */
  readonly schedule: string
  /** The address families over which its trackers are checked. */
  readonly family: Family | 'both'
  /** The longest that a check takes, ms. */
  readonly timeoutMs: number
  /** Which wishes of a tracker hold its next check back. */
  readonly intervalFloor: IntervalFloor
}

export interface MonitorPolicy {
  /** Checks at once, over all groups. 1 or more. */
  readonly concurrency: number
  /** Time over which the starts of a round are spread, ms; at most 0.8 of the time to the next beat is used. */
  readonly spreadMs: number
  /** Wait before a tracker whose status is in doubt is checked again, ms. */
  readonly recheckMs: number
  /** See `HealthPolicy`. */
  readonly downAfter: number
  readonly upAfter: number
}

export function usedFamilies({ groups }: MonitorPlan): readonly Family[] {
  return families.filter((family) => groups.some((group) => group.family === 'both' || group.family === family))
}

/** The pace of each group. Throws for a tracker whose group is not there. */
export function pacesOf({ groups, policy, watched }: MonitorPlan): (group: string) => Pace {
  const { spreadMs, recheckMs } = policy
  const paces = new Map<string, Pace>()
  for (const { name, schedule, timeoutMs, intervalFloor } of groups) {
    paces.set(name, { beat: beatInterval(schedule), spreadMs, recheckMs, timeoutMs, intervalFloor })
  }
  for (const { tracker, group } of watched) {
    if (!paces.has(group)) throw new Error(`group "${group}" of ${maskUrl(tracker.url)} is not in the plan`)
  }
  return (group) => {
    const pace = paces.get(group)
    if (pace === undefined) throw new Error(`group "${group}" is not in the plan`)
    return pace
  }
}
