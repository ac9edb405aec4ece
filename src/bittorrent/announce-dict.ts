import type { AnnounceAnswer, Flag, Peer } from '../tracker/outcome.js'
import type { BencodeDict, BencodeList, BencodeValue } from './bencode.js'
import { isDict, kindOf, UnrecognizedAnswerError } from './bencoded-answer.js'
import { latin1 } from './latin1.js'
import { decodePeers4, decodePeers6, formatIp } from './peers.js'
import { refusalOf, sanitiseText } from './rejection.js'
import { addFlag, compareIntervals, plausibleCount, plausibleInterval, type RefusedReply } from './reply.js'

/** One of these makes a dictionary the answer to an announce. */
const announceKeys = ['interval', 'min interval', 'peers', 'peers6', 'complete', 'incomplete', 'tracker id']
const knownKeys = new Set([...announceKeys, 'warning message', 'external ip'])
const MAX_RETRY_MINUTES = 10_080

/** The announce answer in a dictionary (BEP 3, 7, 23, 24). Adds what is odd about it to `flags`. */
export function readAnnounce(dict: BencodeDict, flags: Flag[]): AnnounceAnswer {
  if (!announceKeys.some((key) => dict.has(key))) throw unrecognized(dict, announceKeys)
  const warning = dict.get('warning message')
  if (warning !== undefined) flags.push('tracker_warning')
  if (!dict.has('peers') && !dict.has('peers6')) flags.push('no_peers_key')
  const intervalS = readInterval(dict.get('interval'), flags)
  const minIntervalS = quietInterval(dict.get('min interval'))
  compareIntervals(intervalS, minIntervalS, flags)
  return {
    intervalS,
    minIntervalS,
    seeders: readCount(dict.get('complete'), flags),
    leechers: readCount(dict.get('incomplete'), flags),
    peers: readPeers(dict.get('peers'), 'peers', flags),
    peers6: readPeers(dict.get('peers6'), 'peers6', flags),
    warningMessage: warning === undefined ? null : sanitiseText(messageIn(warning)),
    trackerId: readTrackerId(dict.get('tracker id')),
    externalIp: readExternalIp(dict.get('external ip'), flags),
    extra: readExtra(dict),
  }
}

/** The refusal in a dictionary; null where there is none. Any `failure reason`, even an empty one, is a refusal. */
export function readRefusal(dict: BencodeDict, flags: Flag[]): RefusedReply | null {
  const reason = dict.get('failure reason')
  if (reason === undefined) return null
  const retryIn = readRetryIn(dict.get('retry in'), flags)
  const beside = quietInterval(dict.get('interval')) ?? quietInterval(dict.get('min interval'))
  const retryAfterS = typeof retryIn === 'number' ? retryIn : beside
  if (!(reason instanceof Uint8Array)) flags.push('failure_reason_type')
  const refusal = refusalOf(messageIn(reason), flags, retryAfterS)
  if (retryIn === 'never') return { ...refusal, code: 'gone', retryAfterS: null }
  return reason instanceof Uint8Array ? refusal : { ...refusal, code: 'other' }
}

/** For a dictionary without any of `expected`. */
export function unrecognized(dict: BencodeDict, expected: readonly string[]): UnrecognizedAnswerError {
  const keys = [...dict.keys()].slice(0, 10).map((key) => `"${sanitiseText(Buffer.from(key, 'latin1'))}"`)
  const found = keys.length === 0 ? 'empty dictionary' : `dictionary with ${keys.join(', ')}`
  return new UnrecognizedAnswerError(
    'tracker.unrecognized_reply',
    `${found}, expected "failure reason" or one of ${expected.map((key) => `"${key}"`).join(', ')}`,
  )
}

/** A number of peers; null where the tracker did not say or said nonsense. */
export function readCount(value: BencodeValue | undefined, flags: Flag[]): number | null {
  if (value === undefined) return null
  if (isInteger(value)) return plausibleCount(value, flags)
  addFlag(flags, 'counts_invalid')
  return null
}

