import { describe, expect, it } from 'vitest'
import {
  decodeAnnounceResponse,
  decodeConnectResponse,
  decodeErrorMessage,
  decodeScrapeResponse,
  decodeUdpPacket,
  encodeAnnounceRequest,
  encodeConnectRequest,
  encodeScrapeRequest,
  isEmptyAnnounce,
  type UdpAnnounce,
  urlDataOf,
} from '../../src/bittorrent/udp-packets.js'
import { compactPeer6, compactPeers, udp } from '../support/encode.js'

const CONNECTION_ID = Buffer.from('0123456789abcdef', 'hex')
const HASH = Buffer.from('a2a15537542b22925ad10486bf7a8b2a9c42f0d1', 'hex')

const request: UdpAnnounce = {
  infoHash: HASH,
  peerId: Buffer.from('-TW0001-abcdefghijkl'),
  event: 'started',
  left: 1000,
  downloaded: 0,
  uploaded: 0,
  port: 51413,
  numWant: 5,
  key: 0xdeadbeef,
  ip: null,
}

function announceHex(changes: Partial<UdpAnnounce> = {}, urlData = ''): string {
  return encodeAnnounceRequest(CONNECTION_ID, 0x11223344, { ...request, ...changes }, urlData).toString('hex')
}

/** `length` bytes at `offset` of the announce that differs from the usual one by `changes`. */
function field(changes: Partial<UdpAnnounce>, offset: number, length: number): string {
  return announceHex(changes).slice(2 * offset, 2 * (offset + length))
}

describe('a connect request', () => {
  it('is the protocol id, action 0 and the transaction id', () => {
    expect(encodeConnectRequest(0xfedcba98).toString('hex')).toBe('0000041727101980' + '00000000' + 'fedcba98')
  })
})

describe('an announce request', () => {
  it('is 98 bytes in the order of BEP 15', () => {
    const expected = [
      '0123456789abcdef',
      '00000001',
      '11223344',
      'a2a15537542b22925ad10486bf7a8b2a9c42f0d1',
      Buffer.from('-TW0001-abcdefghijkl').toString('hex'),
      '0000000000000000',
      '00000000000003e8',
      '0000000000000000',
      '00000002',
      '00000000',
      'deadbeef',
      '00000005',
      'c8d5',
    ]
    expect(announceHex()).toBe(expected.join(''))
  })

  it.each([['0000000000000000'], ['0000041727101980'], ['ffffffffffffffff']])(
    'carries the connection id %s as it is',
    (hex) => {
      const packet = encodeAnnounceRequest(Buffer.from(hex, 'hex'), 1, request, '')
      expect(packet.subarray(0, 8).toString('hex')).toBe(hex)
    },
  )

  it.each([
    ['downloaded', 56],
    ['left', 64],
    ['uploaded', 72],
  ] as const)('writes %s exactly into its 8 bytes at %i', (name, offset) => {
    expect(field({ [name]: 2n ** 53n + 1n }, offset, 8)).toBe('0020000000000001')
    expect(field({ [name]: 2n ** 64n - 1n }, offset, 8)).toBe('ffffffffffffffff')
    expect(field({ [name]: Number.MAX_SAFE_INTEGER }, offset, 8)).toBe('001fffffffffffff')
    expect(field({ [name]: 2 ** 32 }, offset, 8)).toBe('0000000100000000')
    expect(field({ [name]: 0 }, offset, 8)).toBe('0000000000000000')
  })

  it.each([
    ['none', '00000000'],
    ['completed', '00000001'],
    ['started', '00000002'],
    ['stopped', '00000003'],
  ] as const)('writes the event %s as %s', (event, hex) => {
    expect(field({ event }, 80, 4)).toBe(hex)
  })

  it('writes −1 peers wanted as a signed number', () => {
    expect(field({ numWant: -1 }, 92, 4)).toBe('ffffffff')
  })

  it('writes an IPv4 address that the user asked for', () => {
    expect(field({ ip: '192.0.2.7' }, 84, 4)).toBe('c0000207')
  })

  it('writes port 0 and key 0 where a query asks for them', () => {
    expect(field({ port: 0, key: 0 }, 88, 10)).toBe('00000000' + '00000005' + '0000')
  })

  it.each([
    [{ left: -1 }, 'left -1, expected an integer from 0 to 2^64-1'],
    [{ left: 1.5 }, 'left 1.5, expected an integer from 0 to 2^64-1'],
    [{ uploaded: Number.NaN }, 'uploaded NaN, expected an integer from 0 to 2^64-1'],
    [{ uploaded: Number.POSITIVE_INFINITY }, 'uploaded Infinity, expected an integer from 0 to 2^64-1'],
    [{ downloaded: 2n ** 64n }, 'downloaded 18446744073709551616, expected an integer from 0 to 2^64-1'],
    [{ downloaded: -1n }, 'downloaded -1, expected an integer from 0 to 2^64-1'],
    [{ port: 65536 }, 'port 65536, expected an integer from 0 to 65535'],
    [{ key: -1 }, 'key -1, expected an integer from 0 to 4294967295'],
    [{ numWant: 2 ** 31 }, 'num want 2147483648, expected an integer from -2147483648 to 2147483647'],
    [{ infoHash: Buffer.alloc(19) }, 'info hash of 19 bytes, expected 20'],
    [{ peerId: Buffer.alloc(21) }, 'peer id of 21 bytes, expected 20'],
    [{ ip: '2001:db8::1' }, 'ip "2001:db8::1", expected an IPv4 address: UDP announces have no room for others'],
  ])('refuses %o and names the field', (changes, message) => {
    expect(() => announceHex(changes)).toThrow(new RangeError(message))
  })
})

