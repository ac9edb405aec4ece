import type { Status } from '../../tracker/health.js'
import { worksOver } from '../../tracker/select.js'
import { type StatusLine, searchTextOf } from './status-line.js'
import { orderOf, type SortKey, type StatusQuery } from './status-query.js'

export interface StatusView {
  /** Those wanted, in the order wanted. */
  readonly lines: readonly StatusLine[]
  /** How many of each status there would be, were it not for the filter by status. */
  readonly counts: ReadonlyMap<Status, number>
}

/** What needs looking at comes first. */
const urgency: Readonly<Record<Status, number>> = {
  down: 0,
  rejecting: 1,
  degraded: 2,
  unknown: 3,
  unsupported: 4,
  pending: 5,
  paused: 6,
  up: 7,
}

/** Pure. */
export function viewOf(all: readonly StatusLine[], query: StatusQuery): StatusView {
  const { q, status } = query
  const words = q?.toLowerCase()
  const others = all.filter(
    (line) => passes(line, query) && (words === undefined || searchTextOf(line).includes(words)),
  )
  const counts = new Map<Status, number>()
  for (const line of others) counts.set(line.status, (counts.get(line.status) ?? 0) + 1)
  return {
    lines: sorted(status === undefined ? others : others.filter((line) => line.status === status), query),
    counts,
  }
}

function passes({ entry }: StatusLine, { scheme, group, family }: StatusQuery): boolean {
  if (scheme !== undefined && entry.tracker.scheme !== scheme) return false
  if (group !== undefined && entry.group !== group) return false
  return family === undefined || worksOver(entry, family)
}

/** What is not known stands at the end either way; of equals the first of the configuration is the first. */
function sorted(lines: readonly StatusLine[], query: StatusQuery): readonly StatusLine[] {
  const { sort } = query
  if (sort === undefined) return query.order === 'desc' ? lines.toReversed() : lines
  const direction = orderOf(query) === 'asc' ? 1 : -1
  const keyed = lines.map((line) => ({ line, key: keyOf(line, sort) }))
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null)
    return a.key === b.key ? 0 : a.key < b.key ? -direction : direction
  })
  return keyed.map(({ line }) => line)
}

/** What to sort by; null where it is not known. */
export function keyOf(
  { entry, status, name }: Pick<StatusLine, 'entry' | 'status' | 'name'>,
  sort: SortKey,
): string | number | null {
  switch (sort) {
    case 'name':
      return `${entry.tracker.host} ${name}`
    case 'status':
      return urgency[status]
    case 'since':
      return entry.health?.since.getTime() ?? null
    case 'latency':
      return entry.latencyMs
    default:
      return entry.uptime[sort]
  }
}
