import { afterEach, describe, expect, it, vi } from 'vitest'
import { check } from '../../src/probe/check.js'
import { type CheckTrackerOptions, checkTracker } from '../../src/probe/check-trackers.js'
import { createResolver, type NameResolver } from '../../src/probe/dns/resolve.js'
import { createIdentity } from '../../src/probe/identity.js'
import { query } from '../../src/probe/query.js'
import type { CheckResult } from '../../src/tracker/outcome.js'
import { parseTracker } from '../../src/tracker/tracker.js'
import { checkLocal, SHORT_MS, summary, using } from '../support/check-local.js'
import { type DnsAnswer, type DnsQuery, type DnsServer, startDnsServer } from '../support/dns-server.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'

const HERE = { addresses: ['127.0.0.1'] }
const DENIAL: DnsAnswer = { texts: [['BITTORRENT']] }

/** A name server that says this to TXT queries; every name is on loopback. */
function startNames(texts: (query: DnsQuery) => DnsAnswer | Promise<DnsAnswer>): Promise<DnsServer> {
  return startDnsServer((query) => (query.type === 'TXT' ? texts(query) : HERE))
}

function texts(...records: readonly string[]): DnsAnswer {
  return { texts: records.map((record) => [record]) }
}

function askedForTexts({ queries }: DnsServer): number {
  return queries.filter(({ type }) => type === 'TXT').length
}

interface Checked {
  readonly summary: string
  /** Datagrams or connections that reached the tracker. */
  readonly contacts: number
  readonly result: CheckResult
}

/** A check of a living tracker by its name, of which the name server says this. */
function checkUdp(
  said: (port: number) => DnsAnswer | Promise<DnsAnswer>,
  options: CheckTrackerOptions = {},
): Promise<Checked> {
  return using(startUdpTracker(goodTracker), ({ port, received }) =>
    using(
      startNames(() => said(port)),
      async (dns) => {
        const url = `udp://name.test:${port}/announce`
        const result = await checkLocal(url, { dnsServers: [dns.address], ...options })
        return { summary: summary(result.outcome), contacts: received.length, result }
      },
    ),
  )
}

function checkHttp(said: (port: number) => DnsAnswer): Promise<Checked> {
  return using(
    startHttpTracker((_, response) => response.end(goodAnswer())),
    ({ port, connections }) =>
      using(
        startNames(() => said(port)),
        async (dns) => {
          const result = await checkLocal(`http://name.test:${port}/announce`, { dnsServers: [dns.address] })
          return { summary: summary(result.outcome), contacts: connections(), result }
        },
      ),
  )
}

afterEach(() => {
  vi.useRealTimers()
})

describe('a tracker whose owner', () => {
  it('says nothing that can be read is skipped and gets no packet', async () => {
    const said = (): DnsAnswer => texts('BITTORRENT udp:1 UDP:0')
    for (const checked of [await checkUdp(said), await checkHttp(said)]) {
      expect(checked).toMatchObject({ summary: 'skipped bep34.denied', contacts: 0 })
    }
  })

  it.each<[string, (port: number) => DnsAnswer]>([
    ['has no record', () => texts()],
    ['is unknown to whoever knows the address', () => 'nxdomain'],
  ])('%s is checked', async (_, said) => {
    expect((await checkUdp(said, { timeoutMs: SHORT_MS })).summary).toBe('ok')
  })

  it('is slow to say no gets no packet before that', async () => {
    const later = (): Promise<DnsAnswer> => new Promise((resolve) => setTimeout(resolve, 100, DENIAL))
    expect(await checkUdp(later)).toMatchObject({ summary: 'skipped bep34.denied', contacts: 0 })
  })

  it('is being asked when the check is aborted is not waited for', async () => {
    const stopping = new AbortController()
    const said = (): DnsAnswer => {
      stopping.abort('enough')
      return 'silent'
    }
    await expect(checkUdp(said, { signal: stopping.signal })).rejects.toBe('enough')
  })

  it('says nothing is not waited for where the name has no address', () =>
    using(
      startDnsServer(({ type }) => (type === 'TXT' ? 'silent' : 'nxdomain')),
      async (dns) => {
        // The clock stands still: whoever waits for that word waits for ever.
        vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
        const result = await checkLocal('udp://name.test:1', { dnsServers: [dns.address] })
        expect(summary(result.outcome)).toBe('failed dns.nxdomain in resolve')
      },
    ))
})

