import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkTrackers } from '../../src/probe/check-trackers.js'
import { checkLocal, SHORT_MS, using } from '../support/check-local.js'
import { bencodeText, compactPeers, udp } from '../support/encode.js'
import { goodAnswer, httpAnswer, startRawTcp } from '../support/http-tracker.js'
import { kindOf, startUdpTracker } from '../support/udp-tracker.js'
import { startRawWs, upgradeAnswer, wsAnswer, wsFrame } from '../support/ws-tracker.js'

/**
 * Good answers with some bytes changed, left out, doubled or added reach deeper than random bytes. Whatever comes, a
 * check has an outcome: an error that we cannot classify rejects it, and with it the checks of all other trackers.
 */
const SEED = 2026

/** What happens to a good answer: at most three changes. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  drop: fc.nat(4),
  add: fc.oneof(
    fc.uint8Array({ maxLength: 4 }),
    fc
      .constantFrom('\r\n', '\0', ':', '-', '99999999999', 'e', 'd', 'l', '{', '"', '\ud800')
      .map((text) => Buffer.from(text)),
  ),
})
const changes = fc.array(change, { minLength: 1, maxLength: 3 })

function changed(bytes: Buffer, made: readonly { at: number; drop: number; add: Uint8Array }[]): Buffer {
  return made.reduce((now, { at, drop, add }) => {
    const index = Math.floor(at * now.length)
    return Buffer.concat([now.subarray(0, index), add, now.subarray(index + drop)])
  }, bytes)
}

const body = goodAnswer({ peers: compactPeers('192.0.2.1:6881'), 'tracker id': 'x', 'warning message': 'soon' })
const scripts = {
  'an answer': httpAnswer(body),
  'a refusal': httpAnswer(bencodeText({ 'failure reason': 'no', 'retry in': 'never' }), [], '403 Forbidden'),
  'a gzipped answer': httpAnswer(gzipSync(body), ['Content-Encoding: gzip']),
  'a gzipped answer without a label': httpAnswer(gzipSync(body)),
  'a chunked answer': Buffer.from(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nd8:int\r\n0\r\n\r\n`),
  'a redirect': httpAnswer('', ['Location: http://[::1]:1/x?y#z', 'Set-Cookie: a=b'], '302 Found'),
  'an upgrade': httpAnswer('', ['Upgrade: h2c', 'Connection: Upgrade'], '101 Switching Protocols'),
}

describe('a tracker that sends damaged bytes', () => {
  it.each(Object.entries(scripts))('over HTTP, %s, gets an outcome', { timeout: 60_000 }, async (_, script) => {
    const answers = fc.sample(changes, { numRuns: 300, seed: SEED }).map((made) => changed(script, made))
    let next = 0
    await using(
      startRawTcp((socket) => socket.end(answers[next++ % answers.length] ?? '')),
      async ({ url }) => {
        const urls = answers.map((_, index) => `${url}/${index}`)
        const results = await checkTrackers(urls, { allowPrivate: true, timeoutMs: SHORT_MS, concurrency: 20 })
        expect(results.size).toBe(answers.length)
      },
    )
  })

  it('over WebSocket, in the upgrade, gets an outcome', { timeout: 60_000 }, async () => {
    const made = fc.sample(changes, { numRuns: 300, seed: SEED })
    let next = 0
    const upgrade = (request: string): Buffer =>
      changed(Buffer.from(upgradeAnswer(request, { lines: 'X: y\r\n' })), made[next++ % made.length] ?? [])
    await using(
      startRawTcp((socket, request) => socket.end(upgrade(request))),
      async ({ url }) => {
        const urls = made.map((_, index) => `${url.replace('http:', 'ws:')}/${index}`)
        const results = await checkTrackers(urls, { allowPrivate: true, timeoutMs: SHORT_MS, concurrency: 20 })
        expect(results.size).toBe(made.length)
      },
    )
  })

  it('over WebSocket, in its frames, gets an outcome', { timeout: 60_000 }, async () => {
    const made = fc.sample(changes, { numRuns: 300, seed: SEED })
    let next = 0
    const frames = (question: string): Buffer =>
      changed(wsFrame(0x81, wsAnswer(question)), made[next++ % made.length] ?? [])
    await using(
      startRawWs((socket, question) => socket.end(frames(question))),
      async ({ url }) => {
        const urls = made.map((_, index) => `${url}/${index}`)
        const results = await checkTrackers(urls, { allowPrivate: true, timeoutMs: SHORT_MS, concurrency: 20 })
        expect(results.size).toBe(made.length)
      },
    )
  })

  it('over UDP gets an outcome', { timeout: 60_000 }, async () => {
    const made = fc.sample(changes, { numRuns: 300, seed: SEED })
    let next = 0
    const damage = (bytes: Buffer): Buffer[] => [changed(bytes, made[next++ % made.length] ?? [])]
    await using(
      startUdpTracker((packet) => {
        const id = packet.readUInt32BE(12)
        const announce = udp.announceReply(id, {
          interval: 1,
          leechers: 2,
          seeders: 3,
          peers: compactPeers('192.0.2.1:1'),
        })
        return kindOf(packet) === 'connect' ? [udp.connectReply(id, Buffer.alloc(8))] : damage(announce)
      }),
      async ({ url }) => {
        const urls = made.map((_, index) => `${url}/${index}`)
        const results = await checkTrackers(urls, { allowPrivate: true, timeoutMs: SHORT_MS, attempts: 1 })
        expect(results.size).toBe(made.length)
      },
    )
  })

  it.each([
    'http://[::1',
    'http://exa mple/',
    '//',
    'http://\u00ff\u00fe/',
    `http://h/${'x'.repeat(5000)}`,
    'http://h:99999/',
    '#',
    'HTTP://%00/',
    'http:',
    'data:,x',
    'http://user:pass@127.0.0.1:1/\u00e9',
    '\\\\host\\x',
    '?\u0001',
    'http://a..b/',
    'http://xn--/',
  ])('may redirect to %j', async (location) => {
    const answer = httpAnswer('', [`Location: ${Buffer.from(location).toString('latin1')}`], '302 Found')
    await using(
      startRawTcp((socket) => socket.end(answer)),
      async ({ url }) => {
        const { outcome } = await checkLocal(url, { timeoutMs: SHORT_MS })
        expect(['failed', 'skipped']).toContain(outcome.kind)
      },
    )
  })
})

describe('headers that cannot be sent', () => {
  it.each(['http', 'ws'])('over %s are an error of the caller, and leave nothing open', async (scheme) => {
    await using(
      startRawTcp(() => {}),
      async ({ url, closed }) => {
        const checking = checkLocal(url.replace('http', scheme), { headers: { 'bad name': 'x' } })
        await expect(checking).rejects.toThrow(TypeError)
        await closed()
      },
    )
  })
})
