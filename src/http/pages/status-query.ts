import { type Status, statuses } from '../../tracker/health.js'
import { type UptimeWindow, uptimeWindows } from '../../tracker/state.js'
import { type Scheme, schemes } from '../../tracker/tracker.js'
import { quote } from '../query.js'

/** What a reader of the status page wants to see. Every criterion that is given narrows. */
export interface StatusQuery {
  /** In the URL, the host or the reason, in either case. */
  readonly q?: string
  readonly status?: Status
  readonly scheme?: Scheme
  readonly group?: string
  readonly family?: 4 | 6
  /** Left out: in the order of the configuration. */
  readonly sort?: SortKey
  /** Left out: the one that is natural for `sort`. */
  readonly order?: SortOrder
}

export const sortOrders = ['asc', 'desc'] as const
export type SortOrder = (typeof sortOrders)[number]

export const statusWindows = Object.keys(uptimeWindows) as readonly UptimeWindow[]
export const sortKeys = ['name', 'status', 'since', ...statusWindows, 'latency'] as const
export type SortKey = (typeof sortKeys)[number]

/** What a reader who asks for an order most likely looks for comes first. */
export function naturalOrder(sort: SortKey): SortOrder {
  return sort === 'name' || sort === 'status' || sort === 'latency' ? 'asc' : 'desc'
}

export function orderOf({ sort, order }: StatusQuery): SortOrder {
  return order ?? (sort === undefined ? 'asc' : naturalOrder(sort))
}

export interface ParsedStatusQuery {
  readonly query: StatusQuery
  /** What was not understood, as sentences without a full stop. */
  readonly ignored: readonly string[]
}

const MAX_SEARCH_LENGTH = 200

interface Parameter {
  readonly expected: string
  /** Null if it is not what was expected. */
  readonly parse: (text: string, groups: readonly string[]) => StatusQuery | null
}

const parameters = {
  q: { expected: 'a text', parse: (text) => ({ q: text.slice(0, MAX_SEARCH_LENGTH) }) },
  status: oneOf(statuses, (status) => ({ status })),
  scheme: oneOf(schemes, (scheme) => ({ scheme })),
  group: { expected: 'the name of a group', parse: (text, groups) => (groups.includes(text) ? { group: text } : null) },
  family: oneOf(['4', '6'], (family) => ({ family: family === '4' ? 4 : 6 })),
  sort: oneOf(sortKeys, (sort) => ({ sort })),
  order: oneOf(sortOrders, (order) => ({ order })),
} as const satisfies Record<keyof StatusQuery, Parameter>

const names = Object.keys(parameters) as readonly (keyof StatusQuery)[]

/**
 * A link that somebody shared goes on showing something, though a group has gone meanwhile: what is not understood is
 * left out, and the page says so. Parameters that are not ours are none of our business.
 */
export function parseStatusQuery(given: URLSearchParams, groups: readonly string[]): ParsedStatusQuery {
  let query: StatusQuery = {}
  const ignored: string[] = []
  for (const name of names) {
    const text = given.get(name)?.trim() ?? ''
    if (text === '') continue
    const { expected, parse }: Parameter = parameters[name]
    const parsed = parse(text, groups)
    if (parsed === null) ignored.push(`${name} ${quote(text)}, expected ${expected}`)
    else query = { ...query, ...parsed }
  }
  return { query, ignored }
}

/** The address of the page with another wish; `undefined` takes one back. */
export function hrefOf(
  query: StatusQuery,
  change: { readonly [name in keyof StatusQuery]?: StatusQuery[name] | undefined },
) {
  const wanted = { ...query, ...change }
  const search = new URLSearchParams()
  for (const name of names) {
    const value = wanted[name]
    if (value !== undefined) search.set(name, String(value))
  }
  return search.size === 0 ? '/' : `/?${search}`
}

function oneOf<T extends string>(known: readonly T[], make: (value: T) => StatusQuery): Parameter {
  return {
    expected: `one of ${known.join(', ')}`,
    parse: (text) => {
      const value = known.find((one) => one === text)
      return value === undefined ? null : make(value)
    },
  }
}
