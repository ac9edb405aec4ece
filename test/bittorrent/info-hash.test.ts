import { describe, expect, it } from 'vitest'
import { parseInfoHash, parsePeerId, udpKey } from '../../src/bittorrent/info-hash.js'

const HEX = 'a2a15537542b22925ad10486bf7a8b2a9c42f0d1'
const EXPECTED = '40 hex digits, 32 base32 characters, 64 hex digits (v2) or 20 bytes'

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

describe('parseInfoHash', () => {
  it.each([
    ['40 hex digits', HEX],
    ['hex digits in upper case', HEX.toUpperCase()],
    ['64 hex digits, cut to 20 bytes', HEX + '00'.repeat(12)],
    ['32 base32 characters', 'UKQVKN2UFMRJEWWRASDL66ULFKOEF4GR'],
    ['base32 in lower case', 'ukqvkn2ufmrjewwrasdl66ulfkoef4gr'],
    ['a urn of v1', `urn:btih:${HEX}`],
    ['a urn of v2', `urn:btmh:1220${HEX}${'00'.repeat(12)}`],
    ['20 bytes', Buffer.from(HEX, 'hex')],
  ])('takes %s', (_, given) => {
    expect(hex(parseInfoHash(given))).toBe(HEX)
  })

  it('keeps leading zeros of base32', () => {
    expect(hex(parseInfoHash(`${'a'.repeat(31)}b`))).toBe(`${'00'.repeat(19)}01`)
  })

  it.each([
    ['', 'info hash "" of 0 characters'],
    ['abc', 'info hash "abc" of 3 characters'],
    [HEX.slice(1), `info hash "${HEX.slice(1)}" of 39 characters`],
    [`${HEX.slice(1)}g`, `info hash "${HEX.slice(1)}g" of 40 characters`],
    ['1'.repeat(32), `info hash "${'1'.repeat(32)}" of 32 characters`],
    [new Uint8Array(19), 'info hash of 19 bytes'],
  ])('refuses %j', (given, message) => {
    expect(() => parseInfoHash(given)).toThrow(new RangeError(`${message}, expected ${EXPECTED}`))
  })
})

describe('parsePeerId', () => {
  it('takes 20 bytes as they are', () => {
    expect(parsePeerId(Buffer.alloc(20, 0xff))).toEqual(new Uint8Array(20).fill(0xff))
  })

  it.each([
    ['-TW0001-abcdefghijkl', '-TW0001-abcdefghijkl'],
    ['short', 'short---------------'],
    ['', '--------------------'],
    ['zwölf', 'zwölf--------------'],
  ])('pads %j to 20 bytes', (given, expected) => {
    expect(Buffer.from(parsePeerId(given)).toString()).toBe(expected)
  })

  it.each([
    ['x'.repeat(21), `peer id "${'x'.repeat(21)}" of 21 bytes, expected at most 20`],
    ['ö'.repeat(11), `peer id "${'ö'.repeat(11)}" of 22 bytes, expected at most 20`],
    [new Uint8Array(19), 'peer id of 19 bytes, expected 20'],
  ])('refuses %j', (given, message) => {
    expect(() => parsePeerId(given)).toThrow(new RangeError(message))
  })
})

describe('udpKey', () => {
  it.each([
    [0, 0],
    [0xffffffff, 0xffffffff],
    ['0', 0],
    ['4294967295', 0xffffffff],
  ])('takes the 32-bit number %j as it is', (given, key) => {
    expect(udpKey(given)).toBe(key)
  })

  it('hashes any other text, the same each time', () => {
    // The first 4 bytes of SHA-256("abc"), from FIPS 180-4.
    expect(udpKey('abc')).toBe(0xba7816bf)
    expect(udpKey('4294967296')).not.toBe(udpKey('4294967297'))
    expect(udpKey('-1')).toBeGreaterThanOrEqual(0)
  })

  it.each([[-1], [1.5], [2 ** 32], [Number.NaN]])('refuses the number %d', (given) => {
    expect(() => udpKey(given)).toThrow(new RangeError(`key ${given}, expected an integer from 0 to 4294967295`))
  })
})
