import { describe, expect, it } from 'vitest'
import { checkTrackers, query } from '../../src/index.js'
import { checkLocal, checkUdp, SHORT_MS, summary, using } from '../support/check-local.js'
import { compactPeer6, compactPeers, udp } from '../support/encode.js'
import { announced, CONNECTION_ID, kindOf, type Respond, scripted, startUdpTracker } from '../support/udp-tracker.js'
import { expectEach } from '../support/variants.js'

/** Where no good answer comes; enough for those that do come, on a busy machine. */
const brief = { timeoutMs: 2 * SHORT_MS }
const overIpv6 = { host: '::1', family: 6 } as const
const three = compactPeers('192.0.2.1:1', '192.0.2.2:2', '192.0.2.3:3')
const announceReply = (id: number): Buffer =>
  udp.announceReply(id, { interval: 1800, leechers: 1, seeders: 0, peers: Buffer.alloc(0) })
const connectReply = (id: number): Buffer => udp.connectReply(id, CONNECTION_ID)

/** A reply whose action is this number; what follows the head is that of an announce. */
function withAction(action: number, id: number): Buffer {
  const reply = announceReply(id)
  reply.writeUInt32BE(action)
  return reply
}

async function verdictOf(respond: Respond): Promise<string> {
  return summary((await checkUdp(respond)).outcome)
}

async function verdictInBrief(respond: Respond): Promise<string> {
  return summary((await checkUdp(respond, brief)).outcome)
}

