import { describe, expect, it } from 'vitest'
import { query, queryMany, TrackerEvent } from '../../src/index.js'
import { using } from '../support/check-local.js'
import { startDnsServer } from '../support/dns-server.js'
import { bencodeText, compactPeers, udp } from '../support/encode.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import {
  announced,
  closedUdpPort,
  goodTracker,
  scripted,
  startUdpTracker,
  type UdpTracker,
} from '../support/udp-tracker.js'
import { startWsTracker, wsAnswer } from '../support/ws-tracker.js'

const HASH = 'a2a15537542b22925ad10486bf7a8b2a9c42f0d1'
const PEER = '-TT0001-123456789012'

/** The announce among what a UDP tracker received. */
function announceIn({ received }: UdpTracker): Buffer {
  const announce = received[1]
  if (announce === undefined) throw new Error('no announce came in')
  return announce
}

/** Asks a good UDP tracker and returns the announce that it received. */
function udpAnnounceOf(
  options: Parameters<typeof query>[3],
  infoHash: string | Uint8Array = HASH,
  peerId: string | Uint8Array = PEER,
) {
  return using(startUdpTracker(goodTracker), async (tracker) => {
    await query(tracker.url, infoHash, peerId, options)
    return announceIn(tracker)
  })
}

/** Asks a good HTTP tracker and returns the parameters that it received, still encoded. */
function httpParametersOf(options: Parameters<typeof query>[3]) {
  return using(
    startHttpTracker((_, response) => response.end(goodAnswer())),
    async ({ url, requests }) => {
      await query(url, HASH, PEER, options)
      const pairs =
        requests[0]?.url
          ?.split('?')[1]
          ?.split('&')
          .map((pair) => pair.split('=')) ?? []
      return Object.fromEntries(pairs) as Record<string, string>
    },
  )
}

describe('the answer to a query', () => {
  it('has the same shape over UDP, HTTP and WebSocket', async () => {
    const peers = compactPeers('192.0.2.1:6881')
    const ours = { interval: 900, leechers: 2, seeders: 3 }
    const overUdp = await using(startUdpTracker(scripted({ announce: announced({ ...ours, peers }) })), ({ url }) =>
      query(url, HASH, PEER),
    )
    const body = goodAnswer({ interval: 900, complete: 3, incomplete: 2, peers, downloaded: 7, 'tracker id': 'T' })
    const overHttp = await using(
      startHttpTracker((_, response) => response.end(body)),
      ({ url }) => query(url, HASH, PEER),
    )
    const overWs = await using(
      startWsTracker((socket, text) => socket.send(wsAnswer(text, { interval: 900, complete: 3, incomplete: 2 }))),
      ({ url }) => query(url, HASH, PEER),
    )
    const common = { ...ours, minInterval: null, peers6: null }
    const listed = [{ ip: '192.0.2.1', port: 6881 }]
    expect(overUdp).toEqual({ ...common, peers: listed, extra: {} })
    expect(overHttp).toEqual({ ...common, peers: listed, trackerId: 'T', extra: { downloaded: 7 } })
    expect(overWs).toEqual({ ...common, peers: null, extra: expect.any(Object) })
  })

  it('has what the tracker gave beside that, and only that', async () => {
    const body = goodAnswer({
      'min interval': 300,
      'warning message': 'soon',
      'external ip': Buffer.from([192, 0, 2, 9]),
      'tracker id': Buffer.from('ff00', 'hex'),
      peers6: '',
      note: { a: [1, 'b'] },
    })
    const answer = await using(
      startHttpTracker((_, response) => response.end(body)),
      ({ url }) => query(url, HASH, PEER),
    )
    expect(answer).toEqual({
      interval: 1800,
      minInterval: 300,
      seeders: 1,
      leechers: 0,
      peers: [],
      peers6: [],
      warningMessage: 'soon',
      externalIp: '192.0.2.9',
      trackerId: '\xff\0',
      extra: { note: { a: [1, 'b'] } },
    })
  })

  it('has null where the tracker did not say', async () => {
    const answer = await using(
      startHttpTracker((_, response) => response.end('d8:intervali60ee')),
      ({ url }) => query(url, HASH, PEER),
    )
    expect(answer).toEqual({
      interval: 60,
      minInterval: null,
      seeders: null,
      leechers: null,
      peers: null,
      peers6: null,
      extra: {},
    })
  })

  it('is the failure reason alone where the tracker refuses: data and not an error', async () => {
    const refusal = bencodeText({ 'failure reason': 'unregistered torrent', interval: 60 })
    const overHttp = await using(
      startHttpTracker((_, response) => response.end(refusal)),
      ({ url }) => query(url, HASH, PEER),
    )
    const errorPacket = scripted({ announce: (id) => [udp.errorReply(id, 'unregistered torrent')] })
    const overUdp = await using(startUdpTracker(errorPacket), ({ url }) => query(url, HASH, PEER))
    for (const answer of [overHttp, overUdp]) expect(answer).toEqual({ failureReason: 'unregistered torrent' })
  })
})

