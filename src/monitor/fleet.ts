import type { CheckRecord } from '../store/store.js'
import type { HealthPolicy } from '../tracker/health.js'
import { healthStep } from '../tracker/health-step.js'
import type { CheckResult } from '../tracker/outcome.js'
import type { TrackerState } from '../tracker/state.js'
import { holdMs, type Known, type Pace } from './due.js'
import { type MonitorPlan, pacesOf } from './plan.js'

/** What is watched and how, and what is known right now: ahead of the store by what waits to be written. */
export interface Fleet {
  /** Trackers that stay keep their health, new ones bring it along from the store. */
  set(plan: MonitorPlan, states: readonly TrackerState[]): void
  plan(): MonitorPlan
  /** Of a group of the plan. */
  paceOf(group: string): Pace
  /** Undefined if the tracker is not watched. */
  get(url: string): Known | undefined
  all(): readonly Known[]
  /** What a check does to its tracker, ready to be recorded; null if the tracker is watched no more. */
  apply(result: CheckResult): CheckRecord | null
}

/** Knows no tracker before `set`. */
export function createFleet(first: MonitorPlan): Fleet {
  let plan = first
  let paceOf = pacesOf(first)
  let live = new Map<string, Known>()

  const policyOf = ({ group, aliveWhen }: Known, result: CheckResult): HealthPolicy => {
    const { downAfter, upAfter } = plan.policy
    return { downAfter, upAfter, aliveWhen, holdMs: holdMs(result, paceOf(group)) }
  }

  return {
    set: (next, states) => {
      paceOf = pacesOf(next)
      plan = next
      live = new Map(states.map((state) => [state.tracker.url, join(live.get(state.tracker.url), state)]))
    },
    plan: () => plan,
    paceOf: (group) => paceOf(group),
    get: (url) => live.get(url),
    all: () => [...live.values()],
    apply: (result) => {
      const known = live.get(result.url)
      if (known === undefined) return null
      const record = recordOf(known, result, policyOf(known, result))
      live.set(result.url, { ...known, health: record.health, last: result })
      return record
    },
  }
}

function join(known: Known | undefined, { tracker, group, aliveWhen, health, last }: TrackerState): Known {
  return { tracker, group, aliveWhen, health: known?.health ?? health, last: known?.last ?? last }
}

function recordOf({ health }: Known, result: CheckResult, policy: HealthPolicy): CheckRecord {
  return { result, ...healthStep(health ?? undefined, result, policy) }
}
