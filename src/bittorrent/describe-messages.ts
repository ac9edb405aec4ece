import { cutFields, type Description, type Field, hex, listText, textOrBytes } from './describe.js'
import { percentDecoded } from './percent.js'
import { isObject } from './ws-fields.js'

const MAX_SHOWN_KEYS = 40
const UNITS: Readonly<Record<string, Field['unit'] & string>> = {
  interval: 's',
  'min interval': 's',
  min_interval: 's',
}

/** A WebSocket message, sent or received, key by key; null where it is no JSON object. */
export function describeWsMessage(text: string): Description | null {
  const message = parsed(text)
  if (!isObject(message)) return null
  const fields = Object.entries(message).map(([key, value]) => ({ name: key, ...shown(key, value) }))
  return { name: nameOf(message), fields: cutFields(fields, MAX_SHOWN_KEYS) }
}

/** What a path and query of HTTP say: the path, and each parameter of the query. */
export function describePath(path: string): { readonly path: string; readonly parameters: readonly Field[] } {
  const [pathname = '', ...rest] = path.split('?')
  const pairs = rest.join('?').split('&').filter(Boolean)
  return { path: pathname, parameters: cutFields(pairs.map(parameterOf), MAX_SHOWN_KEYS) }
}

function parameterOf(pair: string): Field {
  const [name = '', ...rest] = pair.split('=')
  const raw = rest.join('=')
  const bytes = percentDecoded(raw)
  if (name === 'info_hash') return { name, value: hex(bytes), note: `sent as ${raw}` }
  return { name, value: textOrBytes(bytes) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // it is shown as the text that it is
  }
}

function nameOf({ action, ...rest }: Readonly<Record<string, unknown>>): string {
  if ('failure reason' in rest) return 'refusal'
  return action === 'announce' || action === 'scrape' ? action : 'message'
}

function shown(key: string, value: unknown): Omit<Field, 'name'> {
  const unit = Object.hasOwn(UNITS, key) ? UNITS[key] : undefined
  if (typeof value === 'number') return unit === undefined ? { value } : { value, unit }
  if (typeof value === 'string') return { value: isBinary(key, value) ? hex(Buffer.from(value, 'latin1')) : value }
  if (Array.isArray(value)) return { value: value.length, note: 'items' }
  if (isObject(value)) return { value: listText(Object.keys(value), String), note: 'object' }
  return { value: String(value) }
}

/** Bytes travel as characters up to U+00FF. */
function isBinary(key: string, value: string): boolean {
  return key === 'info_hash' || (/^[\x00-\xff]{20}$/.test(value) && /[^\x20-\x7e]/.test(value))
}
