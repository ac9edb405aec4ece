import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { checkTracker } from '../../../src/probe/check-trackers.js'
import { query, scrape, TrackerEvent } from '../../../src/probe/query.js'
import { isInstalled, titleFor } from '../../deploy/programs.js'
import { answering, checkLocal, checkRaw, SHORT_MS, summary, using } from '../../support/check-local.js'
import { goodAnswer, httpAnswer, listen, startHttpTracker, startRawTcp } from '../../support/http-tracker.js'
import { createAuthority } from '../../support/tls.js'
import { checkInChild } from '../child.js'

const good = goodAnswer()
const INFO_HASH = 'ab'.repeat(20)
const patient = { interval: 5, timeout: 5000 }

/** What the tracker was asked for on each of its connections, by the event. */
interface Conversation {
  readonly connections: readonly (readonly string[])[]
  readonly url: string
  readonly closed: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** A tracker without any help: `respond` is called for every request on every connection. */
async function startPlain(respond: (socket: Socket, event: string, nth: number) => void): Promise<Conversation> {
  const connections: string[][] = []
  const server = createServer((socket) => {
    const events: string[] = []
    connections.push(events)
    socket.on('data', (chunk: Buffer) => {
      const event = /[?&]event=(\w+)/.exec(chunk.toString('latin1'))?.[1] ?? 'none'
      events.push(event)
      respond(socket, event, connections.length)
    })
  })
  return { ...(await listen(server, {}, 'http')), connections }
}

describe('behind a good answer over HTTP', () => {
  it('a check takes leave on the same connection, with the same request but for the event', () =>
    using(startHttpTracker(answering(good)), async ({ url, requests, farewells, connections, closed }) => {
      expect(summary((await checkLocal(url)).outcome)).toBe('ok')
      await closed()
      expect(farewells).toEqual([requests[0]?.url?.replace('event=started', 'event=stopped')])
      expect(farewells[0]).toMatch(/[?&]info_hash=.*&event=stopped$/)
      expect(connections()).toBe(1)
    }))

  it('it ends the connection by that, and is as polite as before', () =>
    using(
      startRawTcp((socket) => void socket.write(httpAnswer(good))),
      async ({ port, farewells, closed }) => {
        const url = `http://user:secret@127.0.0.1:${port}/announce`
        await checkLocal(url, { headers: { 'X-Key': 'v', 'user-agent': 'Client/1' } })
        await closed()
        const [head = ''] = farewells
        const names = head
          .split('\r\n')
          .slice(1, -2)
          .map((line) => line.split(':', 1)[0]?.toLowerCase())
        expect(head).toContain('\r\nConnection: close\r\n')
        expect(head).toContain('\r\nuser-agent: Client/1\r\n')
        expect(names.toSorted()).toEqual([
          'accept',
          'accept-encoding',
          'authorization',
          'connection',
          'host',
          'user-agent',
          'x-key',
        ])
      },
    ))

  it('one connection more is made where the tracker has ended the first', async () => {
    const ended: Parameters<typeof startPlain>[0] = (socket) => socket.end(httpAnswer(good, ['Connection: close']))
    await using(startPlain(ended), async ({ url, connections }) => {
      expect(summary((await checkLocal(url)).outcome)).toBe('ok')
      await expect.poll(() => connections, patient).toEqual([['started'], ['stopped']])
    })
  })

  it('one connection more is made where the tracker ends the first instead of answering', async () => {
    const hangingUp: Parameters<typeof startPlain>[0] = (socket, _, nth) => {
      if (nth === 1 && socket.bytesWritten > 0) socket.destroy()
      else socket.write(httpAnswer(good))
    }
    await using(startPlain(hangingUp), async ({ url, connections, closed }) => {
      expect(summary((await checkLocal(url)).outcome)).toBe('ok')
      await expect.poll(() => connections, patient).toEqual([['started', 'stopped'], ['stopped']])
      await closed()
    })
  })

  it('a tracker that never answers that is left within two seconds, and delays no verdict', () =>
    using(
      startPlain((socket, event) => void (event === 'started' && socket.write(httpAnswer(good)))),
      async ({ url, connections, closed }) => {
        let over = false
        expect(summary((await checkLocal(url)).outcome)).toBe('ok')
        const closing = closed().then(() => {
          over = true
        })
        expect(over).toBe(false)
        await closing
        expect(connections).toEqual([['started', 'stopped']])
      },
    ))

  it('a process that only checks ends by itself all the same', () =>
    using(
      startPlain((socket, event) => void (event === 'started' && socket.write(httpAnswer(good)))),
      async ({ url }) => {
        const { outcomes } = await checkInChild({ urls: [url], options: { timeoutMs: 60_000, allowPrivate: true } })
        expect(outcomes.map(([, outcome]) => summary(outcome))).toEqual(['ok'])
      },
    ))

  it('leave is taken of the place that a redirect led to, if that was told of us', () =>
    using(startHttpTracker(answering(good)), (there) =>
      using(
        startHttpTracker((request, response) => {
          const [, question = ''] = request.url?.split('?') ?? []
          const Location = request.url?.startsWith('/silent') === true ? there.url : `${there.url}?${question}`
          response.writeHead(302, { Location }).end()
        }),
        async (first) => {
          expect(summary((await checkLocal(first.url)).outcome)).toBe('ok http.redirected')
          await expect.poll(() => there.farewells.length, patient).toBe(1)
          await checkLocal(first.url.replace('/announce', '/silent/announce'))
          await there.closed()
          expect(first.farewells).toEqual([])
          expect(there.farewells.length).toBe(1)
        },
      ),
    ))

  it('a query takes no leave, for it is not over, nor does a check of a tracker that refused', async () => {
    await using(startHttpTracker(answering(good)), async ({ url, farewells, closed }) => {
      await query(url, INFO_HASH, '-TT0001-', { event: TrackerEvent.STARTED })
      await scrape(url, INFO_HASH).catch(() => {})
      await closed()
      expect(farewells).toEqual([])
    })
    await using(
      startPlain((socket) => socket.write(httpAnswer('d14:failure reason2:noe'))),
      async (tracker) => {
        expect(summary((await checkLocal(tracker.url)).outcome)).toBe('rejected other "no"')
        await tracker.closed()
        expect(tracker.connections).toEqual([['started']])
      },
    )
  })

  it('none is taken by a check that was aborted', async () => {
    const stopping = new AbortController()
    const halfway: Parameters<typeof startPlain>[0] = (socket) => {
      socket.write(httpAnswer(good).subarray(0, -1))
      setImmediate(() => stopping.abort(new Error('enough')))
    }
    await using(startPlain(halfway), async ({ url, connections, closed }) => {
      const checking = checkTracker(url, { allowPrivate: true, signal: stopping.signal })
      await expect(checking).rejects.toThrow('enough')
      await closed()
      expect(connections).toEqual([['started']])
    })
  })
})

describe.skipIf(!isInstalled('openssl'))(titleFor('over TLS', 'openssl'), () => {
  it('leave is taken on the same connection', async () => {
    const authority = createAuthority()
    const certificate = authority.selfSigned('IP:127.0.0.1')
    authority.remove()
    const tracker = startHttpTracker(answering(good), { tls: certificate })
    await using(tracker, async ({ url, farewells, connections, closed }) => {
      const { outcome } = await checkLocal(url, { tls: 'report' })
      expect(summary(outcome)).toBe('ok tls.cert_self_signed')
      await closed()
      expect(farewells.length).toBe(1)
      expect(connections()).toBe(1)
    })
  })
})

describe('a body whose end nothing tells, on a connection that stays open,', () => {
  const open = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n'

  it.each<[string, string, readonly (string | Uint8Array)[]]>([
    ['in one piece', 'ok', [open, good]],
    ['with its header', 'ok', [Buffer.concat([Buffer.from(open), good])]],
    ['with the line end of aquatic', 'ok', [open, good, '\r\n']],
    ['byte by byte', 'ok', [open, ...[...good].map((byte) => Uint8Array.of(byte))]],
    ['that is not whole', 'failed http.timeout in transfer', [open, good.subarray(0, -1)]],
    ['that is no dictionary', 'failed http.timeout in transfer', [open, '<html>']],
    ['of HTTP/1.0 that stays', 'ok', ['HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n', good]],
    [
      'of a server that has promised to close',
      'failed http.timeout in transfer',
      ['HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n', good],
    ],
  ])('ends where the answer does, %s: %s', async (_, expected, pieces) => {
    const write = async (socket: Socket): Promise<void> => {
      for (const piece of pieces) {
        if (!socket.write(piece)) await once(socket, 'drain')
        await new Promise(setImmediate)
      }
    }
    const timeoutMs = expected === 'ok' ? 10_000 : SHORT_MS
    expect(await checkRaw((socket) => void write(socket), { timeoutMs })).toBe(expected)
  })
})
