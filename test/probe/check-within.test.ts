import { describe, expect, it, onTestFinished } from 'vitest'
import type { CheckOptions } from '../../src/probe/check.js'
import { checkWithin } from '../../src/probe/check-within.js'
import { createResolver } from '../../src/probe/dns/resolve.js'
import { createEndpointGate } from '../../src/probe/endpoint-gate.js'
import { createIdentity } from '../../src/probe/identity.js'
import { trackerOf } from '../export/entries.js'
import { summary } from '../support/check-local.js'
import { type DnsAnswer, startDnsServer } from '../support/dns-server.js'
import { goodTracker, type Respond, startUdpTracker } from '../support/udp-tracker.js'

const never = new AbortController().signal
/** Longer than any test: only the deadline under test can end it. */
const PATIENT_MS = 60_000

async function udpTracker(respond: Respond) {
  const tracker = await startUdpTracker(respond)
  onTestFinished(tracker.stop)
  return tracker
}

async function optionsBy(
  answer: (type: string) => DnsAnswer | Promise<DnsAnswer>,
  more: Partial<CheckOptions> = {},
): Promise<Omit<CheckOptions, 'timeoutMs'>> {
  const dns = await startDnsServer(({ type }) => Promise.resolve(answer(type)))
  onTestFinished(dns.stop)
  const resolver = createResolver({ timeoutMs: PATIENT_MS, servers: [dns.address] })
  onTestFinished(async () => resolver.close())
  return {
    ...{ family: 4, aliveWhen: 'announce', allowPrivate: true, bep34: 'ignore', tls: 'strict', redirects: 'follow' },
    ...{ attempts: 1, infoHash: null, userAgent: 'test', headers: {}, followUps: null },
    ...{ identity: createIdentity(), resolver },
    ...more,
  }
}

describe('a check that has a result in time', () => {
  it('is like any other where all goes well', async () => {
    const { url } = await udpTracker(goodTracker)
    const result = await checkWithin(
      trackerOf(url),
      await optionsBy(() => ({})),
      { withinMs: PATIENT_MS, waitTurn: () => undefined },
      never,
    )
    expect(summary(result.outcome)).toBe('ok')
    expect(result.latencyMs).not.toBeNull()
  })

  it('lets an exchange say what it came to', async () => {
    const { url } = await udpTracker(() => [])
    const options = await optionsBy(() => ({}))
    const result = await checkWithin(trackerOf(url), options, { withinMs: 400, waitTurn: () => undefined }, never)
    expect(summary(result.outcome)).toBe('failed udp.timeout in udp_connect')
    expect(result.probes).toHaveLength(1)
  })

  it('has failed where the name servers took all of the time', async () => {
    const options = await optionsBy(() => 'silent')
    const tracker = trackerOf('udp://slow.example.org:6969/announce')
    const result = await checkWithin(tracker, options, { withinMs: 100, waitTurn: () => undefined }, never)
    expect(summary(result.outcome)).toBe('failed dns.timeout in resolve')
    expect(result).toMatchObject({ alive: false, latencyMs: null, probes: [] })
  })

  it('is skipped where its turn did not come', async () => {
    const { url, received } = await udpTracker(goodTracker)
    const tracker = trackerOf(url)
    const takeTurn = createEndpointGate().turns(PATIENT_MS)
    const endTurn = await takeTurn('127.0.0.1', tracker.port, never)
    const options = await optionsBy(() => ({}), { takeTurn })
    const result = await checkWithin(tracker, options, { withinMs: 100, waitTurn: () => undefined }, never)
    expect(summary(result.outcome)).toBe('skipped local.too_soon')
    expect(received).toEqual([])
    endTurn?.()
  })

  it('is skipped where it could not start at all', async () => {
    const options = await optionsBy(() => ({}))
    const waitTurn = (signal: { addEventListener(type: 'abort', listener: () => void): void; reason: unknown }) =>
      new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    const result = await checkWithin(trackerOf('udp://127.0.0.1:1'), options, { withinMs: 50, waitTurn }, never)
    expect(summary(result.outcome)).toBe('skipped local.too_soon')
  })

  it('counts the family that answered while the other was still being looked up', async () => {
    const { port } = await udpTracker(goodTracker)
    const options = await optionsBy((type) => (type === 'A' ? { addresses: ['127.0.0.1'] } : 'silent'), {
      family: 'both',
    })
    const tracker = trackerOf(`udp://half.example.org:${port}/announce`)
    const result = await checkWithin(tracker, options, { withinMs: 2500, waitTurn: () => undefined }, never)
    expect(result.outcome.kind).toBe('ok')
    expect(result.alive).toBe(true)
  })

  it('rejects with the reason of whoever does not wait any more', async () => {
    const { url } = await udpTracker(() => [])
    const options = await optionsBy(() => ({}))
    const gone = new AbortController()
    const checking = checkWithin(
      trackerOf(url),
      options,
      { withinMs: PATIENT_MS, waitTurn: () => undefined },
      gone.signal,
    )
    gone.abort('gone')
    await expect(checking).rejects.toBe('gone')
  })
})
