import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BencodeError } from '../../src/bittorrent/bencode.js'
import { decodeAnnounceBody, UnrecognizedAnswerError } from '../../src/bittorrent/http-announce.js'
import type { AnnounceReply, RefusedReply } from '../../src/bittorrent/reply.js'
import { type Bencodable, bencodeText, compactPeer6, compactPeers } from '../support/encode.js'

const usual = { complete: 1, incomplete: 0, interval: 1800, peers: compactPeers('192.0.2.1:6881') }

function announced(body: Uint8Array): AnnounceReply {
  const reply = decodeAnnounceBody(body)
  if (reply.kind === 'announce') return reply
  throw new Error(`refused: ${reply.message}`)
}

function refused(body: Uint8Array): RefusedReply {
  const reply = decodeAnnounceBody(body)
  if (reply.kind === 'refused') return reply
  throw new Error('not refused')
}

/** The usual answer with other or more keys. */
function answer(changes: Record<string, Bencodable> = {}): AnnounceReply {
  return announced(bencodeText({ ...usual, ...changes }))
}

/** The usual answer without some keys. */
function answerWithout(...keys: string[]): AnnounceReply {
  return announced(bencodeText(Object.fromEntries(Object.entries(usual).filter(([key]) => !keys.includes(key)))))
}

