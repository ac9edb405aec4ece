import type { SkippedOutcome } from './outcome.js'

/** The operator's wish that trackers are left alone for a while: they get no packet, and the time counts neither way. */
export interface Pause {
  /** Canonical announce URLs. Where neither trackers nor groups are named, all trackers are meant. */
  readonly trackers: readonly string[]
  /** Names of groups. */
  readonly groups: readonly string[]
  /** The first moment; null: from the beginning. */
  readonly from: Date | null
  /** The first moment after it; null: until it is taken out of the configuration. */
  readonly until: Date | null
  /** One line for readers; null for none. */
  readonly reason: string | null
}

/** The first of the pauses that a tracker has at a moment, or null. */
export function pauseOf(
  pauses: readonly Pause[],
  tracker: { readonly url: string; readonly group: string },
  at: Date,
): Pause | null {
  return pauses.find((pause) => isInForce(pause, at) && isFor(pause, tracker)) ?? null
}

/** What stands in the history for a check that was not made. */
export function pausedOutcome({ reason, until }: Pause): SkippedOutcome {
  const why = reason === null ? '' : `: ${reason}`
  const end = until === null ? '' : ` until ${until.toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return { kind: 'skipped', reason: 'paused', code: 'local.paused', detail: `paused by the configuration${why}${end}` }
}

function isInForce({ from, until }: Pause, at: Date): boolean {
  return (from === null || at >= from) && (until === null || at < until)
}

function isFor({ trackers, groups }: Pause, { url, group }: { readonly url: string; readonly group: string }): boolean {
  return trackers.length + groups.length === 0 || trackers.includes(url) || groups.includes(group)
}
