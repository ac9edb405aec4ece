import { describe, expect, it } from 'vitest'
import { decodeScrapeBody, UnrecognizedAnswerError } from '../../src/bittorrent/http-announce.js'
import type { ScrapeReply } from '../../src/bittorrent/reply.js'
import { type Bencodable, bencodeText } from '../support/encode.js'

const A = Buffer.from('a2a15537542b22925ad10486bf7a8b2a9c42f0d1', 'hex')
const B = Buffer.from('00112233445566778899aabbccddeeff00112233', 'hex')
const numbers = { complete: 5, downloaded: 50, incomplete: 10 }
const row = { seeders: 5, downloads: 50, leechers: 10 }

function key(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

function scraped(body: Uint8Array, infoHashes: readonly Uint8Array[]): ScrapeReply {
  const reply = decodeScrapeBody(body, infoHashes)
  if (reply.kind === 'scrape') return reply
  throw new Error(`refused: ${reply.message}`)
}

function files(entries: Record<string, Bencodable>): Buffer {
  return bencodeText({ files: entries })
}

describe('a scrape answer', () => {
  it('gives the rows in the order that was asked for', () => {
    const other = { complete: 1, downloaded: 2, incomplete: 3 }
    expect(scraped(files({ [key(A)]: numbers, [key(B)]: other }), [B, A])).toEqual({
      kind: 'scrape',
      entries: [{ seeders: 1, downloads: 2, leechers: 3 }, row],
      flags: [],
    })
  })

  it('may carry more than the numbers', () => {
    const more = { ...numbers, downloaders: 3, name: 'x' }
    const body = bencodeText({ files: { [key(A)]: more }, flags: { min_request_interval: 900 } })
    expect(scraped(body, [A])).toMatchObject({ entries: [row], flags: [] })
  })

  it('without downloads does not invent them', () => {
    expect(scraped(files({ [key(A)]: { complete: 5, incomplete: 10 } }), [A]).entries).toEqual([
      { seeders: 5, downloads: null, leechers: 10 },
    ])
  })

  it.each([
    ['no rows', {}],
    ['the row of another torrent', { [key(B)]: numbers }],
  ])('with %s does not know the torrent', (_, entries) => {
    expect(scraped(files(entries), [A])).toMatchObject({ entries: [null], flags: ['scrape_unknown_torrent'] })
  })

  it('finds a key that was taken for text and encoded as UTF-8', () => {
    const bytes = [...A].flatMap((byte) => (byte < 0x80 ? [byte] : [0xc0 | (byte >> 6), 0x80 | (byte & 0x3f)]))
    expect(bytes.length).toBe(30)
    const body = files({ [key(Buffer.from(bytes))]: numbers, [key(B)]: {} })
    expect(scraped(body, [A])).toMatchObject({ entries: [row], flags: ['scrape_key_mangled'] })
  })

  it('takes the only row under a key that is no info hash, if only one torrent was asked for', () => {
    const body = files({ [A.toString('hex')]: numbers })
    expect(scraped(body, [A])).toMatchObject({ entries: [row], flags: ['scrape_key_mangled'] })
    expect(scraped(body, [A, B])).toMatchObject({ entries: [null, null], flags: ['scrape_unknown_torrent'] })
  })

  it('with a list for files has no rows', () => {
    expect(scraped(bencodeText({ files: [] }), [A])).toMatchObject({ entries: [null], flags: ['type_files'] })
  })

  it('may say host for files', () => {
    const body = bencodeText({ host: { [key(A)]: numbers } })
    expect(scraped(body, [A])).toMatchObject({ entries: [row], flags: ['type_files'] })
  })

  it.each<[string, Bencodable, unknown]>([
    ['no dictionary', 5, null],
    ['no numbers', { downloaded: 1 }, null],
    ['a negative number', { ...numbers, complete: -1 }, { ...row, seeders: 0 }],
    ['text for a number', { ...numbers, incomplete: '7' }, { ...row, leechers: 0 }],
  ])('with %s in a row is flagged', (_, bad, entry) => {
    expect(scraped(files({ [key(A)]: bad }), [A])).toMatchObject({ entries: [entry], flags: ['counts_invalid'] })
  })

  it('of 600 kB is decoded', () => {
    const entries = Array.from({ length: 7500 }, (_, index) => [key(Buffer.alloc(20, `${index}-`)), numbers] as const)
    const body = files({ ...Object.fromEntries(entries), [key(A)]: numbers })
    expect(body.length).toBeGreaterThan(500_000)
    expect(scraped(body, [A])).toMatchObject({ entries: [row], flags: [] })
  })

  it('may be a refusal', () => {
    expect(decodeScrapeBody(bencodeText({ 'failure reason': 'full scrapes are busy' }), [A])).toMatchObject({
      kind: 'refused',
      code: 'overloaded',
    })
  })

  it('without files is not recognised', () => {
    expect(() => decodeScrapeBody(bencodeText({ interval: 1800 }), [A])).toThrow(
      new UnrecognizedAnswerError(
        'tracker.unrecognized_reply',
        'dictionary with "interval", expected "failure reason" or one of "files"',
      ),
    )
  })
})
