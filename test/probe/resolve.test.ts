import { afterEach, describe, expect, it, vi } from 'vitest'
import { checkTrackers } from '../../src/probe/check-trackers.js'
import { createResolver } from '../../src/probe/resolve.js'
import { checkLocal, checkNamed, SHORT_MS, summary, using } from '../support/check-local.js'
import { type DnsAnswer, type DnsQuery, type DnsServer, startDnsServer, zoneOf } from '../support/dns-server.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { goodTracker, kindOf, startUdpTracker } from '../support/udp-tracker.js'

const alive = new AbortController().signal

/** The queries for a name, by type: `{ A: 1, AAAA: 1 }`. */
function askedFor({ queries }: DnsServer, name: string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const query of queries) {
    if (query.name === name) counts[query.type] = (counts[query.type] ?? 0) + 1
  }
  return counts
}

describe('the name of a tracker', () => {
  it('is asked for once per family, and once for an opt-out, however many trackers have it (D012)', () =>
    using(startDnsServer(zoneOf({ 'name.test': ['127.0.0.1', '::1'] })), (dns) =>
      using(startUdpTracker(goodTracker), async ({ port }) => {
        const urls = Array.from({ length: 20 }, (_, index) => `udp://name.test:${port}/announce/${index}`)
        const results = await checkTrackers(urls, { allowPrivate: true, dnsServers: [dns.address] })
        expect([...results.values()].map(({ outcome }) => outcome.kind)).toEqual(new Array(20).fill('ok'))
        expect(askedFor(dns, 'name.test')).toEqual({ A: 1, AAAA: 1, TXT: 1 })
      }),
    ))

  it.each<[string, string, DnsAnswer]>([
    ['does not exist (D001)', 'failed dns.nxdomain in resolve', 'nxdomain'],
    ['has no address (D002)', 'failed dns.nodata in resolve', { addresses: [] }],
    ['cannot be resolved (D003)', 'failed dns.servfail in resolve', 'servfail'],
    ['is refused (D004)', 'failed dns.refused in resolve', 'refused'],
    ['is met with silence (D005)', 'failed dns.timeout in resolve', 'silent'],
  ])('that %s: %s', async (_, expected, said) => {
    const { result, ...checked } = await checkNamed(() => said, { timeoutMs: SHORT_MS })
    expect(checked.summary).toBe(expected)
    expect(result).toMatchObject({ alive: false, latencyMs: null, probes: [] })
  })

  it('that does not exist is asked for once, what may pass is asked for again', async () => {
    const dead = await checkNamed(() => 'nxdomain')
    expect(dead.queries.length).toBe(2)
    const { summary, queries } = await checkNamed(
      ({ earlier, type }) => (type === 'A' && earlier > 0 ? { addresses: ['127.0.0.1'] } : 'silent'),
      { timeoutMs: SHORT_MS },
    )
    expect(summary).toBe('ok')
    expect(queries.filter(({ type }) => type === 'A').length).toBeGreaterThan(1)
  })

  it('whose first answer is SERVFAIL may have a good second one', async () => {
    const { summary } = await checkNamed(({ earlier }) => (earlier < 1 ? 'servfail' : { addresses: ['127.0.0.1'] }), {
      timeoutMs: SHORT_MS,
    })
    expect(summary).toBe('ok')
  })

  it('without a name server that can be reached says nothing about the tracker (D016)', async () => {
    const dns = await startDnsServer(() => 'silent')
    await dns.stop()
    const result = await checkLocal('udp://name.test:1/announce', { dnsServers: [dns.address], timeoutMs: SHORT_MS })
    expect(result.outcome).toMatchObject({ kind: 'skipped', reason: 'local_error', code: 'local.dns' })
  })

  it.each<[string, readonly string[], string, readonly number[]]>([
    ['IPv4 alone', ['127.0.0.1'], 'ok', [4]],
    ['IPv4, and IPv6 where nobody listens (U083)', ['127.0.0.1', '::1'], 'ok family_down', [4, 6]],
  ])('with %s is judged by the better (D008)', async (_, addresses, expected, families) => {
    const { result, ...checked } = await checkNamed(() => ({ addresses }))
    expect(checked.summary).toBe(expected)
    expect(result.probes.map(({ family }) => family)).toEqual(families)
  })

  it('with IPv6 alone is reached there (D008)', () =>
    using(startDnsServer(zoneOf({ 'name.test': ['::1'] })), (dns) =>
      using(startUdpTracker(goodTracker, { host: '::1', family: 6 }), async ({ port }) => {
        const result = await checkLocal(`udp://name.test:${port}`, { dnsServers: [dns.address] })
        expect(summary(result.outcome)).toBe('ok')
        expect(result.probes).toMatchObject([{ family: 6, address: '::1' }])
      }),
    ))

  it('whose IPv6 cannot be resolved is judged by IPv4 (D009)', async () => {
    const said = ({ type }: DnsQuery): DnsAnswer => (type === 'A' ? { addresses: ['127.0.0.1'] } : 'servfail')
    expect((await checkNamed(said, { timeoutMs: SHORT_MS })).summary).toBe('ok')
  })

  it('is asked for in one family where one was asked for', async () => {
    const { queries } = await checkNamed(() => ({ addresses: ['127.0.0.1'] }), { family: 4 })
    expect(queries.map(({ type }) => type)).toEqual(['A'])
  })

  it('with three addresses of which one answers is alive in part (H118)', () =>
    using(startDnsServer(zoneOf({ 'name.test': ['127.0.0.2', '127.0.0.3', '127.0.0.1'] })), (dns) =>
      using(
        startHttpTracker((_, response) => response.end(goodAnswer())),
        async ({ port }) => {
          const result = await checkLocal(`http://name.test:${port}/announce`, { dnsServers: [dns.address] })
          expect(summary(result.outcome)).toBe('ok partial_addresses')
          const byAddress = result.probes.map(({ address, outcome }) => `${address} ${summary(outcome)}`)
          expect(byAddress.toSorted()).toEqual([
            '127.0.0.1 ok',
            '127.0.0.2 failed net.refused in connect',
            '127.0.0.3 failed net.refused in connect',
          ])
        },
      ),
    ))

  it('with two addresses has all packets of a probe at one of them (U022)', () =>
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

describe('a fleet of dead names', () => {
  it('does not keep a living one waiting, which is last in line (D015)', () =>
    using(
      startDnsServer(({ name }) => (name === 'living.test' ? { addresses: ['127.0.0.1'] } : 'silent')),
      (dns) =>
        using(startUdpTracker(goodTracker), async ({ port }) => {
          const urls = Array.from({ length: 500 }, (_, index) => `udp://dead-${index}.test:1`)
          const stopping = new AbortController()
          const first: string[] = []
          const checking = checkTrackers([...urls, `udp://living.test:${port}`], {
            allowPrivate: true,
            dnsServers: [dns.address],
            concurrency: 501,
            signal: stopping.signal,
            onResult: ({ outcome }, given) => {
              first.push(`${given} ${outcome.kind}`)
              stopping.abort('seen')
            },
          })
          await expect(checking).rejects.toBe('seen')
          expect(first).toEqual([`udp://living.test:${port} ok`])
        }),
    ))
})

describe('an address or a local name', () => {
  it.each(['127.0.0.1', '[::1]', 'localhost', 'tracker.localhost'])('%s is not asked for (D011)', (host) =>
    using(
      startDnsServer(() => 'nxdomain'),
      async (dns) => {
        const family = host === '[::1]' ? 6 : 4
        const place = { host: family === 6 ? '::1' : '127.0.0.1', family } as const
        await using(startUdpTracker(goodTracker, place), async ({ port }) => {
          const result = await checkLocal(`udp://${host}:${port}`, { dnsServers: [dns.address], family })
          expect(summary(result.outcome)).toBe('ok')
        })
        expect(dns.queries).toEqual([])
      },
    ),
  )

  it.each(['a..b', `${'x'.repeat(64)}.test`, `${'x.'.repeat(127)}xx`])(
    '%s is no name and not asked for (D010)',
    (host) =>
      using(
        startDnsServer(() => 'nxdomain'),
        async (dns) => {
          const result = await checkLocal(`udp://${host}:1`, { dnsServers: [dns.address] })
          expect(summary(result.outcome)).toBe('skipped url.bad_host')
          expect(dns.queries).toEqual([])
        },
      ),
  )
})

describe('an answer of a name server', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it.each<[string, DnsAnswer, number]>([
    ['with a TTL of 0 for half a minute (D013)', { addresses: ['192.0.2.1'], ttlS: 0 }, 30],
    ['with a TTL of a minute for a minute (D013)', { addresses: ['192.0.2.1'], ttlS: 60 }, 60],
    ['with a TTL of a million for an hour (D013)', { addresses: ['192.0.2.1'], ttlS: 1_000_000 }, 3600],
    ['that there is no such name for 15 s (D014)', 'nxdomain', 15],
  ])('is kept %s', (_, said, seconds) =>
    using(
      startDnsServer(() => said),
      async (dns) => {
        vi.useFakeTimers({ toFake: ['Date'] })
        const resolver = createResolver({ servers: [dns.address] })
        const resolve = () => resolver.resolve('name.test', 4, alive).catch(() => [])
        const addresses = await resolve()
        expect(addresses).toEqual(said === 'nxdomain' ? [] : ['192.0.2.1'])
        vi.advanceTimersByTime((seconds - 1) * 1000)
        await resolve()
        expect(dns.queries.length).toBe(1)
        vi.advanceTimersByTime(1001)
        await resolve()
        expect(dns.queries.length).toBe(2)
        resolver.close()
      },
    ),
  )

  it('is not waited for by whoever was aborted, but by the others', async () => {
    let answer = (_: DnsAnswer): void => {}
    const later = new Promise<DnsAnswer>((resolve) => {
      answer = resolve
    })
    await using(
      startDnsServer(() => later),
      async (dns) => {
        const resolver = createResolver({ servers: [dns.address] })
        const leaving = new AbortController()
        const first = resolver.resolve('name.test', 4, leaving.signal)
        const second = resolver.resolve('name.test', 4, alive)
        leaving.abort('gone')
        await expect(first).rejects.toBe('gone')
        answer({ addresses: ['192.0.2.1'] })
        expect(await second).toEqual(['192.0.2.1'])
        resolver.close()
      },
    )
  })

  it('is not waited for by anybody once the resolver is closed', () =>
    using(
      startDnsServer(() => 'silent'),
      async (dns) => {
        const resolver = createResolver({ servers: [dns.address], timeoutMs: 600_000 })
        const waiting = Array.from({ length: 300 }, (_, index) =>
          resolver.resolve(`n${index}.test`, 4, new AbortController().signal),
        )
        resolver.close()
        for (const one of await Promise.allSettled(waiting)) {
          expect(one).toMatchObject({ status: 'rejected', reason: { code: 'local.dns' } })
        }
      },
    ))
})
