import { describe, expect, it } from 'vitest'
import { checkLocal, checkUdp, SHORT_MS, summary } from '../support/check-local.js'
import { compactPeer6, compactPeers, udp } from '../support/encode.js'
import {
  announced,
  CONNECTION_ID,
  connected,
  goodTracker,
  kindOf,
  type Respond,
  scripted,
  startUdpTracker,
} from '../support/udp-tracker.js'

const brief = { timeoutMs: SHORT_MS }
const whole = { interval: 1800, leechers: 1, seeders: 0, peers: Buffer.alloc(0) }
const three = compactPeers('192.0.2.1:1', '192.0.2.2:2', '192.0.2.3:3')
const announceReply = (id: number) => udp.announceReply(id, whole)
const connectReply = (id: number) => udp.connectReply(id, CONNECTION_ID)
const headOf = (action: number, id: number) => announceReply(id).fill(0, 0, 4).fill(action, 3, 4)

describe('a UDP tracker that answers', () => {
  it('is alive with the interval and the numbers it gave (U030)', async () => {
    const { outcome, probes } = await checkUdp(
      scripted({ announce: announced({ interval: 900, leechers: 7, seeders: 3 }) }),
    )
    expect(outcome).toMatchObject({
      kind: 'ok',
      flags: [],
      announce: { intervalS: 900, leechers: 7, seeders: 3, peers: [] },
    })
    expect(Object.keys(probes[0]?.phases ?? {})).toEqual(['udp_connect', 'udp_announce'])
    expect(probes).toMatchObject([{ family: 4, address: '127.0.0.1', attempts: 1, packetsSent: 2, packetsLost: 0 }])
  })

  it.each([
    ['any connection id, also 0 (U004)', '0000000000000000'],
    ['a connection id that is the magic (U005)', '0000041727101980'],
    ['a connection id of ones (U006)', 'ffffffffffffffff'],
  ])('may give %s, and gets it back', async (_, hex) => {
    const connectionId = Buffer.from(hex, 'hex')
    const { outcome, received } = await checkUdp(scripted({ connect: (id) => [udp.connectReply(id, connectionId)] }))
    expect(summary(outcome)).toBe('ok')
    expect(received[1]?.subarray(0, 8)).toEqual(connectionId)
  })

  it('is asked with 16 bytes and then with 98, each under an id of its own (U001, U003, U007)', async () => {
    const { received } = await checkUdp(goodTracker)
    const [connect = Buffer.alloc(0), announce = Buffer.alloc(0)] = received
    expect(connect.subarray(0, 12).toString('hex')).toBe('000004172710198000000000')
    expect(announce.subarray(0, 12)).toEqual(Buffer.concat([CONNECTION_ID, Buffer.from([0, 0, 0, 1])]))
    expect([connect.length, announce.length]).toEqual([16, 98])
    expect(announce.readUInt32BE(12)).not.toBe(connect.readUInt32BE(12))
    expect({ event: announce.readUInt32BE(80), ip: announce.readUInt32BE(84) }).toEqual({ event: 2, ip: 0 })
    expect(announce.readUInt16BE(96)).toBeGreaterThanOrEqual(49_152)
  })

  it('is told once that we have left, and need not answer that (U015)', async () => {
    const tracker = await startUdpTracker(
      scripted({ announce: (id, packet) => (packet[83] === 2 ? [announceReply(id)] : []) }),
    )
    expect(summary((await checkLocal(tracker.url)).outcome)).toBe('ok')
    await expect.poll(() => tracker.received.length, { interval: 5 }).toBe(3)
    await tracker.stop()
    const [, announce, leave] = tracker.received
    expect(leave?.subarray(0, 12)).toEqual(announce?.subarray(0, 12))
    expect(leave?.subarray(16, 56)).toEqual(announce?.subarray(16, 56))
    expect(leave?.readUInt32BE(80)).toBe(3)
  })

  it.each([
    ['three peers of IPv4 (U031)', three, 'ok fake_peers', 3],
    ['18 bytes over IPv4, which are three peers and not one of IPv6 (U034)', three, 'ok fake_peers', 3],
    [
      'seven bytes, of which the first six are a peer (U035)',
      Buffer.concat([three.subarray(0, 6), Buffer.from('x')]),
      'ok udp.peer_list_misaligned fake_peers',
      1,
    ],
    [
      '1000 peers in a fragmented datagram (U072), of which 200 are kept',
      Buffer.concat(new Array(1000).fill(three.subarray(0, 6))),
      'ok fake_peers',
      200,
    ],
  ])('may name %s', async (_, peers, expected, count) => {
    const { outcome } = await checkUdp(scripted({ announce: announced({ peers }) }))
    expect(summary(outcome)).toBe(expected)
    expect(outcome).toMatchObject({ announce: { peers: { length: count } } })
  })

  it('may name two peers of IPv6 over IPv6 (U032)', async () => {
    const peers = Buffer.concat([
      compactPeer6('20010db8'.padEnd(32, '0'), 1),
      compactPeer6('20010db8'.padEnd(32, '1'), 2),
    ])
    const { outcome, probes } = await checkUdp(
      scripted({ announce: announced({ peers }) }),
      {},
      { host: '::1', family: 6 },
    )
    expect(outcome).toMatchObject({ kind: 'ok', announce: { peers6: { length: 2 } } })
    expect(probes).toMatchObject([{ family: 6, address: '::1' }])
  })

  it('is degraded when it names peers of IPv4 over IPv6 (U033)', async () => {
    const announce = announced({ peers: compactPeers('192.0.2.1:1', '192.0.2.2:2') })
    const { outcome } = await checkUdp(scripted({ announce }), {}, { host: '::1', family: 6 })
    expect(summary(outcome)).toMatch(/^ok udp\.ipv4_peers_in_ipv6_reply/)
  })

  it.each([
    [0, 'interval_zero'],
    [5, 'interval_low'],
    [200_000, 'interval_high'],
    [0xffffffff, 'interval_invalid'],
  ])('is degraded with an interval of %i s (U070)', async (interval, flag) => {
    const { outcome } = await checkUdp(scripted({ announce: announced({ interval }) }))
    expect(summary(outcome)).toBe(`ok ${flag}`)
  })

  it('is degraded with 2^32 − 1 seeders (U071)', async () => {
    const { outcome } = await checkUdp(scripted({ announce: announced({ seeders: 0xffffffff }) }))
    expect(summary(outcome)).toBe('ok counts_invalid')
  })

  it('may name ourselves, but not others for an info hash that nobody has', async () => {
    const ourselves: Respond = scripted({
      announce: (id, packet) => [
        udp.announceReply(id, {
          ...whole,
          peers: Buffer.concat([Buffer.from([127, 0, 0, 1]), packet.subarray(96, 98)]),
        }),
      ],
    })
    expect(summary((await checkUdp(ourselves)).outcome)).toBe('ok')
    const infoHash = 'ab'.repeat(20)
    const invents = scripted({ announce: announced({ peers: three }) })
    expect(summary((await checkUdp(invents, { infoHash })).outcome)).toBe('ok')
    expect(summary((await checkUdp(invents)).outcome)).toBe('ok fake_peers')
  })
})

