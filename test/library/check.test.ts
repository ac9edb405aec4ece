import { describe, expect, it } from 'vitest'
import { type CheckResult, checkTracker, checkTrackers } from '../../src/index.js'
import { SHORT_MS, summary, using } from '../support/check-local.js'
import { bencodeText } from '../support/encode.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { closedUdpPort, goodTracker, startUdpTracker } from '../support/udp-tracker.js'
import { startWsTracker, wsAnswer } from '../support/ws-tracker.js'

const local = { allowPrivate: true }

describe('checking a tracker', () => {
  it('brings a result of this shape', () =>
    using(startUdpTracker(goodTracker), async ({ url }) => {
      const before = Date.now()
      expect(await checkTracker(url, local)).toEqual({
        url,
        checkedAt: expect.any(Date),
        alive: true,
        latencyMs: expect.any(Number),
        outcome: { kind: 'ok', flags: [], announce: expect.objectContaining({ intervalS: 1800, extra: {} }) },
        probes: [
          {
            family: 4,
            address: '127.0.0.1',
            outcome: expect.objectContaining({ kind: 'ok' }),
            latencyMs: expect.any(Number),
            phases: { udp_connect: expect.any(Number), udp_announce: expect.any(Number) },
            attempts: 1,
            packetsSent: 2,
            packetsLost: 0,
            certificateExpiresAt: null,
          },
        ],
      })
      const { checkedAt } = await checkTracker(url, local)
      expect(checkedAt.getTime()).toBeGreaterThanOrEqual(before)
      expect(checkedAt.getTime()).toBeLessThanOrEqual(Date.now())
    }))

  it('follows the scheme', async () => {
    const http = startHttpTracker((_, response) => response.end(goodAnswer()))
    const ws = startWsTracker((socket, text) => socket.send(wsAnswer(text)))
    for (const tracker of [startUdpTracker(goodTracker), http, ws]) {
      await using<{ url: string; stop: () => Promise<void> }, void>(tracker, async ({ url }) => {
        expect(summary((await checkTracker(url, local)).outcome)).toBe('ok')
      })
    }
  })

  it.each([
    ['udp', ['udp']],
    ['http', ['http', 'https']],
    ['ws', ['ws', 'wss']],
  ] as const)('with .%s insists on %j', async (protocol, accepted) => {
    const port = await closedUdpPort()
    for (const scheme of ['udp', 'http', 'https', 'ws', 'wss'] as const) {
      const { outcome } = await checkTracker[protocol](`${scheme}://127.0.0.1:${port}`, local)
      const insists = summary(outcome) === 'skipped url.unsupported_scheme'
      expect(`${scheme} ${insists}`).toBe(`${scheme} ${!accepted.some((one) => one === scheme)}`)
    }
  })

  it.each([
    ['udp://h', 'url.missing_port'],
    ['tracker.net:80/announce', 'url.no_scheme'],
    ['ftp://h/', 'url.unsupported_scheme'],
    ['', 'url.malformed'],
    ['udp://h:0', 'url.bad_port'],
    ['udp://a,b:80', 'url.bad_host'],
    [`udp://h:1/${'x'.repeat(2000)}`, 'url.too_long_for_udp'],
    [`http://h/${'x'.repeat(3000)}`, 'url.too_long'],
  ])('that is no tracker, %j, is a skip and no error', async (url, code) => {
    expect(await checkTracker(url)).toMatchObject({
      url,
      alive: false,
      latencyMs: null,
      probes: [],
      outcome: { kind: 'skipped', reason: 'invalid_url', code, detail: expect.any(String) },
    })
  })

  it.each<[Parameters<typeof checkTracker>[1], RegExp]>([
    [{ timeoutMs: 0 }, /^timeoutMs is 0, expected a whole number from 1 to 600000$/],
    [{ timeoutMs: Number.NaN }, /^timeoutMs is NaN/],
    [{ attempts: 0 }, /^attempts is 0, expected a whole number from 1 to 8$/],
    [{ infoHash: 'zz' }, /^info hash "zz"/],
  ])('with %j is a RangeError that names it', async (options, message) => {
    const checking = checkTracker('udp://127.0.0.1:1', options)
    await expect(checking).rejects.toBeInstanceOf(RangeError)
    await expect(checking).rejects.toThrow(message)
  })

  it('with an address of the other family has nothing to check', () =>
    using(startUdpTracker(goodTracker), async ({ url, received }) => {
      const result = await checkTracker(url, { ...local, family: 6 })
      expect(summary(result.outcome)).toBe('failed dns.nodata in resolve')
      expect(received).toEqual([])
    }))

  it('is not contacting loopback unless allowed', () =>
    using(startUdpTracker(goodTracker), async ({ url, received }) => {
      expect(summary((await checkTracker(url)).outcome)).toBe('skipped policy.private_address')
      expect(received).toEqual([])
    }))
})

