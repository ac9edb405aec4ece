import { describe, expect, it } from 'vitest'
import {
  BadRequestError,
  InvalidResponseError,
  query,
  TimeoutError,
  TrackerQueryError,
  UnexpectedError,
} from '../../src/index.js'
import { SHORT_MS, using } from '../support/check-local.js'
import { startDnsServer } from '../support/dns-server.js'
import { httpAnswer, startHttpTracker, startRawTcp } from '../support/http-tracker.js'
import { closedUdpPort, goodTracker, startUdpTracker } from '../support/udp-tracker.js'

const HASH = 'a2a15537542b22925ad10486bf7a8b2a9c42f0d1'
const PEER = '-TT0001-123456789012'
const brief = { timeoutMs: SHORT_MS }

describe('a query that is wrong', () => {
  it.each<[string, Parameters<typeof query>[3], RegExp]>([
    ['timeoutMs', { timeoutMs: 0 }, /^timeoutMs is 0, expected a whole number from 1 to 600000$/],
    ['timeoutMs', { timeoutMs: 1.5 }, /^timeoutMs is 1.5, expected/],
    ['attempts', { attempts: 9 }, /^attempts is 9, expected a whole number from 1 to 8$/],
    ['port', { port: 65_536 }, /^port is 65536, expected a whole number from 0 to 65535$/],
    ['port', { port: -1 }, /^port is -1/],
    ['numWant', { numWant: -2 }, /^numWant is -2/],
    ['numWant', { numWant: Number.NaN }, /^numWant is NaN/],
    ['event', { event: 4 as 0 }, /^event is 4, expected 0 \(none\) to 3 \(stopped\)$/],
    ['left', { left: -1 }, /left/],
    ['left', { left: 0.5 }, /left/],
    ['downloaded', { downloaded: 2n ** 64n }, /downloaded/],
    ['uploaded', { uploaded: Number.POSITIVE_INFINITY }, /uploaded/],
    ['key', { key: -1 }, /key/],
    ['key', { key: 2 ** 32 }, /^key is 4294967296/],
    ['ip', { ip: '2001:db8::1' }, /^ip is "2001:db8::1", expected an IPv4 address/],
  ])('names %s (%#)', async (_, options, message) => {
    await using(startUdpTracker(goodTracker), async ({ url, received }) => {
      const asking = query(url, HASH, PEER, options)
      await expect(asking).rejects.toBeInstanceOf(RangeError)
      await expect(asking).rejects.toThrow(message)
      expect(received.filter((packet) => packet.length > 16)).toEqual([])
    })
  })

  it.each([
    ['an info hash of 39 digits', HASH.slice(1), PEER, /^info hash ".*" of 39 characters, expected 40 hex digits/],
    ['an info hash of 19 bytes', new Uint8Array(19), PEER, /^info hash of 19 bytes, expected/],
    ['a peer id of 21 bytes', HASH, 'x'.repeat(21), /^peer id ".*" of 21 bytes, expected at most 20$/],
    ['a peer id of 21 UTF-8 bytes', HASH, `${'x'.repeat(19)}ä`, /of 21 bytes/],
    ['a peer id of 19 bytes', HASH, new Uint8Array(19), /^peer id of 19 bytes, expected 20$/],
  ])('is told of %s', async (_, infoHash, peerId, message) => {
    const asking = query('udp://127.0.0.1:1', infoHash, peerId)
    await expect(asking).rejects.toBeInstanceOf(RangeError)
    await expect(asking).rejects.toThrow(message)
  })

  it.each([
    ['no-url', 'url.no_scheme'],
    ['udp://h', 'url.missing_port'],
    ['ftp://h/', 'url.unsupported_scheme'],
    ['http://:80/', 'url.malformed'],
  ])('is a BadRequestError for the URL %j', async (url, code) => {
    await expect(query(url, HASH, PEER)).rejects.toBeInstanceOf(BadRequestError)
    await expect(query(url, HASH, PEER)).rejects.toMatchObject({ name: 'BadRequestError', url, code })
  })

  it('of one protocol insists on it', async () => {
    const urls = {
      udp: 'udp://127.0.0.1:1',
      http: 'http://127.0.0.1:1',
      https: 'https://127.0.0.1:1',
      ws: 'ws://127.0.0.1:1',
      wss: 'wss://127.0.0.1:1',
    }
    const accepted = { udp: ['udp'], http: ['http', 'https'], ws: ['ws', 'wss'] }
    for (const protocol of ['udp', 'http', 'ws'] as const) {
      for (const [scheme, url] of Object.entries(urls)) {
        const error = await query[protocol](url, HASH, PEER, brief).catch((reason: unknown) => reason)
        const insists = error instanceof BadRequestError && error.code === 'url.unsupported_scheme'
        expect(`${protocol} ${scheme} ${insists}`).toBe(`${protocol} ${scheme} ${!accepted[protocol].includes(scheme)}`)
      }
    }
  })
})

