import { afterEach, describe, expect, it, vi } from 'vitest'
import { type CheckTrackerOptions, checkTracker } from '../../src/probe/check-trackers.js'
import { createResolver } from '../../src/probe/dns/resolve.js'
import type { CheckResult } from '../../src/tracker/outcome.js'
import { checkLocal, SHORT_MS, summary, using } from '../support/check-local.js'
import { type DnsAnswer, type DnsQuery, startDnsServer } from '../support/dns-server.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'

const HERE: DnsAnswer = { addresses: ['127.0.0.1'] }
const brief = { timeoutMs: 3 * SHORT_MS }

/** TXT records, each in as few chunks as it takes. */
function texts(...records: readonly string[]): DnsAnswer {
  return { texts: records.map((record) => record.match(/.{1,255}/g) ?? []) }
}

interface Ports {
  readonly udp: number
  readonly http: number
}

/** Living trackers over UDP and HTTP at one name, whose owner says this in TXT records. */
function withTrackers<T>(
  said: (ports: Ports, query: DnsQuery) => DnsAnswer,
  work: (trackers: {
    /** The check of one of them, in a line. */
    readonly check: (protocol: 'udp' | 'http', options?: CheckTrackerOptions) => Promise<string>
    readonly result: (protocol: 'udp' | 'http', options?: CheckTrackerOptions) => Promise<CheckResult>
    /** Datagrams and connections that reached them. */
    readonly contacts: () => number
    readonly ports: Ports
    readonly dnsServer: string
  }) => Promise<T>,
): Promise<T> {
  const web = startHttpTracker((_, response) => response.end(goodAnswer()))
  return using(web, (http) =>
    using(startUdpTracker(goodTracker), (udp) => {
      const ports = { udp: udp.port, http: http.port }
      return using(
        startDnsServer((query) => (query.type === 'TXT' ? said(ports, query) : HERE)),
        (dns) => {
          const result = (protocol: 'udp' | 'http', options: CheckTrackerOptions = {}) =>
            checkLocal(`${protocol}://name.test:${ports[protocol]}/announce`, { dnsServers: [dns.address], ...options })
          return work({
            result,
            check: async (protocol, options) => summary((await result(protocol, options)).outcome),
            contacts: () => udp.received.length + http.connections(),
            ports,
            dnsServer: dns.address,
          })
        },
      )
    }),
  )
}

/** The verdicts on both trackers, and how often they were contacted. */
function verdicts(said: (ports: Ports) => DnsAnswer, options: CheckTrackerOptions = {}) {
  return withTrackers(said, async ({ check, contacts }) => {
    const udp = await check('udp', options)
    const http = await check('http', options)
    return { udp, http, wereContacted: contacts() > 0 }
  })
}

const denied = { udp: 'skipped bep34.denied', http: 'skipped bep34.denied', wereContacted: false }
const fine = { udp: 'ok', http: 'ok', wereContacted: true }

afterEach(() => {
  vi.useRealTimers()
})

