import type { MonitorHooks, RoundEnd } from '../../src/monitor/hooks.js'
import { type Monitor, type MonitorOptions, startMonitor } from '../../src/monitor/monitor.js'
import type { MonitorPlan, MonitorPolicy } from '../../src/monitor/plan.js'
import type { CheckFn } from '../../src/monitor/round.js'
import type { CheckRecord, Store } from '../../src/store/store.js'
import type { CheckResult, Outcome } from '../../src/tracker/outcome.js'
import type { WatchedTracker } from '../../src/tracker/state.js'
import { type Logged, logTo, ok, resultOf } from './support.js'

/** Beats so seldom that only a start or a re-check can be the cause of a check. */
export const YEARLY = '0 0 1 1 *'
export const EVERY_SECOND = '* * * * * *'

/** Nothing spread, everything at once, re-checks in a moment. */
export const eager: MonitorPolicy = { concurrency: 100, spreadMs: 0, recheckMs: 1, downAfter: 2, upAfter: 1 }

/** A plan with one group, `public`, unless said otherwise. */
export function planOf(
  watched: readonly WatchedTracker[],
  policy: Partial<MonitorPolicy> = {},
  schedules: Readonly<Record<string, string>> = { public: YEARLY },
): MonitorPlan {
  const groups = Object.entries(schedules).map(([name, schedule]) => ({
    name,
    schedule,
    family: 'both' as const,
    timeoutMs: 10_000,
    intervalFloor: 'min_interval' as const,
  }))
  return { watched, groups, policy: { ...eager, ...policy } }
}

/** What a scripted tracker answers to its nth check, counted from 0. */
export type Script = (watched: WatchedTracker, nth: number, signal: AbortSignal) => Answer | Promise<Answer>

/** An outcome stands for a check without probes; null for one that was aborted. */
export type Answer = Outcome | CheckResult | null

export interface Scripted {
  readonly check: CheckFn
  /** The URL of each check that was started. */
  readonly started: string[]
  /** The most checks at once: of one tracker, and of all. */
  readonly most: { ofOne: number; ofAll: number }
}

export function scripted(script: Script, now: () => Date): Scripted {
  const started: string[] = []
  const running: string[] = []
  const most = { ofOne: 0, ofAll: 0 }
  const check: CheckFn = async (watched, signal) => {
    const { url } = watched.tracker
    const nth = started.filter((one) => one === url).length
    started.push(url)
    running.push(url)
    most.ofAll = Math.max(most.ofAll, running.length)
    most.ofOne = Math.max(most.ofOne, running.filter((one) => one === url).length)
    try {
      const outcome = await script(watched, nth, signal)
      return outcome === null || 'url' in outcome ? outcome : resultOf(watched, outcome, now())
    } finally {
      running.splice(running.indexOf(url), 1)
    }
  }
  return { check, started, most }
}

/** Null once the signal aborts: how a check that is stopped ends. */
export function untilAborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }))
}

/** A monitor under test and all it told. */
export interface Watching extends Scripted {
  readonly monitor: Monitor
  readonly recorded: CheckRecord[]
  readonly rounds: RoundEnd[]
  readonly missed: string[]
  readonly uplink: { readonly family: 4 | 6; readonly up: boolean | null; readonly detail: string }[]
  readonly databaseErrors: (readonly [string, unknown])[]
  readonly crashes: unknown[]
  readonly logged: Logged[]
  /** Resolves when the condition holds; asked again whenever the monitor told something. */
  until(condition: () => boolean): Promise<void>
}

export interface Setup {
  readonly store: MonitorOptions['store']
  readonly plan: MonitorPlan
  readonly script?: Script
  readonly now?: () => Date
  readonly hooks?: Partial<MonitorHooks>
}

export async function startWatching({ store, plan, script = () => ok(), now, hooks }: Setup): Promise<Watching> {
  const clock = now ?? (() => new Date())
  const { check, started, most } = scripted(script, clock)
  const heard = {
    recorded: [],
    rounds: [],
    missed: [],
    uplink: [],
    databaseErrors: [],
    crashes: [],
    logged: [],
  } satisfies Partial<Watching>
  const told: Omit<Watching, 'monitor' | 'until' | keyof Scripted> = heard
  const waiting = new Set<() => void>()
  const ask = (): void => {
    for (const one of waiting) one()
  }
  const monitor = await startMonitor({
    store,
    plan,
    check,
    now: clock,
    log: logTo(told.logged),
    hooks: {
      onRecorded: (record, watched) => {
        told.recorded.push(record)
        hooks?.onRecorded?.(record, watched)
        ask()
      },
      onRoundEnd: (end) => {
        told.rounds.push(end)
        ask()
      },
      onBeatMissed: (group, because) => {
        told.missed.push(`${group} ${because}`)
        ask()
      },
      onLag: () => {},
      onUplink: (family, up, detail) => {
        told.uplink.push({ family, up, detail })
        ask()
      },
      onDropped: () => {},
      onDatabaseError: (operation, error) => {
        told.databaseErrors.push([operation, error])
        ask()
      },
      onCrash: (error) => {
        told.crashes.push(error)
        ask()
      },
    },
  })
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const one = (): void => {
        if (!condition()) return
        waiting.delete(one)
        resolve()
      }
      waiting.add(one)
      one()
    })
  return { ...told, monitor, check, started, most, until }
}

/** The real store, whose next calls of one method fail for as long as `broken` names it. */
export function breakable(store: Store): { store: Store; broken: { method: 'record' | 'watch' | null; error: Error } } {
  const broken: { method: 'record' | 'watch' | null; error: Error } = { method: null, error: new Error('disk is full') }
  return {
    broken,
    store: {
      ...store,
      record: (records) => (broken.method === 'record' ? Promise.reject(broken.error) : store.record(records)),
      watch: (trackers, at) => (broken.method === 'watch' ? Promise.reject(broken.error) : store.watch(trackers, at)),
    },
  }
}

export function urlOf({ tracker }: WatchedTracker): string {
  return tracker.url
}