describe('an opt-out', () => {
  it.each<[string, DnsAnswer, string]>([
    ['of the whole name', DENIAL, 'ok bep34.denied'],
    ['of the port', texts('BITTORRENT UDP:1'), 'ok bep34.port_not_listed'],
    ['that is none', texts('v=spf1 -all'), 'ok'],
  ])('%s may be reported in place of obeyed', async (_, said, expected) => {
    expect((await checkUdp(() => said, { bep34: 'report' })).summary).toBe(expected)
  })

  it('may be ignored, and then nobody is asked', () =>
    using(startUdpTracker(goodTracker), ({ port }) =>
      using(
        startNames(() => DENIAL),
        async (dns) => {
          const result = await checkLocal(`udp://name.test:${port}`, { dnsServers: [dns.address], bep34: 'ignore' })
          expect(summary(result.outcome)).toBe('ok')
          expect(askedForTexts(dns)).toBe(0)
        },
      ),
    ))

  it('does not concern whoever asks one tracker', () =>
    using(startUdpTracker(goodTracker), ({ port }) =>
      using(
        startNames(() => DENIAL),
        async (dns) => {
          const answer = await query(`udp://name.test:${port}`, 'a'.repeat(40), '-XX0100-abcdefghijkl', {
            dnsServers: [dns.address],
          })
          expect(answer).toMatchObject({ interval: 1800 })
          expect(askedForTexts(dns)).toBe(0)
        },
      ),
    ))

  it.each(['localhost', 'tracker.localhost'])('is not asked for at %s', (host) =>
    using(
      startDnsServer(() => DENIAL),
      async (dns) => {
        await checkLocal(`udp://${host}:1`, { dnsServers: [dns.address], timeoutMs: SHORT_MS, attempts: 1 })
        expect(dns.queries).toEqual([])
      },
    ),
  )

  it.each(['http://name.i2p:80/announce', 'udp://name.test:1/announce'])(
    'is not asked for where policy refuses the name: %s',
    (url) =>
      using(
        startDnsServer(() => DENIAL),
        async (dns) => {
          const { outcome } = await checkTracker(url, { dnsServers: [dns.address] })
          expect(outcome.kind).toBe('skipped')
          expect(dns.queries).toEqual([])
        },
      ),
  )
})

describe('a redirect to a host with an opt-out', () => {
  const redirected = (bep34: CheckTrackerOptions['bep34'] & string) =>
    using(
      startHttpTracker((_, response) => response.end(goodAnswer())),
      (second) =>
        using(
          startHttpTracker((_, response) =>
            response.writeHead(302, { location: `http://denied.test:${second.port}/announce` }).end(),
          ),
          ({ port }) =>
            using(
              startNames(({ name }) => (name === 'denied.test' ? DENIAL : texts())),
              async (dns) => {
                const url = `http://first.test:${port}/announce`
                const result = await checkLocal(url, { dnsServers: [dns.address], bep34 })
                return { summary: summary(result.outcome), contacts: second.connections() }
              },
            ),
        ),
    )

  it('is not followed', async () => {
    expect(await redirected('obey')).toEqual({ summary: 'skipped bep34.denied', contacts: 0 })
  })

  it('is followed where opt-outs are reported or ignored', async () => {
    expect((await redirected('report')).summary).toBe('ok http.redirected bep34.denied')
    expect((await redirected('ignore')).summary).toBe('ok http.redirected')
  })
})

