import type { Flag } from '../tracker/outcome.js'
import { type BencodeDict, BencodeError, type BencodeValue, decodeBencode } from './bencode.js'
import { survey } from './bencode-guard.js'
import { latin1 } from './latin1.js'
import { sanitiseText } from './rejection.js'

/** Why a body is no tracker's answer, though the exchange went well. */
export type UnrecognizedCode =
  | 'http.empty'
  | 'http.not_a_tracker'
  | 'bencode.not_dict'
  | 'bencode.leading_garbage'
  | 'tracker.unrecognized_reply'

export class UnrecognizedAnswerError extends Error {
  override readonly name = 'UnrecognizedAnswerError'
  readonly code: UnrecognizedCode
  constructor(code: UnrecognizedCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const DICT = 0x64
const EXCERPT_LENGTH = 120
/** Dictionaries that we look for behind leading garbage; a page can contain any number of things that look like one. */
const MAX_SEARCHES = 8

/**
 * The dictionary that an HTTP tracker answers with, and the observations on its encoding. Throws a BencodeError where
 * it is damaged, and an UnrecognizedAnswerError where it is something else.
 */
export function decodeAnswer(bytes: Uint8Array): { dict: BencodeDict; flags: Flag[] } {
  if (isBlank(bytes, 0)) throw new UnrecognizedAnswerError('http.empty', `empty body of ${bytes.length} bytes`)
  if (!looksLikeBencode(bytes)) throw notATracker(bytes)
  const { value, notes, end } = decodeOrExplain(bytes)
  const trailing = !isBlank(bytes, end)
  // "denied" is an empty dictionary and "12:00 maintenance" a byte string only by accident.
  if (trailing && (!isDict(value) || value.size === 0)) throw notATracker(bytes)
  if (isDict(value)) return { dict: value, flags: trailing ? [...notes, 'bencode.trailing_data'] : [...notes] }
  throw new UnrecognizedAnswerError('bencode.not_dict', `bencoded ${kindOf(value)}, expected a dictionary`)
}

/** Whether this is one whole dictionary, with nothing but white space behind it. */
export function isWholeDictionary(bytes: Uint8Array): boolean {
  if (bytes[0] !== DICT) return false
  try {
    return isBlank(bytes, survey(bytes).end)
  } catch (error) {
    if (error instanceof BencodeError) return false
    throw error
  }
}

export function isDict(value: BencodeValue | undefined): value is BencodeDict {
  return value instanceof Map
}

/** What a value is, in a word for messages. */
export function kindOf(value: BencodeValue): string {
  if (value instanceof Uint8Array) return 'byte string'
  if (typeof value === 'object') return isDict(value) ? 'dictionary' : 'list'
  return 'integer'
}

function decodeOrExplain(bytes: Uint8Array): ReturnType<typeof decodeBencode> {
  try {
    return decodeBencode(bytes)
  } catch (error) {
    if (error instanceof BencodeError && error.code === 'bencode.invalid' && isProse(bytes)) throw notATracker(bytes)
    throw error
  }
}

/** A dictionary, list, integer, or the length of a byte string. */
function looksLikeBencode(bytes: Uint8Array): boolean {
  return /^(?:[dli]|\d+:|\d{32})/.test(head(bytes, 32))
}

/** Words such as "database error" or "internal error" begin like a dictionary or an integer. */
function isProse(bytes: Uint8Array): boolean {
  const [word = ''] = /^[a-z]+ ?/i.exec(head(bytes, 64)) ?? []
  return /[^dlie]/.test(word)
}

/** What trackers append without harm: white space and NUL. aquatic ends every body with CR LF. */
function isBlank(bytes: Uint8Array, from: number): boolean {
  return bytes.subarray(from).every((byte) => byte === 0 || byte === 9 || byte === 10 || byte === 13 || byte === 32)
}

function notATracker(bytes: Uint8Array): UnrecognizedAnswerError {
  const text = latin1(bytes)
  const garbage = findDictionary(bytes, text)
  if (garbage > 0) {
    const message = `${garbage} bytes in front of the dictionary (${excerpt(bytes.subarray(0, garbage))}); clients fail on them`
    return new UnrecognizedAnswerError('bencode.leading_garbage', message)
  }
  return new UnrecognizedAnswerError('http.not_a_tracker', `${describe(bytes, text)}, expected a bencoded dictionary`)
}

function describe(bytes: Uint8Array, text: string): string {
  const title = /<title[^>]{0,100}>([^<]{1,300})/i.exec(text)?.[1]
  if (title !== undefined) return `HTML page ${excerpt(Buffer.from(title, 'latin1'))}`
  const first = text.trimStart().charAt(0)
  const kind = first === '<' ? 'HTML' : first === '{' || first === '[' ? 'JSON' : 'text'
  return `${kind} ${excerpt(bytes)}`
}

function excerpt(bytes: Uint8Array): string {
  return `"${sanitiseText(bytes.subarray(0, 4 * EXCERPT_LENGTH)).slice(0, EXCERPT_LENGTH)}"`
}

/** Where a dictionary of a tracker starts; -1 if there is none. */
function findDictionary(bytes: Uint8Array, text: string): number {
  const start = /d\d{1,3}:[a-z]/g
  for (let search = 0; search < MAX_SEARCHES; search++) {
    const match = start.exec(text)
    if (match === null) return -1
    if (isTrackerDictionary(bytes.subarray(match.index))) return match.index
  }
  return -1
}

function isTrackerDictionary(bytes: Uint8Array): boolean {
  try {
    const { value } = decodeBencode(bytes)
    return isDict(value) && ['failure reason', 'interval', 'peers', 'peers6', 'files'].some((key) => value.has(key))
  } catch (error) {
    if (error instanceof BencodeError) return false
    throw error
  }
}

function head(bytes: Uint8Array, length: number): string {
  return latin1(bytes.subarray(0, length))
}
