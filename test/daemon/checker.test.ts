import { describe, expect, it, onTestFinished } from 'vitest'
import { type Config, toConfig } from '../../src/config/config.js'
import { type Settings, settingsSchema } from '../../src/config/schema.js'
import { createChecker } from '../../src/daemon/plan.js'
import { createIdentity } from '../../src/probe/identity.js'
import { DEFAULT_START_RATES } from '../../src/probe/pacer.js'
import { parseTracker } from '../../src/tracker/tracker.js'
import { isInstalled, titleFor } from '../deploy/programs.js'
import { answering, summary, using } from '../support/check-local.js'
import { startDnsServer } from '../support/dns-server.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { createAuthority } from '../support/tls.js'
import { goodTracker, kindOf, startUdpTracker } from '../support/udp-tracker.js'

function configOf(dnsServer: string, timeout = '2s'): Config {
  const settings = {
    groups: [{ name: 'obeying' }, { name: 'reporting', bep34: 'report' }],
    probe: { allow_private: true, family: 4, timeout, dns: { servers: [dnsServer] } },
  }
  return toConfig(settingsSchema.parse(settings), [])
}

/** A checker for trackers on loopback that ends with the test. */
function checkerOf(probe: Readonly<Record<string, unknown>>, others: Readonly<Record<string, unknown>> = {}) {
  const configWith = (more: Readonly<Record<string, unknown>>, rest: Readonly<Record<string, unknown>>): Config =>
    toConfig(
      settingsSchema.parse({ groups: [{ name: 'public' }], probe: { allow_private: true, ...more }, ...rest }),
      [],
    )
  const checker = createChecker(configWith(probe, others), createIdentity())
  onTestFinished(checker.close)
  const check = async (url: string, signal = new AbortController().signal): Promise<string> => {
    const { tracker } = parseTracker(url)
    if (tracker === undefined) throw new Error(`${url} does not parse`)
    const result = await checker.check({ tracker, group: 'public', aliveWhen: 'announce' }, signal)
    return result === null ? 'no result' : summary(result.outcome)
  }
  const use = (more: Readonly<Record<string, unknown>>, rest: Readonly<Record<string, unknown>> = {}) =>
    checker.use(configWith(more, rest))
  return { check, use }
}

/** Trackers of their own ports, so that none waits for another. */
async function startMany(count: number) {
  const trackers = await Promise.all(Array.from({ length: count }, () => startUdpTracker(goodTracker)))
  onTestFinished(async () => void (await Promise.all(trackers.map(({ stop }) => stop()))))
  return trackers
}

describe('the pace of the daemon', () => {
  it('is that of the configuration, and follows a reload', async () => {
    const [first, second, third] = (await startMany(3)).map(({ url }) => url)
    const { check, use } = checkerOf({ starts_per_second: { udp: 1 } })
    const ended: string[] = []
    const note = async (name: string, url = '') => void ended.push(`${name} ${await check(url)}`)
    const both = [note('first', first), note('second', second)]
    await both[0]
    use({ starts_per_second: { udp: 1000 } })
    await note('third', third)
    await Promise.all(both)
    // The second had its place in the old pace: one second after the first.
    expect(ended).toEqual(['first ok', 'third ok', 'second ok'])
  })

  it('starts by default as the library does', () => {
    const { startsPerSecond } = configOf('127.0.0.1:53').probe
    expect(startsPerSecond).toEqual(DEFAULT_START_RATES)
  })

  it('leaves no result of a check that is stopped while it waits for its start', async () => {
    const [one, other] = await startMany(2)
    const { check } = checkerOf({ starts_per_second: { udp: 1 } })
    const abort = new AbortController()
    const waiting = [check(String(one?.url)), check(String(other?.url), abort.signal)]
    abort.abort()
    expect(await Promise.all(waiting)).toEqual(['ok', 'no result'])
    expect(other?.received).toEqual([])
  })
})