describe('URL data', () => {
  it.each([[''], ['/'], ['/announce'], ['/scrape']])('is not sent for the path "%s", which says nothing', (path) => {
    expect(urlDataOf(path)).toBe('')
  })

  it.each([['/announce?passkey=x'], ['/x'], ['/announce/'], ['/?a']])('is sent for %s', (path) => {
    expect(urlDataOf(path)).toBe(path)
  })

  it('follows the announce as one option', () => {
    const option = announceHex({}, '/dir?a=b&c=d').slice(2 * 98)
    expect(option).toBe(`020c${Buffer.from('/dir?a=b&c=d').toString('hex')}`)
  })

  it.each([
    [255, [255]],
    [256, [255, 1]],
    [300, [255, 45]],
    [510, [255, 255]],
  ])('of %i bytes is split into options of %j', (length, sizes) => {
    const urlData = `/${'abcdefghij'.repeat(60).slice(1, length)}`
    let at = 98
    let joined = ''
    const packet = encodeAnnounceRequest(CONNECTION_ID, 1, request, urlData)
    for (const size of sizes) {
      expect([packet[at], packet[at + 1]]).toEqual([2, size])
      joined += packet.toString('latin1', at + 2, at + 2 + size)
      at += 2 + size
    }
    expect(joined).toBe(urlData)
    expect(packet.length).toBe(at)
  })
})

describe('a scrape request', () => {
  it('of one hash is 36 bytes with action 2', () => {
    const packet = encodeScrapeRequest(CONNECTION_ID, 7, [HASH])
    expect(packet.toString('hex')).toBe(`0123456789abcdef0000000200000007${HASH.toString('hex')}`)
  })

  it('of 74 hashes is 1496 bytes', () => {
    const hashes = Array.from({ length: 74 }, (_, index) => Buffer.alloc(20, index))
    const packet = encodeScrapeRequest(CONNECTION_ID, 7, hashes)
    expect(packet.length).toBe(1496)
    expect(packet.subarray(-20)).toEqual(Buffer.alloc(20, 73))
  })

  it.each([[0], [75]])('of %i hashes is refused', (count) => {
    const hashes = Array.from({ length: count }, () => HASH)
    expect(() => encodeScrapeRequest(CONNECTION_ID, 7, hashes)).toThrow(
      new RangeError(`number of info hashes ${count}, expected an integer from 1 to 74`),
    )
  })
})

describe('the header of a datagram', () => {
  it.each([
    ['', 0],
    ['00000000112233', 7],
  ])('is missing in %s', (hex) => {
    expect(decodeUdpPacket(Buffer.from(hex, 'hex'))).toBeNull()
  })

  it.each([
    ['00000001fedcba98', 1],
    ['00000003fedcba98', 3],
    ['00000004fedcba98', 4],
    ['00010000fedcba98', 65536],
  ])('in %s has the action %i', (hex, action) => {
    const header = decodeUdpPacket(Buffer.from(hex, 'hex'))
    expect(header).toEqual({ action, transactionId: 0xfedcba98, byteswapped: false })
  })

  it('recognises an error whose action is in the wrong byte order', () => {
    const header = decodeUdpPacket(Buffer.from('0300000011223344', 'hex'))
    expect(header).toEqual({ action: 3, transactionId: 0x11223344, byteswapped: true })
  })
})

