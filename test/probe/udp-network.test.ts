import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { checkLocal, checkUdp, SHORT_MS, summary, using } from '../support/check-local.js'
import { udp } from '../support/encode.js'
import {
  CONNECTION_ID,
  closedUdpPort,
  connected,
  goodTracker,
  kindOf,
  scripted,
  startUdpTracker,
} from '../support/udp-tracker.js'

const brief = { timeoutMs: SHORT_MS }
const connectReply = (id: number) => udp.connectReply(id, CONNECTION_ID)

describe('a UDP tracker in a bad network', () => {
  it('is sent a connect three times, each under a new id (U061)', async () => {
    // Not more than one in a second: after 1 and 3 s.
    const { received, probes } = await checkUdp(() => [], { timeoutMs: 3300 })
    expect(received.map(kindOf)).toEqual(['connect', 'connect', 'connect'])
    expect(new Set(received.map((packet) => packet.readUInt32BE(12))).size).toBe(3)
    expect(probes).toMatchObject([{ attempts: 3, packetsSent: 3, packetsLost: 2, latencyMs: null, phases: {} }])
  })

  it('is alive when the first connect was lost, and the latency is that of the second (U062)', async () => {
    let connects = 0
    const timeoutMs = 3000
    const { outcome, probes, latencyMs } = await checkUdp(
      scripted({ connect: (id) => (connects++ === 0 ? [] : connected(id)) }),
      { timeoutMs },
    )
    expect(summary(outcome)).toBe('ok packet_loss')
    expect(probes).toMatchObject([{ attempts: 2, packetsSent: 3, packetsLost: 1 }])
    // The second send leaves a seventh of the time after the first at the earliest.
    expect(latencyMs).toBeLessThan(timeoutMs / 7)
  })

  it('is measured from the send that it answers, also behind a later one (U063)', async () => {
    const ids: number[] = []
    const { outcome, latencyMs } = await checkUdp(
      scripted({
        connect: (id) => {
          ids.push(id)
          return ids.length === 2 ? [connectReply(ids[0] ?? 0)] : []
        },
      }),
      { timeoutMs: 1000 },
    )
    expect(summary(outcome)).toBe('ok packet_loss')
    // The first repeat comes after a quarter of so short a time.
    expect(latencyMs).toBeGreaterThan(1000 / 7)
  })

  it('is sent a connect three times also where there is little time', async () => {
    const { received } = await checkUdp(() => [], brief)
    expect(received.length).toBe(3)
  })

  it('is sent one datagram where one attempt is allowed (U066)', async () => {
    const { received, outcome } = await checkUdp(() => [], { ...brief, attempts: 1 })
    expect(summary(outcome)).toBe('failed udp.timeout in udp_connect')
    expect(received.length).toBe(1)
  })

  it('whose port is closed is asked twice and has refused long before the time is over (U067)', async () => {
    const url = `udp://127.0.0.1:${await closedUdpPort()}/announce`
    const { outcome, probes } = await checkLocal(url, { timeoutMs: 600_000, attempts: 8 })
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'refused', code: 'net.refused', phase: 'udp_connect' })
    expect(probes).toMatchObject([{ packetsSent: 2 }])
  })

  it('that opens its port after a refusal is alive (U068)', async () => {
    const port = await closedUdpPort()
    const checking = checkLocal(`udp://127.0.0.1:${port}/announce`, { timeoutMs: 8000 })
    for (let turn = 0; turn < 5; turn++) await refusalFrom(port)
    await using(startUdpTracker(goodTracker, { port }), async () => {
      expect(summary((await checking).outcome)).toBe('ok packet_loss')
    })
  })

  it.each([
    ['another port (U049)', '127.0.0.1'],
    ['another address (U050)', '127.0.0.2'],
  ])('that answers from %s has not answered', async (_, host) => {
    const elsewhere = createSocket('udp4').bind(0, host)
    await once(elsewhere, 'listening')
    const { outcome } = await checkUdp((packet, from) => {
      elsewhere.send(connectReply(packet.readUInt32BE(12)), from.port, from.address)
      return []
    }, brief)
    elsewhere.close()
    expect(summary(outcome)).toBe('failed udp.timeout in udp_connect')
  })
})

/** Resolves when the port has refused a datagram of ours. */
async function refusalFrom(port: number): Promise<void> {
  const socket = createSocket('udp4')
  socket.connect(port, '127.0.0.1', () => socket.send('?'))
  const [error] = await once(socket, 'error')
  expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  socket.close()
}