describe('a UDP tracker whose packets are odd', () => {
  it.each<[string, string, Respond]>([
    [
      'a connect reply of 15 bytes and then a whole one (U037)',
      'ok',
      scripted({ connect: (id) => [connectReply(id).subarray(0, 15), connectReply(id)] }),
    ],
    [
      'a connect reply of 20 bytes (U038)',
      'ok',
      scripted({ connect: (id) => [Buffer.concat([connectReply(id), Buffer.alloc(4)])] }),
    ],
    [
      'datagrams of 0 and 7 bytes before (U041)',
      'ok foreign_packets',
      scripted({ connect: (id) => [Buffer.alloc(0), Buffer.alloc(7), connectReply(id)] }),
    ],
    [
      'an answer to somebody else before (U042)',
      'ok foreign_packets',
      scripted({ connect: (id) => [connectReply(id ^ 1), connectReply(id)] }),
    ],
    [
      'a scrape in answer to connect before (U044)',
      'ok',
      scripted({ connect: (id) => [headOf(2, id), connectReply(id)] }),
    ],
    [
      'an error packet for somebody else before (U056)',
      'ok foreign_packets',
      scripted({ connect: (id) => [udp.errorReply(id ^ 1, 'banned'), connectReply(id)] }),
    ],
    ['the connect reply a second time in the announce phase (U047)', 'ok foreign_packets', lateDuplicate()],
    ['two announce replies (U048)', 'ok', scripted({ announce: (id) => [announceReply(id), announceReply(id)] })],
  ])('is understood with %s', async (_, expected, respond) => {
    expect(summary((await checkUdp(respond)).outcome)).toBe(expected)
  })

  it.concurrent.each<[string, string, Respond]>([
    [
      'a connect reply of 15 bytes (U036)',
      'failed udp.truncated in udp_connect',
      scripted({ connect: (id) => [connectReply(id).subarray(0, 15)] }),
    ],
    [
      'an announce reply of 19 bytes (U039)',
      'failed udp.truncated in udp_announce',
      scripted({ announce: (id) => [announceReply(id).subarray(0, 19)] }),
    ],
    [
      'answers to somebody else (U043)',
      'failed udp.timeout in udp_connect',
      scripted({ connect: (id) => [connectReply(id ^ 1)] }),
    ],
    [
      'a scrape in answer to connect (U045)',
      'failed udp.bad_action in udp_connect',
      scripted({ connect: (id) => [headOf(2, id)] }),
    ],
    [
      'the IPv6 announce of old in answer to announce (U046)',
      'failed udp.bad_action in udp_announce',
      scripted({ announce: (id) => [headOf(4, id)] }),
    ],
    [
      'an action of 0x00010000 (U089)',
      'failed udp.bad_action in udp_announce',
      scripted({ announce: (id) => [headOf(0, id).fill(1, 1, 2)] }),
    ],
    [
      'errors with transaction id 0 (U060)',
      'failed udp.timeout in udp_announce',
      scripted({ announce: () => [udp.errorReply(0, 'bad request')] }),
    ],
    ['silence to connect (U061)', 'failed udp.timeout in udp_connect', () => []],
    ['silence to announce (U064)', 'failed udp.timeout in udp_announce', scripted({ announce: () => [] })],
  ])('has failed with nothing but %s', async (_, expected, respond) => {
    const result = await checkUdp(respond, brief)
    expect(summary(result.outcome)).toBe(expected)
    expect(result.latencyMs).toBeNull()
  })

  it('is understood behind 10,000 junk datagrams (U086)', async () => {
    const respond: Respond = (packet, _from, send) => {
      if (kindOf(packet) === 'connect') return connected(packet.readUInt32BE(12))
      void flood(send).then(() => send(announceReply(packet.readUInt32BE(12))))
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

function lateDuplicate(): Respond {
  let connect: Buffer = Buffer.alloc(0)
  return scripted({
    connect: (id) => {
      connect = connectReply(id)
      return [connect]
    },
    announce: (id) => [connect, announceReply(id)],
  })
}

describe('a UDP tracker that refuses', () => {
  it.each<[string, string, Respond]>([
    [
      'a connect (U051)',
      'rejected client_banned "banned"',
      scripted({ connect: (id) => [udp.errorReply(id, 'banned')] }),
    ],
    ['with a NUL behind its text (U052)', 'rejected auth "bad passkey"', refusing('bad passkey\0')],
    ['without a text (U053)', 'rejected other "(empty)"', refusing('')],
    ['in bytes that are no UTF-8 (U054)', 'rejected other "\ufffd(\ufffd"', refusing(Buffer.from('c328ff', 'hex'))],
    ['with escape sequences and newlines (U055)', 'rejected other "no more"', refusing('\x1b[31mno\r\nmore\x07')],
    [
      'with its action in the wrong byte order (U057)',
      'rejected other "no" udp.error_byteswapped',
      scripted({ announce: (id) => [byteSwapped(udp.errorReply(id, 'no'))] }),
    ],
    [
      'without a body, as opentracker does (U040)',
      'rejected not_registered "(no body)"',
      scripted({ announce: (id) => [announceReply(id).subarray(0, 8)] }),
    ],
    [
      'the connection id for ever (U059)',
      'rejected conn_id "Connection ID missmatch." reconnected',
      refusing('Connection ID missmatch.\0'),
    ],
  ])('%s, has answered', async (_, expected, respond) => {
    const result = await checkUdp(respond)
    expect(summary(result.outcome)).toBe(expected)
    expect(result.latencyMs).not.toBeNull()
    expect(result.alive).toBe(false)
  })

  it('is alive where a refusal is as good as an answer', async () => {
    expect((await checkUdp(refusing('unregistered torrent'), { aliveWhen: 'response' })).alive).toBe(true)
  })

  it('with 5 kB of text is quoted with 200 characters (U055)', async () => {
    const { outcome } = await checkUdp(refusing('x'.repeat(5000)))
    expect(outcome).toMatchObject({ kind: 'rejected', message: 'x'.repeat(200) })
  })

  it('the connection id once is asked again from the start (U058)', async () => {
    let announces = 0
    const forgetful = scripted({
      announce: (id) => [announces++ === 0 ? udp.errorReply(id, 'Connection ID missmatch.\0') : announceReply(id)],
    })
    const { outcome, received } = await checkUdp(forgetful)
    expect(summary(outcome)).toBe('ok reconnected')
    expect(received.slice(0, 4).map(kindOf)).toEqual(['connect', 'announce', 'connect', 'announce'])
  })
})

function refusing(text: string | Uint8Array): Respond {
  return scripted({ announce: (id) => [udp.errorReply(id, text)] })
}

/** With its first word in little endian. */
function byteSwapped(packet: Buffer): Buffer {
  return Buffer.concat([packet.subarray(0, 4).swap32(), packet.subarray(4)])
}
