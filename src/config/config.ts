import { parseInfoHash } from '../bittorrent/info-hash.js'
import type { ListRules } from '../tracker/list-rules.js'
import type { Outcome } from '../tracker/outcome.js'
import type { Pause } from '../tracker/pause.js'
import type {
  AliveWhen,
  Bep34Mode,
  IntervalFloor,
  LogLevel,
  MetricDetail,
  RedirectMode,
  TlsMode,
} from '../tracker/policy.js'
import { parseTargetPattern, type TargetPattern } from '../tracker/target-pattern.js'
import type { Tracker } from '../tracker/tracker.js'
import { type Aliases, canonicalAliases } from './aliases.js'
import { parseDuration } from './duration.js'
import { type ListenAddress, parseListen } from './listen.js'
import { toPauses } from './pauses.js'
import { NEVER } from './schedule.js'
import type { GroupSettings, ModuleSettings, PolicySettings, Settings } from './schema.js'
import type { submissionModes, submissionReviews } from './submissions.js'
import type { Subsystem } from './subsystems.js'
import { packageVersion } from './version.js'

/** Which address families of a tracker are probed. */
export type FamilyChoice = 'both' | 4 | 6

/** The configuration as the program uses it: every default in place, durations in ms. See `schema.ts` for each key. */
export interface Config {
  /** Cron beat of a round. */
  readonly schedule: string
  readonly round: { readonly spreadMs: number }
  readonly listen: ListenAddress
  /** Where the pages are seen from outside, without a trailing slash; null where that is not said. */
  readonly publicUrl: string | null
  /** `scheme:location`, a relative location from the working directory. */
  readonly store: string
  readonly groups: readonly GroupConfig[]
  readonly probe: ProbeConfig
  /** Where to see whether our own network works; empty: by the trackers themselves. */
  readonly uplink: { readonly witnesses: readonly ListenAddress[] }
  readonly health: { readonly downAfter: number; readonly upAfter: number; readonly recheckMs: number }
  /** When trackers are left alone, see `pauseOf`. */
  readonly pauses: readonly Pause[]
  readonly retention: { readonly checksMs: number; readonly hourlyMs: number }
  /** `schedule` is null for no backups. */
  readonly backup: { readonly schedule: string | null; readonly directory: string; readonly keep: number }
  readonly lists: ListsConfig
  /** Where the last good copies of remote lists are kept. */
  readonly sources: { readonly directory: string }
  readonly metrics: { readonly perTracker: MetricDetail }
  readonly probeEndpoint: ProbeEndpointConfig
  readonly geo: GeoConfig
  /** What an operator shows to be one; null for none. */
  readonly token: string | null
  readonly submissions: SubmissionsConfig
  readonly log: LogConfig
}

/** Files from the working directory; null for none. */
export interface GeoConfig {
  readonly country: string | null
  readonly network: string | null
}

/** Checks for whoever asks for them, at `/probe`. */
export interface ProbeEndpointConfig {
  readonly enabled: boolean
  readonly targets: 'watched' | 'any' | readonly TargetPattern[]
  readonly concurrency: number
  /** With `default` among them. */
  readonly modules: ReadonlyMap<string, ProbeModule>
}

/** One way to check for `/probe`. Its `timeoutMs` is for all of the check; its headers are its own or none. */
export interface ProbeModule extends Omit<ProbePolicy, 'intervalFloor'> {
  /** Kinds of outcomes that are a success. */
  readonly accept: readonly Outcome['kind'][]
  /** The torrent to announce, 20 bytes; null for one that nobody has. */
  readonly infoHash: Uint8Array | null
}

/** Trackers that visitors propose. */
export interface SubmissionsConfig {
  readonly mode: (typeof submissionModes)[number]
  /** What submitters show; null for none. */
  readonly token: string | null
  readonly review: (typeof submissionReviews)[number]
  /** In which they are checked: never at private addresses or against BEP 34, and without the operator's headers. */
  readonly group: GroupConfig
  /** Accepted or held, all together. */
  readonly max: number
  /** Checks of one client. */
  readonly perHour: number
  readonly file: string
}

/** A group with its own settings, or those of the whole configuration where it has none. */
export interface GroupConfig extends ProbePolicy {
  readonly name: string
  /** From `trackers` and `file`, without duplicates, none of them in an earlier group. */
  readonly trackers: readonly Tracker[]
  /** Remote lists, to be read by `monitor/sources.ts`. */
  readonly sources: readonly SourceConfig[]
  /** The URLs that trackers had before, by their URL of today; all canonical. */
  readonly aliases: Aliases
  readonly aliveWhen: AliveWhen
  readonly schedule: string
  /** The torrent to announce, 20 bytes; null for one that nobody has. */
  readonly infoHash: Uint8Array | null
}

/** How trackers are probed, as far as a group may say so. */
export interface ProbePolicy {
  readonly timeoutMs: number
  readonly family: FamilyChoice
  readonly allowPrivate: boolean
  readonly bep34: Bep34Mode
  readonly tls: TlsMode
  readonly redirects: RedirectMode
  readonly userAgent: string
  readonly headers: Readonly<Record<string, string>>
  /** 20 bytes each. */
  readonly referenceInfoHashes: readonly Uint8Array[]
  readonly keepsPeers: boolean
  readonly intervalFloor: IntervalFloor
}

export interface SourceConfig {
  /** http or https. */
  readonly url: string
  readonly refreshMs: number
}