describe('a good UDP announce reply', () => {
  it('U030 interval, seeders and leechers are those of the reply, of which each has its place', async () => {
    const { outcome, probes } = await checkUdp(
      scripted({ announce: announced({ interval: 900, leechers: 7, seeders: 3 }) }),
    )
    expect(outcome).toMatchObject({
      kind: 'ok',
      flags: [],
      announce: { intervalS: 900, leechers: 7, seeders: 3, peers: [], peers6: null },
    })
    expect(Object.keys(probes[0]?.phases ?? {})).toEqual(['udp_connect', 'udp_announce'])
    expect(probes).toMatchObject([{ family: 4, address: '127.0.0.1', attempts: 1, packetsSent: 2, packetsLost: 0 }])
  })

  it('U031 18 bytes over IPv4 are three peers', async () => {
    const infoHash = 'ab'.repeat(20)
    const { outcome } = await checkUdp(scripted({ announce: announced({ peers: three }) }), { infoHash })
    const peers = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((ip, index) => ({ ip, port: index + 1 }))
    expect(outcome).toMatchObject({ kind: 'ok', flags: [], announce: { peers, peers6: null } })
  })

  it('U032 36 bytes over IPv6 are two peers', async () => {
    const addresses = ['20010db8'.padEnd(32, '0'), '20010db8'.padEnd(32, '1')]
    const peers = Buffer.concat(addresses.map((address, index) => compactPeer6(address, index + 1)))
    const respond = scripted({ announce: announced({ peers }) })
    const { outcome, probes } = await checkUdp(respond, { infoHash: 'ab'.repeat(20) }, overIpv6)
    expect(outcome).toMatchObject({
      kind: 'ok',
      flags: [],
      announce: {
        peers: null,
        peers6: [
          { ip: '2001:db8::', port: 1 },
          { ip: '2001:db8:1111:1111:1111:1111:1111:1111', port: 2 },
        ],
      },
    })
    expect(probes).toMatchObject([{ family: 6, address: '::1' }])
  })

  it('U033 12 bytes over IPv6 are peers of IPv4 in the wrong place', async () => {
    const peers = three.subarray(0, 12)
    const { outcome } = await checkUdp(scripted({ announce: announced({ peers }) }), {}, overIpv6)
    expect(summary(outcome)).toMatch(/^ok udp\.ipv4_peers_in_ipv6_reply/)
  })

  it('U034 18 bytes over IPv4 are never taken for one peer of IPv6', async () => {
    const peers = compactPeer6('20010db8'.padEnd(32, '0'), 1)
    const { outcome } = await checkUdp(scripted({ announce: announced({ peers }) }), { infoHash: 'ab'.repeat(20) })
    expect(outcome).toMatchObject({ kind: 'ok', announce: { peers: { length: 3 }, peers6: null } })
  })

  it('U035 seven bytes over IPv4 are one peer and udp.peer_list_misaligned', async () => {
    const peers = Buffer.concat([three.subarray(0, 6), Buffer.from('x')])
    const { outcome } = await checkUdp(scripted({ announce: announced({ peers }) }), { infoHash: 'ab'.repeat(20) })
    expect(summary(outcome)).toBe('ok udp.peer_list_misaligned')
    expect(outcome).toMatchObject({ announce: { peers: [{ ip: '192.0.2.1', port: 1 }] } })
  })

  it('U070 implausible intervals have each a flag of their own', () =>
    expectEach(
      {
        'at once': [0, 'ok interval_zero'],
        often: [5, 'ok interval_low'],
        seldom: [200_000, 'ok interval_high'],
        impossible: [0xffffffff, 'ok interval_invalid'],
      },
      (interval: number) => verdictOf(scripted({ announce: announced({ interval }) })),
    ))

  it('U071 2^32 - 1 seeders are counts_invalid', async () => {
    expect(await verdictOf(scripted({ announce: announced({ seeders: 0xffffffff }) }))).toBe('ok counts_invalid')
  })

  it('U072 a reply of 1000 peers, which comes in fragments, is whole', () => {
    const respond = scripted({ announce: announced({ peers: Buffer.alloc(6000, three) }) })
    return using(startUdpTracker(respond), async ({ url }) => {
      expect(await query(url, 'ab'.repeat(20), 'x')).toMatchObject({ peers: { length: 1000 } })
      expect(summary((await checkLocal(url, { infoHash: 'ab'.repeat(20) })).outcome)).toBe('ok')
    })
  })

  it('U073 the largest datagram there is, is read, and a check keeps 200 of its peers', () => {
    const respond = scripted({ announce: announced({ peers: Buffer.alloc(65_507 - 20, three) }) })
    return using(startUdpTracker(respond), async ({ url }) => {
      expect(await query(url, 'ab'.repeat(20), 'x')).toMatchObject({ peers: { length: 10_914 } })
      const { outcome } = await checkLocal(url, { infoHash: 'ab'.repeat(20) })
      expect(summary(outcome)).toBe('ok udp.peer_list_misaligned')
      expect(outcome).toMatchObject({ announce: { peers: { length: 200 } } })
    })
  })
})

describe('a UDP reply of the wrong length', () => {
  it.concurrent('U036 a connect reply of 15 bytes alone is udp.truncated in udp_connect', async () => {
    const respond = scripted({ connect: (id) => [connectReply(id).subarray(0, 15)] })
    expect(await verdictInBrief(respond)).toBe('failed udp.truncated in udp_connect')
  })

  it('U037 a connect reply of 15 bytes does no harm before a whole one', async () => {
    const respond = scripted({ connect: (id) => [connectReply(id).subarray(0, 15), connectReply(id)] })
    expect(await verdictOf(respond)).toBe('ok')
  })

  it('U038 a connect reply of 20 bytes is one', async () => {
    const respond = scripted({ connect: (id) => [Buffer.concat([connectReply(id), Buffer.alloc(4)])] })
    expect(await verdictOf(respond)).toBe('ok')
  })

  it.concurrent('U039 an announce reply of 19 bytes is udp.truncated in udp_announce', async () => {
    const respond = scripted({ announce: (id) => [announceReply(id).subarray(0, 19)] })
    expect(await verdictInBrief(respond)).toBe('failed udp.truncated in udp_announce')
  })

  it('U040 an announce reply of its head alone is how opentracker refuses an info hash', async () => {
    const respond = scripted({ announce: (id) => [announceReply(id).subarray(0, 8)] })
    expect(await verdictOf(respond)).toBe('rejected not_registered "(no body)"')
  })

  it('U041 datagrams of 0 and 7 bytes do no harm before a good one', async () => {
    const respond = scripted({ connect: (id) => [Buffer.alloc(0), Buffer.alloc(7), connectReply(id)] })
    expect(await verdictOf(respond)).toBe('ok foreign_packets')
  })
})

