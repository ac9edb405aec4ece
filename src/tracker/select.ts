import { createHash } from 'node:crypto'
import { maskUrl } from './mask.js'
import { isAlive } from './outcome.js'
import type { Entry, UptimeWindow } from './state.js'
import type { Scheme } from './tracker.js'

/** The operator's part of what `stable` and `best` mean. */
export interface ListRules {
  readonly stable: {
    /** 0 to 1. */
    readonly minUptime: number
    readonly window: UptimeWindow
    /** How long a tracker must have been watched, ms. */
    readonly minAgeMs: number
  }
  readonly best: {
    /** Most entries of the list, 1 or more. */
    readonly limit: number
  }
}

export const listOrders = ['uptime', 'latency', 'shuffle'] as const
export type ListOrder = (typeof listOrders)[number]

/** Which trackers a reader wants. Every criterion that is given narrows, except that `stable` takes it as its own rule. */
export interface ListCriteria {
  readonly list: ListName
  readonly schemes?: readonly Scheme[]
  /** 0 to 1, over `window`. A tracker without observed time has an uptime of 0 here. */
  readonly minUptime?: number
  /** Window of `minUptime` and of the order; by default the one of the stable list. */
  readonly window?: UptimeWindow
  /** Watched for at least this long, ms. */
  readonly minAgeMs?: number
  /** Median of 24 h at most this, ms. A tracker without a latency falls out. */
  readonly maxLatencyMs?: number
  /** Usable over this address family, see `worksOver`. */
  readonly family?: 4 | 6
  readonly limit?: number
  /**
   * `uptime`: highest first, then lowest latency, then URL. `latency`: lowest first, unknown last, then URL.
   * `shuffle`: random, the same for every reader within an hour (UTC), so that caches and ETags work.
   */
  readonly order: ListOrder
}

/** The rules that hold for one selection, with the defaults of `ListRules` filled in. */
interface Terms {
  readonly minUptime: number
  readonly window: UptimeWindow
  readonly minAgeMs: number
  readonly at: Date
}

interface List {
  readonly title: string
  readonly has: (entry: Entry, stable: Terms) => boolean
}

/**
 * Every list there is. Public: these sentences are what the pages, the help and the documentation say. "Alive" is the
 * status after hysteresis, so that one bad check does not make an entry blink. Trackers that make up peers are left out.
 */
export const lists = {
  alive: { title: 'alive now', has: isUsable },
  stable: { title: 'alive now, with a high uptime and known long enough', has: isStable },
  best: { title: 'the top of those alive: stable ones first, then by uptime and latency', has: isUsable },
  all: { title: 'every watched tracker', has: () => true },
  udp: { title: 'alive now, UDP', has: (entry) => isUsable(entry) && entry.tracker.scheme === 'udp' },
  http: { title: 'alive now, HTTP without TLS', has: (entry) => isUsable(entry) && entry.tracker.scheme === 'http' },
  https: { title: 'alive now, HTTPS', has: (entry) => isUsable(entry) && entry.tracker.scheme === 'https' },
  ws: {
    title: 'alive now, WebSocket (ws and wss)',
    has: (entry) => isUsable(entry) && /^wss?$/.test(entry.tracker.scheme),
  },
} as const satisfies Record<string, List>
export type ListName = keyof typeof lists

export const listNames = Object.keys(lists) as readonly ListName[]

export function isListName(text: string): text is ListName {
  return Object.hasOwn(lists, text)
}

/**
 * The trackers of a list in its order, each once. Pure. Trackers whose URL carries a secret (a passkey, a password)
 * are on no list: masked they are of no use, and unmasked they must not leave the monitor.
 */
