import { isDeepStrictEqual } from 'node:util'
import type { Config, GroupConfig, ProbeModule } from '../config/config.js'
import type { GroupRules } from '../http/deps.js'
import type { MonitorPlan } from '../monitor/plan.js'
import type { CheckFn } from '../monitor/round.js'
import { beatInterval } from '../monitor/schedule.js'
import type { ListSources } from '../monitor/sources.js'
import { type CheckOptions, check, resultOf } from '../probe/check.js'
import { checkWithin, type Within } from '../probe/check-within.js'
import type { AbortSignalLike } from '../probe/deadline.js'
import { createResolver, type NameResolver, type ResolverOptions } from '../probe/dns/resolve.js'
import { createEndpointGate, type EndpointGate } from '../probe/endpoint-gate.js'
import { followUpsOf } from '../probe/follow-ups.js'
import type { Identity } from '../probe/identity.js'
import { type LoopWatch, startLoopWatch } from '../probe/loop-watch.js'
import { createPacer } from '../probe/pacer.js'
import { resolveLimitMs } from '../probe/settings.js'
import type { CheckResult } from '../tracker/outcome.js'
import { type Pause, pausedOutcome, pauseOf } from '../tracker/pause.js'
import type { WatchedTracker } from '../tracker/state.js'
import { HOUR_MS } from '../tracker/time.js'
import type { Tracker } from '../tracker/tracker.js'

/**
 * Configuration, remote lists and accepted submissions → what the monitor follows. A tracker belongs to the first group
 * that names it.
 */
export function monitorPlan(config: Config, sources: ListSources, submitted: readonly Tracker[] = []): MonitorPlan {
  const { probe, round, health } = config
  const watched = new Map<string, WatchedTracker>()
  const aliases = new Map(config.groups.flatMap((group) => Object.entries(group.aliases)))
  const submissions = { ...config.submissions.group, trackers: submitted }
  const groups = submitted.length === 0 ? config.groups : [...config.groups, submissions]
  for (const { name, trackers, aliveWhen } of groups) {
    for (const tracker of [...trackers, ...sources.trackers(name)]) {
      if (watched.has(tracker.url)) continue
      const olds = aliases.get(tracker.url)
      watched.set(tracker.url, { tracker, group: name, aliveWhen, ...(olds !== undefined && { aliases: olds }) })
    }
  }
  return {
    watched: [...watched.values()],
    groups: groups.map(({ name, schedule, family, timeoutMs, intervalFloor }) => ({
      name,
      schedule,
      family,
      intervalFloor,
      timeoutMs: timeoutMs + resolveLimitMs(timeoutMs),
    })),
    policy: {
      concurrency: probe.concurrency,
      spreadMs: round.spreadMs,
      recheckMs: health.recheckMs,
      downAfter: health.downAfter,
      upAfter: health.upAfter,
    },
  }
}

/** Those of the operator, and that of submissions. */
function allGroups({ groups, submissions }: Config): readonly GroupConfig[] {
  return [...groups, submissions.group]
}

/** How the trackers of a group are checked; null for a group that there is not. */
export function groupRules(config: Config, name: string): GroupRules | null {
  const group = allGroups(config).find((one) => one.name === name)
  if (group === undefined) return null
  const { schedule, intervalFloor, bep34 } = group
  return { schedule, beatMs: beatInterval(schedule).shortestMs, intervalFloor, bep34 }
}

/** Sixty trackers at one endpoint, however often the beat comes … */
const LEAST_TURN_LIMIT_MS = 60_000
/** … and not for days, in which a place among `probe.concurrency` would be taken. */
const MOST_TURN_LIMIT_MS = HOUR_MS

/** How trackers are checked, with the settings of their group. */
export interface Checker {
  readonly check: CheckFn
  /** One check on terms of its own, in the pace of all others and in its turn. Rejects with the signal's reason. */
  checkOnce(tracker: Tracker, terms: OwnTerms, signal: AbortSignalLike): Promise<CheckResult>
  /** Follows a changed configuration from the next check on. */
  use(config: Config): void
  close(): void
}

/** How a tracker is checked that is checked for once, whatever its group. */
export interface OwnTerms
  extends Omit<ProbeModule, 'timeoutMs' | 'accept'>,
    Pick<Within, 'withinMs'>,
    Pick<CheckOptions, 'aliveWhen' | 'onTrace'> {}

