import { afterEach, describe, expect, it, vi } from 'vitest'
import { checkTracker, checkTrackers } from '../../src/probe/check-trackers.js'
import { createResolver } from '../../src/probe/dns/resolve.js'
import { checkLocal, checkNamed, SHORT_MS, summary, using } from '../support/check-local.js'
import { type DnsAnswer, type DnsQuery, type DnsServer, startDnsServer, zoneOf } from '../support/dns-server.js'
import { goodTracker, kindOf, startUdpTracker } from '../support/udp-tracker.js'

const HERE: DnsAnswer = { addresses: ['127.0.0.1'] }
const brief = { timeoutMs: SHORT_MS }
/** Time enough for a living name server to show that it lives, on a machine that is busy. */
const patient = { timeoutMs: 2000 }
const alive = new AbortController().signal

afterEach(() => {
  vi.useRealTimers()
})

/** The verdict about a living tracker by a name of which a living name server says this, and the queries for it. */
async function verdictOn(said: DnsAnswer) {
  const { summary, queries } = await checkNamed(() => said, { ...patient, family: 4 })
  return { summary, asked: queries.length }
}

/** The queries for a name, by type: `{ A: 1, AAAA: 1 }`. */
function askedFor({ queries }: DnsServer, name: string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const query of queries) {
    if (query.name === name) counts[query.type] = (counts[query.type] ?? 0) + 1
  }
  return counts
}

/** The verdicts of checks with a name server that says the same about every name, the root too. */
function checkAll(root: DnsAnswer, urls: readonly string[]): Promise<readonly string[]> {
  return using(
    startDnsServer(() => root, { root }),
    async (dns) => {
      const results = await Promise.all(urls.map((url) => checkLocal(url, { dnsServers: [dns.address], ...brief })))
      return results.map(({ outcome }) => summary(outcome))
    },
  )
}

const dead = Array.from({ length: 5 }, (_, index) => `udp://dead-${index}.test:1`)

