import { DAY_MS } from '../../tracker/time.js'
import type { Window } from '../../tracker/uptime.js'
import { quote } from '../query.js'

/** Which incidents a reader wants to see; what is absent does not narrow. */
export interface IncidentsQuery {
  /** `2026-11-22`, UTC. */
  readonly day?: string
  /** Public id of a tracker. */
  readonly tracker?: string
  readonly isGoingOn?: true
  /** Those that began before, ms since 1970: the page after the one that ended there. */
  readonly beforeMs?: number
}

export type ParsedIncidentsQuery =
  | { readonly query: IncidentsQuery; readonly problem: null }
  | { readonly query: IncidentsQuery; readonly problem: string }

const SHOWN_DAYS = 90

interface Parameter {
  readonly expected: string
  readonly parse: (text: string) => IncidentsQuery | null
}

const parameters: Readonly<Record<string, Parameter>> = {
  day: {
    expected: 'a day such as 2026-11-22',
    parse: (text) => (/^\d{4}-\d\d-\d\d$/.test(text) && dayOf(text) === text ? { day: text } : null),
  },
  tracker: {
    expected: 'the 12 hex digits of a tracker',
    parse: (text) => (/^[0-9a-f]{12}$/.test(text) ? { tracker: text } : null),
  },
  status: { expected: 'going_on', parse: (text) => (text === 'going_on' ? { isGoingOn: true } : null) },
  before: {
    expected: 'the place of a link to older incidents',
    parse: (text) => (/^\d{1,15}$/.test(text) ? { beforeMs: Number(text) } : null),
  },
}

/** Query → what to show, or one sentence. A form sends what was left empty too. */
export function parseIncidentsQuery(search: URLSearchParams): ParsedIncidentsQuery {
  let query: IncidentsQuery = {}
  for (const [name, text] of search) {
    if (text === '') continue
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    if (parameter === undefined) {
      return { query: {}, problem: `unknown parameter ${quote(name)}, expected ${Object.keys(parameters).join(', ')}` }
    }
    const parsed = parameter.parse(text)
    if (parsed === null) {
      return { query: {}, problem: `parameter "${name}" is ${quote(text)}, expected ${parameter.expected}` }
    }
    query = { ...query, ...parsed }
  }
  return { query, problem: null }
}

/** The same view with something else; undefined takes a part away. */
export function incidentsHref(
  query: IncidentsQuery,
  change: { readonly [K in keyof IncidentsQuery]?: IncidentsQuery[K] | undefined } = {},
): string {
  const { day, tracker, isGoingOn, beforeMs } = { ...query, ...change }
  const search = new URLSearchParams({
    ...(day !== undefined && { day }),
    ...(tracker !== undefined && { tracker }),
    ...(isGoingOn === true && { status: 'going_on' }),
    ...(beforeMs !== undefined && { before: String(beforeMs) }),
  })
  return search.size === 0 ? '/incidents' : `/incidents?${search}`
}

/** The stretch of time that the incidents of the page overlap: the day, or the last 90, up to where the page before ended. */
export function windowOf({ day, beforeMs = Number.POSITIVE_INFINITY }: IncidentsQuery, at: Date): Window {
  const fromMs = day === undefined ? at.getTime() - SHOWN_DAYS * DAY_MS : Date.parse(`${day}T00:00:00Z`)
  const toMs = day === undefined ? at.getTime() + 1 : fromMs + DAY_MS
  return { from: new Date(fromMs), to: new Date(Math.max(Math.min(toMs, beforeMs), fromMs)) }
}

function dayOf(text: string): string | null {
  const ms = Date.parse(`${text}T00:00:00Z`)
  return Number.isNaN(ms) ? null : new Date(ms).toISOString().slice(0, 10)
}
