import { describe, expect, it } from 'vitest'
import { checkTrackers } from '../../src/index.js'
import { inNetwork, obstacle, titleFor } from '../netns/network.js'
import type { Reached } from '../netns/reach.js'
import { checkInChild } from '../probe/child.js'
import { checkLocal, checkNamed, openSockets, SHORT_MS, socketsSince, summary, using } from '../support/check-local.js'
import { udp } from '../support/encode.js'
import { startRawTcp } from '../support/http-tracker.js'
import { closedUdpPort, connected, kindOf, scripted, startUdpTracker } from '../support/udp-tracker.js'

describe('the machine that a UDP probe runs on', () => {
  it.skipIf(obstacle !== null)(
    titleFor('U082 without a route over IPv6 it has learnt nothing about a tracker there, alone or beside IPv4'),
    async () => {
      const setup = ['ip link set lo up']
      const alone = 'udp://[2001:db8::1]:6969'
      const [literal, named] = await Promise.all([
        inNetwork<Reached>(setup, 'reach.ts', { addresses: [], urls: [alone] }),
        inNetwork<Reached>(setup, 'reach.ts', { addresses: ['127.0.0.1', '2001:db8::1'] }),
      ])
      const unknown = 'skipped local.no_ipv6'
      expect(literal[alone]).toEqual({ outcome: unknown, probes: [`IPv6 ${unknown}`] })
      expect(named.udp).toEqual({ outcome: 'ok', probes: ['IPv4 ok', `IPv6 ${unknown}`] })
    },
  )

  it('U084 without a free descriptor it has learnt nothing, and the sockets that it has do their work', async () => {
    // Three attempts want a second socket each for the last, and go without it here.
    const verdicts = async (attempts: number) => {
      const [silent, silentTcp] = await Promise.all([startUdpTracker(() => []), startRawTcp(() => {})])
      const urls = [silent, silentTcp].flatMap(({ url }) =>
        Array.from({ length: 100 }, (_, index) => `${url}/${index}`),
      )
      const options = { timeoutMs: 8 * SHORT_MS, attempts, allowPrivate: true }
      const { outcomes } = await checkInChild({ urls, options }, { openFiles: 100 })
      await Promise.all([silent.stop(), silentTcp.stop()])
      const of = (protocol: string): string[] =>
        outcomes.filter(([url]) => url.startsWith(protocol)).map(([, outcome]) => summary(outcome))
      const asked = of('udp').filter((outcome) => outcome.startsWith('failed')).length
      return {
        udp: [...new Set(of('udp'))].toSorted(),
        http: [...new Set(of('http'))],
        sendsEach: silent.received.length / asked,
      }
    }
    const udp = ['failed udp.timeout in udp_connect', 'skipped local.resource']
    const http = ['skipped local.resource']
    expect(await Promise.all([verdicts(1), verdicts(3)])).toEqual([
      { udp, http, sendsEach: 1 },
      { udp, http, sendsEach: 3 },
    ])
  })

  it('U069 refusals, also those that come when nobody waits any more, are never uncaught', async () => {
    const closed = await Promise.all(Array.from({ length: 20 }, () => closedUdpPort()))
    // Gone before it can be told that we leave.
    const leaving = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const tracker = await startUdpTracker((packet) => {
          const id = packet.readUInt32BE(12)
          if (kindOf(packet) === 'connect') return connected(id)
          setImmediate(tracker.stop)
          return [udp.announceReply(id, { interval: 1800, leechers: 0, seeders: 0, peers: Buffer.alloc(0) })]
        })
        return tracker
      }),
    )
    const urls = [...closed.map((port) => `udp://127.0.0.1:${port}`), ...leaving.map(({ url }) => url)]
    const report = await checkInChild({ urls, options: { timeoutMs: 4 * SHORT_MS, allowPrivate: true } })
    expect(report.outcomes.map(([, outcome]) => ('reason' in outcome ? outcome.reason : outcome.kind))).toEqual([
      ...closed.map(() => 'refused'),
      ...leaving.map(() => 'ok'),
    ])
    expect(report.left).toEqual([])
  })

  it('U085 an abort ends a probe with its reason and no result, and nothing stays open', async () => {
    const before = openSockets()
    const stopping = new AbortController()
    const reason = new Error('we are leaving')
    await using(
      startUdpTracker(() => {
        stopping.abort(reason)
        return []
      }),
      async ({ url }) => {
        await expect(checkLocal(url, { signal: stopping.signal, timeoutMs: 600_000 })).rejects.toBe(reason)
      },
    )
    expect(await socketsSince(before)).toEqual([])

    const report = await using(
      startUdpTracker(() => []),
      ({ url }) => {
        const urls = Array.from({ length: 20 }, (_, index) => `${url}/${index}`)
        const options = { timeoutMs: 600_000, allowPrivate: true }
        return checkInChild({ urls, options, abortAfterMs: SHORT_MS })
      },
    )
    expect(report).toEqual({ outcomes: [], aborted: true, left: [] })
  })

  it('U087 2,000 checks that are under way at once take nothing from each other', { timeout: 60_000 }, async () => {
    // Each tracker is told from the others by its path (BEP 41) and has as many seeders.
    const numbered = scripted({
      announce: (id, packet) => {
        const seeders = Number(/\/(\d+)$/.exec(packet.toString('latin1', 98))?.[1])
        return [udp.announceReply(id, { interval: 1800, leechers: 0, seeders, peers: Buffer.alloc(0) })]
      },
    })
    const trackers = await Promise.all(Array.from({ length: 8 }, () => startUdpTracker(numbered)))
    const urls = Array.from({ length: 2000 }, (_, index) => `${trackers[index % 8]?.url}/${index}`)
    const options = { allowPrivate: true, concurrency: 2000, attempts: 6, timeoutMs: 30_000 }
    const results = await checkTrackers(urls, options)
    const seeders = [...results.values()].map(({ outcome }) =>
      outcome.kind === 'ok' ? outcome.announce.seeders : summary(outcome),
    )
    expect(seeders).toEqual(urls.map((_, index) => index))
    await Promise.all(trackers.map((tracker) => tracker.stop()))
  })
})

describe('the name and the port of a UDP tracker', () => {
  it('U083 a name that is alive over IPv4 and dead over IPv6 is ok with family_down', async () => {
    const { result, ...checked } = await checkNamed(() => ({ addresses: ['127.0.0.1', '::1'] }))
    expect(checked.summary).toBe('ok family_down')
    expect(result.probes.map(({ family, outcome }) => `${family} ${summary(outcome)}`)).toEqual([
      '4 ok',
      '6 failed net.refused in udp_connect',
    ])
  })

  it('U088 a URL without a port is invalid, and its problem shows how it is written', async () => {
    const { outcome } = await checkLocal('udp://tracker.test/announce')
    expect(outcome).toMatchObject({
      kind: 'skipped',
      reason: 'invalid_url',
      code: 'url.missing_port',
      detail: expect.stringContaining('udp://host:port'),
    })
  })

  it('U064 a tracker that answers connects and no announce is udp.timeout in udp_announce', () =>
    using(startUdpTracker(scripted({ announce: () => [] })), async ({ url }) => {
      const { outcome, probes } = await checkLocal(url, { timeoutMs: 2 * SHORT_MS })
      expect(outcome).toMatchObject({ kind: 'failed', reason: 'timeout', code: 'udp.timeout', phase: 'udp_announce' })
      expect(Object.keys(probes[0]?.phases ?? {})).toEqual(['udp_connect'])
    }))
})