describe('the word of an owner', () => {
  /** Asks at moments of a clock that only goes on by hand. */
  function withResolver(
    said: (query: DnsQuery) => DnsAnswer,
    work: (resolver: NameResolver, dns: DnsServer) => Promise<void>,
  ): Promise<void> {
    return using(startNames(said), async (dns) => {
      vi.useFakeTimers({ toFake: ['Date'] })
      const resolver = createResolver({ servers: [dns.address], timeoutMs: SHORT_MS })
      try {
        await work(resolver, dns)
      } finally {
        resolver.close()
      }
    })
  }

  it.each<[string, DnsAnswer, number]>([
    ['that it runs none for an hour', DENIAL, 3600],
    ['that there is no record for an hour', texts(), 3600],
    ['that there is no such name for an hour', 'nxdomain', 3600],
  ])('is kept %s', (_, said, seconds) =>
    withResolver(
      () => said,
      async (resolver, dns) => {
        await Promise.all([resolver.bep34('name.test'), resolver.bep34('name.test')])
        vi.advanceTimersByTime((seconds - 1) * 1000)
        await resolver.bep34('name.test')
        expect(askedForTexts(dns)).toBe(1)
        vi.advanceTimersByTime(1001)
        await resolver.bep34('name.test')
        expect(askedForTexts(dns)).toBe(2)
      },
    ),
  )

  it('that cannot be had is asked for again after five minutes', () =>
    withResolver(
      () => 'servfail',
      async (resolver, dns) => {
        expect(await resolver.bep34('name.test')).toEqual({ record: null, unknown: true })
        const asked = askedForTexts(dns)
        vi.advanceTimersByTime(299_000)
        await resolver.bep34('name.test')
        expect(askedForTexts(dns)).toBe(asked)
        vi.advanceTimersByTime(1001)
        await resolver.bep34('name.test')
        expect(askedForTexts(dns)).toBeGreaterThan(asked)
      },
    ))

  it('is taken back by an answer without it', () => {
    const answers = [DENIAL, texts(), 'servfail'] as const
    return withResolver(
      ({ earlier }) => answers[earlier] ?? 'servfail',
      async (resolver) => {
        expect((await resolver.bep34('name.test')).record).not.toBeNull()
        vi.advanceTimersByTime(3_600_001)
        expect(await resolver.bep34('name.test')).toEqual({ record: null, unknown: false })
        vi.advanceTimersByTime(3_600_001)
        expect(await resolver.bep34('name.test')).toEqual({ record: null, unknown: true })
      },
    )
  })

  it('that was no keeps packets back while nobody can confirm it', () =>
    using(startUdpTracker(goodTracker), ({ port, received }) =>
      withResolver(
        ({ earlier }) => (earlier === 0 ? DENIAL : 'servfail'),
        async (resolver) => {
          const { tracker } = parseTracker(`udp://name.test:${port}/announce`)
          if (tracker === undefined) throw new Error('does not parse')
          const limits = { timeoutMs: SHORT_MS, attempts: 1, family: 4, aliveWhen: 'announce', bep34: 'obey' } as const
          const identity = createIdentity()
          const request = { infoHash: null, userAgent: 'test', headers: {}, identity, followUps: null }
          const options = {
            ...limits,
            ...request,
            tls: 'strict',
            redirects: 'follow',
            allowPrivate: true,
            resolver,
          } as const
          for (const hours of [0, 2, 2]) {
            vi.advanceTimersByTime(hours * 3_600_000)
            const { outcome } = await check(tracker, options, new AbortController().signal)
            expect(summary(outcome)).toBe('skipped bep34.denied')
          }
          expect(received).toEqual([])
        },
      ),
    ))

  it('is waited for two seconds and no more', () =>
    using(
      startNames(() => 'silent'),
      async (dns) => {
        vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
        const resolver = createResolver({ servers: [dns.address] })
        const settled = vi.fn()
        const answer = resolver.bep34('name.test').then(settled)
        await vi.advanceTimersByTimeAsync(1999)
        expect(settled).not.toHaveBeenCalled()
        await vi.advanceTimersByTimeAsync(1)
        await answer
        expect(settled).toHaveBeenCalledWith({ record: null, unknown: true })
        resolver.close()
      },
    ))

  it('is not waited for once the resolver is closed', () =>
    using(
      startNames(() => 'silent'),
      async (dns) => {
        const resolver = createResolver({ servers: [dns.address] })
        const answer = resolver.bep34('name.test')
        resolver.close()
        expect(await answer).toEqual({ record: null, unknown: true })
      },
    ))
})