/** Its policy is that of groups which have none of their own. */
export interface ProbeConfig extends ProbePolicy {
  readonly attempts: number
  readonly concurrency: number
  /** Checks started per second: over UDP, TCP, and TCP with TLS. */
  readonly startsPerSecond: { readonly udp: number; readonly tcp: number; readonly tls: number }
  /** `address` or `address:port`; empty for the system's resolver. */
  readonly dns: { readonly servers: readonly string[] }
}

export interface LogConfig {
  readonly level: LogLevel
  /** Of those that do not have the common one. */
  readonly levels: Readonly<Partial<Record<Subsystem, LogLevel>>>
  readonly format: 'auto' | 'json' | 'pretty'
}

export interface ListsConfig extends ListRules {
  readonly directory: string
}

/** Validated settings and the trackers of each group (by position) → Config. */
export function toConfig(settings: Settings, trackers: readonly (readonly Tracker[])[]): Config {
  const { schedule, round, store, health, uplink, retention, backup, lists, sources, geo, log } = settings
  return {
    schedule,
    round: { spreadMs: parseDuration(round.spread) },
    listen: addressOf(settings.listen),
    publicUrl: settings.public_url === null ? null : new URL(settings.public_url).origin,
    store,
    groups: settings.groups.map((group, index) => toGroup(group, trackers[index] ?? [], settings)),
    probe: toProbe(settings.probe),
    health: {
      downAfter: health.down_after,
      upAfter: health.up_after,
      recheckMs: parseDuration(health.recheck),
    },
    pauses: toPauses(settings.pauses),
    uplink: { witnesses: uplink.witnesses.map(addressOf) },
    retention: { checksMs: parseDuration(retention.checks), hourlyMs: parseDuration(retention.hourly) },
    backup: { ...backup, schedule: backup.schedule === NEVER ? null : backup.schedule },
    lists: {
      directory: lists.directory,
      stable: {
        minUptime: lists.stable.min_uptime,
        window: lists.stable.window,
        minAgeMs: parseDuration(lists.stable.min_age),
        margin: lists.stable.margin,
        graceMs: parseDuration(lists.stable.grace),
      },
      best: lists.best,
    },
    sources,
    metrics: { perTracker: settings.metrics.per_tracker },
    probeEndpoint: toProbeEndpoint(settings),
    geo,
    token: settings.token === '' ? null : settings.token,
    submissions: toSubmissions(settings),
    log,
  }
}

function toGroup(group: GroupSettings, trackers: readonly Tracker[], { schedule, probe }: Settings): GroupConfig {
  return {
    ...toPolicy({ ...probe, ...group }),
    name: group.name,
    trackers,
    sources: group.sources.map(({ url, refresh }) => ({ url, refreshMs: parseDuration(refresh) })),
    aliases: canonicalAliases(group.aliases),
    aliveWhen: group.alive_when,
    schedule: group.schedule ?? schedule,
    infoHash: infoHashOf(group),
  }
}

function toProbeEndpoint({ probe_endpoint, probe }: Settings): ProbeEndpointConfig {
  const { enabled, targets, concurrency, modules } = probe_endpoint
  const bare = { allow_private: false, accept: ['ok'] } satisfies ModuleSettings
  const named = Object.entries<ModuleSettings>({ default: bare, ...modules })
  return {
    enabled,
    targets: Array.isArray(targets) ? targets.map(patternOf) : targets,
    concurrency,
    modules: new Map(named.map(([name, module]) => [name, toModule(module, probe)])),
  }
}

function toModule(module: ModuleSettings, probe: Settings['probe']): ProbeModule {
  const { intervalFloor: _, ...policy } = toPolicy({ ...probe, headers: {}, ...module })
  return { ...policy, accept: module.accept, infoHash: infoHashOf(module) }
}

function infoHashOf({ info_hash }: Pick<GroupSettings, 'info_hash'>): Uint8Array | null {
  return info_hash === undefined ? null : parseInfoHash(info_hash)
}

function toSubmissions({ submissions, schedule, probe }: Settings): SubmissionsConfig {
  const { mode, token, review, group: name, max, per_hour: perHour, file } = submissions
  const policy: ProbePolicy = { ...toPolicy(probe), allowPrivate: false, bep34: 'obey', headers: {} }
  const none = { trackers: [], sources: [], aliases: {}, infoHash: null }
  const group: GroupConfig = { ...policy, ...none, name, aliveWhen: 'announce', schedule }
  return { mode, token: token === '' ? null : token, review, group, max, perHour, file }
}

function toProbe(probe: Settings['probe']): ProbeConfig {
  const { attempts, concurrency, starts_per_second: startsPerSecond, dns } = probe
  return { ...toPolicy(probe), attempts, concurrency, startsPerSecond, dns }
}

function toPolicy(probe: PolicySettings): ProbePolicy {
  const { timeout, family, allow_private, bep34, tls, redirects, user_agent, headers } = probe
  return {
    timeoutMs: parseDuration(timeout),
    family,
    allowPrivate: allow_private,
    bep34,
    tls,
    redirects,
    userAgent: user_agent.replaceAll('{version}', packageVersion()),
    headers,
    referenceInfoHashes: probe.reference_info_hashes.map(parseInfoHash),
    keepsPeers: probe.keeps_peers,
    intervalFloor: probe.interval_floor,
  }
}

function addressOf(text: string): ListenAddress {
  const address = parseListen(text)
  if (address === null) throw new RangeError(`address "${text}" was not validated`)
  return address
}

function patternOf(text: string): TargetPattern {
  const pattern = parseTargetPattern(text)
  if (typeof pattern === 'string') throw new RangeError(`pattern of targets was not validated: ${pattern}`)
  return pattern
}
