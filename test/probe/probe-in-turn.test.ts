import { describe, expect, it } from 'vitest'
import { type CheckOptions, check } from '../../src/probe/check.js'
import { createResolver } from '../../src/probe/dns/resolve.js'
import type { TakeTurn } from '../../src/probe/endpoint-gate.js'
import { createIdentity } from '../../src/probe/identity.js'
import type { CheckResult } from '../../src/tracker/outcome.js'
import { parseTracker } from '../../src/tracker/tracker.js'
import { using } from '../support/check-local.js'
import { goodTracker, startUdpTracker, type UdpTracker } from '../support/udp-tracker.js'

/** A check that takes its turns so. */
async function checkInTurn(
  url: string,
  takeTurn: TakeTurn,
  signal = new AbortController().signal,
): Promise<CheckResult> {
  const { tracker } = parseTracker(url)
  if (tracker === undefined) throw new Error(`${url} does not parse`)
  const resolver = createResolver()
  const options: CheckOptions = {
    timeoutMs: 300,
    attempts: 1,
    family: 'both',
    allowPrivate: true,
    bep34: 'ignore',
    tls: 'strict',
    redirects: 'follow',
    aliveWhen: 'announce',
    userAgent: 'test',
    headers: {},
    infoHash: null,
    followUps: null,
    identity: createIdentity(),
    resolver,
    takeTurn,
  }
  try {
    return await check(tracker, options, signal)
  } finally {
    resolver.close()
  }
}

const withTracker = (work: (tracker: UdpTracker) => Promise<void>) => using(startUdpTracker(goodTracker), work)

describe('a probe in turn', () => {
  it('asks for its address and port, and gives the turn back when it is over', () =>
    withTracker(async ({ url, port, received }) => {
      const told: string[] = []
      await checkInTurn(url, async (address, at) => {
        told.push(`${address} ${at}, ${received.length} packets so far`)
        return () => void told.push(`over after ${Math.min(received.length, 2)}`)
      })
      expect(told).toEqual([`127.0.0.1 ${port}, 0 packets so far`, 'over after 2'])
    }))

  it('has all of its time from its turn on, and counts as checked when it is over', () =>
    withTracker(async ({ url }) => {
      let turnAt = 0
      const result = await checkInTurn(url, async () => {
        await new Promise((resolve) => setTimeout(resolve, 400)) // longer than the probe may take
        turnAt = Date.now()
        return () => {}
      })
      expect(result).toMatchObject({ outcome: { kind: 'ok' }, alive: true })
      expect(result.checkedAt.getTime()).toBeGreaterThanOrEqual(turnAt)
    }))

  it('that would come too late is skipped, with no packet sent', () =>
    withTracker(async ({ url, port, received }) => {
      const result = await checkInTurn(url, async () => null)
      const outcome = {
        kind: 'skipped',
        reason: 'too_soon',
        code: 'local.too_soon',
        detail: `others at 127.0.0.1 port ${port} came first, one probe at a time and one per second`,
      }
      expect(result).toMatchObject({ outcome, alive: false, latencyMs: null })
      expect(result.probes).toMatchObject([{ address: '127.0.0.1', outcome, packetsSent: 0, latencyMs: null }])
      expect(received).toEqual([])
    }))

  it('gives the turn back when it is aborted', () =>
    using(
      startUdpTracker(() => undefined),
      async ({ url }) => {
        const abort = new AbortController()
        let isOver = false
        const checking = checkInTurn(
          url,
          async () => {
            setImmediate(() => abort.abort('stopped'))
            return () => {
              isOver = true
            }
          },
          abort.signal,
        )
        await expect(checking).rejects.toBe('stopped')
        expect(isOver).toBe(true)
      },
    ))
})