describe('a connect response', () => {
  it.each([['0000000000000000'], ['0000041727101980'], ['ffffffffffffffff']])('gives the id %s as it is', (hex) => {
    const reply = udp.connectReply(9, Buffer.from(hex, 'hex'))
    expect(Buffer.from(decodeConnectResponse(reply) ?? []).toString('hex')).toBe(hex)
  })

  it('may be longer than 16 bytes', () => {
    const reply = Buffer.concat([udp.connectReply(9, CONNECTION_ID), Buffer.alloc(4)])
    expect(decodeConnectResponse(reply)).toEqual(Uint8Array.from(CONNECTION_ID))
  })

  it('of 15 bytes is truncated', () => {
    expect(decodeConnectResponse(udp.connectReply(9, CONNECTION_ID).subarray(0, 15))).toBeNull()
  })

  it('gives an id that does not change with the receive buffer', () => {
    const reply = udp.connectReply(9, CONNECTION_ID)
    const id = decodeConnectResponse(reply)
    reply.fill(0)
    expect(id).toEqual(Uint8Array.from(CONNECTION_ID))
  })
})

const noPeers = Buffer.alloc(0)

function announceReply(changes: Partial<Parameters<typeof udp.announceReply>[1]> = {}): Buffer {
  return udp.announceReply(1, { interval: 1800, leechers: 3, seeders: 5, peers: noPeers, ...changes })
}

describe('an announce response', () => {
  it('has interval, leechers and seeders in this order', () => {
    expect(decodeAnnounceResponse(announceReply(), 4)).toEqual({
      announce: {
        intervalS: 1800,
        minIntervalS: null,
        seeders: 5,
        leechers: 3,
        peers: [],
        peers6: null,
        warningMessage: null,
        trackerId: null,
        externalIp: null,
        extra: {},
      },
      flags: [],
    })
  })

  it('over IPv4 has peers of 6 bytes, also where 18 bytes could be one IPv6 peer', () => {
    const peers = compactPeers('192.0.2.1:1', '198.51.100.255:65535', '203.0.113.0:80')
    const decoded = decodeAnnounceResponse(announceReply({ peers }), 4)
    expect(decoded?.announce.peers).toEqual([
      { ip: '192.0.2.1', port: 1 },
      { ip: '198.51.100.255', port: 65535 },
      { ip: '203.0.113.0', port: 80 },
    ])
    expect(decoded?.flags).toEqual([])
  })

  it('over IPv6 has peers of 18 bytes', () => {
    const peers = Buffer.concat([
      compactPeer6('20010db8000000000000000000000001', 6881),
      compactPeer6('fe800000000000000001000000000000', 80),
    ])
    const decoded = decodeAnnounceResponse(announceReply({ peers }), 6)
    expect(decoded?.announce.peers).toBeNull()
    expect(decoded?.announce.peers6).toEqual([
      { ip: '2001:db8::1', port: 6881 },
      { ip: 'fe80::1:0:0:0', port: 80 },
    ])
    expect(decoded?.flags).toEqual([])
  })

  it('over IPv6 with 12 bytes of peers has IPv4 peers, and says so', () => {
    const peers = compactPeers('192.0.2.1:1', '192.0.2.2:2')
    const decoded = decodeAnnounceResponse(announceReply({ peers }), 6)
    expect(decoded?.announce.peers).toHaveLength(2)
    expect(decoded?.announce.peers6).toEqual([])
    expect(decoded?.flags).toEqual(['udp.ipv4_peers_in_ipv6_reply'])
  })

  it.each([
    [4, 7, 1],
    [4, 5, 0],
    [6, 20, 1],
  ] as const)('over IPv%i with %i bytes of peers keeps %i whole entry', (family, length, kept) => {
    const decoded = decodeAnnounceResponse(announceReply({ peers: Buffer.alloc(length, 1) }), family)
    const { peers, peers6 } = decoded?.announce ?? {}
    expect((family === 4 ? peers : peers6)?.length).toBe(kept)
    expect(decoded?.flags).toEqual(['udp.peer_list_misaligned'])
  })

  it('of 19 bytes is truncated', () => {
    expect(decodeAnnounceResponse(announceReply().subarray(0, 19), 4)).toBeNull()
  })

  it('of exactly the 8 bytes of the header is a refusal of opentracker', () => {
    expect(isEmptyAnnounce(announceReply().subarray(0, 8))).toBe(true)
    expect(isEmptyAnnounce(announceReply().subarray(0, 9))).toBe(false)
    expect(isEmptyAnnounce(udp.errorReply(1, ''))).toBe(false)
  })

  it.each([
    [0, 0, ['interval_zero']],
    [5, 5, ['interval_low']],
    [59, 59, ['interval_low']],
    [60, 60, []],
    [86_400, 86_400, []],
    [200_000, 200_000, ['interval_high']],
    [0x7fffffff, 0x7fffffff, ['interval_high']],
    [0x80000000, null, ['interval_invalid']],
    [0xffffffff, null, ['interval_invalid']],
  ])('with interval %i means %s with %j', (interval, intervalS, flags) => {
    const decoded = decodeAnnounceResponse(announceReply({ interval }), 4)
    expect(decoded?.announce.intervalS).toBe(intervalS)
    expect(decoded?.flags).toEqual(flags)
  })

  it('with impossible counts gives no counts, and one flag', () => {
    const decoded = decodeAnnounceResponse(announceReply({ seeders: 0xffffffff, leechers: 0x80000000 }), 4)
    expect(decoded?.announce).toMatchObject({ seeders: null, leechers: null })
    expect(decoded?.flags).toEqual(['counts_invalid'])
  })

  it('of 65507 bytes is decoded', () => {
    const peers = Buffer.alloc(65507 - 20, 1)
    expect(decodeAnnounceResponse(announceReply({ peers }), 4)?.announce.peers).toHaveLength(10914)
  })
})