describe('a host whose TXT record', () => {
  it('D030 is the bare word BITTORRENT runs no tracker, and gets not one packet', async () => {
    expect(await verdicts(() => texts('BITTORRENT'))).toEqual(denied)
    await withTrackers(
      () => texts('BITTORRENT'),
      async ({ result }) => {
        const detail = 'name.test says by DNS that it runs no tracker (BEP 34)'
        const outcome = { kind: 'skipped', reason: 'opted_out', code: 'bep34.denied', detail }
        expect(await result('udp')).toMatchObject({ alive: false, latencyMs: null, probes: [], outcome })
      },
    )
  })

  it('D031 denies all runs no tracker either', async () => {
    expect(await verdicts(() => texts('BITTORRENT DENY ALL'))).toEqual(denied)
  })

  it('D032 lists ports is checked at those; elsewhere it is skipped, with the ports to try, the preferred first', async () => {
    const listing = ({ udp, http }: Ports): DnsAnswer => texts(`BITTORRENT UDP:${udp} TCP:${http}`)
    expect(await verdicts(listing)).toEqual(fine)
    // UDP at the port that is listed for TCP, and the other way round.
    const crosswise = ({ udp, http }: Ports): DnsAnswer => texts(`BITTORRENT UDP:${http} TCP:${udp}`)
    const skipped = 'skipped bep34.port_not_listed'
    expect(await verdicts(crosswise)).toEqual({ udp: skipped, http: skipped, wereContacted: false })
    const { outcome } = await withTrackers(
      () => texts('BITTORRENT UDP:1337 TCP:80'),
      ({ result }) => result('udp'),
    )
    expect(outcome).toMatchObject({
      reason: 'opted_out',
      detail: 'name.test lists other ports by DNS (BEP 34): udp 1337, tcp 80',
    })
  })

  it('D033 comes in pieces is one text, cut wherever it may be', async () => {
    const pieces = ({ udp, http }: Ports): DnsAnswer => {
      const digits = String(udp)
      return { texts: [['BITTO', `RRENT UDP:${digits.slice(0, 2)}`, digits.slice(2), ` TCP:${http}`]] }
    }
    expect(await verdicts(pieces)).toEqual(fine)
  })

  it('D034 begins with anything but that word has not opted out', async () => {
    for (const record of ['bittorrent', ' BITTORRENT', 'BITTORRENTX UDP:1', 'Bittorrent DENY ALL']) {
      expect({ record, ...(await verdicts(() => texts(record))) }).toEqual({ record, ...fine })
    }
  })

  it('D035 has bad words among good ones is judged by the good ones', async () => {
    const said = ({ udp, http }: Ports): DnsAnswer =>
      texts(`BITTORRENT udp:${udp} UDP:0 UDP:99999 UDP:+${udp} UDP: TCP:${http}`)
    await withTrackers(said, async ({ check, result, ports }) => {
      expect(await check('http')).toBe('ok')
      expect((await result('udp')).outcome).toMatchObject({
        code: 'bep34.port_not_listed',
        detail: `name.test lists other ports by DNS (BEP 34): tcp ${ports.http}`,
      })
    })
  })

  it('D036 stands beside records of others is found among them', async () => {
    expect(await verdicts(() => texts('v=spf1 -all', 'BITTORRENT'))).toEqual(denied)
    expect(await verdicts(({ udp, http }) => texts('v=spf1 -all', `BITTORRENT UDP:${udp} TCP:${http}`))).toEqual(fine)
    expect(await verdicts(() => texts('v=spf1 -all', 'google-site-verification=x'))).toEqual(fine)
  })

  it('D037 comes twice says what both say together, with a note', async () => {
    const twice = ({ udp, http }: Ports): DnsAnswer => texts(`BITTORRENT UDP:${udp}`, `BITTORRENT TCP:${http}`)
    const noted = 'ok bep34.multiple_records'
    expect(await verdicts(twice)).toEqual({ udp: noted, http: noted, wereContacted: true })
    expect(await verdicts(() => texts('BITTORRENT', 'BITTORRENT DENY ALL'))).toEqual(denied)
  })

  it('D038 lists fifty ports lists the first ten', async () => {
    /** Fifty words, of which this one is the port that counts. */
    const fifty = (place: number) => (port: number) =>
      texts(
        ['BITTORRENT', ...Array.from({ length: 50 }, (_, index) => `UDP:${index === place ? port : index + 1}`)].join(
          ' ',
        ),
      )
    const tenth = await withTrackers(
      ({ udp }) => fifty(9)(udp),
      ({ check }) => check('udp'),
    )
    const eleventh = await withTrackers(
      ({ udp }) => fifty(10)(udp),
      ({ check }) => check('udp'),
    )
    expect({ tenth, eleventh }).toEqual({ tenth: 'ok', eleventh: 'skipped bep34.port_not_listed' })
  })

  it('D039 cannot be had is checked with a note, but stays skipped where it said no before', async () => {
    const faults = ['servfail', 'refused', 'silent'] as const
    const noted = 'ok bep34.unknown'
    expect(await Promise.all(faults.map((fault) => verdicts(() => fault, brief)))).toEqual(
      faults.map(() => ({ udp: noted, http: noted, wereContacted: true })),
    )
    const said = (_: Ports, { earlier }: DnsQuery): DnsAnswer => (earlier === 0 ? texts('BITTORRENT') : 'servfail')
    const words = await withTrackers(said, async ({ dnsServer }) => {
      vi.useFakeTimers({ toFake: ['Date'] })
      const resolver = createResolver({ servers: [dnsServer], ...brief })
      const heard: string[] = []
      for (const hours of [0, 2, 21, 2]) {
        vi.advanceTimersByTime(hours * 3_600_000)
        const { record, unknown } = await resolver.bep34('name.test')
        heard.push(`${record === null ? 'nothing' : 'no'}${unknown ? ', unconfirmed' : ''}`)
      }
      resolver.close()
      return heard
    })
    expect(words).toEqual(['no', 'no, unconfirmed', 'no, unconfirmed', 'nothing, unconfirmed'])
  })

  it('D040 is junk, 64 kB of it, has not opted out', async () => {
    const everyByte = [String.fromCharCode(...Array.from({ length: 255 }, (_, index) => index))]
    const junk: DnsAnswer = { texts: Array.from({ length: 230 }, () => everyByte) }
    expect(await verdicts(() => junk)).toEqual(fine)
    const tooLong = (query: DnsQuery): DnsAnswer => {
      if (query.type !== 'TXT') return HERE
      return query.transport === 'udp' ? 'truncated' : junk
    }
    await using(startDnsServer(tooLong, { tcp: true }), (dns) =>
      using(startUdpTracker(goodTracker), async ({ port }) => {
        const { outcome } = await checkLocal(`udp://name.test:${port}`, { dnsServers: [dns.address] })
        expect(summary(outcome)).toBe('ok')
        expect(dns.queries.map(({ type, transport }) => `${type} ${transport}`)).toContain('TXT tcp')
      }),
    )
  })
})

describe('a host without a name', () => {
  it('D041 is not asked for a TXT record', () =>
    using(
      startDnsServer(() => texts('BITTORRENT')),
      async (dns) => {
        const options = { dnsServers: [dns.address], ...brief, attempts: 1 }
        for (const host of ['127.0.0.1', '[::1]']) await checkLocal(`udp://${host}:1`, options)
        // Nor is one that policy refuses.
        for (const host of ['10.0.0.1', '[fe80::1]', 'x.i2p', 'x.test']) await checkTracker(`udp://${host}:1`, options)
        expect(dns.queries).toEqual([])
      },
    ))
})
