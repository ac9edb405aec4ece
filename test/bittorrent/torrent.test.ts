import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_TORRENT_BYTES, parseTorrent, TorrentError } from '../../src/bittorrent/torrent.js'
import { type Bencodable, bencodeText } from '../support/encode.js'

type Dict = Readonly<Record<string, Bencodable>>

const ANNOUNCE = 'udp://a.example:1/announce'
const V1: Dict = { name: 'some.iso', 'piece length': 16384, length: 3, pieces: Buffer.alloc(20, 0xfe) }
const FILE_TREE = { 'some.iso': { '': { length: 3, 'pieces root': Buffer.alloc(32, 0xfd) } } }
const V2: Dict = { name: 'some.iso', 'piece length': 16384, 'meta version': 2, 'file tree': FILE_TREE }

function torrent(parts: Dict = {}, info: Bencodable = V1): Buffer {
  return bencodeText({ announce: ANNOUNCE, info, ...parts })
}

function hex(hashes: readonly Uint8Array[]): readonly string[] {
  return hashes.map((bytes) => Buffer.from(bytes).toString('hex'))
}

function sha1(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex')
}

/** The first 20 bytes, as trackers know it (BEP 52). */
function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 40)
}

function messageOf(bytes: Uint8Array): string {
  try {
    parseTorrent(bytes)
  } catch (error) {
    if (error instanceof TorrentError) return error.message
    throw error
  }
  throw new Error('it is a torrent')
}

describe('the info hash of a torrent', () => {
  it.each<[string, Dict, readonly string[]]>([
    ['version 1 is a SHA-1', V1, [sha1(bencodeText(V1))]],
    ['version 2 is the start of a SHA-256', V2, [sha256(bencodeText(V2))]],
    [
      'a hybrid is both, that of version 1 first',
      { ...V1, ...V2 },
      [sha1(bencodeText({ ...V1, ...V2 })), sha256(bencodeText({ ...V1, ...V2 }))],
    ],
  ])('of %s', (_, info, expected) => {
    expect(hex(parseTorrent(torrent({}, info)).infoHashes)).toEqual(expected)
  })

  it('is taken over the bytes as they stand: keys unsorted, leading zeros, large integers, unknown keys', () => {
    const info = Buffer.from('d6:piecesi007e4:name1:x1:zi12345678901234567890ee')
    const bytes = Buffer.concat([Buffer.from('d1:ai1e4:info'), info, Buffer.from('1:zlee')])
    expect(hex(parseTorrent(bytes).infoHashes)).toEqual([sha1(info)])
  })

  it('is not misled by an "info" further inside or in a text', () => {
    const bytes = torrent({ comment: '4:infod4:name1:xe', 'a nest': { info: { pieces: '' } } })
    expect(hex(parseTorrent(bytes).infoHashes)).toEqual([sha1(bencodeText(V1))])
  })

  it('is that of the first "info", should there be two', () => {
    const [first, second] = [bencodeText(V1), bencodeText({ ...V1, name: 'other' })]
    const key = Buffer.from('4:info')
    const bytes = Buffer.concat([Buffer.from('d'), key, first, key, second, Buffer.from('e')])
    expect(hex(parseTorrent(bytes).infoHashes)).toEqual([sha1(first)])
  })

  it('does not depend on what follows the torrent', () => {
    const bytes = Buffer.concat([torrent(), Buffer.from('\r\n')])
    expect(hex(parseTorrent(bytes).infoHashes)).toEqual([sha1(bencodeText(V1))])
  })

  it('of a large torrent is no other: 10 MiB of pieces, 20,000 files', () => {
    const files = Array.from({ length: 20_000 }, (_, index) => ({ length: index, path: ['folder', `${index}.bin`] }))
    const info = { name: 'large', 'piece length': 16384, files, pieces: Buffer.alloc(10 * 1024 * 1024, 1) }
    const parsed = parseTorrent(torrent({}, info))
    expect(hex(parsed.infoHashes)).toEqual([sha1(bencodeText(info))])
    expect(parsed.name).toBe('large')
  })

  it('of folders 100 deep is one too', () => {
    const tree = Array.from({ length: 100 }).reduce<Dict>((inner) => ({ folder: inner }), FILE_TREE)
    const info = { ...V2, 'file tree': tree }
    expect(hex(parseTorrent(torrent({}, info)).infoHashes)).toEqual([sha256(bencodeText(info))])
  })
})

describe('the trackers of a torrent', () => {
  it.each<[string, Dict, readonly string[]]>([
    ['"announce" alone', {}, [ANNOUNCE]],
    ['"announce", then the tiers in order', { 'announce-list': [['b', 'c'], ['d']] }, [ANNOUNCE, 'b', 'c', 'd']],
    ['each once', { 'announce-list': [['b', ANNOUNCE], ['b']] }, [ANNOUNCE, 'b']],
    ['a list of URLs instead of tiers', { 'announce-list': ['b', 'c'] }, [ANNOUNCE, 'b', 'c']],
    ['no blank ones', { announce: '', 'announce-list': [[], [' '], ['b']] }, ['b']],
    ['texts as they are', { announce: 'http://ä.example/?pass key' }, ['http://ä.example/?pass key']],
  ])('are %s', (_, parts, expected) => {
    expect(parseTorrent(torrent(parts)).trackers).toEqual(expected)
  })

  it('may be none', () => {
    expect(parseTorrent(bencodeText({ info: V1, nodes: [['192.0.2.1', 6881]] })).trackers).toEqual([])
  })

  it('are not those inside "info", which clients do not ask', () => {
    expect(parseTorrent(torrent({}, { ...V1, announce: 'udp://other.example:1' })).trackers).toEqual([ANNOUNCE])
  })
})

