import { comparison, type ListOrder } from './list-order.js'
import { isStable, isUsable, type ListRules, mayBeListed, meets, type Terms } from './list-rules.js'
import { isAlive } from './outcome.js'
import type { Entry, UptimeWindow } from './state.js'
import type { Scheme } from './tracker.js'

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
  readonly order: ListOrder
}

/** What a selection is made by, beside the criteria. */
export interface ListContext {
  readonly rules: ListRules
  readonly at: Date
  /**
   * Who is on the lists, see `nextMembership`: then `stable` and `best` do not blink. Left out or null, and for a reader
   * with a threshold of his own, the plain rules decide.
   */
  readonly members?: Membership | null
}

interface List {
  readonly title: string
  /** The plain rule. */
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

/** Who is on a list, by URL, and since when. */
export type Members = ReadonlyMap<string, Date>
/** The members of every list; a list without any may be absent. */
export type Membership = ReadonlyMap<ListName, Members>

export function isListName(text: string): text is ListName {
  return Object.hasOwn(lists, text)
}

/** The trackers of a list in its order, each once. Pure. Those whose URL carries a secret are on none. */
export function select(entries: readonly Entry[], criteria: ListCriteria, context: ListContext): readonly Entry[] {
  const { rules, at } = context
  const window = criteria.window ?? rules.stable.window
  const stable: Terms = {
    minUptime: criteria.minUptime ?? rules.stable.minUptime,
    window,
    minAgeMs: criteria.minAgeMs ?? rules.stable.minAgeMs,
    at,
  }
  const wanted: Terms = { minUptime: criteria.minUptime ?? 0, window, minAgeMs: criteria.minAgeMs ?? 0, at }
  const has = ruleOf(criteria, context, stable)
  let chosen = distinct(entries.filter((entry) => has(entry) && meets(entry, wanted) && passes(entry, criteria)))
  if (criteria.list === 'best') chosen = best(chosen, stable, context, membersOf(criteria, context))
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

function ruleOf(criteria: ListCriteria, context: ListContext, stable: Terms): (entry: Entry) => boolean {
  const list: List = lists[criteria.list]
  const members = membersOf(criteria, context)
  if (members === null) return (entry) => list.has(entry, stable)
  if (criteria.list === 'stable') return ({ tracker }) => members.has(tracker.url)
  return (entry) => members.has(entry.tracker.url) || isUsable(entry)
}

/** Of the two lists that have a memory; null where the plain rule decides. */
function membersOf({ list, minUptime, window, minAgeMs }: ListCriteria, { members }: ListContext): Members | null {
  if (list !== 'stable' && list !== 'best') return null
  const hasOwnThreshold = minUptime !== undefined || window !== undefined || minAgeMs !== undefined
  return hasOwnThreshold ? null : (members?.get(list) ?? (members ? new Map() : null))
}

function passes(entry: Entry, { schemes, maxLatencyMs, family }: ListCriteria): boolean {
  if (schemes !== undefined && !schemes.includes(entry.tracker.scheme)) return false
  if (maxLatencyMs !== undefined && (entry.latencyMs === null || entry.latencyMs > maxLatencyMs)) return false
  return family === undefined || worksOver(entry, family)
}

function distinct(entries: readonly Entry[]): Entry[] {
  return [...new Map(entries.filter(mayBeListed).map((entry) => [entry.tracker.url, entry])).values()]
}

/** Of those that pass a filter: the members, then whoever is next, stable ones first. */
function best(alive: readonly Entry[], stable: Terms, { rules }: ListContext, members: Members | null): Entry[] {
  const byUptime = comparison('uptime', stable.window, stable.at)
  const rank = (entry: Entry): number => {
    if (members?.has(entry.tracker.url) === true) return 0
    return isStable(entry, stable) ? 1 : 2
  }
  return alive.toSorted((a, b) => rank(a) - rank(b) || byUptime(a, b)).slice(0, rules.best.limit)
}
