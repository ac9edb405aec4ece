import { describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import type { CheckTrackerOptions } from '../../src/probe/check-trackers.js'
import { checkLocal, SHORT_MS, summary, using } from '../support/check-local.js'
import { httpAnswer, startRawTcp } from '../support/http-tracker.js'
import { infoHashOf, startRawWs, startWsTracker, upgradeAnswer, wsAnswer, wsFrame } from '../support/ws-tracker.js'

const brief = { timeoutMs: SHORT_MS }

/** The summary of a check of a tracker that responds to the announce like this. */
function checkOf(
  respond: (socket: WebSocket, text: string) => void,
  options: CheckTrackerOptions = {},
): Promise<string> {
  return using(startWsTracker(respond), async ({ url }) => summary((await checkLocal(url, options)).outcome))
}

/** The same for a tracker whose frames are written by hand: these, with FIN, in place of an answer. */
function framesOf(frames: (text: string) => readonly Buffer[], options: CheckTrackerOptions = {}): Promise<string> {
  const write = startRawWs((socket, text) => void socket.write(Buffer.concat(frames(text))))
  return using(write, async ({ url }) => summary((await checkLocal(url, options)).outcome))
}

/** The same for a tracker that answers the upgrade with this. */
function upgradeOf(answer: (request: string) => string | Buffer, options: CheckTrackerOptions = {}): Promise<string> {
  return using(
    startRawTcp((socket, request) => socket.end(answer(request))),
    async ({ url }) => summary((await checkLocal(url.replace('http:', 'ws:'), options)).outcome),
  )
}

describe('a WebSocket tracker that answers', () => {
  it('is alive with the interval and the numbers it gave (W001)', () =>
    using(
      startWsTracker((socket, text) => socket.send(wsAnswer(text))),
      async ({ url, received }) => {
        const { outcome, probes } = await checkLocal(url)
        expect(outcome).toMatchObject({ kind: 'ok', flags: [], announce: { intervalS: 120, seeders: 1, leechers: 2 } })
        expect(Object.keys(probes[0]?.phases ?? {})).toEqual(['connect', 'ws_upgrade', 'ws_reply'])
        expect(JSON.parse(received[0] ?? '')).toMatchObject({
          action: 'announce',
          event: 'started',
          offers: [],
          left: 1000,
        })
      },
    ))

  it('gets the info hash as 20 characters, whatever its bytes, and gives it back (W002)', () =>
    using(
      startWsTracker((socket, text) => socket.send(wsAnswer(text))),
      async ({ url, received }) => {
        const infoHash = Uint8Array.from({ length: 20 }, (_, index) => 0xff - 13 * index)
        expect(summary((await checkLocal(url, { infoHash })).outcome)).toBe('ok')
        expect(infoHashOf(received[0] ?? '')).toBe(Buffer.from(infoHash).toString('latin1'))
      },
    ))

  it('is told that we have left', () =>
    using(
      startWsTracker((socket, text) => socket.send(wsAnswer(text))),
      async ({ url, received }) => {
        await checkLocal(url)
        await expect.poll(() => received.length, { interval: 5 }).toBe(2)
        expect(JSON.parse(received[1] ?? '')).toMatchObject({ action: 'announce', event: 'stopped' })
      },
    ))

  const offer = {
    interval: undefined,
    complete: undefined,
    incomplete: undefined,
    offer: { type: 'offer', sdp: 'v=0' },
    offer_id: 'x'.repeat(20),
  }
  it.each<[string, string, (text: string) => readonly object[]]>([
    ['behind the answer for another torrent (W003)', 'ok', () => [{ info_hash: 'x'.repeat(20) }, {}]],
    ['behind an offer of a peer (W004)', 'ok', () => [offer, {}]],
    ['with a warning (W007)', 'ok tracker_warning', () => [{ 'warning message': 'soon' }]],
    ['without an interval (W008)', 'ok interval_missing', () => [{ interval: undefined }]],
    ['with an interval of −1 (W009)', 'ok interval_invalid', () => [{ interval: -1 }]],
    ['with an interval as text (W009)', 'ok type_interval', () => [{ interval: '120' }]],
    ['behind one with an info hash of 19 characters (W010)', 'ok', () => [{ info_hash: 'x'.repeat(19) }, {}]],
  ])('is understood %s', async (_, expected, changes) => {
    const respond = (socket: WebSocket, text: string): void => {
      for (const change of changes(text)) socket.send(wsAnswer(text, change))
    }
    expect(await checkOf(respond)).toBe(expected)
  })

  it.each<[string, (text: string) => readonly Buffer[]]>([
    ['in a binary frame (W012)', (text) => [wsFrame(0x82, wsAnswer(text))]],
    [
      'in two fragments (W013)',
      (text) => [wsFrame(0x01, wsAnswer(text).slice(0, 9)), wsFrame(0x80, wsAnswer(text).slice(9))],
    ],
    ['behind a ping (W014)', (text) => [wsFrame(0x89, 'hello'), wsFrame(0x81, wsAnswer(text))]],
    [
      'with a key __proto__ (W029)',
      (text) => [wsFrame(0x81, wsAnswer(text).replace('{', '{"__proto__":{"failure reason":"x"},'))],
    ],
  ])('is understood %s', async (_, frames) => {
    expect(await framesOf(frames)).toBe('ok')
  })
})

describe('a WebSocket tracker that refuses', () => {
  it('may do so without action and info hash (W005)', async () => {
    const expected = 'rejected bad_request "Invalid request"'
    expect(await checkOf((socket) => socket.send('{"failure reason":"Invalid request"}'))).toBe(expected)
  })

  it('may do so with action and info hash (W006)', async () => {
    const respond = (socket: WebSocket, text: string): void =>
      socket.send(wsAnswer(text, { 'failure reason': 'unregistered torrent' }))
    expect(await checkOf(respond)).toBe('rejected not_registered "unregistered torrent"')
  })
})

describe('a WebSocket tracker that fails', () => {
  it.each([
    ['an info hash of 21 characters (W010)', { info_hash: 'x'.repeat(21) }],
    ['an info hash beyond U+00FF (W010)', { info_hash: '\u0100'.repeat(20) }],
    ['no info hash (W010)', { info_hash: undefined }],
    ['a number for an info hash (W010)', { info_hash: 5 }],
  ])('has said nothing of use with %s', async (_, change) => {
    const respond = (socket: WebSocket, text: string): void => socket.send(wsAnswer(text, change))
    expect(await checkOf(respond, brief)).toBe('failed ws.bad_message in ws_reply')
  })

  it.each(['[]', '"text"', 'null', '{"action":', ''])('is none when it sends %j (W011)', async (text) => {
    expect(await checkOf((socket) => socket.send(text))).toBe('failed ws.bad_json in ws_reply')
  })

  it('may close with a code and a reason, which are kept (W015)', () =>
    using(
      startWsTracker((socket) => socket.close(1008, 'not here')),
      async ({ url }) => {
        const { outcome } = await checkLocal(url)
        expect(outcome).toMatchObject({
          code: 'ws.closed',
          phase: 'ws_reply',
          detail: expect.stringMatching(/1008.*not here/),
        })
      },
    ))

  it.each<[string, (socket: { end(): void; resetAndDestroy(): void }) => void]>([
    ['ended', (socket) => socket.end()],
    ['reset', (socket) => socket.resetAndDestroy()],
  ])('may be %s behind the upgrade (W016)', async (_, finish) => {
    await using(startRawWs(finish), async ({ url }) => {
      const { outcome } = await checkLocal(url)
      expect(outcome).toMatchObject({ kind: 'failed', reason: 'reset', phase: 'ws_reply' })
    })
  })

  it('by silence has still shown how long the upgrade took (W017)', () =>
    using(
      startWsTracker(() => {}),
      async ({ url }) => {
        const { outcome, probes } = await checkLocal(url, brief)
        expect(summary(outcome)).toBe('failed ws.timeout in ws_reply')
        expect(probes).toMatchObject([{ phases: { connect: expect.any(Number), ws_upgrade: expect.any(Number) } }])
      },
    ))

  it.each([
    '200 OK',
    '301 Moved',
    '400 Bad Request',
    '403 Forbidden',
    '404 Not Found',
    '426 Upgrade Required',
    '502 Bad',
    '522 Timed Out',
  ])('may answer the upgrade with %s (W018)', async (status) => {
    expect(await upgradeOf(() => httpAnswer('no', [], status))).toBe('failed ws.status in ws_upgrade')
  })

  it.each<[string, (request: string) => string]>([
    ['accepts another key (W019)', (request) => upgradeAnswer(request, { accept: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' })],
    [
      'does not upgrade to a WebSocket (W019)',
      (request) => upgradeAnswer(request).replace('Upgrade: websocket', 'Upgrade: h2c'),
    ],
    [
      'names a protocol that nobody asked for (W020)',
      (request) => upgradeAnswer(request, { lines: 'Sec-WebSocket-Protocol: x\r\n' }),
    ],
    [
      'names an extension that nobody asked for (W020)',
      (request) => upgradeAnswer(request, { lines: 'Sec-WebSocket-Extensions: x\r\n' }),
    ],
    ['is no HTTP server (W025)', () => 'SSH-2.0-OpenSSH_9.2\r\n'],
  ])('is none when it %s', async (_, answer) => {
    expect(await upgradeOf(answer)).toBe('failed ws.bad_handshake in ws_upgrade')
  })

  it('may stall in the upgrade (W021)', () =>
    using(
      startRawTcp(() => {}),
      async ({ url }) => {
        const { outcome } = await checkLocal(url.replace('http:', 'ws:'), brief)
        expect(summary(outcome)).toBe('failed ws.timeout in ws_upgrade')
      },
    ))

  it.each<[string, (text: string) => readonly Buffer[]]>([
    ['masks a frame', (text) => [wsFrame(0x81, wsAnswer(text), Buffer.from('mask'))]],
    ['sets a reserved bit', (text) => [wsFrame(0xc1, wsAnswer(text))]],
    ['sends text that is no UTF-8', () => [wsFrame(0x81, Buffer.from('c328', 'hex'))]],
  ])('breaks the protocol when it %s (W022)', async (_, frames) => {
    expect(await framesOf(frames)).toBe('failed ws.protocol in ws_reply')
  })

  it('may not send 2 MiB, nor 256 KiB of nesting (W023, W024)', async () => {
    expect(await framesOf(() => [wsFrame(0x81, Buffer.alloc(2 ** 21, '['))])).toBe('failed ws.too_large in ws_reply')
    expect(await framesOf(() => [wsFrame(0x81, Buffer.alloc(2 ** 18, '['))])).toBe('failed ws.bad_json in ws_reply')
  })

  it('need not answer our leaving: the connection is over at once (W026)', () =>
    using(
      startRawWs((socket, text) => void socket.write(wsFrame(0x81, wsAnswer(text)))),
      async (tracker) => {
        expect(summary((await checkLocal(tracker.url)).outcome)).toBe('ok')
        await tracker.closed()
      },
    ))
})