describe('checking trackers', () => {
  it('has one result per distinct URL in the order given, and tells of each as it ends', () =>
    using(startUdpTracker(goodTracker), (living) =>
      using(
        startUdpTracker(() => []),
        async (silent) => {
          const dead = `udp://127.0.0.1:${await closedUdpPort()}`
          const spelled = living.url.replace('udp', 'UDP')
          const urls = [silent.url, 'nonsense', living.url, dead, living.url, spelled, 'nonsense']
          const told: string[] = []
          const onResult = (result: CheckResult, given: string): void =>
            void told.push(`${given} ${summary(result.outcome)}`)
          const results = await checkTrackers(urls, { ...local, timeoutMs: SHORT_MS, onResult })
          const lines = [...results].map(([given, { outcome }]) => `${given} ${summary(outcome)}`)
          expect(lines).toEqual([
            `${silent.url} failed udp.timeout in udp_connect`,
            'nonsense skipped url.no_scheme',
            `${living.url} ok`,
            `${dead} failed net.refused in udp_connect`,
            `${spelled} ok`,
          ])
          expect(told.toSorted()).toEqual(lines.toSorted())
          expect(told.at(-1)).toBe(`${silent.url} failed udp.timeout in udp_connect`)
          // Two spellings of one tracker are one check: connect, announce, leave.
          expect(results.get(spelled)).toEqual(results.get(living.url))
          await expect.poll(() => living.received.length, { interval: 5 }).toBe(3)
        },
      ),
    ))

  it('takes any iterable, and of none makes an empty map', async () => {
    expect(await checkTrackers(new Set())).toEqual(new Map())
    const results = await checkTrackers(new Set(['nonsense']).values())
    expect([...results.keys()]).toEqual(['nonsense'])
  })

  it('has at most so many under way', async () => {
    const waiting: (() => void)[] = []
    let most = 0
    await using(
      startHttpTracker((_, response) => {
        waiting.push(() => response.end(goodAnswer()))
        most = Math.max(most, waiting.length)
        // All that may come have come when two have, so one can go.
        if (waiting.length === 2) waiting.shift()?.()
        if (++seen === 5) for (const answer of waiting.splice(0)) answer()
      }),
      async ({ url }) => {
        const urls = Array.from({ length: 5 }, (_, index) => `${url}/${index}`)
        const results = await checkTrackers(urls, { ...local, concurrency: 2 })
        expect([...results.values()].map(({ alive }) => alive)).toEqual(new Array(5).fill(true))
        expect(most).toBe(2)
      },
    )
  })
  let seen = 0

  it('that is aborted has no results: it rejects with the reason', () =>
    using(
      startUdpTracker(() => []),
      async ({ url }) => {
        const stopping = new AbortController()
        const told: string[] = []
        const onResult = (_: CheckResult, given: string): void => {
          told.push(given)
          stopping.abort('enough')
        }
        const urls = [url, `udp://127.0.0.1:${await closedUdpPort()}`, `${url}/2`]
        const checking = checkTrackers(urls, { ...local, attempts: 1, signal: stopping.signal, onResult })
        await expect(checking).rejects.toBe('enough')
        expect(told).toEqual([urls[1]])
      },
    ))

  it.each<[Parameters<typeof checkTrackers>[1], RegExp]>([
    [{ concurrency: 0 }, /^concurrency is 0, expected a whole number from 1 to 100000$/],
    [{ concurrency: 1.5 }, /^concurrency is 1.5/],
    [{ timeoutMs: -1 }, /^timeoutMs is -1/],
  ])('with %j is a RangeError that names it', async (options, message) => {
    await expect(checkTrackers([], options)).rejects.toThrow(message)
  })
})

describe('what a check keeps of an answer', () => {
  it('is bounded, however much a tracker sends', () => {
    const answer = bencodeText({ interval: 1800, junk: 'y'.repeat(10_000), peers: Buffer.alloc(6 * 5000, 1) })
    const respond = (_request: unknown, response: { end(body: Buffer): unknown }) => void response.end(answer)
    return using(startHttpTracker(respond), async ({ url }) => {
      const { outcome } = await checkTracker(url, local)
      const { peers, extra } = outcome.kind === 'ok' ? outcome.announce : {}
      expect(peers).toHaveLength(200)
      expect(extra).toEqual({})
    })
  })
})
