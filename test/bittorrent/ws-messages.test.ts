import { describe, expect, it } from 'vitest'
import type { AnnounceReply } from '../../src/bittorrent/reply.js'
import {
  decodeWsMessage,
  decodeWsScrape,
  encodeWsAnnounce,
  encodeWsScrape,
  type WsAnnounce,
  WsMessageError,
} from '../../src/bittorrent/ws-messages.js'

const HASH = Buffer.from('a2a15537542b22925ad10486bf7a8b2a9c42f0d1', 'hex')
const KEY = HASH.toString('latin1')
const OTHER = 'x'.repeat(20)

const request: WsAnnounce = {
  infoHash: HASH,
  peerId: Buffer.from('-TW0001-abcdefghijkl'),
  event: 'started',
  left: 1000,
  downloaded: 0,
  uploaded: 0,
  numWant: 0,
  trackerId: null,
}

const usual = { action: 'announce', interval: 120, info_hash: KEY, complete: 1, incomplete: 2 }

function decode(message: unknown): ReturnType<typeof decodeWsMessage> {
  return decodeWsMessage(JSON.stringify(message), HASH)
}

function answer(changes: Record<string, unknown>): AnnounceReply {
  const reply = decode({ ...usual, ...changes })
  if (reply !== 'ignore' && reply.kind === 'announce') return reply
  throw new Error('no announce')
}

function codeOf(text: string): string {
  try {
    decodeWsMessage(text, HASH)
  } catch (error) {
    if (error instanceof WsMessageError) return error.code
    throw error
  }
  return 'decoded'
}

describe('an announce', () => {
  it('offers nothing and has bytes as characters', () => {
    expect(JSON.parse(encodeWsAnnounce(request))).toEqual({
      action: 'announce',
      info_hash: '\xa2\xa1U7T+"\x92Z\xd1\x04\x86\xbfz\x8b*\x9cB\xf0\xd1',
      peer_id: '-TW0001-abcdefghijkl',
      uploaded: 0,
      downloaded: 0,
      left: 1000,
      numwant: 0,
      offers: [],
      event: 'started',
    })
  })

  it('carries every byte', () => {
    for (let first = 0; first < 256; first += 20) {
      const bytes = Uint8Array.from({ length: 20 }, (_, index) => (first + index) % 256)
      const onTheWire = Buffer.from(encodeWsAnnounce({ ...request, infoHash: bytes, peerId: bytes }), 'utf8')
      const parsed: unknown = JSON.parse(onTheWire.toString('utf8'))
      const text = String.fromCharCode(...bytes)
      expect(parsed).toMatchObject({ info_hash: text, peer_id: text })
    }
  })

  it('has no event for none, echoes a tracker id, and asks for no negative number of peers', () => {
    const parsed: unknown = JSON.parse(encodeWsAnnounce({ ...request, event: 'none', trackerId: '"\xff', numWant: -1 }))
    expect(parsed).not.toHaveProperty('event')
    expect(parsed).toMatchObject({ trackerid: '"\xff', numwant: 0 })
  })

  it('writes large amounts as digits', () => {
    expect(encodeWsAnnounce({ ...request, left: 2n ** 53n + 1n })).toContain('"left":9007199254740993,')
  })

  it.each([
    [{ left: -1 }, 'left -1, expected an integer from 0 to 2^64-1'],
    [{ infoHash: Buffer.alloc(21) }, 'info hash of 21 bytes, expected 20'],
    [{ peerId: Buffer.alloc(19) }, 'peer id of 19 bytes, expected 20'],
  ])('is refused for %o', (changes, message) => {
    expect(() => encodeWsAnnounce({ ...request, ...changes })).toThrow(new RangeError(message))
  })
})

describe('an answer', () => {
  it('has interval, seeders and leechers', () => {
    expect(decode(usual)).toEqual({
      kind: 'announce',
      announce: {
        intervalS: 120,
        minIntervalS: null,
        seeders: 1,
        leechers: 2,
        peers: null,
        peers6: null,
        warningMessage: null,
        trackerId: null,
        externalIp: null,
        extra: {},
      },
      flags: [],
    })
  })

  it.each(['min interval', 'min_interval'])('may carry %s, a warning, a tracker id and other keys', (key) => {
    const reply = answer({ [key]: 60, 'warning message': 'old client', 'tracker id': 't', more: { a: [1] } })
    expect(reply.announce).toMatchObject({
      minIntervalS: 60,
      warningMessage: 'old client',
      trackerId: 't',
      extra: { more: { a: [1] } },
    })
    expect(reply.flags).toEqual(['tracker_warning'])
  })

  it.each([
    [undefined, null, ['interval_missing']],
    [null, null, ['interval_missing']],
    [0, 0, ['interval_zero']],
    [-1, null, ['interval_invalid']],
    [1e12, null, ['interval_invalid']],
    ['120', 120, ['type_interval']],
    [120.5, 120, ['type_interval']],
    ['soon', null, ['type_interval']],
    [{}, null, ['type_interval']],
  ])('with interval %j has %s with %j', (interval, intervalS, flags) => {
    const reply = answer({ interval })
    expect(reply.announce.intervalS).toBe(intervalS)
    expect(reply.flags).toEqual(flags)
  })

  it.each([[-1], [2 ** 31], [1.5], ['1'], [{}]])('with %j peers has no counts', (count) => {
    const reply = answer({ complete: count, incomplete: count })
    expect(reply.announce).toMatchObject({ seeders: null, leechers: null })
    expect(reply.flags).toEqual(['counts_invalid'])
  })

  it.each([
    ['a relayed offer', { ...usual, offer: { type: 'offer', sdp: '' } }],
    ['a relayed answer', { action: 'announce', info_hash: KEY, answer: { type: 'answer', sdp: '' } }],
    ['the answer for another torrent', { ...usual, info_hash: OTHER }],
    ['a refusal for another torrent', { 'failure reason': 'no', info_hash: OTHER }],
    ['the answer to a scrape', { action: 'scrape', files: {} }],
    ['a message without content', { action: 'announce', info_hash: KEY }],
  ])('is not %s', (_, message) => {
    expect(decode(message)).toBe('ignore')
  })

  it.each([
    ['too short', 'x'.repeat(19)],
    ['too long', 'x'.repeat(21)],
    ['hex digits', HASH.toString('hex')],
    ['text', '€'.repeat(20)],
    ['missing', undefined],
    ['a number', 5],
  ])('with an info hash that is %s is no usable one', (_, info_hash) => {
    expect(codeOf(JSON.stringify({ ...usual, info_hash }))).toBe('ws.bad_message')
  })

  it.each([['[]'], ['"text"'], ['null'], ['5'], ['{'], [''], ['<html>']])('is not %s', (text) => {
    expect(codeOf(text)).toBe('ws.bad_json')
  })

  it('says what it was if it was no JSON', () => {
    expect(() => decodeWsMessage('<html>\n', HASH)).toThrow('no JSON: "<html>"')
    expect(() => decodeWsMessage('[1]', HASH)).toThrow('JSON "[1]", expected an object')
  })
})