describe('a query over UDP', () => {
  it('sends its defaults, also zeros, and does not say that it leaves', async () => {
    await using(startUdpTracker(goodTracker), async (tracker) => {
      await query(tracker.url, HASH, PEER)
      const announce = announceIn(tracker)
      expect(announce.length).toBe(98)
      expect(announce.toString('hex', 16, 36)).toBe(HASH)
      expect(announce.toString('latin1', 36, 56)).toBe(PEER)
      expect(announce.subarray(56, 88)).toEqual(Buffer.alloc(32))
      expect(announce.readInt32BE(92)).toBe(50)
      expect(announce.readUInt16BE(96)).toBe(6881)
      expect(tracker.received.length).toBe(2)
    })
  })

  it('sends every parameter as given', async () => {
    const announce = await udpAnnounceOf({
      event: TrackerEvent.COMPLETED,
      downloaded: 1,
      left: 2n ** 53n + 1n,
      uploaded: 2n ** 63n - 1n,
      ip: '192.0.2.77',
      key: 0xdeadbeef,
      numWant: -1,
      port: 65_535,
    })
    expect(announce.readBigUInt64BE(56)).toBe(1n)
    expect(announce.readBigUInt64BE(64)).toBe(2n ** 53n + 1n)
    expect(announce.readBigUInt64BE(72)).toBe(2n ** 63n - 1n)
    expect(announce.readUInt32BE(80)).toBe(1)
    expect(announce.subarray(84, 88)).toEqual(Buffer.from([192, 0, 2, 77]))
    expect(announce.readUInt32BE(88)).toBe(0xdeadbeef)
    expect(announce.toString('hex', 92, 98)).toBe('ffffffffffff')
  })

  it('sends 0 for key, port and num want where that was asked for', async () => {
    const announce = await udpAnnounceOf({ key: 0, port: 0, numWant: 0 })
    expect(announce.subarray(88, 98)).toEqual(Buffer.alloc(10))
  })

  it('sends a key of digits as that number, and any other text as always the same number', async () => {
    expect((await udpAnnounceOf({ key: '12345' })).readUInt32BE(88)).toBe(12_345)
    const keys = [
      await udpAnnounceOf({ key: 'words' }),
      await udpAnnounceOf({ key: 'words' }),
      await udpAnnounceOf({ key: 'other' }),
    ]
    const [first, again, other] = keys.map((announce) => announce.readUInt32BE(88))
    expect(first).toBe(again)
    expect(first).not.toBe(other)
  })

  it.each([
    ['upper case', HASH.toUpperCase(), HASH],
    ['32 base32 characters', 'UKQVKN2UFMRJEWWRASDL66ULFKOEF4GR', HASH],
    ['64 hex digits of a v2 torrent', `${HASH}${'0'.repeat(24)}`, HASH],
    ['bytes', Buffer.from(HASH, 'hex'), HASH],
    ['an urn', `urn:btih:${HASH}`, HASH],
  ])('takes an info hash in %s', async (_, infoHash, hex) => {
    expect((await udpAnnounceOf({}, infoHash)).toString('hex', 16, 36)).toBe(hex)
  })

  it('pads a short peer id with dashes', async () => {
    expect((await udpAnnounceOf({}, HASH, 'short')).toString('latin1', 36, 56)).toBe('short---------------')
    const bytes = Buffer.alloc(20, 0xfe)
    expect((await udpAnnounceOf({}, HASH, bytes)).subarray(36, 56)).toEqual(bytes)
  })
})

