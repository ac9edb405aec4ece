import { describe, expect, it } from 'vitest'
import { checkTrackers, query, TrackerEvent } from '../../src/index.js'
import { checkLocal, summary, using } from '../support/check-local.js'
import { startDnsServer, zoneOf } from '../support/dns-server.js'
import { udp } from '../support/encode.js'
import { announced, CONNECTION_ID, goodTracker, kindOf, scripted, startUdpTracker } from '../support/udp-tracker.js'
import { expectEach } from '../support/variants.js'

const HASH = 'a2a15537542b22925ad10486bf7a8b2a9c42f0d1'
const PEER = '-TT0001-123456789012'
/** Where the options of BEP 41 begin. */
const OPTIONS_AT = 98

/** What a tracker at `path` received of a check. */
function receivedOf(respond = goodTracker, path = '/announce'): Promise<readonly Buffer[]> {
  return using(startUdpTracker(respond), async ({ url, received }) => {
    expect(summary((await checkLocal(url.replace('/announce', path))).outcome)).toBe('ok')
    return received
  })
}

/** The announce of a query, as a tracker received it. */
function announceOf(
  options: Parameters<typeof query>[3],
  place: Parameters<typeof startUdpTracker>[1] = {},
  infoHash = HASH,
): Promise<Buffer> {
  return using(startUdpTracker(goodTracker, place), async ({ url, received }) => {
    await query(url, infoHash, PEER, options)
    return received[1] ?? Buffer.alloc(0)
  })
}

async function urlDataOf(path: string): Promise<Buffer> {
  const [, announce] = await receivedOf(goodTracker, path)
  return announce?.subarray(OPTIONS_AT) ?? Buffer.alloc(0)
}

/** The connection id in the announce after a connect reply with this one. */
async function idGivenBack(connectionId: string): Promise<string | undefined> {
  const connect = (id: number) => [udp.connectReply(id, Buffer.from(connectionId, 'hex'))]
  const [, announce] = await receivedOf(scripted({ connect }))
  return announce?.toString('hex', 0, 8)
}

describe('the connect of a UDP probe', () => {
  it('U001 a probe starts with 16 bytes: the magic, action 0 and a transaction id that is not 0', async () => {
    const [connect = Buffer.alloc(0)] = await receivedOf()
    expect(connect.length).toBe(16)
    expect(connect.toString('hex', 0, 12)).toBe('000004172710198000000000')
    expect(connect.readUInt32BE(12)).not.toBe(0)
  })

  it('U002 the transaction ids of many probes show no sequence and do not repeat', async () => {
    await using(startUdpTracker(goodTracker), async ({ url, received }) => {
      const urls = Array.from({ length: 64 }, (_, index) => `${url}/${index}`)
      await checkTrackers(urls, { allowPrivate: true, attempts: 1 })
      const ids = received.filter((packet) => kindOf(packet) === 'connect').map((packet) => packet.readUInt32BE(12))
      const steps = ids.slice(1).map((id, index) => id - (ids[index] ?? 0))
      expect([ids.length, new Set(ids).size, new Set(steps).size]).toEqual([64, 64, 63])
      // Chance spreads them over the whole range: 64 leave about 57 of the 256 first bytes in use.
      expect(new Set(ids.map((id) => id >>> 24)).size).toBeGreaterThan(32)
      expect(steps.some((step) => step < 0) && steps.some((step) => step > 0)).toBe(true)
    })
  })

  it('U003 the connection id comes back byte for byte in an announce, action 1, under a new transaction id', async () => {
    const [connect = Buffer.alloc(0), announce = Buffer.alloc(0)] = await receivedOf()
    expect(announce.subarray(0, 12)).toEqual(Buffer.concat([CONNECTION_ID, Buffer.from([0, 0, 0, 1])]))
    expect(announce.readUInt32BE(12)).not.toBe(connect.readUInt32BE(12))
  })

  it('U004 a connection id of 0 is one like any other', async () => {
    expect(await idGivenBack('0000000000000000')).toBe('0000000000000000')
  })

  it('U005 the magic for a connection id is one like any other', async () => {
    expect(await idGivenBack('0000041727101980')).toBe('0000041727101980')
  })

  it('U006 a connection id of ones alone is no negative number', async () => {
    expect(await idGivenBack('ffffffffffffffff')).toBe('ffffffffffffffff')
  })
})

