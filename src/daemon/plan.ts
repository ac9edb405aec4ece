import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../config/config.js'
import type { MonitorPlan } from '../monitor/plan.js'
import type { CheckFn } from '../monitor/round.js'
import type { ListSources } from '../monitor/sources.js'
import { type CheckOptions, check } from '../probe/check.js'
import type { Identity } from '../probe/identity.js'
import { createResolver, type NameResolver, type ResolverOptions } from '../probe/resolve.js'
import { resolveLimitMs } from '../probe/settings.js'
import type { WatchedTracker } from '../tracker/state.js'

/** Configuration and remote lists → what the monitor follows. A tracker belongs to the first group that names it. */
export function monitorPlan(config: Config, sources: ListSources): MonitorPlan {
  const { probe, round, health } = config
  const watched = new Map<string, WatchedTracker>()
  for (const { name, trackers, aliveWhen } of config.groups) {
    for (const tracker of [...trackers, ...sources.trackers(name)]) {
      if (!watched.has(tracker.url)) watched.set(tracker.url, { tracker, group: name, aliveWhen })
    }
  }
  return {
    watched: [...watched.values()],
    groups: config.groups.map(({ name, schedule, timeoutMs }) => ({
      name,
      schedule,
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

/** How trackers are checked, with the settings of their group. */
export interface Checker {
  readonly check: CheckFn
  /** Follows a changed configuration from the next check on. */
  use(config: Config): void
  close(): void
}

export function createChecker(config: Config, identity: Identity): Checker {
  let asking = resolverOptions(config)
  let resolver = createResolver(asking)
  let options = optionsByGroup(config, identity, resolver)
  return {
    check: async ({ tracker, group }, signal) => {
      const settings = options.get(group)
      // The group went with a reload while the check was waiting for its turn.
      if (settings === undefined) return null
      try {
        return await check(tracker, settings, signal)
      } catch (error) {
        if (signal.aborted) return null
        throw error
      }
    },
    use: (next) => {
      const nextAsking = resolverOptions(next)
      // The resolver remembers who has opted out, so it stays unless it would ask otherwise.
      if (!isDeepStrictEqual(nextAsking, asking)) resolver = createResolver(nextAsking)
      asking = nextAsking
      options = optionsByGroup(next, identity, resolver)
    },
    close: () => resolver.close(),
  }
}

function optionsByGroup(
  { groups, probe }: Config,
  identity: Identity,
  resolver: NameResolver,
): ReadonlyMap<string, CheckOptions> {
  return new Map(
    groups.map(({ name, timeoutMs, family, allowPrivate, bep34, aliveWhen }) => [
      name,
      {
        timeoutMs,
        attempts: probe.attempts,
        family,
        allowPrivate,
        bep34,
        aliveWhen,
        userAgent: probe.userAgent,
        headers: {},
        infoHash: null,
        identity,
        resolver,
      },
    ]),
  )
}

function resolverOptions({ probe, groups }: Config): ResolverOptions {
  const longestMs = Math.max(probe.timeoutMs, ...groups.map(({ timeoutMs }) => timeoutMs))
  return { servers: probe.dns.servers, timeoutMs: resolveLimitMs(longestMs) }
}
