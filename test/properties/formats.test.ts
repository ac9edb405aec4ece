import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BencodeError, decodeBencode } from '../../src/bittorrent/bencode.js'
import { decodeAnnounceBody, decodeScrapeBody, UnrecognizedAnswerError } from '../../src/bittorrent/http-announce.js'
import { MagnetError, parseMagnet } from '../../src/bittorrent/magnet.js'
import { parseTorrent, TorrentError } from '../../src/bittorrent/torrent.js'
import {
  decodeAnnounceResponse,
  decodeConnectResponse,
  decodeErrorMessage,
  decodeScrapeResponse,
  decodeUdpPacket,
} from '../../src/bittorrent/udp-packets.js'
import { decodeWsMessage, decodeWsScrape, WsMessageError } from '../../src/bittorrent/ws-messages.js'
import { decodeContent, MAX_BODY_BYTES } from '../../src/probe/http/body.js'
import { ProbeError } from '../../src/probe/prober.js'
import { ListError, parseTrackerList } from '../../src/tracker/list.js'
import { parseTracker } from '../../src/tracker/tracker.js'
import { bencodeText, compactPeers, udp } from '../support/encode.js'
import { body, encodedBody, noise, wsFields } from './answers.js'
import { damaged, damagedText, damages } from './damage.js'
import { useLuck } from './seed.js'

/**
 * What a stranger wrote is a value or an error that the function documents, whatever it is. That it takes no time and
 * no memory to speak of shows in that thousands of them pass.
 */
const { holds } = useLuck()
const INFO_HASH = Buffer.alloc(20, 0xaa)

type ErrorClass = abstract new (...args: never[]) => Error

/** The value, or undefined where it threw what it may throw. */
function outcomeOf<T>(work: () => T, ...documented: readonly ErrorClass[]): T | undefined {
  try {
    return work()
  } catch (error) {
    if (documented.some((known) => error instanceof known)) return undefined
    throw error
  }
}

const CONTROL = /[\x00-\x1f\x7f-\x9f]/

describe('any bytes', { timeout: 120_000 }, () => {
  it('are bencode or a BencodeError, and nobody has a new prototype', () => {
    return holds(
      fc.property(fc.oneof(body, noise), (bytes) => {
        const decoded = outcomeOf(() => decodeBencode(bytes), BencodeError)
        expect(decoded?.end ?? 0).toBeLessThanOrEqual(bytes.length)
        expect(Object.keys(Object.prototype)).toEqual([])
      }),
      1500,
    )
  })

  it('are the body of an answer over HTTP or one of two errors, and its text is fit to be printed', () => {
    return holds(
      fc.property(body, (bytes) => {
        const announce = outcomeOf(() => decodeAnnounceBody(bytes), BencodeError, UnrecognizedAnswerError)
        const scrape = outcomeOf(() => decodeScrapeBody(bytes, [INFO_HASH]), BencodeError, UnrecognizedAnswerError)
        for (const reply of [announce, scrape]) {
          if (reply?.kind === 'refused') expect(reply.message).not.toMatch(CONTROL)
          if (reply?.kind !== 'announce') continue
          const { intervalS, peers, peers6, warningMessage } = reply.announce
          expect(warningMessage ?? '').not.toMatch(CONTROL)
          expect(intervalS ?? 0).toBeGreaterThanOrEqual(0)
          for (const { port } of [...(peers ?? []), ...(peers6 ?? [])]) expect(port).toBeLessThan(65_536)
        }
      }),
      1500,
    )
  })

  it('are a compressed body or a ProbeError, whatever they call themselves', () => {
    return holds(
      fc.property(encodedBody, ({ bytes, encoding }) => {
        const content = outcomeOf(() => decodeContent(bytes, encoding), ProbeError)
        expect(content?.bytes.length ?? 0).toBeLessThanOrEqual(MAX_BODY_BYTES)
      }),
      1000,
    )
  })

  const replies = [
    udp.connectReply(1, Buffer.alloc(8, 7)),
    udp.announceReply(1, { interval: 1, leechers: 2, seeders: 3, peers: compactPeers('192.0.2.1:1') }),
    udp.scrapeReply(1, [{ seeders: 1, completed: 2, leechers: 3 }]),
    udp.errorReply(1, 'no\0'),
  ]

  it('are a UDP packet of any kind, or too short for one', () => {
    const packet = fc.oneof(
      fc.tuple(fc.constantFrom(...replies), damages).map(([whole, made]) => damaged(whole, made)),
      noise.map((bytes) => Buffer.from(bytes)),
    )
    return holds(
      fc.property(
        packet,
        fc.constantFrom(4 as const, 6 as const),
        fc.integer({ min: 1, max: 74 }),
        (bytes, family, asked) => {
          expect(decodeUdpPacket(bytes) === null).toBe(bytes.length < 8)
          expect(decodeConnectResponse(bytes) === null).toBe(bytes.length < 16)
          expect(decodeAnnounceResponse(bytes, family) === null).toBe(bytes.length < 20)
          const scrape = decodeScrapeResponse(bytes, asked)
          expect(scrape?.entries.length ?? asked).toBe(asked)
          expect(scrape === null).toBe(bytes.length < 20)
          const text = decodeErrorMessage(bytes)
          expect(text).not.toMatch(CONTROL)
          expect(text.length).toBeLessThanOrEqual(200)
        },
      ),
      1500,
    )
  })

  it('are a WebSocket message or a WsMessageError, as text', () => {
    const usual = { action: 'announce', interval: 120, complete: 1, info_hash: INFO_HASH.toString('latin1') }
    const message = fc.oneof(
      fc.tuple(wsFields, damages).map(([fields, made]) => damagedText(JSON.stringify({ ...usual, ...fields }), made)),
      fc.string({ unit: 'binary' }),
    )
    return holds(
      fc.property(message, (text) => {
        const announce = outcomeOf(() => decodeWsMessage(text, INFO_HASH), WsMessageError)
        const scrape = outcomeOf(() => decodeWsScrape(text, [INFO_HASH]), WsMessageError)
        for (const reply of [announce, scrape]) {
          if (typeof reply === 'object' && reply.kind === 'refused') expect(reply.message).not.toMatch(CONTROL)
        }
        expect(Object.keys(Object.prototype)).toEqual([])
      }),
      1500,
    )
  })

  const torrents = [
    bencodeText({
      announce: 'udp://t.example:1',
      info: { name: 'n', 'piece length': 1, pieces: 'x'.repeat(20), private: 1 },
    }),
    bencodeText({
      'announce-list': [['http://t.example/a', 'udp://t.example:1'], ['ws://t.example']],
      info: { name: 'n', 'meta version': 2, 'file tree': { a: { '': { length: 1 } } } },
    }),
  ]

  it('are a torrent file or a TorrentError', () => {
    const file = fc.oneof(
      fc.tuple(fc.constantFrom(...torrents), damages).map(([whole, made]) => damaged(whole, made)),
      fc
        .tuple(body, fc.constantFrom('announce', 'announce-list'))
        .map(([bytes, key]) => bencodeText({ [key]: [bytes], info: {} })),
      noise,
    )
    return holds(
      fc.property(file, (bytes) => {
        const torrent = outcomeOf(() => parseTorrent(bytes), TorrentError)
        for (const infoHash of torrent?.infoHashes ?? []) expect(infoHash.length).toBe(20)
      }),
      1500,
    )
  })
})

