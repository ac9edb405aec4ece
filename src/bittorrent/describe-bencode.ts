import { type BencodeDict, BencodeError, type BencodeValue, decodeBencode } from './bencode.js'
import { isDict, kindOf } from './bencoded-answer.js'
import { cutFields, type Description, type Field, listText, peerText, textOrBytes } from './describe.js'
import { latin1 } from './latin1.js'
import { decodePeers4, decodePeers6, formatIp } from './peers.js'

const MAX_SHOWN_KEYS = 40
/** For people, so even a broken one is a text. */
const TEXTS = new Set(['failure reason', 'warning message'])
const UNITS: Readonly<Record<string, Field['unit'] & string>> = {
  interval: 's',
  'min interval': 's',
  'retry in': 'min',
}

/** The body of an HTTP tracker (BEP 3, 7, 23, 24, 31), key by key; null where it does not begin with bencode. */
export function describeBencode(bytes: Uint8Array): Description | null {
  const decoded = decodedOrNull(bytes)
  if (decoded === null) return null
  const { value, end } = decoded
  const rest: readonly Field[] =
    end === bytes.length ? [] : [{ name: '(behind it)', value: textOrBytes(bytes.subarray(end)) }]
  if (!isDict(value)) return { name: kindOf(value), fields: [{ name: 'value', ...shown('', value) }, ...rest] }
  return { name: 'dictionary', fields: [...dictFields(value), ...rest] }
}

function decodedOrNull(bytes: Uint8Array): ReturnType<typeof decodeBencode> | null {
  try {
    return decodeBencode(bytes)
  } catch (error) {
    if (error instanceof BencodeError) return null
    throw error
  }
}

function dictFields(dict: BencodeDict): readonly Field[] {
  return cutFields(
    [...dict].map(([key, value]) => ({ name: key, ...shown(key, value) })),
    MAX_SHOWN_KEYS,
  )
}

function shown(key: string, value: BencodeValue): Omit<Field, 'name'> {
  const unit = Object.hasOwn(UNITS, key) ? UNITS[key] : undefined
  if (typeof value === 'number') return unit === undefined ? { value } : { value, unit }
  if (typeof value === 'bigint') return { value: String(value) }
  if (value instanceof Uint8Array) return shownBytes(key, value)
  if (isDict(value)) return { value: listText([...value.keys()], String), note: 'dictionary' }
  return { value: listText(value, itemText), note: 'list' }
}

function shownBytes(key: string, bytes: Uint8Array): Omit<Field, 'name'> {
  if (key === 'peers') return { value: listText(decodePeers4(bytes), peerText), note: compact(bytes, 6) }
  if (key === 'peers6') return { value: listText(decodePeers6(bytes), peerText), note: compact(bytes, 18) }
  if (TEXTS.has(key)) return { value: Buffer.from(bytes).toString() }
  const ip = key === 'external ip' ? formatIp(bytes) : null
  return { value: ip ?? textOrBytes(bytes) }
}

function compact(bytes: Uint8Array, stride: number): string {
  const rest = bytes.length % stride
  return rest === 0 ? 'compact' : `compact, and ${rest} bytes that are no whole peer`
}

/** BEP 3 has peers as dictionaries. */
function itemText(item: BencodeValue): string {
  if (typeof item === 'number' || typeof item === 'bigint') return String(item)
  if (item instanceof Uint8Array) return `"${latin1(item)}"`
  if (!isDict(item)) return `(${kindOf(item)})`
  const ip = item.get('ip')
  const port = item.get('port')
  return ip instanceof Uint8Array && typeof port === 'number' ? peerText({ ip: latin1(ip), port }) : '(dictionary)'
}