describe('the announce of a UDP probe', () => {
  it('U007 an announce is 98 bytes with every field in its place', async () => {
    const sent = await announceOf({
      event: TrackerEvent.STARTED,
      downloaded: 0x1122334455667788n,
      left: 1000,
      uploaded: 2,
      key: 0xdeadbeef,
      numWant: 5,
      port: 51_413,
    })
    const id = sent.toString('hex', 12, 16)
    const numbers = ['1122334455667788', '00000000000003e8', '0000000000000002']
    const rest = ['00000002', '00000000', 'deadbeef', '00000005', 'c8d5']
    const peerId = Buffer.from(PEER).toString('hex')
    const expected = [CONNECTION_ID.toString('hex'), '00000001', id, HASH, peerId, ...numbers, ...rest]
    expect(sent.toString('hex')).toBe(expected.join(''))

    const [, ofCheck = Buffer.alloc(0)] = await receivedOf()
    expect(ofCheck.length).toBe(98)
    // Started, from the packet's own address, and not as a seeder.
    expect(ofCheck.toString('hex', 56, 88)).toBe(`0000000000000000${numbers[1]}0000000000000000${rest[0]}${rest[1]}`)
    expect(ofCheck.readInt32BE(92)).toBe(5)
    expect(ofCheck.readUInt16BE(96)).toBeGreaterThanOrEqual(49_152)
  })

  it('U008 -1 peers wanted are four bytes of ones', async () => {
    expect((await announceOf({ numWant: -1 })).toString('hex', 92, 96)).toBe('ffffffff')
  })

  it('U009 amounts above 2^53 are exact', async () => {
    const amounts = { downloaded: 2n ** 63n - 1n, left: 2n ** 53n + 1n, uploaded: 2n ** 64n - 1n }
    expect((await announceOf(amounts)).toString('hex', 56, 80)).toBe('7fffffffffffffff0020000000000001ffffffffffffffff')
  })

  it('U010 the events none, completed, started and stopped are 0 to 3', async () => {
    const expected = { NONE: 0, COMPLETED: 1, STARTED: 2, STOPPED: 3 }
    expect(TrackerEvent).toEqual(expected)
    const sent = Object.values(TrackerEvent).map(async (event) => (await announceOf({ event })).readUInt32BE(80))
    expect(await Promise.all(sent)).toEqual(Object.values(expected))
  })

  it('U011 a path and a query are one option behind the announce', async () => {
    const option = await urlDataOf('/dir?a=b&c=d')
    expect(option).toEqual(Buffer.concat([Buffer.from([2, 12]), Buffer.from('/dir?a=b&c=d')]))
  })

  it('U012 300 bytes of path and query are two options, of 255 and 45 bytes', async () => {
    const path = `/${'passkey-'.repeat(37)}abc`
    const options = await urlDataOf(path)
    const [first, second] = [options.subarray(0, 257), options.subarray(257)]
    expect([path.length, ...first.subarray(0, 2), ...second.subarray(0, 2)]).toEqual([300, 2, 255, 2, 45])
    expect(first.toString('latin1', 2) + second.toString('latin1', 2)).toBe(path)
  })

  it('U013 a path too long for a datagram is an invalid URL, and nothing is sent', () =>
    using(startUdpTracker(goodTracker), async ({ port, received }) => {
      const { outcome } = await checkLocal(`udp://127.0.0.1:${port}/${'x'.repeat(1999)}`)
      expect(outcome).toMatchObject({ kind: 'skipped', reason: 'invalid_url', code: 'url.too_long_for_udp' })
      expect(received).toEqual([])
    }))

  it('U014 a path that says nothing is not sent', () =>
    expectEach(
      { announce: ['/announce', 0], scrape: ['/scrape', 0], root: ['/', 0], none: ['', 0] },
      async (path: string) => (await urlDataOf(path)).length,
    ))

  it('U015 after a good answer the tracker is told once that we have left, and need not answer', async () => {
    const silentToLeave = scripted({ announce: (id, packet) => (packet[83] === 2 ? announced()(id, packet) : []) })
    const tracker = await startUdpTracker(silentToLeave)
    const { outcome, probes } = await checkLocal(tracker.url)
    expect(summary(outcome)).toBe('ok')
    expect(probes).toMatchObject([{ packetsLost: 0 }])
    await expect.poll(() => tracker.received.length, { interval: 5 }).toBe(3)
    await tracker.stop()
    const [, announce = Buffer.alloc(0), leave = Buffer.alloc(0)] = tracker.received
    expect(leave.subarray(0, 12)).toEqual(announce.subarray(0, 12))
    expect(leave.subarray(16, 56)).toEqual(announce.subarray(16, 56))
    expect(leave.readUInt32BE(80)).toBe(3)
  })

  it('U019 an info hash of 64 hex digits (v2) goes out as its first 20 bytes', async () => {
    const sent = await announceOf({}, {}, `${HASH}${'0123456789ab'.repeat(2)}`)
    expect(sent.toString('hex', 16, 36)).toBe(HASH)
  })
})

describe('where the packets of a UDP probe go', () => {
  it('U020 over IPv4 and IPv6 we are the same client: one key, one peer id', () =>
    using(startDnsServer(zoneOf({ 'name.test': ['127.0.0.1', '::1'] })), (dns) =>
      using(startUdpTracker(goodTracker), (over4) =>
        using(startUdpTracker(goodTracker, { host: '::1', family: 6, port: over4.port }), async (over6) => {
          const result = await checkLocal(`udp://name.test:${over4.port}`, { dnsServers: [dns.address] })
          expect(summary(result.outcome)).toBe('ok')
          const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = [over4.received[1], over6.received[1]]
          expect(second.subarray(36, 56)).toEqual(first.subarray(36, 56))
          expect(second.subarray(88, 92)).toEqual(first.subarray(88, 92))
        }),
      ),
    ))

  it('U021 over IPv6 the field for our address stays 0, whatever address was given', async () => {
    const sent = await announceOf({ ip: '192.0.2.7' }, { host: '::1', family: 6 })
    expect([sent.length, sent.readUInt32BE(84)]).toEqual([98, 0])
    expect((await announceOf({ ip: '192.0.2.7' })).toString('hex', 84, 88)).toBe('c0000207')
  })

  it('U022 all packets of one probe go to one of the addresses that a name has', () =>
    using(startDnsServer(zoneOf({ 'name.test': ['127.0.0.1', '127.0.0.2'] })), (dns) =>
      using(startUdpTracker(goodTracker), (first) =>
        using(startUdpTracker(goodTracker, { host: '127.0.0.2', port: first.port }), async (second) => {
          await checkLocal(`udp://name.test:${first.port}`, { dnsServers: [dns.address] })
          for (const { received } of [first, second]) {
            expect(received.slice(0, 2).map(kindOf)).toEqual(['connect', 'announce'])
          }
        }),
      ),
    ))
})
