import { listOrders } from '../tracker/list-order.js'
import type { ListCriteria } from '../tracker/select.js'
import { type UptimeWindow, uptimeWindows } from '../tracker/state.js'
import { DAY_MS } from '../tracker/time.js'
import { schemes } from '../tracker/tracker.js'

/** The part of the criteria that a reader may set; the list itself is named by the path. */
export type Filters = Omit<ListCriteria, 'list'>

export type ParsedFilters =
  | { readonly filters: Filters; readonly problem?: never }
  | { readonly problem: string; readonly filters?: never }

interface Parameter {
  /** Completes the sentence "expected …". */
  readonly expected: string
  /** Text → criteria; null if it is not what was expected. */
  readonly parse: (text: string) => Partial<Filters> | null
}

/** The query parameters of a list. Anything else is refused: a filter with a typing error must not look like a list. */
export const listParameters = {
  scheme: {
    expected: `one or several of ${schemes.join(', ')}, separated by commas`,
    parse: (text) => {
      const wanted = text.split(',')
      const known = schemes.filter((scheme) => wanted.includes(scheme))
      return wanted.length === known.length ? { schemes: known } : null
    },
  },
  min_uptime: {
    expected: 'a number from 0 to 1 such as 0.95',
    parse: (text) => bounded(text, 0, 1, (minUptime) => ({ minUptime })),
  },
  window: {
    expected: `one of ${Object.keys(uptimeWindows).join(', ')}`,
    parse: (text) => (isUptimeWindow(text) ? { window: text } : null),
  },
  min_age_days: {
    expected: 'a number of days from 0 to 36500',
    parse: (text) => bounded(text, 0, 36_500, (days) => ({ minAgeMs: days * DAY_MS })),
  },
  max_latency_ms: {
    expected: 'a number of milliseconds from 0 to 600000',
    parse: (text) => bounded(text, 0, 600_000, (maxLatencyMs) => ({ maxLatencyMs })),
  },
  family: {
    expected: '4 or 6',
    parse: (text) => (text === '4' ? { family: 4 } : text === '6' ? { family: 6 } : null),
  },
  limit: {
    expected: 'a whole number from 1 to 100000',
    parse: (text) => (/^\d+$/.test(text) ? bounded(text, 1, 100_000, (limit) => ({ limit })) : null),
  },
  order: {
    expected: `one of ${listOrders.join(', ')}`,
    parse: (text) => {
      const order = listOrders.find((known) => known === text)
      return order === undefined ? null : { order }
    },
  },
} as const satisfies Record<string, Parameter>

const parameters: Readonly<Record<string, Parameter>> = listParameters

/** Query → criteria, or one sentence that names the parameter, its value and what was expected. */
export function parseFilters(query: URLSearchParams): ParsedFilters {
  let filters: Filters = { order: 'uptime' }
  const seen = new Set<string>()
  for (const [name, text] of query) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    if (parameter === undefined) {
      return { problem: `unknown parameter ${quote(name)}, expected ${Object.keys(parameters).join(', ')}` }
    }
    if (seen.has(name)) return { problem: `parameter ${quote(name)} is given twice, expected once` }
    seen.add(name)
    const parsed = parameter.parse(text)
    if (parsed === null) return { problem: `parameter "${name}" is ${quote(text)}, expected ${parameter.expected}` }
    filters = { ...filters, ...parsed }
  }
  return { filters }
}

/** Text of a stranger inside a sentence: one line, not long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

function isUptimeWindow(text: string): text is UptimeWindow {
  return Object.hasOwn(uptimeWindows, text)
}

function bounded<T>(text: string, min: number, max: number, make: (value: number) => T): T | null {
  if (!/^\d{1,9}(?:\.\d{1,9})?$/.test(text)) return null
  const value = Number(text)
  return value >= min && value <= max ? make(value) : null
}
