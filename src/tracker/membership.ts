import { comparison } from './list-order.js'
import {
  BEST_PLACES,
  isOldEnough,
  isStable,
  type ListRules,
  makesUpPeers,
  mayBeListed,
  notAliveMs,
} from './list-rules.js'
import { type ListName, listNames, lists, type Members, type Membership } from './select.js'
import type { Entry } from './state.js'

/** Why a tracker entered or left a list. Closed: a column value and a value of the API. */
export type ListChangeReason =
  /** Entered: it is watched now; it is alive; it meets all rules of `stable`. */
  | 'watched'
  | 'alive'
  | 'qualified'
  /** Entered or left `best`: by its place among all. */
  | 'rank'
  /** Left. */
  | 'unwatched'
  | 'not_alive'
  | 'uptime'
  | 'age'
  | 'fake_peers'

export interface ListChange {
  readonly list: ListName
  readonly url: string
  readonly at: Date
  /** If not, it left. */
  readonly entered: boolean
  readonly reason: ListChangeReason
  /** At that moment, over the window of the stable list, 0 to 1; null where nothing was observed or is watched. */
  readonly uptime: number | null
}

interface Context {
  readonly rules: ListRules
  readonly at: Date
}

/** What a list says of each entry: whom it takes, why not; and of those it has, who has to go and why. */
interface Decision {
  readonly entering: ListChangeReason
  /** Null for an entry that belongs on the list. */
  readonly out: (entry: Entry, isMember: boolean) => ListChangeReason | null
}

/**
 * Who is on each list after `at`, and what entered and left it. Pure. Lists of those alive follow the status, which has a
 * hysteresis of its own. `stable` is entered at its threshold and left a margin below it, or once not alive for longer
 * than the grace. `best` is left by those that are no longer among the first of twice its limit, so a challenger displaces
 * nobody by being a little better; free places go to the first that are not on it.
 */
export function nextMembership(
  previous: Membership,
  entries: readonly Entry[],
  context: Context,
): { readonly members: Membership; readonly changes: readonly ListChange[] } {
  const listed = new Map(entries.filter(mayBeListed).map((entry) => [entry.tracker.url, entry]))
  const members = new Map<ListName, Members>()
  const changes: ListChange[] = []
  const { window } = context.rules.stable
  const decide = (list: ListName, { entering, out }: Decision): void => {
    const before = previous.get(list) ?? new Map<string, Date>()
    const after = new Map<string, Date>()
    const change = (url: string, entered: boolean, reason: ListChangeReason): void => {
      changes.push({ list, url, at: context.at, entered, reason, uptime: listed.get(url)?.uptime[window] ?? null })
    }
    for (const [url, entry] of listed) {
      const since = before.get(url)
      const reason = out(entry, since !== undefined)
      if (reason === null) after.set(url, since ?? context.at)
      if (reason === null && since === undefined) change(url, true, entering)
      if (reason !== null && since !== undefined) change(url, false, reason)
    }
    for (const url of before.keys()) if (!listed.has(url)) change(url, false, 'unwatched')
    members.set(list, after)
  }
  for (const list of listNames) if (list !== 'stable' && list !== 'best') decide(list, followsStatus(list, context))
  decide('stable', stableDecision(context))
  const onBest = previous.get('best') ?? new Map<string, Date>()
  decide('best', bestDecision([...listed.values()], onBest, members.get('stable') ?? new Map(), context))
  return { members, changes }
}

/** `all` has every tracker; the others have those that are alive. */
function followsStatus(list: Exclude<ListName, 'stable' | 'best'>, { at }: Context): Decision {
  return {
    entering: list === 'all' ? 'watched' : 'alive',
    out: (entry) => (lists[list].has(entry) ? null : (fault(entry, 0, at) ?? 'not_alive')),
  }
}

function stableDecision({ rules: { stable }, at }: Context): Decision {
  const staying = (entry: Entry): ListChangeReason | null => {
    if ((entry.uptime[stable.window] ?? 0) < stable.minUptime - stable.margin) return 'uptime'
    return isOldEnough(entry, stable.minAgeMs, at) ? null : 'age'
  }
  return {
    entering: 'qualified',
    out: (entry, isMember) => {
      if (isMember) return fault(entry, stable.graceMs, at) ?? staying(entry)
      return isStable(entry, { ...stable, at }) ? null : 'uptime'
    },
  }
}

function bestDecision(listed: readonly Entry[], onBest: Members, stable: Members, { rules, at }: Context): Decision {
  const { limit } = rules.best
  const faults = new Map<string, ListChangeReason>()
  const fit = listed.filter((entry) => {
    const { url } = entry.tracker
    const reason = fault(entry, onBest.has(url) ? rules.stable.graceMs : 0, at)
    if (reason !== null) faults.set(url, reason)
    return reason === null
  })
  const byUptime = comparison('uptime', rules.stable.window, at)
  const rank = ({ tracker }: Entry): number => (stable.has(tracker.url) ? 0 : 1)
  const ranked = fit.toSorted((a, b) => rank(a) - rank(b) || byUptime(a, b)).map(({ tracker }) => tracker.url)
  const staying = ranked.slice(0, BEST_PLACES * limit).filter((url) => onBest.has(url))
  const others = ranked.filter((url) => !onBest.has(url))
  const chosen = new Set([...staying, ...others].slice(0, limit))
  return {
    entering: 'rank',
    out: ({ tracker: { url } }) => (chosen.has(url) ? null : (faults.get(url) ?? 'rank')),
  }
}

/** What keeps an entry off every list but `all`, whatever its uptime; `graceMs`: how long it may be not alive. */
function fault(entry: Entry, graceMs: number, at: Date): ListChangeReason | null {
  if (makesUpPeers(entry)) return 'fake_peers'
  return !entry.alive && notAliveMs(entry, at) >= graceMs ? 'not_alive' : null
}
