import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MagnetError, parseMagnet } from '../../src/bittorrent/magnet.js'

const V1 = 'a2a15537542b22925ad10486bf7a8b2a9c42f0d1'
const BASE32 = 'UKQVKN2UFMRJEWWRASDL66ULFKOEF4GR'
const V2 = `${'b1'.repeat(20)}${'c2'.repeat(12)}`
const BTIH = `xt=urn:btih:${V1}`
const BTMH = `xt=urn:btmh:1220${V2}`

function hashesOf(query: string): readonly string[] {
  return parseMagnet(`magnet:?${query}`).infoHashes.map((bytes) => Buffer.from(bytes).toString('hex'))
}

describe('the info hash of a magnet link', () => {
  it.each<[string, string, readonly string[]]>([
    ['hex digits', BTIH, [V1]],
    ['hex digits in upper case', BTIH.toUpperCase(), [V1]],
    ['base32', `xt=urn:btih:${BASE32}`, [V1]],
    ['a percent-encoded topic', `xt=urn%3Abtih%3A${V1}`, [V1]],
    ['version 2, cut to 20 bytes', BTMH, ['b1'.repeat(20)]],
    ['both, version 1 first', `${BTMH}&${BTIH}`, [V1, 'b1'.repeat(20)]],
    ['numbered topics', `xt.1=urn:btih:${V1}&xt.2=urn:btmh:1220${V2}`, [V1, 'b1'.repeat(20)]],
    ['one hash in two spellings', `${BTIH}&xt=urn:btih:${BASE32}`, [V1]],
    ['topics of other networks', `xt=urn:sha1:${BASE32}&${BTIH}&xt=urn:ed2k:31d6cfe0d16ae931b73c59d7e0c089c0`, [V1]],
    ['a topic at the end', `dn=x&tr=udp://t.example:1&${BTIH}`, [V1]],
  ])('is read from %s', (_, query, expected) => {
    expect(hashesOf(query)).toEqual(expected)
  })

  it('is found in a link with capitals and white space around it', () => {
    expect(parseMagnet(` MAGNET:?${BTIH}\n`).infoHashes).toHaveLength(1)
  })
})

describe('the trackers of a magnet link', () => {
  it.each<[string, string, readonly string[]]>([
    ['none', '', []],
    [
      'percent-encoded',
      '&tr=http%3A%2F%2Ft.example%2Fa%3Fx%3D1%26y%3D2&tr=wss%3A%2F%2Fw.example',
      ['http://t.example/a?x=1&y=2', 'wss://w.example'],
    ],
    ['as they are', '&tr=udp://t.example:1/announce?a=b', ['udp://t.example:1/announce?a=b']],
    ['numbered', '&tr.1=udp://a.example:1&tr.2=udp://b.example:2', ['udp://a.example:1', 'udp://b.example:2']],
    ['each once and no blank ones', '&tr=udp://a.example:1&tr=&tr=udp%3A//a.example:1', ['udp://a.example:1']],
    ['with a plus', '&tr=udp://a.example:1/c++', ['udp://a.example:1/c++']],
    [
      'from the source of a page',
      '&amp;tr=udp://a.example:1&amp;tr=udp://b.example:2',
      ['udp://a.example:1', 'udp://b.example:2'],
    ],
  ])('are read: %s', (_, query, expected) => {
    expect(parseMagnet(`magnet:?${BTIH}${query}`).trackers).toEqual(expected)
  })
})

describe('the name of a magnet link', () => {
  it.each([
    ['', null],
    ['&dn=some.iso', 'some.iso'],
    ['&dn=a+b%20c%2Bd', 'a b c+d'],
    ['&dn=gr%C3%B6%C3%9Fe', 'größe'],
    ['&dn=gr%F6%DFe', 'gr%F6%DFe'],
  ])('%j is %j', (query, expected) => {
    expect(parseMagnet(`magnet:?${BTIH}${query}`).name).toBe(expected)
  })
})

describe('what is no magnet link is refused with the part that is wrong', () => {
  it.each([
    ['', '"", expected a magnet link: magnet:?xt=urn:btih:…'],
    ['some.torrent', '"some.torrent", expected a magnet link: magnet:?xt=urn:btih:…'],
    [`magnet:${BTIH}`, `"magnet:${BTIH}", expected a magnet link: magnet:?xt=urn:btih:…`],
    ['magnet:?dn=x', 'no xt=urn:btih:… or xt=urn:btmh:… in the link, expected one'],
    [`magnet:?xt=urn:sha1:${BASE32}`, 'no xt=urn:btih:… or xt=urn:btmh:… in the link, expected one'],
    ['magnet:?xt=urn:btih:abc', 'xt: "urn:btih:abc", expected 40 hex digits or 32 base32 characters behind urn:btih:'],
    [
      `magnet:?xt=urn:btih:${V2}`,
      `xt: "urn:btih:${V2}", expected 40 hex digits or 32 base32 characters behind urn:btih:`,
    ],
    [
      `magnet:?xt=urn:btmh:1114${V1}`,
      `xt: "urn:btmh:1114${V1}", expected 1220 and 64 hex digits (SHA-256) behind urn:btmh:`,
    ],
    [
      `magnet:?${BTIH}&xt=urn:btih:${'0'.repeat(40)}`,
      'xt: several urn:btih that differ, expected those of one torrent',
    ],
    [
      `magnet:?${BTMH}&xt=urn:btmh:1220${'0'.repeat(64)}`,
      'xt: several urn:btmh that differ, expected those of one torrent',
    ],
    ['magnet:?xt=%zz', 'xt: "%zz", expected percent-encoded UTF-8'],
    [`magnet:?${BTIH}&tr.2=udp%3`, 'tr: "udp%3", expected percent-encoded UTF-8'],
    [`magnet:?${BTIH}&tr=${'%ff'.repeat(40)}`, `tr: "${'%ff'.repeat(26)}%f…", expected percent-encoded UTF-8`],
  ])('%j', (uri, message) => {
    expect(() => parseMagnet(uri)).toThrow(new MagnetError(message))
  })

  it('whatever the text: a link or a MagnetError', () => {
    const text = fc.array(
      fc.oneof(fc.constantFrom('&', '=', '%', 'xt', 'tr.1', 'dn', 'urn:btih:', V1, BASE32, '+', '%41'), fc.string()),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(text, (parts) => {
        try {
          expect(parseMagnet(`magnet:?${parts.join('')}`).infoHashes.length).toBeGreaterThan(0)
        } catch (error) {
          expect(error).toBeInstanceOf(MagnetError)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