describe('a pause', () => {
  const past = new Date(Date.now() - 60_000).toISOString()
  const future = new Date(Date.now() + 3_600_000).toISOString()
  /** Of trackers on loopback, the first of which is paused like this. */
  const checkPaused = async (pause: Readonly<Record<string, unknown>>) => {
    const [one, other] = await startMany(2)
    if (one === undefined || other === undefined) throw new Error('no trackers')
    const { check, use } = checkerOf(
      { starts_per_second: { udp: 1000 } },
      { pauses: [{ trackers: [one.url], ...pause }] },
    )
    return { one, other, check, use }
  }

  it('leaves its trackers without a packet, and the others alone', async () => {
    const { one, other, check } = await checkPaused({ from: past, until: future })
    expect([await check(one.url), await check(other.url)]).toEqual(['skipped local.paused', 'ok'])
    expect(one.received).toEqual([])
  })

  it.each([
    ['has not begun', { from: future }],
    ['is over', { until: past }],
  ])('that %s changes nothing', async (_, pause) => {
    const { one, check } = await checkPaused(pause)
    expect(await check(one.url)).toBe('ok')
  })

  it('of a group or of all leaves trackers alone too', async () => {
    const [one] = await startMany(1)
    for (const pauses of [[{ groups: ['public'] }], [{}]]) {
      const { check } = checkerOf({}, { pauses })
      expect(await check(String(one?.url))).toBe('skipped local.paused')
    }
    expect(one?.received).toEqual([])
  })

  it('begins and ends with a reload', async () => {
    const { one, check, use } = await checkPaused({})
    use({})
    expect(await check(one.url)).toBe('ok')
    const packets = one.received.length
    use({}, { pauses: [{}] })
    expect(await check(one.url)).toBe('skipped local.paused')
    expect(one.received).toHaveLength(packets)
  })

  it('that comes while a check waits for its start is heeded as well', async () => {
    const [one, other] = await startMany(2)
    const { check, use } = checkerOf({ starts_per_second: { udp: 1 } })
    const waiting = [check(String(one?.url)), check(String(other?.url))]
    await waiting[0]
    use({ starts_per_second: { udp: 1 } }, { pauses: [{}] })
    expect(await Promise.all(waiting)).toEqual(['ok', 'skipped local.paused'])
    expect(other?.received).toEqual([])
  })

  it('does not wait for its turn among those that are checked', async () => {
    const [one, other] = await startMany(2)
    const { check } = checkerOf({ starts_per_second: { udp: 1 } }, { pauses: [{ trackers: [other?.url] }] })
    const ended: string[] = []
    const note = async (name: string, url = '') => void ended.push(`${name} ${await check(url)}`)
    await check(String(one?.url))
    await Promise.all([note('one', one?.url), note('other', other?.url)])
    expect(ended).toEqual(['other skipped local.paused', 'one ok'])
  })

  it('does not keep a check on terms of its own from being made', () =>
    using(startUdpTracker(goodTracker), async ({ url }) => {
      const config = toConfig(
        settingsSchema.parse({ groups: [{ name: 'public' }], probe: { allow_private: true }, pauses: [{}] }),
        [],
      )
      const checker = createChecker(config, createIdentity())
      onTestFinished(checker.close)
      const { tracker } = parseTracker(url)
      const terms = config.probeEndpoint.modules.get('default')
      if (tracker === undefined || terms === undefined) throw new Error('does not parse')
      const own = { ...terms, allowPrivate: true, aliveWhen: 'announce', withinMs: 10_000 } as const
      expect(summary((await checker.checkOnce(tracker, own, new AbortController().signal)).outcome)).toBe('ok')
    }))
})

describe('names that share their addresses', () => {
  it('are all checked, each address in its turn', () =>
    using(
      startDnsServer(({ type }) => (type === 'A' ? { addresses: ['127.0.0.1', '127.0.0.2'] } : { addresses: [] })),
      (dns) =>
        using(startUdpTracker(goodTracker), async ({ port, received }) => {
          const probe = { family: 4, bep34: 'ignore', attempts: 1, timeout: '200ms', dns: { servers: [dns.address] } }
          const { check } = checkerOf(probe)
          const names = ['a', 'b', 'c'].map((name) => `udp://${name}.content-network.org:${port}/announce`)
          // Nobody is at the second address.
          expect(await Promise.all(names.map((url) => check(url)))).toEqual(names.map(() => 'ok partial_addresses'))
          expect(received.filter((packet) => kindOf(packet) === 'connect')).toHaveLength(3)
        }),
    ))
})

describe('the checker of the daemon', () => {
  it('obeys an opt-out (BEP 34) or reports it, as the group says, and remembers it over a reload', () =>
    using(startUdpTracker(goodTracker), ({ port, received }) =>
      using(
        startDnsServer(({ type, earlier }) => {
          if (type !== 'TXT') return { addresses: ['127.0.0.1'] }
          return earlier === 0 ? { texts: [['BITTORRENT']] } : { texts: [] }
        }),
        async (dns) => {
          const { tracker } = parseTracker(`udp://name.test:${port}/announce`)
          if (tracker === undefined) throw new Error('does not parse')
          const checker = createChecker(configOf(dns.address), createIdentity())
          const verdict = async (group: string): Promise<string> => {
            const signal = new AbortController().signal
            const result = await checker.check({ tracker, group, aliveWhen: 'announce' }, signal)
            return result === null ? 'no result' : summary(result.outcome)
          }
          expect(await verdict('obeying')).toBe('skipped bep34.denied')
          checker.use(configOf(dns.address))
          expect(await verdict('obeying')).toBe('skipped bep34.denied')
          expect(received).toEqual([])
          expect(await verdict('reporting')).toBe('ok bep34.denied')
          checker.use(configOf(dns.address, '3s'))
          expect(await verdict('obeying')).toBe('ok')
          checker.close()
        },
      ),
    ))
})