describe('a UDP reply that is no answer to the request', () => {
  it('U042 a reply to somebody else does no harm before ours, and is noted', async () => {
    const respond = scripted({ connect: (id) => [connectReply(id ^ 1), connectReply(id)] })
    expect(await verdictOf(respond)).toBe('ok foreign_packets')
  })

  it.concurrent('U043 replies to somebody else alone are udp.timeout, which says that they came', async () => {
    const { outcome } = await checkUdp(scripted({ connect: (id) => [connectReply(id ^ 1)] }), brief)
    expect(summary(outcome)).toBe('failed udp.timeout in udp_connect')
    expect(outcome).toMatchObject({ detail: expect.stringContaining('packets came that belong to no request of ours') })
  })

  it('U044 a scrape in answer to a connect does no harm before the answer', async () => {
    const respond = scripted({ connect: (id) => [withAction(2, id), connectReply(id)] })
    expect(await verdictOf(respond)).toBe('ok')
  })

  it.concurrent('U045 a scrape alone in answer to a connect is udp.bad_action', async () => {
    const respond = scripted({ connect: (id) => [withAction(2, id)] })
    expect(await verdictInBrief(respond)).toBe('failed udp.bad_action in udp_connect')
  })

  it.concurrent('U046 the IPv6 announce of old, action 4, is udp.bad_action', async () => {
    const respond = scripted({ announce: (id) => [withAction(4, id)] })
    expect(await verdictInBrief(respond)).toBe('failed udp.bad_action in udp_announce')
  })

  it('U047 the connect reply once more does no harm while we wait for the announce', async () => {
    let connect: Buffer = Buffer.alloc(0)
    const respond = scripted({
      connect: (id) => {
        connect = connectReply(id)
        return [connect]
      },
      announce: (id) => [connect, announceReply(id)],
    })
    expect(await verdictOf(respond)).toBe('ok foreign_packets')
  })

  it('U048 an announce reply that comes twice is one result', () =>
    using(startUdpTracker(scripted({ announce: (id) => [announceReply(id), announceReply(id)] })), async ({ url }) => {
      const told: string[] = []
      const results = await checkTrackers([url], {
        allowPrivate: true,
        onResult: ({ outcome }) => void told.push(outcome.kind),
      })
      expect([results.size, told]).toEqual([1, ['ok']])
    }))

  it.concurrent('U089 an action of 0x00010000 is udp.bad_action', async () => {
    const respond = scripted({ announce: (id) => [withAction(0x00010000, id)] })
    expect(await verdictInBrief(respond)).toBe('failed udp.bad_action in udp_announce')
  })

  it('U086 10,000 junk datagrams do no harm before the answer', async () => {
    const respond: Respond = (packet, _from, send) => {
      const id = packet.readUInt32BE(12)
      if (kindOf(packet) === 'connect') return [connectReply(id)]
      void flood(send).then(() => send(announceReply(id)))
      return []
    }
    expect(summary((await checkUdp(respond)).outcome)).toBe('ok foreign_packets')
  })
})

/** In portions that a socket has room for. */
async function flood(send: (bytes: Buffer) => void): Promise<void> {
  for (let portion = 0; portion < 500; portion++) {
    for (let index = 0; index < 20; index++) send(Buffer.alloc(8, 0xaa))
    await new Promise(setImmediate)
  }
}
