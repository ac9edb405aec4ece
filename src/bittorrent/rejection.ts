import { isUtf8 } from 'node:buffer'
import type { Flag, RejectClass } from '../tracker/outcome.js'
import type { RefusedReply } from './reply.js'

const MAX_MESSAGE_LENGTH = 200
const MAX_RAW_BYTES = 200

/**
 * First match wins. The two phrases on top contain words of later classes ("authorized", "invalid connection id") and
 * mean something narrower: opentracker's whitelist, and a connection id that has to be renewed (BEP 15).
 */
const patterns: readonly (readonly [RejectClass, RegExp])[] = [
  ['not_registered', /not authorized for use with this tracker/i],
  ['conn_id', /connection.?id\b/i],
  ['auth', /passkey|auth|key|login/i],
  ['not_registered', /unregistered|not registered|not found|not whitelisted|not allowed|unknown info/i],
  ['client_banned', /client|agent|banned/i],
  ['rate_limited', /too many|too often|slow down|\bwait|min interval/i],
  ['overloaded', /overload|busy|maintenance|database|temporar/i],
  ['bad_request', /invalid|missing|malformed|\bbad|\bport|peer_id|info_hash|\bevent|numwant/i],
]

/** What kind of refusal the tracker's text is; trackers have no codes, so this reads their usual words. */
export function classifyRejection(message: string): RejectClass {
  return patterns.find(([, pattern]) => pattern.test(message))?.[0] ?? 'other'
}

/**
 * A stranger's text made fit for terminals, logs and pages: UTF-8 decoded lossily, escape sequences, control and
 * direction characters removed, at most 200 characters; `(empty)` where nothing is left.
 */
export function sanitiseText(given: Uint8Array | string): string {
  const text = printable(Buffer.from(given).toString('utf8')).trim()
  return text === '' ? '(empty)' : cut(text)
}

/** A text without escape sequences, control and direction characters; line breaks become spaces. */
export function printable(text: string): string {
  return text
    .replace(/\x1b\[[0-?]*[ -/]*[@-~]/g, '')
    .replace(/[\t\r\n]+/g, ' ')
    .replace(/[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, '')
}

/** The refusal that a tracker's text states. */
export function refusalOf(
  text: Uint8Array | string,
  flags: readonly Flag[] = [],
  retryAfterS: number | null = null,
): RefusedReply {
  const message = sanitiseText(text)
  const refusal: RefusedReply = { kind: 'refused', code: classifyRejection(message), message, flags, retryAfterS }
  if (typeof text === 'string' || isUtf8(text)) return refusal
  return { ...refusal, rawMessageHex: Buffer.from(text.subarray(0, MAX_RAW_BYTES)).toString('hex') }
}

function cut(text: string): string {
  // A pair of surrogates on the edge would leave half a character behind.
  return text.slice(0, MAX_MESSAGE_LENGTH).replace(/[\ud800-\udbff]$/, '')
}
