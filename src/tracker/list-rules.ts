import { maskUrl } from './mask.js'
import type { Entry, UptimeWindow } from './state.js'

/** The operator's part of what `stable` and `best` mean. */
export interface ListRules {
  readonly stable: {
    /** 0 to 1. */
    readonly minUptime: number
    readonly window: UptimeWindow
    /** How long a tracker must have been watched, ms. */
    readonly minAgeMs: number
    /** How far below `minUptime` the uptime of a member may fall before it leaves, 0 to 1. */
    readonly margin: number
    /** How long a member, of `best` too, may be not alive before it leaves, ms. */
    readonly graceMs: number
  }
  readonly best: {
    /** Most entries of the list, 1 or more. */
    readonly limit: number
  }
}

/** What must hold of an uptime and an age at a moment. */
export interface Terms {
  /** 0 to 1, over `window`. A tracker without observed time has an uptime of 0 here. */
  readonly minUptime: number
  readonly window: UptimeWindow
  /** ms */
  readonly minAgeMs: number
  readonly at: Date
}

/** A member of `best` stays on it as long as it is among the first so many times its limit. */
export const BEST_PLACES = 2

/**
 * A URL that carries a secret (a passkey, a password) is on no list: masked it is of no use, and unmasked it must not
 * leave the monitor.
 */
export function mayBeListed({ tracker: { url } }: Entry): boolean {
  return maskUrl(url) === url
}

/** Made-up peers cost a client more than a tracker that is down: such a tracker is alive and on no list but `all`. */
export function makesUpPeers({ last }: Entry): boolean {
  return last?.outcome.kind === 'ok' && last.outcome.flags.includes('fake_peers')
}

export function isUsable(entry: Entry): boolean {
  return entry.alive && !makesUpPeers(entry)
}

export function isStable(entry: Entry, terms: Terms): boolean {
  return isUsable(entry) && meets(entry, terms)
}

export function meets(entry: Entry, { minUptime, window, minAgeMs, at }: Terms): boolean {
  return (entry.uptime[window] ?? 0) >= minUptime && isOldEnough(entry, minAgeMs, at)
}

export function isOldEnough({ addedAt }: Entry, minAgeMs: number, at: Date): boolean {
  return at.getTime() - addedAt.getTime() >= minAgeMs
}

/** How long the tracker has not been alive, ms: from the first bad check on, whatever the kinds of bad since. */
export function notAliveMs({ alive, health }: Entry, at: Date): number {
  if (alive) return 0
  if (health === null) return Number.POSITIVE_INFINITY
  const since = health.streak?.good === false ? health.streak.since : health.since
  return at.getTime() - since.getTime()
}
