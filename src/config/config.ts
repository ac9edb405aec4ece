import type { AliveWhen, Bep34Mode } from '../tracker/outcome.js'
import type { UptimeWindow } from '../tracker/state.js'
import type { Tracker } from '../tracker/tracker.js'
import { parseDuration } from './duration.js'
import { type ListenAddress, parseListen } from './listen.js'
import type { GroupSettings, Settings } from './schema.js'
import { packageVersion } from './version.js'

/** Which address families of a tracker are probed. */
export type FamilyChoice = 'both' | 4 | 6

/** The configuration as the program uses it: every default in place, durations in ms. See `schema.ts` for each key. */
export interface Config {
  /** Cron beat of a round. */
  readonly schedule: string
  readonly round: { readonly spreadMs: number }
  readonly listen: ListenAddress
  /** `scheme:location`, a relative location from the working directory. */
  readonly store: string
  readonly groups: readonly GroupConfig[]
  readonly probe: ProbeConfig
  readonly health: { readonly downAfter: number; readonly upAfter: number; readonly recheckMs: number }
  readonly retention: { readonly checksMs: number }
  readonly lists: ListsConfig
  /** Where the last good copies of remote lists are kept. */
  readonly sources: { readonly directory: string }
  readonly log: LogConfig
}

/** A group with its own settings, or those of the whole configuration where it has none. */
export interface GroupConfig {
  readonly name: string
  /** From `trackers` and `file`, without duplicates, none of them in an earlier group. */
  readonly trackers: readonly Tracker[]
  /** Remote lists, to be read by `monitor/sources.ts`. */
  readonly sources: readonly SourceConfig[]
  readonly aliveWhen: AliveWhen
  readonly schedule: string
  readonly family: FamilyChoice
  readonly timeoutMs: number
  readonly allowPrivate: boolean
  readonly bep34: Bep34Mode
}

export interface SourceConfig {
  /** http or https. */
  readonly url: string
  readonly refreshMs: number
}

export interface ProbeConfig {
  readonly timeoutMs: number
  readonly attempts: number
  readonly concurrency: number
  readonly family: FamilyChoice
  readonly allowPrivate: boolean
  readonly bep34: Bep34Mode
  readonly userAgent: string
  /** `address` or `address:port`; empty for the system's resolver. */
  readonly dns: { readonly servers: readonly string[] }
}

export interface LogConfig {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly format: 'auto' | 'json' | 'pretty'
}

export interface ListsConfig {
  readonly directory: string
  /** `minUptime` is a ratio, 0 to 1. */
  readonly stable: { readonly minUptime: number; readonly window: UptimeWindow; readonly minAgeMs: number }
  readonly best: { readonly limit: number }
}

/** Validated settings and the trackers of each group (by position) → Config. */
export function toConfig(settings: Settings, trackers: readonly (readonly Tracker[])[]): Config {
  const { schedule, round, store, health, retention, lists, sources, log } = settings
  return {
    schedule,
    round: { spreadMs: parseDuration(round.spread) },
    listen: listenAddress(settings.listen),
    store,
    groups: settings.groups.map((group, index) => toGroup(group, trackers[index] ?? [], settings)),
    probe: toProbe(settings.probe),
    health: {
      downAfter: health.down_after,
      upAfter: health.up_after,
      recheckMs: parseDuration(health.recheck),
    },
    retention: { checksMs: parseDuration(retention.checks) },
    lists: {
      directory: lists.directory,
      stable: {
        minUptime: lists.stable.min_uptime,
        window: lists.stable.window,
        minAgeMs: parseDuration(lists.stable.min_age),
      },
      best: lists.best,
    },
    sources,
    log,
  }
}

function toGroup(group: GroupSettings, trackers: readonly Tracker[], { schedule, probe }: Settings): GroupConfig {
  return {
    name: group.name,
    trackers,
    sources: group.sources.map(({ url, refresh }) => ({ url, refreshMs: parseDuration(refresh) })),
    aliveWhen: group.alive_when,
    schedule: group.schedule ?? schedule,
    family: group.family ?? probe.family,
    timeoutMs: parseDuration(group.timeout ?? probe.timeout),
    allowPrivate: group.allow_private ?? probe.allow_private,
    bep34: group.bep34 ?? probe.bep34,
  }
}

function toProbe(probe: Settings['probe']): ProbeConfig {
  const { timeout, attempts, concurrency, family, allow_private, bep34, user_agent, dns } = probe
  return {
    timeoutMs: parseDuration(timeout),
    attempts,
    concurrency,
    family,
    allowPrivate: allow_private,
    bep34,
    userAgent: user_agent.replaceAll('{version}', packageVersion()),
    dns,
  }
}

function listenAddress(text: string): ListenAddress {
  const address = parseListen(text)
  if (address === null) throw new RangeError(`listen address "${text}" was not validated`)
  return address
}
