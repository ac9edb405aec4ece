/** Why bytes are no bencode that we accept. */
export type BencodeErrorCode = 'bencode.invalid' | 'bencode.truncated' | 'bencode.limit'

export class BencodeError extends Error {
  override readonly name = 'BencodeError'
  readonly code: BencodeErrorCode
  /** Offset of the byte that is wrong, or of the end where more was expected. */
  readonly position: number
  constructor(code: BencodeErrorCode, position: number, message: string) {
    super(`${message} at byte ${position}`)
    this.code = code
    this.position = position
  }
}

/** What one walk over the bytes learned about the first value in them. */
export interface Survey {
  /** Offset behind the value. */
  readonly end: number
  /** Offset of every container and whether it is a dictionary, in the order of the bytes. */
  readonly containers: readonly { readonly at: number; readonly isDict: boolean }[]
  /** The integers that a double cannot hold, in the order of the bytes. */
  readonly bigInts: readonly bigint[]
  /** Leading zeros or a negative zero: wrong, but clients accept it. */
  readonly noncanonical: boolean
}

/** How much bencode is accepted. Keys and values are tokens alike, and so are the ends of containers. */
export interface BencodeLimits {
  readonly maxBytes: number
  readonly maxDepth: number
  readonly maxTokens: number
}

/** Of what a tracker answers. */
const ANSWER_LIMITS: BencodeLimits = { maxBytes: 1024 * 1024, maxDepth: 32, maxTokens: 100_000 }
const MAX_DIGITS = 20

const DICT = 0x64
const LIST = 0x6c
const INTEGER = 0x69
const END = 0x65
const COLON = 0x3a
const MINUS = 0x2d
const ZERO = 0x30

/**
 * Walks the first value once, without recursion: grammar (BEP 3), depth, number of tokens and size. Throws a
 * BencodeError.
 */
export function survey(bytes: Uint8Array, limits: BencodeLimits = ANSWER_LIMITS): Survey {
  const { maxBytes, maxTokens } = limits
  if (bytes.length > maxBytes) throw new BencodeError('bencode.limit', maxBytes, `more than ${maxBytes} bytes`)
  const walk = { bytes, limits, at: 0, noncanonical: false, containers: [], bigInts: [] } satisfies Walk
  const open: OpenContainer[] = []
  let tokens = 0
  do {
    if (++tokens > maxTokens) throw new BencodeError('bencode.limit', walk.at, `more than ${maxTokens} tokens`)
    step(walk, open)
  } while (open.length > 0)
  return { end: walk.at, containers: walk.containers, bigInts: walk.bigInts, noncanonical: walk.noncanonical }
}

interface Walk {
  readonly bytes: Uint8Array
  readonly limits: BencodeLimits
  at: number
  noncanonical: boolean
  readonly containers: { at: number; isDict: boolean }[]
  readonly bigInts: bigint[]
}

interface OpenContainer {
  readonly isDict: boolean
  expectsKey: boolean
}

function step(walk: Walk, open: OpenContainer[]): void {
  const byte = byteAt(walk)
  const inside = open.at(-1)
  if (byte === END && inside !== undefined) {
    if (inside.isDict && !inside.expectsKey) throw invalid(walk, 'key without a value')
    open.pop()
    walk.at++
    return
  }
  if (inside?.isDict === true) {
    if (inside.expectsKey && !isDigit(byte)) throw invalid(walk, `${show(byte)}, expected a key`)
    inside.expectsKey = !inside.expectsKey
  }
  if (byte === DICT || byte === LIST) openContainer(walk, open, byte === DICT)
  else if (byte === INTEGER) readInteger(walk)
  else readString(walk)
}

function openContainer(walk: Walk, open: OpenContainer[], isDict: boolean): void {
  const { maxDepth } = walk.limits
  if (open.length === maxDepth) throw new BencodeError('bencode.limit', walk.at, `nested deeper than ${maxDepth}`)
  walk.containers.push({ at: walk.at++, isDict })
  open.push({ isDict, expectsKey: isDict })
}

function readInteger(walk: Walk): void {
  walk.at++
  const negative = byteAt(walk) === MINUS
  if (negative) walk.at++
  const start = walk.at
  const value = readDigits(walk, END)
  if (negative && value === 0) walk.noncanonical = true
  if (Number.isSafeInteger(value)) return
  const exact = BigInt(Buffer.from(walk.bytes.subarray(start, walk.at - 1)).toString('latin1'))
  walk.bigInts.push(negative ? -exact : exact)
}

function readString(walk: Walk): void {
  const start = walk.at
  const length = readDigits(walk, COLON)
  const { maxBytes } = walk.limits
  if (length > maxBytes) throw new BencodeError('bencode.invalid', start, `string of more than ${maxBytes} bytes`)
  const left = walk.bytes.length - walk.at
  if (length > left) {
    throw new BencodeError('bencode.truncated', start, `string of ${length} bytes with ${left} bytes left`)
  }
  walk.at += length
}

/** Reads digits and the byte behind them. Beyond 2^53 the value is rounded. */
function readDigits(walk: Walk, terminator: number): number {
  const start = walk.at
  let value = 0
  let byte = byteAt(walk)
  for (; isDigit(byte); byte = byteAt(walk)) {
    value = value * 10 + (byte - ZERO)
    if (++walk.at - start > MAX_DIGITS) throw invalid(walk, `number of more than ${MAX_DIGITS} digits`)
  }
  if (walk.at === start) throw invalid(walk, `${show(byte)}, expected a digit`)
  if (byte !== terminator) throw invalid(walk, `${show(byte)}, expected a digit or ${show(terminator)}`)
  if (walk.bytes[start] === ZERO && walk.at - start > 1) walk.noncanonical = true
  walk.at++
  return value
}

function byteAt(walk: Walk): number {
  const byte = walk.bytes[walk.at]
  if (byte === undefined) throw new BencodeError('bencode.truncated', walk.at, 'end of input, expected more')
  return byte
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39
}

function show(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte 0x${byte.toString(16).padStart(2, '0')}`
}

function invalid(walk: Walk, message: string): BencodeError {
  return new BencodeError('bencode.invalid', walk.at, message)
}