describe('name and privacy', () => {
  it.each<[string, Dict, { name: string | null; isPrivate: boolean }]>([
    ['an open one', V1, { name: 'some.iso', isPrivate: false }],
    ['a private one (BEP 27)', { ...V1, private: 1 }, { name: 'some.iso', isPrivate: true }],
    ['private: 0', { ...V1, private: 0 }, { name: 'some.iso', isPrivate: false }],
    ['no name', { pieces: '' }, { name: null, isPrivate: false }],
    ['a name that is a number', { ...V1, name: 5 }, { name: null, isPrivate: false }],
    ['a name in UTF-8', { ...V1, name: 'größe' }, { name: 'größe', isPrivate: false }],
  ])('of %s', (_, info, expected) => {
    expect(parseTorrent(torrent({}, info))).toMatchObject(expected)
  })
})

describe('what is no torrent is refused with what is missing and expected', () => {
  const hollow: Dict = { name: 'x' }
  it.each<[string, Uint8Array, string]>([
    ['nothing', Buffer.alloc(0), 'no torrent file: end of input, expected more at byte 0'],
    ['a web page', Buffer.from('<!doctype html>'), 'no torrent file: expected a dictionary at byte 0'],
    ['a list', bencodeText([1]), 'no torrent file: expected a dictionary at byte 0'],
    ['half a file', torrent().subarray(0, 60), 'no torrent file: string of 4 bytes with 0 bytes left at byte 58'],
    ['an answer of a tracker', bencodeText({ interval: 1 }), 'no "info" in it, expected a torrent file (BEP 3)'],
    ['"info" as a text', torrent({}, 'x'), '"info": expected a dictionary at byte 0'],
    ['no pieces', torrent({}, hollow), 'no "pieces" in "info", expected them in version 1 (BEP 3)'],
    [
      'no file tree',
      torrent({}, { ...hollow, 'meta version': 2 }),
      'no "file tree" in "info", expected it in version 2 (BEP 52)',
    ],
    [
      'a later version',
      torrent({}, { ...V2, 'meta version': 3 }),
      '"meta version" of "info" is 3, expected 1 or 2 (BEP 52)',
    ],
    [
      'a version in words',
      torrent({}, { ...V2, 'meta version': '2' }),
      '"meta version" of "info" is a byte string, expected 1 or 2 (BEP 52)',
    ],
    ['a number to announce to', torrent({ announce: 5 }), '"announce" is a bencoded integer, expected an announce URL'],
    [
      'a text of tiers',
      torrent({ 'announce-list': 'x' }),
      '"announce-list" is a bencoded byte string, expected a list of tiers (BEP 12)',
    ],
    [
      'a tier of numbers',
      torrent({ 'announce-list': [[5]] }),
      'an entry of "announce-list" is a bencoded integer, expected an announce URL',
    ],
  ])('%s', (_, bytes, message) => {
    expect(messageOf(bytes)).toBe(message)
  })

  it.each([
    ['bytes', Buffer.alloc(MAX_TORRENT_BYTES + 1, 'd'), 'more than 33554432 bytes'],
    ['tokens', Buffer.concat([Buffer.from('d1:al'), Buffer.alloc(8 * 1024 * 1024, 'i1e')]), 'more than 2000000 tokens'],
    ['levels', Buffer.concat([Buffer.from('d1:a'), Buffer.alloc(1000, 'l')]), 'nested deeper than 128'],
    ['trackers', torrent({ 'announce-list': [['x'.repeat(2 * 1024 * 1024)]] }), '"announce-list": more than 1048576'],
  ])('too many %s', (_, bytes, message) => {
    expect(messageOf(bytes)).toContain(message)
  })
})

describe('any bytes', () => {
  const within = (bytes: Uint8Array): void => {
    try {
      const { infoHashes, trackers } = parseTorrent(bytes)
      expect(infoHashes.map(({ length }) => length)).toEqual(infoHashes.map(() => 20))
      expect(infoHashes.length).toBeGreaterThan(0)
      expect(new Set(trackers).size).toBe(trackers.length)
    } catch (error) {
      expect(error).toBeInstanceOf(TorrentError)
    }
  }

  it('are a torrent or a TorrentError', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), within))
  })

  it('and so is a torrent with bytes replaced', () => {
    const good = torrent({ 'announce-list': [['b']] }, { ...V1, ...V2, private: 1 })
    const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(damage, (changes) => {
        const bytes = Uint8Array.from(good)
        for (const [at, byte] of changes) bytes[at] = byte
        within(bytes)
      }),
      { numRuns: 1000 },
    )
  })
})
