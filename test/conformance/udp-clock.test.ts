import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { checkLocal, summary, using } from '../support/check-local.js'
import { answer, checkByHand, stopTheClock } from '../support/udp-by-hand.js'
import {
  CONNECTION_ID,
  closedUdpPort,
  goodTracker,
  kindOf,
  refusalFrom,
  startUdpTracker,
} from '../support/udp-tracker.js'

beforeEach(stopTheClock)
afterEach(() => {
  vi.useRealTimers()
})

describe('the time of a UDP probe', () => {
  it('U061 silence to a connect is met with three, at 0, 1 and 3 times the first wait, then udp.timeout', async () => {
    const { outcome, probes, received } = await checkByHand({ timeoutMs: 7000 }, async (nth, { isSettled }) => {
      for (const [index, waitMs] of [1000, 2000, 3999].entries()) {
        await nth(index + 1)
        vi.advanceTimersByTime(waitMs)
      }
      expect(await isSettled()).toBe(false)
      vi.advanceTimersByTime(1)
    })
    expect(summary(outcome)).toBe('failed udp.timeout in udp_connect')
    expect(received.map(({ packet }) => kindOf(packet))).toEqual(['connect', 'connect', 'connect'])
    expect(received.map(({ atMs }) => atMs)).toEqual([0, 1000, 3000])
    expect(new Set(received.map(({ packet }) => packet.readUInt32BE(12))).size).toBe(3)
    expect(probes).toMatchObject([{ attempts: 3, packetsSent: 3, packetsLost: 2, latencyMs: null, phases: {} }])
  })

  it('U062 a lost connect costs an attempt, and the latency is that of the second', async () => {
    const { outcome, probes, latencyMs } = await checkByHand({ timeoutMs: 7000 }, async (nth) => {
      await nth(1)
      vi.advanceTimersByTime(1000)
      const second = await nth(2)
      vi.advanceTimersByTime(40)
      answer(second)
      const announce = await nth(3)
      vi.advanceTimersByTime(5)
      answer(announce)
    })
    expect(summary(outcome)).toBe('ok packet_loss')
    expect(probes).toMatchObject([{ attempts: 2, packetsSent: 3, packetsLost: 1 }])
    expect([probes[0]?.phases, latencyMs]).toEqual([{ udp_connect: 40, udp_announce: 5 }, 45])
  })

  it('U063 a reply to the first connect behind the second is measured from the first', async () => {
    const { outcome, probes } = await checkByHand({ timeoutMs: 7000 }, async (nth) => {
      const first = await nth(1)
      vi.advanceTimersByTime(1000)
      await nth(2)
      vi.advanceTimersByTime(100)
      answer(first)
      answer(await nth(3))
    })
    expect(summary(outcome)).toBe('ok packet_loss')
    expect(probes[0]?.phases).toEqual({ udp_connect: 1100, udp_announce: 0 })
  })

  it('U065 an announce that is not answered for a minute goes out again under a new connection id', async () => {
    const renewed = Buffer.from('8877665544332211', 'hex')
    const { outcome, probes, latencyMs, received } = await checkByHand({ timeoutMs: 200_000 }, async (nth) => {
      answer(await nth(1))
      await nth(2)
      vi.advanceTimersByTime(200_000 / 7)
      await nth(3)
      vi.advanceTimersByTime(400_000 / 7)
      const connect = await nth(4)
      vi.advanceTimersByTime(30)
      answer(connect, renewed)
      const announce = await nth(5)
      vi.advanceTimersByTime(20)
      answer(announce)
    })
    expect(summary(outcome)).toBe('ok packet_loss')
    const shown = received.map(({ packet }) => `${kindOf(packet)} ${packet.toString('hex', 0, 8)}`)
    const magic = '0000041727101980'
    const [old, fresh] = [CONNECTION_ID.toString('hex'), renewed.toString('hex')]
    expect(shown.slice(0, 5)).toEqual([
      `connect ${magic}`,
      `announce ${old}`,
      `announce ${old}`,
      `connect ${magic}`,
      `announce ${fresh}`,
    ])
    // What was waited for in vain is no latency.
    expect([probes[0]?.phases, latencyMs]).toEqual([{ udp_connect: 30, udp_announce: 20 }, 50])
    expect(probes).toMatchObject([{ attempts: 3, packetsSent: 5, packetsLost: 2 }])
  })

  it('U066 one attempt is one datagram, and the probe ends at its deadline', async () => {
    const { outcome, received } = await checkByHand({ timeoutMs: 300, attempts: 1 }, async (nth, { isSettled }) => {
      await nth(1)
      vi.advanceTimersByTime(299)
      expect(await isSettled()).toBe(false)
      vi.advanceTimersByTime(1)
      expect(await isSettled()).toBe(true)
    })
    expect(summary(outcome)).toBe('failed udp.timeout in udp_connect')
    expect(received.length).toBe(1)
  })
})

describe('a UDP tracker whose port is closed', () => {
  it('U067 is asked twice and has refused long before the deadline', async () => {
    const port = await closedUdpPort()
    const beganMs = performance.now()
    let endedMs = Number.POSITIVE_INFINITY
    const checking = checkLocal(`udp://127.0.0.1:${port}/announce`, { timeoutMs: 600_000, attempts: 8 })
    void checking.then(() => {
      endedMs = performance.now()
    })
    while (endedMs > beganMs + 600_000) {
      await refusalFrom(port)
      vi.advanceTimersByTime(50)
    }
    const { outcome, probes } = await checking
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'refused', code: 'net.refused', phase: 'udp_connect' })
    expect(probes).toMatchObject([{ packetsSent: 2 }])
    // Before the first repetition of a silent one would be due: 1 part of 255.
    expect(endedMs - beganMs).toBeLessThan(600_000 / 255)
  })

  it('U068 is ok when it opens between the first attempt and the second', async () => {
    const port = await closedUdpPort()
    const checking = checkLocal(`udp://127.0.0.1:${port}/announce`, { timeoutMs: 7000 })
    for (let turn = 0; turn < 5; turn++) await refusalFrom(port)
    await using(startUdpTracker(goodTracker, { port }), async () => {
      vi.advanceTimersByTime(1000)
      expect(summary((await checking).outcome)).toBe('ok packet_loss')
    })
  })
})