function raw(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

function failureOf(body: Uint8Array): { code: string; message: string } {
  try {
    decodeAnnounceBody(body)
  } catch (error) {
    if (error instanceof BencodeError || error instanceof UnrecognizedAnswerError) {
      return { code: error.code, message: error.message }
    }
    throw error
  }
  throw new Error('decoded')
}

describe('an announce answer', () => {
  it('is decoded', () => {
    const body = raw('d8:completei1e10:incompletei0e8:intervali1800e5:peers6:\xc0\x00\x02\x01\x1a\xe1e')
    expect(announced(body)).toEqual({
      kind: 'announce',
      announce: {
        intervalS: 1800,
        minIntervalS: null,
        seeders: 1,
        leechers: 0,
        peers: [{ ip: '192.0.2.1', port: 6881 }],
        peers6: null,
        warningMessage: null,
        trackerId: null,
        externalIp: null,
        extra: {},
      },
      flags: [],
    })
  })

  it('may have peers as a list of addresses and names, without peer ids', () => {
    const peers = [
      { ip: '192.0.2.1', port: 1, 'peer id': 'x'.repeat(20) },
      { ip: '2001:db8::1', port: 2 },
      { ip: '::ffff:192.0.2.1', port: 3 },
      { ip: 'peer.example', port: 0 },
    ]
    const reply = answer({ peers })
    expect(reply.announce.peers).toEqual(peers.map(({ ip, port }) => ({ ip, port })))
    expect(reply.flags).toEqual([])
  })

  it('may have IPv6 peers only, or both', () => {
    const peers6 = compactPeer6('20010db8000000000000000000000001', 6881)
    const only = announced(bencodeText({ interval: 1800, peers6 }))
    expect(only.announce).toMatchObject({ peers: null, peers6: [{ ip: '2001:db8::1', port: 6881 }] })
    expect(only.flags).toEqual([])
    expect(answer({ peers6 }).announce).toMatchObject({ peers: [{ port: 6881 }], peers6: [{ port: 6881 }] })
  })

  it('may have no peers at all, with a note', () => {
    const reply = answerWithout('peers')
    expect(reply.announce).toMatchObject({ peers: null, peers6: null })
    expect(reply.flags).toEqual(['no_peers_key'])
  })

  it.each([
    ['peers', 7, 1, 'peers_misaligned'],
    ['peers6', 19, 1, 'peers6_misaligned'],
  ] as const)('keeps the whole entries of %s of %i bytes', (key, length, kept, flag) => {
    const reply = answer({ [key]: Buffer.alloc(length, 1) })
    expect(reply.announce[key]).toHaveLength(kept)
    expect(reply.flags).toEqual([flag])
  })

  it.each([
    ['an integer', 5],
    ['a dictionary', { ip: '192.0.2.1' }],
  ])('with %s for peers has none', (_, peers) => {
    const reply = answer({ peers, peers6: peers })
    expect(reply.announce).toMatchObject({ peers: null, peers6: null })
    expect(reply.flags).toEqual(['type_peers'])
  })

  it.each([
    ['port −1', { ip: '192.0.2.1', port: -1 }],
    ['port 65536', { ip: '192.0.2.1', port: 65536 }],
    ['a port of text', { ip: '192.0.2.1', port: '80' }],
    ['no port', { ip: '192.0.2.1' }],
    ['no address', { port: 80 }],
    ['an address of bytes', { ip: Buffer.from([192, 0, 2, 1]), port: 80 }],
    ['an address with an escape', { ip: '\x1b[31m', port: 80 }],
    ['something else than a dictionary', 5],
  ])('skips a peer with %s and keeps the others', (_, bad) => {
    const good = { ip: '192.0.2.2', port: 80 }
    const some = answer({ peers: [bad, good] })
    expect(some.announce.peers).toEqual([good])
    expect(some.flags).toEqual(['peers_skipped'])
    const none = answer({ peers: [bad, bad] })
    expect(none.announce.peers).toEqual([])
    expect(none.flags).toEqual(['peers_all_invalid'])
  })

  it.each<[string, Bencodable, number | null, string[]]>([
    ['0', 0, 0, ['interval_zero']],
    ['59', 59, 59, ['interval_low']],
    ['86401', 86401, 86401, ['interval_high']],
    ['−1', -1, null, ['interval_invalid']],
    ['10^12', 10 ** 12, null, ['interval_invalid']],
    ['2^63', 2n ** 63n, null, ['interval_invalid']],
    ['2^64', 2n ** 64n, null, ['interval_invalid']],
    ['digits', '1800', 1800, ['type_interval']],
    ['negative digits', '-5', null, ['type_interval', 'interval_invalid']],
    ['a word', 'soon', null, ['type_interval']],
    ['nothing', '', null, ['type_interval']],
    ['a list', [1800], null, ['type_interval']],
  ])('with %s for an interval has the right flags', (_, interval, intervalS, flags) => {
    const reply = answer({ interval })
    expect(reply.announce.intervalS).toBe(intervalS)
    expect(reply.flags).toEqual(flags)
  })

  it('without an interval says so', () => {
    const reply = answerWithout('interval')
    expect(reply.announce.intervalS).toBeNull()
    expect(reply.flags).toEqual(['interval_missing'])
  })

  it.each<[Bencodable, number | null]>([
    [900, 900],
    ['900', 900],
    [0, 0],
    [-1, null],
    [2 ** 31, null],
    [[], null],
  ])('with min interval %j has %s', (given, minIntervalS) => {
    const reply = answer({ 'min interval': given })
    expect(reply.announce.minIntervalS).toBe(minIntervalS)
    expect(reply.flags).toEqual([])
  })

  it('that forbids to announce as often as it asks for says so', () => {
    expect(answer({ interval: 1800, 'min interval': 1800 }).flags).toEqual([])
    expect(answer({ interval: 1800, 'min interval': 1801 }).flags).toEqual(['min_interval_high'])
    expect(answer({ interval: -1, 'min interval': 1801 }).flags).toEqual(['interval_invalid'])
  })

  it.each<[Bencodable]>([[-1], [2 ** 31], [2n ** 64n], ['5'], [[]]])('with %s peers has no counts', (count) => {
    const reply = answer({ complete: count, incomplete: count })
    expect(reply.announce).toMatchObject({ seeders: null, leechers: null })
    expect(reply.flags).toEqual(['counts_invalid'])
  })

  it('may carry a warning, which is noted', () => {
    const reply = answer({ 'warning message': 'Torrent not registered\n' })
    expect(reply.announce.warningMessage).toBe('Torrent not registered')
    expect(reply.flags).toEqual(['tracker_warning'])
  })

  it('may carry a tracker id of any bytes', () => {
    expect(answer({ 'tracker id': Buffer.from([0, 255]) }).announce.trackerId).toBe('\0\xff')
  })

  it.each([
    ['c0000207', '192.0.2.7'],
    ['20010db8000000000000000000000007', '2001:db8::7'],
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['20010db8000100020003000400050006', '2001:db8:1:2:3:4:5:6'],
    ['20010db8000000020000000000000006', '2001:db8:0:2::6'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['00010000000000020000000000030000', '1::2:0:0:3:0'],
    ['00000000000000000000ffffc0000207', '::ffff:192.0.2.7'],
  ])('reads the external ip %s as %s', (hex, ip) => {
    const reply = answer({ 'external ip': Buffer.from(hex, 'hex') })
    expect(reply.announce.externalIp).toBe(ip)
    expect(reply.flags).toEqual([])
  })

  it.each<[Bencodable]>([[Buffer.alloc(5)], [[1]], [7]])('notes the external ip %j', (ip) => {
    const reply = answer({ 'external ip': ip })
    expect(reply.announce.externalIp).toBeNull()
    expect(reply.flags).toEqual(['external_ip_length'])
  })

  it('passes on every other key, ready for JSON', () => {
    const { extra } = answer({
      downloaded: 7,
      private: 1,
      big: 2n ** 63n,
      nested: { list: [1, Buffer.from([255])] },
      'retry in': 5,
    }).announce
    expect(JSON.parse(JSON.stringify(extra))).toEqual({
      downloaded: 7,
      private: 1,
      big: '9223372036854775808',
      nested: { list: [1, '\xff'] },
      'retry in': 5,
    })
  })

  it.each([['__proto__'], ['constructor'], ['toString']])('is not impressed by a key %s', (key) => {
    const body = raw(`d${key.length}:${key}d14:failure reason3:abce8:intervali1800ee`)
    const reply = announced(body)
    expect(reply.announce.intervalS).toBe(1800)
    expect(Object.getPrototypeOf(reply.announce.extra)).toBe(Object.prototype)
    expect(Object.keys(reply.announce.extra)).toEqual(key === '__proto__' ? [] : [key])
  })

  it('keeps keys apart that differ in a byte order mark or are not UTF-8', () => {
    const body = raw('d11:\xef\xbb\xbfintervali5e8:intervali1800e2:\xff\xfei1e4:fffei2ee')
    const { announce, flags } = announced(body)
    expect(announce.intervalS).toBe(1800)
    expect(announce.extra).toEqual({ '\xef\xbb\xbfinterval': 5, '\xff\xfe': 1, fffe: 2 })
    expect(flags).toEqual(['bencode.unsorted', 'no_peers_key'])
  })
})

describe('a failure reason', () => {
  it.each([
    ['Invalid passkey', 'auth', 'Invalid passkey'],
    ['Requested download is not authorized for use with this tracker.', 'not_registered', undefined],
    ['', 'other', '(empty)'],
    ['\x1b[31mbanned\x1b[0m\0', 'client_banned', 'banned'],
  ])('%j is a refusal of class %s', (reason, code, message = reason) => {
    expect(refused(bencodeText({ 'failure reason': reason }))).toEqual({
      kind: 'refused',
      code,
      message,
      flags: [],
      retryAfterS: null,
    })
  })

  it('in another encoding than UTF-8 is read lossily, in UTF-8 exactly', () => {
    const windows1251 = Buffer.from([0xcd, 0xe5, 0xf2])
    expect(refused(bencodeText({ 'failure reason': windows1251 })).message).toBe('\ufffd\ufffd\ufffd')
    expect(refused(bencodeText({ 'failure reason': 'Нет' })).message).toBe('Нет')
  })

  it.each<[Bencodable, string]>([
    [5, '5'],
    [['banned'], '(list)'],
    [{ a: 1 }, '(dictionary)'],
  ])('of another type, %j, is a refusal too', (reason, message) => {
    expect(refused(bencodeText({ 'failure reason': reason }))).toMatchObject({
      code: 'other',
      message,
      flags: ['failure_reason_type'],
    })
  })

  it('wins over an announce beside it, wherever it stands', () => {
    expect(refused(bencodeText({ ...usual, 'failure reason': 'no' })).retryAfterS).toBe(1800)
    expect(refused(raw('d5:peers0:5:peers0:8:intervali60e14:failure reason2:noe'))).toMatchObject({
      message: 'no',
      flags: ['bencode.duplicate_key', 'bencode.unsorted'],
    })
  })

  it.each<[Record<string, Bencodable>, number | null, string, string[]]>([
    [{ 'retry in': 5 }, 300, 'other', []],
    [{ 'retry in': '5' }, 300, 'other', []],
    [{ 'retry in': 10_080 }, 604_800, 'other', []],
    [{ 'retry in': 5, interval: 7 }, 300, 'other', []],
    [{ 'retry in': 'never' }, null, 'gone', []],
    [{ 'retry in': 'never', interval: 1800 }, null, 'gone', []],
    [{ 'retry in': -1 }, null, 'other', ['retry_in_invalid']],
    [{ 'retry in': 0 }, null, 'other', ['retry_in_invalid']],
    [{ 'retry in': 10_081 }, null, 'other', ['retry_in_invalid']],
    [{ 'retry in': 'x' }, null, 'other', ['retry_in_invalid']],
    [{ 'retry in': [5] }, null, 'other', ['retry_in_invalid']],
    [{ 'retry in': 'x', interval: 900 }, 900, 'other', ['retry_in_invalid']],
    [{ interval: 900, 'min interval': 60 }, 900, 'other', []],
    [{ 'min interval': 60 }, 60, 'other', []],
    [{ interval: -5 }, null, 'other', []],
  ])('with %j asks to wait %s s', (beside, retryAfterS, code, flags) => {
    expect(refused(bencodeText({ 'failure reason': 'no', ...beside }))).toMatchObject({ retryAfterS, code, flags })
  })

  it('keeps the class of its text beside retry in, unless that says never', () => {
    const banned = { 'failure reason': 'banned' }
    expect(refused(bencodeText({ ...banned, 'retry in': 5 })).code).toBe('client_banned')
    expect(refused(bencodeText({ ...banned, 'retry in': 'never' })).code).toBe('gone')
  })
})

describe('an answer with soft issues', () => {
  it.each([
    ['CR LF behind it', 'd8:intervali1800e5:peers0:e\r\n', []],
    ['spaces, tabs and NULs behind it', 'd8:intervali1800e5:peers0:e \t\0\n', []],
    ['another key behind it', 'd8:intervali1800e5:peers0:e6:peers60:', ['bencode.trailing_data']],
    ['unsorted keys', 'd5:peers0:8:intervali1800ee', ['bencode.unsorted']],
    ['a duplicate key', 'd8:intervali1800e8:intervali1e5:peers0:e', ['bencode.duplicate_key']],
    ['leading zeros', 'd8:intervali01800e5:peers0:e', ['bencode.noncanonical_int']],
    ['a negative zero', 'd8:completei-0e8:intervali1800e5:peers0:e', ['bencode.noncanonical_int']],
  ])('such as %s counts, with a flag where clients differ', (_, text, flags) => {
    const reply = announced(raw(text))
    expect(reply.announce.intervalS).toBe(1800)
    expect(reply.flags).toEqual(flags)
  })
})

const dict = 'd8:intervali1800e5:peers0:e'

describe('any body', () => {
  it('gives a reply or one of the two errors', () => {
    const words = ['8:interval', 'i60e', '5:peers', '6:abcdef', '14:failure reason', '2:no', 'l', 'd', 'e', '2:ip', ' ']
    const body = fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary', maxLength: 3 })))
    fc.assert(
      fc.property(body, fc.constantFrom('', 'd', '\n'), (parts, start) => {
        try {
          decodeAnnounceBody(Buffer.from(start + parts.join('')))
        } catch (error) {
          expect(error instanceof BencodeError || error instanceof UnrecognizedAnswerError).toBe(true)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a body that is no answer', () => {
  it.each([
    ['nothing', '', 'http.empty'],
    ['a line break', '\r\n', 'http.empty'],
    ['an empty dictionary', 'de', 'tracker.unrecognized_reply'],
    ['another dictionary', 'd3:fooi1ee', 'tracker.unrecognized_reply'],
    ['a list', 'le', 'bencode.not_dict'],
    ['an integer', 'i1e', 'bencode.not_dict'],
    ['a byte string', '4:spam\r\n', 'bencode.not_dict'],
    ['a negative length', 'l-3:e', 'bencode.invalid'],
    ['a negative length in a dictionary', 'd1:a-3:e', 'bencode.invalid'],
    ['a negative length of a key', 'd-3:i1ee', 'bencode.invalid'],
    ['an integer for a key', 'di1ei2ee', 'bencode.invalid'],
    ['a list for a key', 'dlei1ee', 'bencode.invalid'],
    ['a key without a value', 'd3:abce', 'bencode.invalid'],
    ['an endless length', '9'.repeat(400), 'bencode.invalid'],
    ['a huge length', '99999999999999999999:abc', 'bencode.invalid'],
    ['an integer of 30 digits', `d8:intervali${'1'.repeat(30)}ee`, 'bencode.invalid'],
    ['half a dictionary', dict.slice(0, -1), 'bencode.truncated'],
    ['half a byte string', 'd8:intervali1800e5:peers60:abc', 'bencode.truncated'],
    ['a million lists', 'l'.repeat(1_000_000), 'bencode.limit'],
    ['half a million empty strings', `l${'0:'.repeat(524_000)}e`, 'bencode.limit'],
    ['a byte order mark in front', `\xef\xbb\xbf${dict}`, 'bencode.leading_garbage'],
    ['a line break in front', `\r\n${dict}`, 'bencode.leading_garbage'],
    [
      'a PHP notice in front',
      `<br />\n<b>Notice</b>: id in /a.php on line <b>3</b>\n${dict}`,
      'bencode.leading_garbage',
    ],
    ['a word in front', `debug: ${dict}`, 'bencode.leading_garbage'],
    ['half a dictionary behind a notice', `Notice: d8:interval`, 'http.not_a_tracker'],
    ['a page', '<html><body>hi</body></html>', 'http.not_a_tracker'],
    ['JSON', '{"error":"no"}', 'http.not_a_tracker'],
    ['a JSON list', '[]', 'http.not_a_tracker'],
    ['text', 'Not Found', 'http.not_a_tracker'],
    ['text that starts like a dictionary', 'database error', 'http.not_a_tracker'],
    ['text that starts like a list', 'login required', 'http.not_a_tracker'],
    ['text that starts like an integer', 'internal error', 'http.not_a_tracker'],
    ['text that starts like an empty dictionary', 'denied', 'http.not_a_tracker'],
    ['text that starts like an empty list', 'let me be', 'http.not_a_tracker'],
    ['text of bencode letters', 'die Seite', 'http.not_a_tracker'],
    ['text that starts with a number', '404 Not Found', 'http.not_a_tracker'],
    ['text that starts with a time', '12:00 maintenance window', 'http.not_a_tracker'],
    ['a colon', ':hello', 'http.not_a_tracker'],
    ['compressed bytes', '\x1f\x8b\x08\x00', 'http.not_a_tracker'],
  ])('such as %s is told apart', (_, text, code) => {
    expect(failureOf(raw(text)).code).toBe(code)
  })

  it.each([
    ['<html><head><title>Invalid\nRequest</title>', 'HTML page "Invalid Request", expected a bencoded dictionary'],
    ['<!doctype html><p>parked', 'HTML "<!doctype html><p>parked", expected a bencoded dictionary'],
    ['{"error":"no"}', 'JSON "{"error":"no"}", expected a bencoded dictionary'],
    ['Not Found', 'text "Not Found", expected a bencoded dictionary'],
    [`\x1b[2J${'x'.repeat(500)}`, `text "${'x'.repeat(120)}", expected a bencoded dictionary`],
    ['le', 'bencoded list, expected a dictionary'],
    [`ab ${dict}`, '3 bytes in front of the dictionary ("ab"); clients fail on them'],
    ['d8:intervali18', 'end of input, expected more at byte 14'],
  ])('%j is described', (text, message) => {
    expect(failureOf(raw(text)).message).toBe(message)
  })

  it('is described by the keys it has', () => {
    expect(failureOf(raw('d3:fooi1ee')).message).toBe(
      'dictionary with "foo", expected "failure reason" or one of "interval", "min interval", "peers", "peers6", ' +
        '"complete", "incomplete", "tracker id"',
    )
  })
})