function readInterval(value: BencodeValue | undefined, flags: Flag[]): number | null {
  if (value === undefined) {
    flags.push('interval_missing')
    return null
  }
  if (isInteger(value)) return plausibleInterval(value, flags)
  flags.push('type_interval')
  const text = textOf(value)
  return value instanceof Uint8Array && /^-?\d{1,20}$/.test(text) ? plausibleInterval(BigInt(text), flags) : null
}

/** For intervals that are a hint at most: nonsense is the same as nothing. */
function quietInterval(value: BencodeValue | undefined): number | null {
  if (value === undefined) return null
  const text = textOf(value)
  return /^\d{1,10}$/.test(text) && Number(text) < 2 ** 31 ? Number(text) : null
}

/** BEP 31: minutes as integer or digits, or `never`; in seconds here. */
function readRetryIn(value: BencodeValue | undefined, flags: Flag[]): number | 'never' | null {
  if (value === undefined) return null
  const text = textOf(value)
  if (text === 'never') return 'never'
  const minutes = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (minutes >= 1 && minutes <= MAX_RETRY_MINUTES) return minutes * 60
  flags.push('retry_in_invalid')
  return null
}

function readPeers(value: BencodeValue | undefined, key: 'peers' | 'peers6', flags: Flag[]): readonly Peer[] | null {
  if (value === undefined) return null
  if (value instanceof Uint8Array) {
    const compact = key === 'peers' ? { stride: 6, decode: decodePeers4 } : { stride: 18, decode: decodePeers6 }
    if (value.length % compact.stride !== 0) flags.push(`${key}_misaligned`)
    return compact.decode(value)
  }
  if (isList(value)) return readPeerList(value, flags)
  addFlag(flags, 'type_peers')
  return null
}

function readPeerList(list: BencodeList, flags: Flag[]): readonly Peer[] {
  const peers = list.map(readPeer).filter((peer) => peer !== null)
  if (peers.length < list.length) addFlag(flags, peers.length === 0 ? 'peers_all_invalid' : 'peers_skipped')
  return peers
}

/** BEP 3: `ip` is an address or a DNS name. */
function readPeer(entry: BencodeValue): Peer | null {
  if (!isDict(entry)) return null
  const ip = entry.get('ip')
  const port = entry.get('port')
  if (!(ip instanceof Uint8Array) || typeof port !== 'number' || port < 0 || port > 65535) return null
  const text = latin1(ip)
  return /^[\w.:%-]{1,253}$/.test(text) ? { ip: text, port } : null
}

function readTrackerId(value: BencodeValue | undefined): string | null {
  return value instanceof Uint8Array ? latin1(value) : null
}

function readExternalIp(value: BencodeValue | undefined, flags: Flag[]): string | null {
  if (value === undefined) return null
  const ip = value instanceof Uint8Array ? formatIp(value) : null
  if (ip === null) flags.push('external_ip_length')
  return ip
}

function readExtra(dict: BencodeDict): Readonly<Record<string, unknown>> {
  return plainDict([...dict].filter(([key]) => !knownKeys.has(key)))
}

/** Fit for JSON: integers beyond a double become their digits. */
function plain(value: BencodeValue): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') return value
  if (value instanceof Uint8Array) return latin1(value)
  return isList(value) ? value.map(plain) : plainDict([...value])
}

/** A key `__proto__` is left out: whoever copies the object with an assignment would run into it. */
function plainDict(pairs: readonly (readonly [string, BencodeValue])[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(pairs.filter(([key]) => key !== '__proto__').map(([key, value]) => [key, plain(value)]))
}

/** The bytes or digits as latin1 text; for a list or dictionary where neither belongs, its kind. */
function textOf(value: BencodeValue): string {
  if (value instanceof Uint8Array) return latin1(value)
  return isInteger(value) ? value.toString() : `(${kindOf(value)})`
}

/** A tracker's sentence stays bytes, because only `sanitiseText` knows how to decode it. */
function messageIn(value: BencodeValue): Uint8Array | string {
  return value instanceof Uint8Array ? value : textOf(value)
}

function isInteger(value: BencodeValue): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

function isList(value: BencodeList | BencodeDict | Uint8Array | number | bigint): value is BencodeList {
  return Array.isArray(value)
}