/** Who is told what the checker finds out about ourselves. */
export interface CheckerHooks {
  /** Our event loop stood still so long, ms. */
  onStall(lengthMs: number): void
  /** A check of any kind has come to a result. */
  onChecked(tracker: Tracker, result: CheckResult): void
  /** Our name servers are seen to work, or to answer nothing at all, for the first time, or that has changed. */
  onResolver(up: boolean): void
}

const nobody: CheckerHooks = { onStall: () => {}, onChecked: () => {}, onResolver: () => {} }

export function createChecker(config: Config, identity: Identity, hooks: CheckerHooks = nobody): Checker {
  const loop = startLoopWatch(hooks.onStall)
  const openResolver = (asking: ResolverOptions): NameResolver =>
    createResolver({ ...asking, onHealth: hooks.onResolver, loop })
  let asking = resolverOptions(config)
  let resolver = openResolver(asking)
  let { attempts, startsPerSecond: rates } = config.probe
  let { pauses } = config
  let pacer = createPacer(rates)
  const gate = createEndpointGate()
  let options = optionsByGroup(config, { identity, resolver, loop }, gate)
  return {
    check: async (watched, signal) => {
      const { tracker, group } = watched
      try {
        const turn = resultOfPause(watched, pauses) === null ? pacer.turn(tracker.scheme, signal) : undefined
        if (turn !== undefined) await turn
        const settings = options.get(group)
        // The group went with a reload while the check was waiting for its turn.
        if (settings === undefined) return null
        // Asked again, since a pause may have come in the meantime.
        const result = resultOfPause(watched, pauses) ?? (await check(tracker, settings, signal))
        hooks.onChecked(tracker, result)
        return result
      } catch (error) {
        if (signal.aborted) return null
        throw error
      }
    },
    checkOnce: async (tracker, { withinMs, ...terms }, signal) => {
      const takeTurn = gate.turns(withinMs / 2)
      const own = { ...terms, attempts, followUps: followUpsOf(terms), identity, resolver, loop, takeTurn }
      const waitTurn: Within['waitTurn'] = (ended) => pacer.turn(tracker.scheme, ended)
      const result = await checkWithin(tracker, own, { withinMs, waitTurn }, signal)
      hooks.onChecked(tracker, result)
      return result
    },
    use: (next) => {
      const nextAsking = resolverOptions(next)
      // The resolver remembers who has opted out, so it stays unless it would ask otherwise.
      if (!isDeepStrictEqual(nextAsking, asking)) resolver = openResolver(nextAsking)
      asking = nextAsking
      if (!isDeepStrictEqual(next.probe.startsPerSecond, rates)) pacer = createPacer(next.probe.startsPerSecond)
      attempts = next.probe.attempts
      rates = next.probe.startsPerSecond
      pauses = next.pauses
      options = optionsByGroup(next, { identity, resolver, loop }, gate)
    },
    close: () => {
      loop.stop()
      resolver.close()
    },
  }
}

/** The check that is not made because the operator has paused the tracker by now; null where it is to be made. */
function resultOfPause({ tracker, group, aliveWhen }: WatchedTracker, pauses: readonly Pause[]): CheckResult | null {
  const pause = pauseOf(pauses, { url: tracker.url, group }, new Date())
  return pause === null ? null : resultOf(tracker, pausedOutcome(pause), [], aliveWhen)
}

function optionsByGroup(
  config: Config,
  shared: { readonly identity: Identity; readonly resolver: NameResolver; readonly loop: LoopWatch },
  gate: EndpointGate,
): ReadonlyMap<string, CheckOptions> {
  const { attempts } = config.probe
  return new Map(
    allGroups(config).map((group) => {
      const takeTurn = gate.turns(turnLimitMs(group.schedule))
      return [group.name, { ...group, attempts, followUps: followUpsOf(group), ...shared, takeTurn }]
    }),
  )
}

/** How long a probe may wait for its endpoint: until the next beat would bring it anyway. */
function turnLimitMs(schedule: string): number {
  const { shortestMs } = beatInterval(schedule)
  return Math.min(Math.max(shortestMs, LEAST_TURN_LIMIT_MS), MOST_TURN_LIMIT_MS)
}

function resolverOptions({ probe, groups }: Config): ResolverOptions {
  const longestMs = Math.max(probe.timeoutMs, ...groups.map(({ timeoutMs }) => timeoutMs))
  return { servers: probe.dns.servers, timeoutMs: resolveLimitMs(longestMs) }
}
