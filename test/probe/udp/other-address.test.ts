import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { checkLocal, openSockets, socketsSince, summary } from '../../support/check-local.js'
import { udp } from '../../support/encode.js'
import { answer, checkByHand, type Received, stopTheClock } from '../../support/udp-by-hand.js'
import { CONNECTION_ID, closedUdpPort, kindOf, refusalFrom } from '../../support/udp-tracker.js'

let before: readonly string[]
beforeEach(() => {
  before = openSockets()
  stopTheClock()
})
afterEach(async () => {
  vi.useRealTimers()
  expect(await socketsSince(before)).toEqual([])
})

type Nth = (count: number) => Promise<Received>
const limits = { timeoutMs: 7000 }

/** The three connects of a silent tracker: at 0, 1 and 3 s. */
async function threeConnects(nth: Nth): Promise<readonly [Received, Received, Received]> {
  const first = await nth(1)
  vi.advanceTimersByTime(1000)
  const second = await nth(2)
  vi.advanceTimersByTime(2000)
  return [first, second, await nth(3)]
}

/** Sends to whoever sent this, from a socket that nobody asked. */
async function answerFromElsewhere({ packet, from }: Received, transactionId = packet.readUInt32BE(12)): Promise<void> {
  const elsewhere = createSocket('udp4').bind(0, '127.0.0.2')
  await once(elsewhere, 'listening')
  const reply = udp.connectReply(transactionId, CONNECTION_ID)
  await new Promise((sent) => elsewhere.send(reply, from.port, from.address, sent))
  elsewhere.close()
}

describe('the last connect of a UDP probe, which listens for answers from elsewhere', () => {
  it.each([
    ['IPv4', {}],
    ['IPv6', { host: '::1', family: 6 } as const],
  ])('counts as any other when the tracker answers over %s, and the probe goes on from its port', async (_, place) => {
    const work = async (nth: Nth): Promise<void> => {
      const [first, second, third] = await threeConnects(nth)
      expect(second.from.port).toBe(first.from.port)
      vi.advanceTimersByTime(30)
      answer(third)
      const announce = await nth(4)
      // Some trackers know a connection id only together with the port that it was asked for from.
      expect([kindOf(announce.packet), announce.from.port]).toEqual(['announce', third.from.port])
      vi.advanceTimersByTime(20)
      answer(announce)
    }
    const { outcome, probes } = await checkByHand(limits, work, place)
    expect(summary(outcome)).toBe('ok packet_loss')
    expect(probes).toMatchObject([{ attempts: 3, packetsSent: 4, packetsLost: 2, latencyMs: 50 }])
  })

  it('takes nothing from an earlier one that is answered late', async () => {
    const { outcome } = await checkByHand(limits, async (nth) => {
      const [first] = await threeConnects(nth)
      answer(first)
      const announce = await nth(4)
      expect(announce.from.port).toBe(first.from.port)
      answer(announce)
    })
    expect(summary(outcome)).toBe('ok packet_loss')
  })

  it('may be answered by the tracker behind an answer from elsewhere, and may be refused', async () => {
    const { outcome } = await checkByHand(limits, async (nth) => {
      const [, , third] = await threeConnects(nth)
      await answerFromElsewhere(third)
      third.send(udp.errorReply(third.packet.readUInt32BE(12), 'banned'))
    })
    expect(summary(outcome)).toBe('rejected client_banned "banned" packet_loss')
  })

  it('leaves a probe that hears of a closed port as ever', async () => {
    const closed = { port: await closedUdpPort() }
    const { outcome } = await checkByHand(
      limits,
      async (nth, { close, isSettled }) => {
        const [, , third] = await threeConnects(nth)
        answer(third)
        await nth(4)
        await close()
        while (!(await isSettled())) vi.advanceTimersByTime(500)
      },
      closed,
    )
    expect(summary(outcome)).toBe('failed net.refused in udp_announce')
  })

  it('is none for a port that is closed', async () => {
    const port = await closedUdpPort()
    const beganMs = performance.now()
    let endedMs = Number.NaN
    const checking = checkLocal(`udp://127.0.0.1:${port}`, { ...limits, attempts: 2 }).finally(() => {
      endedMs = performance.now()
    })
    while (Number.isNaN(endedMs)) {
      await refusalFrom(port)
      vi.advanceTimersByTime(50)
    }
    expect(summary((await checking).outcome)).toBe('failed net.refused in udp_connect')
    // The second refusal was heard too; nobody waited for the deadline.
    expect(endedMs - beganMs).toBeLessThan(limits.timeoutMs / 2)
  })

  it('passes over strangers who answer nothing, and says that they came', async () => {
    const { outcome } = await checkByHand(limits, async (nth, { isSettled }) => {
      const [, , third] = await threeConnects(nth)
      await answerFromElsewhere(third, third.packet.readUInt32BE(12) ^ 1)
      await isSettled()
      vi.advanceTimersByTime(4000)
    })
    expect(summary(outcome)).toBe('failed udp.timeout in udp_connect')
    expect(outcome).toMatchObject({ detail: expect.stringContaining('packets came that belong to no request of ours') })
  })

  it('is given up with the probe', async () => {
    const stopping = new AbortController()
    const checking = checkByHand({ ...limits, signal: stopping.signal }, async (nth) => {
      await threeConnects(nth)
      stopping.abort('enough')
    })
    await expect(checking).rejects.toBe('enough')
  })
})