describe('a query without an answer', () => {
  it('in time is a TimeoutError, with the URL and the cause', () =>
    using(
      startUdpTracker(() => []),
      async ({ url }) => {
        const error = await query(url, HASH, PEER, brief).catch((reason: unknown) => reason)
        expect(error).toBeInstanceOf(TimeoutError)
        expect(error).toBeInstanceOf(TrackerQueryError)
        expect(error).toMatchObject({
          name: 'TimeoutError',
          url,
          code: 'udp.timeout',
          cause: expect.any(Error),
          message: expect.stringContaining(url),
        })
      },
    ))

  it('because the name has none in time is a TimeoutError', () =>
    using(
      startDnsServer(() => 'silent'),
      async (dns) => {
        const asking = query('udp://name.test:1', HASH, PEER, { ...brief, dnsServers: [dns.address] })
        await expect(asking).rejects.toMatchObject({ name: 'TimeoutError', code: 'dns.timeout' })
      },
    ))

  it('because the name does not exist is an UnexpectedError', () =>
    using(
      startDnsServer(() => 'nxdomain'),
      async (dns) => {
        const asking = query('udp://name.test:1', HASH, PEER, { dnsServers: [dns.address] })
        await expect(asking).rejects.toBeInstanceOf(UnexpectedError)
        await expect(asking).rejects.toMatchObject({ code: 'dns.nxdomain' })
      },
    ))

  it('because nobody listens is an UnexpectedError', async () => {
    const asking = query(`udp://127.0.0.1:${await closedUdpPort()}`, HASH, PEER)
    await expect(asking).rejects.toMatchObject({
      name: 'UnexpectedError',
      code: 'net.refused',
      cause: { code: 'ECONNREFUSED' },
    })
  })

  it.each([
    ['HTTP 400, BadRequestError', '400 Bad Request', 'BadRequestError', 'http.status'],
    ['HTTP 404, BadRequestError', '404 Not Found', 'BadRequestError', 'http.status'],
    ['HTTP 500, InvalidResponseError', '500 Oops', 'InvalidResponseError', 'http.status'],
    ['a web page, InvalidResponseError', '200 OK', 'InvalidResponseError', 'http.not_a_tracker'],
  ])('but with %s', async (_, status, name, code) => {
    const answer = httpAnswer('<html>', [], status)
    await using(
      startRawTcp((socket) => socket.end(answer)),
      async ({ url }) => {
        await expect(query(url, HASH, PEER)).rejects.toMatchObject({ name, code, url })
      },
    )
  })

  it('because it was answered with damage is an InvalidResponseError', () =>
    using(
      startHttpTracker((_, response) => response.end('d8:interval')),
      async ({ url }) => {
        await expect(query(url, HASH, PEER)).rejects.toBeInstanceOf(InvalidResponseError)
      },
    ))

  it('because of an overlay network or our own policy is a BadRequestError', async () => {
    await expect(query('http://tracker.i2p/announce', HASH, PEER)).rejects.toMatchObject({
      name: 'BadRequestError',
      code: 'net.overlay_i2p',
    })
    const asking = query('udp://127.0.0.1:1', HASH, PEER, { allowPrivate: false })
    await expect(asking).rejects.toMatchObject({ name: 'BadRequestError', code: 'policy.private_address' })
  })

  it('names what an address answered, not that another one is closed', () =>
    using(
      startHttpTracker((_request, response) => void response.end('<html><title>Parked</title></html>')),
      async ({ port }) => {
        // IPv6 is closed: the tracker listens on 127.0.0.1 alone.
        const asking = query(`http://localhost:${port}/announce`, HASH, PEER, brief)
        await expect(asking).rejects.toMatchObject({ name: 'InvalidResponseError', code: 'http.not_a_tracker' })
      },
    ))

  it('does not show a passkey in its message', async () => {
    const url = `http://127.0.0.1:${await closedUdpPort()}/0123456789abcdef0123456789abcdef/announce`
    const error: unknown = await query(url, HASH, PEER, brief).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(TrackerQueryError)
    expect(String(error)).not.toContain('0123456789abcdef')
  })

  it('because it was aborted rejects with the reason, before and while it waits', async () => {
    const reason = new Error('stop')
    await expect(query('udp://127.0.0.1:1', HASH, PEER, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const stopping = new AbortController()
    await using(
      startUdpTracker(() => void stopping.abort(reason)),
      async ({ url }) => {
        await expect(query(url, HASH, PEER, { signal: stopping.signal })).rejects.toBe(reason)
      },
    )
  })
})
