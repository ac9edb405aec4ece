import { createHash } from 'node:crypto'
import { checkInteger } from './amount.js'

const LENGTH = 20
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'
const FORMS = '40 hex digits, 32 base32 characters, 64 hex digits (v2) or 20 bytes'

/**
 * The 20 bytes of an info hash as they go on the wire: from 40 hex digits, 32 base32 characters, 64 hex digits (v2, cut
 * to 20 bytes as BEP 52 says), each also behind `urn:btih:` or `urn:btmh:1220`, or 20 bytes. Else throws a RangeError.
 */
export function parseInfoHash(given: string | Uint8Array): Uint8Array {
  if (typeof given !== 'string') {
    if (given.length === LENGTH) return Uint8Array.from(given)
    throw new RangeError(`info hash of ${given.length} bytes, expected ${FORMS}`)
  }
  const text = given.trim().replace(/^urn:(?:btih:|btmh:1220)/i, '')
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(text)) return Uint8Array.from(Buffer.from(text.slice(0, 40), 'hex'))
  if (/^[a-z2-7]{32}$/i.test(text)) return decodeBase32(text)
  throw new RangeError(`info hash "${given}" of ${given.length} characters, expected ${FORMS}`)
}

/** The 20 bytes of a peer id: as given, or a text of at most 20 UTF-8 bytes padded with `-`. Else throws a RangeError. */
export function parsePeerId(given: string | Uint8Array): Uint8Array {
  if (typeof given !== 'string') {
    if (given.length === LENGTH) return Uint8Array.from(given)
    throw new RangeError(`peer id of ${given.length} bytes, expected ${LENGTH}`)
  }
  const bytes = Buffer.from(given)
  if (bytes.length > LENGTH) {
    throw new RangeError(`peer id "${given}" of ${bytes.length} bytes, expected at most ${LENGTH}`)
  }
  const peerId = new Uint8Array(LENGTH).fill('-'.charCodeAt(0))
  peerId.set(bytes)
  return peerId
}

/**
 * The 32-bit key of a UDP announce: a number from 0 to 2^32 − 1 or its decimal digits as they are, any other text as
 * the start of its SHA-256. Throws a RangeError for any other number.
 */
export function udpKey(key: number | string): number {
  if (typeof key === 'string') {
    const isNumber = /^\d{1,10}$/.test(key) && Number(key) <= 0xffffffff
    return isNumber ? Number(key) : createHash('sha256').update(key).digest().readUInt32BE(0)
  }
  checkInteger('key', key, 0, 0xffffffff)
  return key
}

/** 32 characters of 5 bits are exactly 20 bytes. */
function decodeBase32(text: string): Uint8Array {
  let bits = 0n
  for (const char of text.toLowerCase()) bits = (bits << 5n) | BigInt(BASE32.indexOf(char))
  return Uint8Array.from(Buffer.from(bits.toString(16).padStart(2 * LENGTH, '0'), 'hex'))
}