type GroupKeys = Partial<Settings['groups'][number]>

/** The verdict on a tracker in a group with these settings, beside those of `probe`. */
async function verdictOn(url: string, group: GroupKeys, probe: Partial<Settings['probe']> = {}): Promise<string> {
  const common = { allow_private: true, bep34: 'ignore', ...probe }
  const settings = settingsSchema.parse({ groups: [{ name: 'other' }, { name: 'own', ...group }], probe: common })
  const checker = createChecker(toConfig(settings, []), createIdentity())
  const { tracker } = parseTracker(url)
  if (tracker === undefined) throw new Error('does not parse')
  try {
    const watched = { tracker, group: 'own', aliveWhen: 'announce' } as const
    const result = await checker.check(watched, new AbortController().signal)
    return result === null ? 'no result' : summary(result.outcome)
  } finally {
    checker.close()
  }
}

describe('the policy of a group', () => {
  const probe = { user_agent: 'common', headers: { 'X-Key': 'common' } }

  it('has the user agent, the headers and the info hash that its trackers get', () =>
    using(startHttpTracker(answering(goodAnswer())), async ({ url, requests }) => {
      const own = { user_agent: 'own/{version}', headers: { 'X-Own': 'own' }, info_hash: 'ab'.repeat(20) }
      expect(await verdictOn(url, own, probe)).toBe('ok')
      expect(await verdictOn(url, {}, probe)).toBe('ok')
      const [first, second] = requests
      expect(first?.headers).toMatchObject({ 'user-agent': expect.stringMatching(/^own\/\d/), 'x-own': 'own' })
      expect(first?.headers).not.toHaveProperty('x-key')
      expect(first?.url).toContain(`info_hash=${'%AB'.repeat(20)}&`)
      expect(second?.headers).toMatchObject({ 'user-agent': 'common', 'x-key': 'common' })
      expect(second?.url).not.toContain(`info_hash=${'%AB'.repeat(20)}&`)
    }))

  it('has the torrent whose peers are real', () =>
    using(startHttpTracker(answering(goodAnswer({ peers: Buffer.from('c00002011ae1', 'hex') }))), async ({ url }) => {
      expect(await verdictOn(url, { info_hash: 'ab'.repeat(20) })).toBe('ok')
      expect(await verdictOn(url, {})).toBe('ok fake_peers')
    }))

  it('says what a redirect is worth', () =>
    using(startHttpTracker(answering(goodAnswer())), (there) =>
      using(startHttpTracker(answering('', { Location: there.url }, 302)), async ({ url }) => {
        expect(await verdictOn(url, { redirects: 'report' })).toBe('failed http.redirected in transfer')
        expect(there.requests).toHaveLength(0)
        expect(await verdictOn(url, { redirects: 'follow' }, { redirects: 'report' })).toBe('ok http.redirected')
      }),
    ))

  it.skipIf(!isInstalled('openssl'))(titleFor('says what a bad certificate is worth', 'openssl'), async () => {
    const authority = createAuthority()
    const tls = authority.selfSigned('IP:127.0.0.1')
    authority.remove()
    await using(startHttpTracker(answering(goodAnswer()), { tls }), async ({ url }) => {
      expect(await verdictOn(url, { tls: 'report' })).toBe('ok tls.cert_self_signed')
      expect(await verdictOn(url, { tls: 'strict' }, { tls: 'report' })).toBe('failed tls.cert_self_signed in tls')
    })
  })

  it('says whether it is asked for peers that nobody has, and for our own', () =>
    using(startHttpTracker(answering(goodAnswer())), async ({ url, requests }) => {
      const reference = 'fe'.repeat(20)
      const asked = () => requests.filter((request) => request.url?.includes('%FE'.repeat(20))).length
      expect(await verdictOn(url, { reference_info_hashes: [reference] })).toBe('ok')
      expect(asked()).toBe(1)
      expect(await verdictOn(url, { reference_info_hashes: [] }, { reference_info_hashes: [reference] })).toBe('ok')
      expect(asked()).toBe(1)
      expect(await verdictOn(url, { keeps_peers: true })).toBe('ok keeps_no_peers')
    }))
})
