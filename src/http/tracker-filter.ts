import type { Status } from '../tracker/health.js'
import { maskUrl } from '../tracker/mask.js'
import type { Outcome } from '../tracker/outcome.js'
import { type ListContext, type ListName, select, worksOver } from '../tracker/select.js'
import type { Entry } from '../tracker/state.js'
import type { Scheme } from '../tracker/tracker.js'
import { searchTextOf } from './pages/status-line.js'
import { whyOf } from './pages/why.js'

/** Which trackers a reader of a table wants to see. Whatever is given narrows. */
export interface TrackerFilter {
  /** In what the status page says of the tracker: its URL, its status, the reason; in either case. */
  readonly text?: string | undefined
  readonly statuses?: readonly Status[] | undefined
  readonly schemes?: readonly Scheme[] | undefined
  readonly groups?: readonly string[] | undefined
  /** Usable over this address family, see `worksOver`. */
  readonly family?: 4 | 6 | undefined
  readonly list?: ListName | undefined
  /** Of the last check. */
  readonly outcomes?: readonly Outcome['kind'][] | undefined
}

/** The entries that a filter lets through, in their order. Pure. */
export function matching(entries: readonly Entry[], filter: TrackerFilter, context: ListContext): readonly Entry[] {
  const { statuses, schemes, groups, family, list, outcomes } = filter
  const text = filter.text?.toLowerCase()
  const listed = list === undefined ? null : new Set(select(entries, { list, order: 'uptime' }, context))
  return entries.filter(
    (entry) =>
      (text === undefined || textOf(entry).includes(text)) &&
      (statuses === undefined || statuses.includes(entry.health?.status ?? 'pending')) &&
      (schemes === undefined || schemes.includes(entry.tracker.scheme)) &&
      (groups === undefined || groups.includes(entry.group)) &&
      (family === undefined || worksOver(entry, family)) &&
      (listed === null || listed.has(entry)) &&
      (outcomes === undefined || (entry.last !== null && outcomes.includes(entry.last.outcome.kind))),
  )
}

/** What the reader sees: a search must not find out what is masked. */
function textOf(entry: Entry): string {
  const status = entry.health?.status ?? 'pending'
  return searchTextOf({ entry, name: maskUrl(entry.tracker.url), status, why: whyOf(entry) })
}