const urls = [
  'udp://tracker.example.com:6969/announce',
  'http://user:pass@tracker.example.com:80/announce.php?passkey=a%20b&x=%FF#y',
  'https://[2001:db8::1]:443/0123456789abcdef0123456789abcdef/announce',
  'wss://tracker.m\u00fcnchen.example/',
  'udp://0x7f.1:80/',
]
const near = (texts: readonly string[]) =>
  fc.tuple(fc.constantFrom(...texts), damages).map(([text, made]) => damagedText(text, made))

describe('any text', { timeout: 120_000 }, () => {
  it('is a tracker whose canonical URL is its own canonical URL, or a problem', () => {
    return holds(
      fc.property(fc.oneof(near(urls), fc.string({ unit: 'binary' })), (text) => {
        const { tracker, problem } = parseTracker(text)
        if (tracker === undefined) expect(problem.code).toMatch(/^url\.[a-z_]+$/)
        else expect(parseTracker(tracker.url)).toEqual({ tracker })
      }),
      3000,
    )
  })

  it('is a list of trackers, each once, or a ListError', () => {
    const list = fc.oneof(
      near([`\ufeff# list\r\n${urls.join('\r\n\r\n')}\r\n`, `${urls.join(', ')} ; and so on\n${urls.join('\n')}`]),
      noise.map((bytes) => Buffer.from(bytes).toString()),
    )
    return holds(
      fc.property(list, (text) => {
        const found = outcomeOf(() => parseTrackerList(text), ListError)
        const canonical = (found?.trackers ?? []).map(({ tracker }) => tracker.url)
        expect(new Set(canonical).size).toBe(canonical.length)
        for (const { text: shown } of found?.problems ?? []) expect(shown).not.toMatch(CONTROL)
      }),
      1500,
    )
  })

  it('is a magnet link or a MagnetError', () => {
    const links = [
      `magnet:?xt=urn:btih:${'a'.repeat(40)}&dn=a+b&tr=${encodeURIComponent('udp://t.example:1')}&tr.1=http%3A%2F%2Fa`,
      `magnet:?xt=urn:btmh:1220${'b'.repeat(64)}&amp;xt=urn:btih:${'A2'.repeat(16)}&x.pe=1.2.3.4:5`,
    ]
    return holds(
      fc.property(fc.oneof(near(links), fc.string({ unit: 'binary' })), (text) => {
        const magnet = outcomeOf(() => parseMagnet(text), MagnetError)
        if (magnet !== undefined) expect(magnet.infoHashes.map(({ length }) => length)).toContain(20)
      }),
      1500,
    )
  })
})
