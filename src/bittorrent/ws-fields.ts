import type { AnnounceAnswer, Flag } from '../tracker/outcome.js'
import { refusalOf, sanitiseText } from './rejection.js'
import {
  type AnnounceReply,
  addFlag,
  compareIntervals,
  plausibleCount,
  plausibleInterval,
  type RefusedReply,
  type ScrapeRow,
  silentAnnounce,
} from './reply.js'

/** A JSON object of a WebSocket tracker. */
export type Message = Readonly<Record<string, unknown>>

/** One of these makes a message the answer to an announce. */
export const answerKeys = ['interval', 'complete', 'incomplete'] as const
const knownKeys = new Set([
  ...answerKeys,
  ...['action', 'info_hash', 'min interval', 'min_interval', 'warning message', 'tracker id'],
])
const MAX_DEPTH = 32

/** The announce answer in a message. */
export function readAnnounce(message: Message): AnnounceReply {
  const flags: Flag[] = []
  const warning = message['warning message']
  const trackerId = message['tracker id']
  if (warning !== undefined) flags.push('tracker_warning')
  const intervalS = readInterval(message.interval, flags)
  const minIntervalS = quietInterval(message['min interval'] ?? message.min_interval)
  compareIntervals(intervalS, minIntervalS, flags)
  const announce: AnnounceAnswer = {
    ...silentAnnounce,
    intervalS,
    minIntervalS,
    seeders: readCount(message.complete, flags),
    leechers: readCount(message.incomplete, flags),
    warningMessage: warning === undefined ? null : sanitiseText(textOf(warning)),
    trackerId: typeof trackerId === 'string' ? trackerId : null,
    extra: plainObject(
      Object.entries(message).filter(([key]) => !knownKeys.has(key)),
      0,
    ),
  }
  return { kind: 'announce', announce, flags }
}

/** The refusal in a message that has a `failure reason`. */
export function readRefusal(message: Message): RefusedReply {
  const reason = message['failure reason']
  const retryAfterS = quietInterval(message.interval ?? message['min interval'] ?? message.min_interval)
  if (typeof reason === 'string') return refusalOf(reason, [], retryAfterS)
  return { ...refusalOf(textOf(reason), ['failure_reason_type'], retryAfterS), code: 'other' }
}

/** The numbers of one torrent in a scrape. Adds what is odd about them to `flags`. */
export function readRow(row: unknown, flags: Flag[]): ScrapeRow | null {
  if (!isObject(row) || (row.complete === undefined && row.incomplete === undefined)) {
    addFlag(flags, 'counts_invalid')
    return null
  }
  return {
    seeders: readCount(row.complete, flags) ?? 0,
    leechers: readCount(row.incomplete, flags) ?? 0,
    downloads: readCount(row.downloaded, flags),
  }
}

function readInterval(value: unknown, flags: Flag[]): number | null {
  if (value === undefined || value === null) {
    flags.push('interval_missing')
    return null
  }
  if (typeof value === 'number' && Number.isInteger(value)) return plausibleInterval(value, flags)
  flags.push('type_interval')
  const isNumber = typeof value === 'number' || (typeof value === 'string' && /^-?\d{1,15}$/.test(value))
  return isNumber ? plausibleInterval(Math.trunc(Number(value)), flags) : null
}

function readCount(value: unknown, flags: Flag[]): number | null {
  if (value === undefined || value === null) return null
  return plausibleCount(typeof value === 'number' && Number.isInteger(value) ? value : Number.NaN, flags)
}

/** For intervals that are a hint at most: nonsense is the same as nothing. */
function quietInterval(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31 ? value : null
}

export function isObject(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A tracker's sentence. No conversion by the language: `{"toString":1}` throws, a deep list overflows the stack. */
function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? `(${Array.isArray(value) ? 'list' : 'object'})` : String(value)
}

/** A copy that whoever prints or copies it cannot trip over: no `__proto__`, and nothing below 32 levels. */
function plain(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth === MAX_DEPTH) return null
  return Array.isArray(value)
    ? value.map((item) => plain(item, depth + 1))
    : plainObject(Object.entries(value), depth + 1)
}

function plainObject(pairs: readonly (readonly [string, unknown])[], depth: number): Message {
  const kept = pairs.filter(([key]) => key !== '__proto__')
  return Object.fromEntries(kept.map(([key, value]) => [key, plain(value, depth)]))
}
