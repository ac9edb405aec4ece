import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { checkLocal, SHORT_MS, summary, using } from '../support/check-local.js'
import { httpAnswer, startRawTcp } from '../support/http-tracker.js'
import { expectEach } from '../support/variants.js'
import { startRawWs, startWsTracker, upgradeAnswer, wsAnswer, wsFrame } from '../support/ws-tracker.js'

const brief = { timeoutMs: SHORT_MS }

/** The outcome of a check of a tracker that does this instead of answering the announce, in a line with its detail. */
function afterUpgrade(respond: (socket: Socket, text: string) => void): Promise<string> {
  return using(startRawWs(respond), async ({ url }) => {
    const { outcome } = await checkLocal(url)
    return `${summary(outcome)}: ${outcome.kind === 'failed' ? outcome.detail : ''}`
  })
}

/** The summary of a check of a tracker whose frames are these. */
function framesOf(frames: (text: string) => readonly Buffer[]): Promise<string> {
  const write = startRawWs((socket, text) => void socket.write(Buffer.concat(frames(text))))
  return using(write, async ({ url }) => summary((await checkLocal(url)).outcome))
}

/** The summary of a check of a tracker that answers the upgrade with this. */
function upgradeOf(answer: (request: string) => string | Buffer): Promise<string> {
  return using(
    startRawTcp((socket, request) => socket.end(answer(request))),
    async ({ url }) => {
      const { outcome } = await checkLocal(url.replace('http:', 'ws:'))
      const status = outcome.kind === 'failed' ? /HTTP \d+/.exec(outcome.detail) : null
      return status === null ? summary(outcome) : `${summary(outcome)}, ${status[0]}`
    },
  )
}

describe('a WebSocket tracker that goes away', () => {
  it('W015 a close is told with its code and reason', () =>
    expectEach<readonly [number, string], string>(
      {
        'in order': [[1000, ''], 'failed ws.closed in ws_reply: closed with 1000 before the answer'],
        refusing: [[1008, 'not here'], 'failed ws.closed in ws_reply: closed with 1008 "not here" before the answer'],
      },
      ([code, reason]) =>
        using(
          startWsTracker((socket) => socket.close(code, reason)),
          async ({ url }) => {
            const { outcome } = await checkLocal(url)
            return `${summary(outcome)}: ${outcome.kind === 'failed' ? outcome.detail : ''}`
          },
        ),
    ))

  it('W016 an end or a reset of the connection is a close with 1006', () => {
    const closed = 'failed ws.closed in ws_reply: closed with 1006 before the answer'
    return expectEach<(socket: Socket) => void, string>(
      { end: [(socket) => socket.end(), closed], reset: [(socket) => socket.resetAndDestroy(), closed] },
      afterUpgrade,
    )
  })

  it('W017 silence has timed out in the reply, and the upgrade has been timed', () =>
    using(
      startWsTracker(() => {}),
      async ({ url }) => {
        const { outcome, probes } = await checkLocal(url, brief)
        expect(summary(outcome)).toBe('failed ws.timeout in ws_reply')
        expect(Object.keys(probes[0]?.phases ?? {})).toEqual(['connect', 'ws_upgrade'])
      },
    ))

  it('W026 one that answers no close frame holds nothing up: the connection is over at once', () =>
    using(
      startRawWs((socket, text) => void socket.write(wsFrame(0x81, wsAnswer(text)))),
      async (tracker) => {
        expect(summary((await checkLocal(tracker.url)).outcome)).toBe('ok')
        await tracker.closed()
      },
    ))
})

describe('a WebSocket tracker that does not upgrade', () => {
  it('W018 answers with a status, which is told', () => {
    const statuses = [
      '200 OK',
      '301 Moved',
      '400 Bad',
      '403 Forbidden',
      '404 None',
      '426 Upgrade',
      '502 Bad',
      '522 Out',
    ]
    return expectEach(
      Object.fromEntries(
        statuses.map((status) => [
          status,
          [status, `failed ws.status in ws_upgrade, HTTP ${status.slice(0, 3)}`] as const,
        ]),
      ),
      (status) => upgradeOf(() => httpAnswer('no', ['Location: /there'], status)),
    )
  })

  it('W019 accepts another key, or upgrades to nothing or to something else', () => {
    const failed = 'failed ws.bad_handshake in ws_upgrade'
    return expectEach<(request: string) => string, string>(
      {
        'another key': [(request) => upgradeAnswer(request, { accept: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' }), failed],
        'something else': [(request) => upgradeAnswer(request).replace('Upgrade: websocket', 'Upgrade: h2c'), failed],
        'no Upgrade': [(request) => upgradeAnswer(request).replace('Upgrade: websocket\r\n', ''), failed],
      },
      upgradeOf,
    )
  })

  it('W020 names a protocol or an extension that nobody asked for', () => {
    const failed = 'failed ws.bad_handshake in ws_upgrade'
    const naming = (lines: string) => (request: string) => upgradeAnswer(request, { lines })
    return expectEach<(request: string) => string, string>(
      {
        protocol: [naming('Sec-WebSocket-Protocol: x\r\n'), failed],
        extension: [naming('Sec-WebSocket-Extensions: x\r\n'), failed],
      },
      upgradeOf,
    )
  })

  it('W021 stalls, and has timed out in the upgrade', () =>
    using(
      startRawTcp(() => {}),
      async ({ url }) => {
        const { outcome } = await checkLocal(url.replace('http:', 'ws:'), brief)
        expect(summary(outcome)).toBe('failed ws.timeout in ws_upgrade')
      },
    ))

  it('W025 is no HTTP server at all', async () => {
    expect(await upgradeOf(() => 'SSH-2.0-OpenSSH_9.2\r\n')).toBe('failed ws.bad_handshake in ws_upgrade')
  })
})

describe('a WebSocket tracker that breaks the protocol', () => {
  it('W022 masks a frame, sets a reserved bit, or sends text that is no UTF-8', () => {
    const failed = 'failed ws.protocol in ws_reply'
    return expectEach<(text: string) => readonly Buffer[], string>(
      {
        masked: [(text) => [wsFrame(0x81, wsAnswer(text), Buffer.from('mask'))], failed],
        'reserved bit': [(text) => [wsFrame(0xc1, wsAnswer(text))], failed],
        'no UTF-8': [() => [wsFrame(0x81, Buffer.from('c328', 'hex'))], failed],
      },
      framesOf,
    )
  })

  it('W023 a message of 2 MiB is too large by its header already, whatever follows', async () => {
    const header = wsFrame(0x81, Buffer.alloc(2 ** 21)).subarray(0, 10)
    expect(await framesOf(() => [header])).toBe('failed ws.too_large in ws_reply')
    expect(await framesOf(() => [wsFrame(0x81, Buffer.alloc(2 ** 21, '['))])).toBe('failed ws.too_large in ws_reply')
  })

  it('W024 nesting ends at 256 KiB, where it is no JSON yet', () => {
    const nested = (depth: number): Buffer => wsFrame(0x81, '['.repeat(depth))
    return expectEach<Buffer, string>(
      {
        '5 million levels': [nested(5_000_000), 'failed ws.too_large in ws_reply'],
        'as deep as fits': [nested(2 ** 18), 'failed ws.bad_json in ws_reply'],
      },
      (frame) => framesOf(() => [frame]),
    )
  })
})
