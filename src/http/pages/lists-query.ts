import { type FormatName, formatNames, formats } from '../../export/formats.js'
import type { ListOrder } from '../../tracker/list-order.js'
import { isListName, type ListName, listNames } from '../../tracker/select.js'
import { type Scheme, schemes } from '../../tracker/tracker.js'
import { type Filters, listParameters, parseFilters, quote } from '../query.js'

/** What a reader has chosen on the lists page. */
export interface ListChoice {
  readonly list: ListName
  readonly format: FormatName
  readonly filters: Filters
  /** The filters as they stand in the URL of the list, in the order of `listParameters`, nothing empty. */
  readonly query: readonly (readonly [name: string, text: string])[]
  /** What is wrong with it, as one sentence; then the list stands without filters. */
  readonly problem: string | null
}

const DEFAULT_LIST: ListName = 'stable'
const DEFAULT_FORMAT: FormatName = 'lines'
const DEFAULT_ORDER: ListOrder = 'uptime'

/** Query of the page → choice. A form sends what was left empty too, and each scheme by itself. */
export function parseListChoice(search: URLSearchParams): ListChoice {
  const given = new Map<string, string>()
  for (const name of new Set(search.keys())) {
    const text = search
      .getAll(name)
      .map((value) => value.trim())
      .filter((value) => value !== '')
      .join(',')
    if (text !== '') given.set(name, text)
  }
  const list = given.get('list') ?? DEFAULT_LIST
  const format = given.get('format') ?? DEFAULT_FORMAT
  const filters = [...given].filter(([name, text]) => {
    return name !== 'list' && name !== 'format' && !(name === 'order' && text === DEFAULT_ORDER)
  })
  const parsed = parseFilters(new URLSearchParams(filters))
  const problem = isListName(list)
    ? isFormatName(format)
      ? (parsed.problem ?? null)
      : `format ${quote(format)}, expected one of ${formatNames.join(', ')}`
    : `list ${quote(list)}, expected one of ${listNames.join(', ')}`
  const order = Object.keys(listParameters)
  return {
    list: isListName(list) ? list : DEFAULT_LIST,
    format: isFormatName(format) ? format : DEFAULT_FORMAT,
    filters: parsed.filters ?? { order: DEFAULT_ORDER },
    query: parsed.filters === undefined ? [] : filters.toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b)),
    problem,
  }
}

/** Path and query of the list in a format, with only the schemes that its reader speaks; null where that leaves none. */
export function listPath(
  { list, filters, query }: ListChoice,
  format: FormatName,
  spoken?: readonly Scheme[],
): string | null {
  const wanted = schemesOf(list, filters)
  const left = spoken === undefined ? wanted : wanted.filter((scheme) => spoken.includes(scheme))
  if (left.length === 0) return null
  const others = query.filter(([name]) => name !== 'scheme')
  const isNarrowed = filters.schemes !== undefined || left.length < wanted.length
  const search = [...(isNarrowed ? [['scheme', left.join(',')] as const] : []), ...others]
    .map(([name, text]) => `${name}=${encodeURIComponent(text).replaceAll('%2C', ',')}`)
    .join('&')
  return `/lists/${list}${formats[format].extension}${search === '' ? '' : `?${search}`}`
}

/** Those that the selection may have. */
function schemesOf(list: ListName, { schemes: wanted = schemes }: Filters): readonly Scheme[] {
  const own: Readonly<Partial<Record<ListName, readonly Scheme[]>>> = {
    udp: ['udp'],
    http: ['http'],
    https: ['https'],
    ws: ['ws', 'wss'],
  }
  return wanted.filter((scheme) => own[list]?.includes(scheme) ?? true)
}

function isFormatName(text: string): text is FormatName {
  return Object.hasOwn(formats, text)
}