const row = { seeders: 7, completed: 8, leechers: 9 }

describe('a scrape response', () => {
  it('has rows of seeders, completed and leechers in this order', () => {
    expect(decodeScrapeResponse(udp.scrapeReply(1, [row]), 1)).toEqual({
      entries: [{ seeders: 7, downloads: 8, leechers: 9 }],
      flags: [],
    })
  })

  it.each([[8], [19]])('of %i bytes has no row and is truncated', (length) => {
    expect(decodeScrapeResponse(udp.scrapeReply(1, [row]).subarray(0, length), 1)).toBeNull()
  })

  it.each([
    [3, 2, ['scrape_partial']],
    [50, 49, ['scrape_partial']],
    [51, 50, []],
    [1, 2, ['scrape_extra_rows']],
  ])('to %i hashes with %i rows has the flags %j', (asked, rows, flags) => {
    const reply = udp.scrapeReply(
      1,
      Array.from({ length: rows }, () => row),
    )
    const decoded = decodeScrapeResponse(reply, asked)
    expect(decoded?.entries).toHaveLength(asked)
    expect(decoded?.entries.filter((entry) => entry !== null)).toHaveLength(Math.min(asked, rows))
    expect(decoded?.flags).toEqual(flags)
  })

  it('with half a row at the end keeps the whole ones', () => {
    const reply = Buffer.concat([udp.scrapeReply(1, [row]), Buffer.alloc(5)])
    const decoded = decodeScrapeResponse(reply, 1)
    expect(decoded?.entries).toHaveLength(1)
    expect(decoded?.flags).toEqual(['udp.scrape_misaligned'])
  })

  it('notes impossible counts once', () => {
    const reply = udp.scrapeReply(1, [
      { ...row, seeders: 0xffffffff },
      { ...row, leechers: 0xffffffff },
    ])
    expect(decodeScrapeResponse(reply, 2)?.flags).toEqual(['counts_invalid'])
  })
})

describe('an error packet', () => {
  it.each([
    ['banned', 'banned'],
    ['Connection ID missmatch.\0', 'Connection ID missmatch.'],
    ['', '(empty)'],
    ['\0\0', '(empty)'],
  ])('with the text %j says %j', (text, message) => {
    expect(decodeErrorMessage(udp.errorReply(1, text))).toBe(message)
  })

  it('with broken UTF-8 is read lossily', () => {
    expect(decodeErrorMessage(udp.errorReply(1, Buffer.from('c328ff', 'hex')))).toBe('\ufffd(\ufffd')
  })
})