describe('a name', () => {
  it('D001 that does not exist is dns.nxdomain, which is final', async () => {
    expect(await verdictOn('nxdomain')).toEqual({ summary: 'failed dns.nxdomain in resolve', asked: 1 })
  })

  it('D002 without an address is dns.nodata, which is final', async () => {
    expect(await verdictOn({ addresses: [] })).toEqual({ summary: 'failed dns.nodata in resolve', asked: 1 })
  })

  it('D003 that gets SERVFAIL is dns.servfail, and asked for again before', async () => {
    const recovering = ({ earlier }: DnsQuery): DnsAnswer => (earlier < 1 ? 'servfail' : HERE)
    const [failing, recovered] = await Promise.all([verdictOn('servfail'), checkNamed(recovering, patient)])
    expect(failing.summary).toBe('failed dns.servfail in resolve')
    expect(recovered.summary).toBe('ok')
  })

  it('D004 that is refused is dns.refused, but local.dns where the name server refuses everything', async () => {
    expect((await verdictOn('refused')).summary).toBe('failed dns.refused in resolve')
    expect(await checkAll('refused', dead)).toEqual(dead.map(() => 'skipped local.dns'))
  })

  it('D005 that is met with silence is dns.timeout, at the limit for names and not when c-ares gives up', () =>
    using(
      startDnsServer(({ name }) => (name === 'silent.test' ? 'silent' : HERE)),
      async (dns) => {
        vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
        const resolver = createResolver({ servers: [dns.address] })
        const settled = vi.fn()
        const asking = resolver.resolve('silent.test', 4, alive).catch(({ code }) => settled(code))
        // Another name shows that the name server lives.
        await resolver.resolve('living.test', 4, alive)
        await vi.advanceTimersByTimeAsync(4999)
        expect(settled).not.toHaveBeenCalled()
        await vi.advanceTimersByTimeAsync(1)
        await asking
        expect(settled).toHaveBeenCalledWith('dns.timeout')
        resolver.close()
        vi.useRealTimers()
        expect((await verdictOn('silent')).summary).toBe('failed dns.timeout in resolve')
      },
    ))

  it('D006 that takes 2 s of 3 s is resolved, though 50 fast ones have made c-ares impatient', () =>
    using(
      startDnsServer(({ name }) =>
        name === 'slow.test' ? new Promise((resolve) => setTimeout(resolve, 2000, HERE)) : HERE,
      ),
      (dns) =>
        using(startUdpTracker(goodTracker), async ({ port }) => {
          const names = [...Array.from({ length: 50 }, (_, index) => `fast-${index}`), 'slow']
          const urls = names.map((name) => `udp://${name}.test:${port}`)
          const options = { dnsServers: [dns.address], allowPrivate: true, bep34: 'ignore', family: 4 } as const
          const results = await checkTrackers(urls, { ...options, timeoutMs: 3000, concurrency: 1 })
          expect([...results.values()].map(({ outcome }) => summary(outcome))).toEqual(names.map(() => 'ok'))
        }),
    ))

  it('D007 whose answer needs TCP, where the name server refuses connections, is dns.error and not net.refused', async () => {
    expect((await verdictOn('truncated')).summary).toBe('failed dns.error in resolve')
    const overTcp = ({ transport }: DnsQuery): DnsAnswer => (transport === 'udp' ? 'truncated' : HERE)
    const resolved = using(startDnsServer(overTcp, { tcp: true }), (dns) =>
      using(startUdpTracker(goodTracker), ({ port }) =>
        checkLocal(`udp://name.test:${port}`, { dnsServers: [dns.address], bep34: 'ignore' }),
      ),
    )
    expect(summary((await resolved).outcome)).toBe('ok')
  })

  it('D008 with addresses of one family or both is probed over those', async () => {
    const probed = (addresses: readonly string[]) =>
      using(startDnsServer(zoneOf({ 'name.test': addresses })), (dns) =>
        using(startUdpTracker(goodTracker), ({ port }) =>
          using(startUdpTracker(goodTracker, { host: '::1', family: 6, port }), async () => {
            const { outcome, probes } = await checkLocal(`udp://name.test:${port}`, { dnsServers: [dns.address] })
            return [summary(outcome), ...probes.map(({ family, address }) => `${family} ${address}`)]
          }),
        ),
      )
    expect({
      onlyA: await probed(['127.0.0.1']),
      onlyAaaa: await probed(['::1']),
      both: await probed(['127.0.0.1', '::1']),
    }).toEqual({ onlyA: ['ok', '4 127.0.0.1'], onlyAaaa: ['ok', '6 ::1'], both: ['ok', '4 127.0.0.1', '6 ::1'] })
  })

  it('D009 whose IPv6 addresses cannot be looked up is judged by IPv4, with a note', async () => {
    const said = ({ type }: DnsQuery): DnsAnswer => (type === 'A' ? HERE : 'servfail')
    const { result, ...checked } = await checkNamed(said, patient)
    expect(checked.summary).toBe('ok dns.family_unknown')
    expect(result.probes.map(({ family }) => family)).toEqual([4])
  })

  it('D010 that is none, for its labels or its length, is url.bad_host and not asked for', () =>
    using(
      startDnsServer(() => HERE),
      async (dns) => {
        const hosts = [`${'x'.repeat(64)}.test`, 'a..b', '.test', `${'x.'.repeat(127)}xx`]
        const urls = hosts.map((host) => `udp://${host}:1`)
        const results = await checkTrackers(urls, { dnsServers: [dns.address], allowPrivate: true })
        expect([...results.values()].map(({ outcome }) => summary(outcome))).toEqual(
          urls.map(() => 'skipped url.bad_host'),
        )
        expect(dns.queries).toEqual([])
      },
    ))

  it('D011 that is an address, or local, is not asked for', () =>
    using(
      startDnsServer(() => 'nxdomain'),
      (dns) =>
        using(startUdpTracker(goodTracker), ({ port }) =>
          using(startUdpTracker(goodTracker, { host: '::1', family: 6, port }), async () => {
            const urls = ['127.0.0.1', '[::1]', 'localhost', 'tracker.localhost'].map((host) => `udp://${host}:${port}`)
            const results = await checkTrackers(urls, { dnsServers: [dns.address], allowPrivate: true })
            expect([...results.values()].map(({ outcome }) => summary(outcome))).toEqual(urls.map(() => 'ok'))
            expect(dns.queries).toEqual([])
          }),
        ),
    ))

  it('D012 of twenty trackers is asked for once per family, and once for an opt-out', () =>
    using(startDnsServer(zoneOf({ 'name.test': ['127.0.0.1'] })), (dns) =>
      using(startUdpTracker(goodTracker), async ({ port }) => {
        const urls = Array.from({ length: 20 }, (_, index) => `udp://name.test:${port}/announce/${index}`)
        const results = await checkTrackers(urls, { allowPrivate: true, dnsServers: [dns.address] })
        expect([...results.values()].map(({ outcome }) => outcome.kind)).toEqual(new Array(20).fill('ok'))
        expect(askedFor(dns, 'name.test')).toEqual({ A: 1, AAAA: 1, TXT: 1 })
      }),
    ))

  /** For how many seconds an answer is kept: still there a second before, asked for anew a second after. */
  async function keptFor(said: DnsAnswer, seconds: number): Promise<readonly number[]> {
    return using(
      startDnsServer(() => said),
      async (dns) => {
        vi.useFakeTimers({ toFake: ['Date'] })
        const resolver = createResolver({ servers: [dns.address] })
        const asked: number[] = []
        for (const passedS of [0, seconds - 1, 2]) {
          vi.advanceTimersByTime(passedS * 1000)
          await resolver.resolve('name.test', 4, alive).catch(() => [])
          asked.push(dns.queries.length)
        }
        resolver.close()
        vi.useRealTimers()
        return asked
      },
    )
  }

  it('D013 is kept for its TTL, but for half a minute at least and an hour at most', async () => {
    const withTtl = (ttlS: number): DnsAnswer => ({ addresses: ['192.0.2.1'], ttlS })
    expect({
      none: await keptFor(withTtl(0), 30),
      minute: await keptFor(withTtl(60), 60),
      million: await keptFor(withTtl(1_000_000), 3600),
    }).toEqual({ none: [1, 1, 2], minute: [1, 1, 2], million: [1, 1, 2] })
  })

  it('D014 that does not exist, or has no address, is taken at that for 15 s', async () => {
    expect({ nxdomain: await keptFor('nxdomain', 15), nodata: await keptFor({ addresses: [] }, 15) }).toEqual({
      nxdomain: [1, 1, 2],
      nodata: [1, 1, 2],
    })
  })

  it('D015 that is good is resolved at once, behind 500 that nobody answers for', () =>
    using(
      startDnsServer(({ name }) => (name === 'living.test' ? HERE : 'silent')),
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

  it('D016 for which all name servers are down says nothing about the tracker: local.dns', async () => {
    const stopped = await startDnsServer(() => HERE)
    await stopped.stop()
    const options = { dnsServers: [stopped.address], ...brief }
    const unreachable = await Promise.all(dead.map((url) => checkLocal(url, options)))
    const [one] = unreachable
    expect(one).toMatchObject({ alive: false, probes: [], outcome: { kind: 'skipped', reason: 'local_error' } })
    const skips = dead.map(() => 'skipped local.dns')
    expect({
      unreachable: unreachable.map(({ outcome }) => summary(outcome)),
      silent: await checkAll('silent', dead),
      failing: await checkAll('servfail', dead),
    }).toEqual({ unreachable: skips, silent: skips, failing: skips })
  })

  it('D019 may be an alias, twice over, but not one that leads to itself', async () => {
    const aliased = { aliases: ['first.test', 'second.test'], addresses: ['127.0.0.1'] }
    expect((await checkNamed(() => aliased, patient)).summary).toBe('ok')
    const circle = { aliases: ['first.test', 'name.test'] }
    expect((await checkNamed(() => circle, patient)).summary).toBe('failed dns.nodata in resolve')
    // What a name server says that has followed the circle itself.
    expect((await verdictOn('servfail')).summary).toBe('failed dns.servfail in resolve')
  })

  it('D020 that changes its address during a check is probed at the first alone', async () => {
    const other = await startUdpTracker(goodTracker, { host: '127.0.0.2' })
    await using(
      startDnsServer(({ earlier }) => ({ addresses: [earlier === 0 ? '127.0.0.1' : '127.0.0.2'], ttlS: 0 })),
      (dns) =>
        // The connection id is refused once, so that there are more packets, all of which a new address could get.
        using(startUdpTracker(goodTracker, { port: other.port }), async ({ port, received }) => {
          const result = await checkLocal(`udp://name.test:${port}`, { dnsServers: [dns.address], family: 4 })
          expect(result.probes).toMatchObject([{ address: '127.0.0.1', outcome: { kind: 'ok' } }])
          expect(received.slice(0, 2).map(kindOf)).toEqual(['connect', 'announce'])
          expect(askedFor(dns, 'name.test')).toEqual({ A: 1, TXT: 1 })
        }),
    )
    expect(other.received).toEqual([])
    await other.stop()
  })
})

describe('an answer', () => {
  /** A check as strangers make it, of a public name with this address, at a port where a tracker listens. */
  const checkAt = (address: string) =>
    using(startDnsServer(zoneOf({ 'tracker.net': [address] })), (dns) =>
      using(startUdpTracker(goodTracker), async ({ port, received }) => {
        const { outcome } = await checkTracker(`udp://tracker.net:${port}`, { dnsServers: [dns.address] })
        return `${summary(outcome)}, ${received.length} packets`
      }),
    )

  it('D017 of 127.0.0.1 for a public name is policy.private_address, and gets no packet', async () => {
    expect(await checkAt('127.0.0.1')).toBe('skipped policy.private_address, 0 packets')
  })

  it('D018 that hides a private address in IPv6 clothes is policy.private_address too', async () => {
    for (const address of ['::ffff:10.0.0.1', '64:ff9b::a00:1', '::1']) {
      expect(`${address}: ${await checkAt(address)}`).toBe(`${address}: skipped policy.private_address, 0 packets`)
    }
  })
})