describe('a query over HTTP', () => {
  it('sends its defaults, also zeros, and no event', async () => {
    const { info_hash, peer_id, key, ...others } = await httpParametersOf({})
    expect(info_hash).toBe('%A2%A1U7T%2B%22%92Z%D1%04%86%BFz%8B%2A%9CB%F0%D1')
    expect(peer_id).toBe(PEER)
    expect(key).toMatch(/^[0-9A-F]{8}$/)
    expect(others).toEqual({ port: '6881', uploaded: '0', downloaded: '0', left: '0', compact: '1', numwant: '50' })
  })

  it('sends every parameter as given', async () => {
    const parameters = await httpParametersOf({
      event: TrackerEvent.STOPPED,
      downloaded: 1,
      left: 2n ** 53n + 1n,
      uploaded: 3,
      ip: '2001:db8::1',
      key: 'a b+',
      numWant: 0,
      port: 0,
      trackerId: '\xff T',
    })
    expect(parameters).toMatchObject({
      event: 'stopped',
      downloaded: '1',
      left: '9007199254740993',
      uploaded: '3',
      ip: '2001%3Adb8%3A%3A1',
      key: 'a%20b%2B',
      numwant: '0',
      port: '0',
      trackerid: '%FF%20T',
    })
  })

  it('sends headers and the user agent', () =>
    using(
      startHttpTracker((_, response) => response.end(goodAnswer())),
      async ({ url, requests }) => {
        await query(url, HASH, PEER, { headers: { 'X-One': '1', 'User-Agent': 'mine' }, userAgent: 'other' })
        expect(requests[0]?.headers).toMatchObject({ 'x-one': '1', 'user-agent': 'mine' })
      },
    ))
})

describe('a query by a name with several addresses', () => {
  it('takes the first that answers, IPv4 first', () =>
    using(
      startDnsServer(() => ({ addresses: ['::1', '127.0.0.2', '127.0.0.1'] })),
      (dns) =>
        using(
          startHttpTracker((_, response) => response.end(goodAnswer())),
          async ({ port, connections }) => {
            const answer = await query(`http://name.test:${port}/announce`, HASH, PEER, { dnsServers: [dns.address] })
            expect(answer).toMatchObject({ interval: 1800 })
            expect(connections()).toBe(1)
          },
        ),
    ))
})

describe('querying many', () => {
  it('has an answer or an error for each distinct URL, in the order given, and does not reject', () =>
    using(startUdpTracker(goodTracker), async ({ url }) => {
      const dead = `udp://127.0.0.1:${await closedUdpPort()}/announce`
      const urls = [dead, url, 'nonsense', 'http://x.i2p/', url]
      const results = await queryMany(urls, HASH, PEER, { timeoutMs: 5000 })
      expect([...results.keys()]).toEqual([dead, url, 'nonsense', 'http://x.i2p/'])
      expect([...results.values()].map((one) => (one instanceof Error ? one.name : 'answer'))).toEqual([
        'UnexpectedError',
        'answer',
        'BadRequestError',
        'BadRequestError',
      ])
    }))

  it('of none is an empty map', async () => {
    expect(await queryMany([], HASH, PEER)).toEqual(new Map())
  })

  it('rejects for a parameter that is wrong for all', async () => {
    await expect(queryMany(['udp://127.0.0.1:1'], HASH, PEER, { port: -1 })).rejects.toThrow(/^port is -1/)
    await expect(queryMany(['udp://127.0.0.1:1'], HASH, PEER, { concurrency: 0 })).rejects.toThrow(/^concurrency is 0/)
    await expect(queryMany(['udp://127.0.0.1:1'], 'x', PEER)).rejects.toThrow(/^info hash "x"/)
  })
})