export function select(
  entries: readonly Entry[],
  criteria: ListCriteria,
  context: { readonly rules: ListRules; readonly at: Date },
): readonly Entry[] {
  const { rules, at } = context
  const window = criteria.window ?? rules.stable.window
  const stable: Terms = {
    minUptime: criteria.minUptime ?? rules.stable.minUptime,
    window,
    minAgeMs: criteria.minAgeMs ?? rules.stable.minAgeMs,
    at,
  }
  const wanted: Terms = { minUptime: criteria.minUptime ?? 0, window, minAgeMs: criteria.minAgeMs ?? 0, at }
  const list: List = lists[criteria.list]
  let chosen = distinct(
    entries.filter((entry) => list.has(entry, stable) && meets(entry, wanted) && passes(entry, criteria)),
  )
  if (criteria.list === 'best') chosen = best(chosen, stable, rules.best.limit)
  return chosen.sort(comparison(criteria.order, window, at)).slice(0, criteria.limit)
}

/**
 * Whether the last check found the tracker usable over an address family. While no address answered at all, having an
 * address of the family is enough: the status decides then, and a lost packet does not take the tracker off.
 */
export function worksOver(entry: Entry, family: 4 | 6): boolean {
  const probes = entry.last?.probes ?? []
  const answered = probes.filter((probe) => isAlive(probe.outcome, entry.aliveWhen))
  return (answered.length > 0 ? answered : probes).some((probe) => probe.family === family)
}

/** Made-up peers cost a client more than a tracker that is down: such a tracker is alive and on no list but `all`. */
function isUsable({ alive, last }: Entry): boolean {
  return alive && !(last?.outcome.kind === 'ok' && last.outcome.flags.includes('fake_peers'))
}

function isStable(entry: Entry, terms: Terms): boolean {
  return isUsable(entry) && meets(entry, terms)
}

function meets(entry: Entry, { minUptime, window, minAgeMs, at }: Terms): boolean {
  return (entry.uptime[window] ?? 0) >= minUptime && at.getTime() - entry.addedAt.getTime() >= minAgeMs
}

function passes(entry: Entry, { schemes, maxLatencyMs, family }: ListCriteria): boolean {
  if (schemes !== undefined && !schemes.includes(entry.tracker.scheme)) return false
  if (maxLatencyMs !== undefined && (entry.latencyMs === null || entry.latencyMs > maxLatencyMs)) return false
  return family === undefined || worksOver(entry, family)
}

function distinct(entries: readonly Entry[]): Entry[] {
  const byUrl = new Map<string, Entry>()
  for (const entry of entries) {
    const { url } = entry.tracker
    if (maskUrl(url) === url) byUrl.set(url, entry)
  }
  return [...byUrl.values()]
}

function best(alive: readonly Entry[], stable: Terms, limit: number): Entry[] {
  const byUptime = comparison('uptime', stable.window, stable.at)
  const rank = (entry: Entry): number => (isStable(entry, stable) ? 0 : 1)
  return [...alive].sort((a, b) => rank(a) - rank(b) || byUptime(a, b)).slice(0, limit)
}

function comparison(order: ListOrder, window: UptimeWindow, at: Date): (a: Entry, b: Entry) => number {
  const byUrl = (a: Entry, b: Entry): number => (a.tracker.url < b.tracker.url ? -1 : 1)
  const byLatency = (a: Entry, b: Entry): number =>
    difference(a.latencyMs ?? Number.POSITIVE_INFINITY, b.latencyMs ?? Number.POSITIVE_INFINITY) || byUrl(a, b)
  switch (order) {
    case 'uptime':
      return (a, b) => difference(b.uptime[window] ?? -1, a.uptime[window] ?? -1) || byLatency(a, b)
    case 'latency':
      return byLatency
    case 'shuffle': {
      const hour = at.toISOString().slice(0, 13)
      const places = new Map<Entry, string>()
      const place = (entry: Entry): string => {
        const known = places.get(entry) ?? createHash('sha256').update(`${hour} ${entry.tracker.url}`).digest('hex')
        places.set(entry, known)
        return known
      }
      return (a, b) => (place(a) < place(b) ? -1 : 1)
    }
  }
}

/** Subtraction that also holds for two infinities. */
function difference(a: number, b: number): number {
  return a === b ? 0 : a - b
}