describe('a refusal', () => {
  it.each([
    ['alone', {}],
    ['with action and info hash', { action: 'announce', info_hash: KEY }],
    ['with an info hash that is none', { action: 'announce', info_hash: 'short' }],
  ])('may come %s', (_, beside) => {
    expect(decode({ 'failure reason': 'Invalid request', ...beside })).toEqual({
      kind: 'refused',
      code: 'bad_request',
      message: 'Invalid request',
      flags: [],
      retryAfterS: null,
    })
  })

  it.each([
    [5, '5'],
    [null, 'null'],
    [['banned'], '(list)'],
    [{ toString: 1 }, '(object)'],
  ])('may have the reason %j', (reason, message) => {
    expect(decode({ 'failure reason': reason })).toMatchObject({
      code: 'other',
      message,
      flags: ['failure_reason_type'],
    })
  })

  it('honours the interval beside it', () => {
    expect(decode({ 'failure reason': 'no', interval: 900 })).toMatchObject({ retryAfterS: 900 })
  })
})

describe('hostile JSON', () => {
  it('with __proto__ has no effect', () => {
    const text = `{"__proto__":{"failure reason":"x"},"action":"announce","interval":120,"info_hash":${JSON.stringify(KEY)}}`
    const reply = decodeWsMessage(text, HASH)
    if (reply === 'ignore' || reply.kind !== 'announce') throw new Error('no announce')
    expect(reply.announce.extra).toEqual({})
    expect(Object.getPrototypeOf(reply.announce.extra)).toBe(Object.prototype)
  })

  it('nested deeply is cut before anyone else meets it', () => {
    const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const text = `{"warning message":${nested},"x":${nested},"interval":120,"info_hash":${JSON.stringify(KEY)}}`
    const reply = decodeWsMessage(text, HASH)
    if (reply === 'ignore' || reply.kind !== 'announce') throw new Error('no announce')
    expect(reply.announce.warningMessage).toBe('(list)')
    expect(JSON.stringify(reply.announce.extra).length).toBeLessThan(100)
    expect(decodeWsMessage(`{"failure reason":${nested}}`, HASH)).toMatchObject({ message: '(list)' })
  })
})

describe('a scrape', () => {
  it('asks for one info hash as a string and for more as a list', () => {
    const second = Buffer.from(OTHER)
    expect(JSON.parse(encodeWsScrape([HASH]))).toEqual({ action: 'scrape', info_hash: KEY })
    expect(JSON.parse(encodeWsScrape([HASH, second]))).toEqual({ action: 'scrape', info_hash: [KEY, OTHER] })
    expect(() => encodeWsScrape([])).toThrow(RangeError)
  })

  it('is answered by info hash, in the order that was asked for', () => {
    const numbers = { complete: 5, incomplete: 10, downloaded: 50 }
    const text = JSON.stringify({
      action: 'scrape',
      files: { [KEY]: numbers, [OTHER]: { complete: 1, incomplete: 0 } },
    })
    expect(decodeWsScrape(text, [Buffer.from(OTHER), HASH, Buffer.alloc(20)])).toEqual({
      kind: 'scrape',
      entries: [{ seeders: 1, leechers: 0, downloads: null }, { seeders: 5, leechers: 10, downloads: 50 }, null],
      flags: ['scrape_unknown_torrent'],
    })
  })

  it('may be refused, and other messages are ignored', () => {
    expect(decodeWsScrape('{"failure reason":"unsupported"}', [HASH])).toMatchObject({ kind: 'refused' })
    expect(decodeWsScrape(JSON.stringify(usual), [HASH])).toBe('ignore')
    expect(() => decodeWsScrape('[]', [HASH])).toThrow(WsMessageError)
  })

  it.each([[[]], [undefined], ['x']])('with %j for files has no rows', (files) => {
    expect(decodeWsScrape(JSON.stringify({ action: 'scrape', files }), [HASH])).toEqual({
      kind: 'scrape',
      entries: [null],
      flags: ['type_files'],
    })
  })

  it.each([[5], [null], [{}], [{ complete: -1, incomplete: 0 }]])('with the row %j is flagged', (row) => {
    const text = JSON.stringify({ action: 'scrape', files: { [KEY]: row } })
    expect(decodeWsScrape(text, [HASH])).toMatchObject({ flags: ['counts_invalid'] })
  })
})
