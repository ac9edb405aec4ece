import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { answering, checkHttp, checkLocal, checkRaw, SHORT_MS, summary, using } from '../support/check-local.js'
import { closedTcpPort, goodAnswer, httpAnswer, startHttpTracker, startRawTcp } from '../support/http-tracker.js'

const brief = { timeoutMs: SHORT_MS }
const good = goodAnswer()

describe('the connection of an HTTP tracker', () => {
  const head = 'HTTP/1.1 200 OK\r\n'
  it('is closed by us when it sends without end (H074)', () => {
    const pour = (socket: Socket): void => {
      const more = (): void => {
        while (socket.writable && socket.write(Buffer.alloc(65_536, 0x61))) {}
      }
      socket.on('drain', more)
      socket.write(`${head}\r\n`)
      more()
    }
    return using(startRawTcp(pour), async (tracker) => {
      expect(summary((await checkLocal(tracker.url)).outcome)).toBe('failed http.too_large in transfer')
      await tracker.closed()
    })
  })

  it('may stall before it is there (H078)', () =>
    using(startStalled(), async ({ url }) => {
      const { outcome } = await checkLocal(url, brief)
      expect(outcome).toMatchObject({ kind: 'failed', reason: 'timeout', code: 'net.timeout', phase: 'connect' })
    }))

  it.each<[string, string, string]>([
    ['its body (H075)', `${head}Content-Length: 1000\r\n\r\n`, 'failed http.timeout in transfer'],
    ['its headers (H076)', `${head}X: `, 'failed http.timeout in processing'],
  ])('ends at the deadline when it drips %s', async (_, begin, expected) => {
    let dripping: NodeJS.Timeout | undefined
    const drip = (socket: Socket): void => {
      socket.write(begin)
      dripping = setInterval(() => socket.write('x'), SHORT_MS / 20)
    }
    expect(await checkRaw(drip, brief)).toBe(expected)
    clearInterval(dripping)
  })

  it.each<[string, string, (socket: Socket) => void]>([
    ['is silent (H077)', 'failed http.timeout in processing', () => {}],
    ['is reset behind the request (H079)', 'failed net.reset in processing', (socket) => socket.resetAndDestroy()],
    ['ends without an answer (H080)', 'failed net.closed in processing', (socket) => socket.end()],
    [
      'ends in the middle of the headers (H081)',
      'failed net.closed in processing',
      (socket) => socket.end(`${head}X: y`),
    ],
    [
      'ends before the announced length, the answer is whole (H082)',
      'ok http.truncated',
      (socket) => socket.end(`${head}Content-Length: 9999\r\n\r\n${good.toString('latin1')}`),
    ],
    [
      'ends before the announced length, the answer is not whole (H082)',
      'failed http.truncated in transfer',
      (socket) => socket.end(`${head}Content-Length: 9999\r\n\r\n${good.subarray(0, 9).toString('latin1')}`),
    ],
    [
      'brings more than the announced length (H083)',
      'ok',
      (socket) => socket.end(Buffer.concat([httpAnswer(good), Buffer.from('junk\r\n\r\n')])),
    ],
    ['is chunked (H085)', 'ok', (socket) => socket.end(`${chunked(good)}0\r\n\r\n`)],
    ['is chunked without its last chunk (H085)', 'ok http.truncated', (socket) => socket.end(chunked(good))],
    [
      'is chunked with a bad size (H085)',
      'failed http.parse in transfer',
      (socket) => socket.end(`${head}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`),
    ],
    [
      'is HTTP/1.0 without a length (H086)',
      'ok',
      (socket) => socket.end(`HTTP/1.0 200 OK\r\n\r\n${good.toString('latin1')}`),
    ],
    ['is HTTP/1.1 without a length (H087)', 'ok', (socket) => socket.end(`${head}\r\n${good.toString('latin1')}`)],
    ['has bare line feeds (H088)', 'ok', (socket) => socket.end(`HTTP/1.1 200 OK\nX: y\n\n${good.toString('latin1')}`)],
    [
      'has two lengths (H090)',
      'failed http.parse in processing',
      (socket) => socket.end(`${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\nde`),
    ],
    [
      'has a header without a colon (H092)',
      'failed http.parse in processing',
      (socket) => socket.end(`${head}nonsense\r\n\r\n`),
    ],
    ['has 20 kB of headers (H093)', 'ok', (socket) => socket.end(httpAnswer(good, [`X: ${'y'.repeat(20_000)}`]))],
    [
      'has 200 kB of headers (H093)',
      'failed http.parse in processing',
      (socket) => socket.end(httpAnswer(good, [`X: ${'y'.repeat(200_000)}`])),
    ],
  ])('%s', async (_, expected, respond) => {
    expect(await checkRaw(respond, brief)).toBe(expected)
  })

  function chunked(body: Uint8Array): string {
    return `${head}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${Buffer.from(body).toString('latin1')}\r\n`
  }
})

describe('a redirect of an HTTP tracker', () => {
  /** Sends to `location` first; what comes then is answered well. */
  function redirecting(location: string | undefined, status = 302): RequestListener {
    return (request, response) => {
      if (request.url?.startsWith('/announce?') !== true) return void response.end(good)
      response.writeHead(status, location === undefined ? {} : { Location: location }).end()
    }
  }

  it.each([
    [301, '/x'],
    [302, 'x?y=1'],
    [303, '?y=1'],
    [307, '//127.0.0.1:PORT/x'],
    [308, 'http://127.0.0.1:PORT/x'],
  ])('%i to %s is followed (H100)', async (status, location) => {
    const respond: RequestListener = (request, response) => {
      const here = request.headers.host?.split(':')[1] ?? ''
      if (!request.url?.startsWith('/announce?info_hash')) return void response.end(good)
      response.writeHead(status, { Location: location.replace('PORT', here) }).end()
    }
    expect(summary((await checkHttp(respond)).outcome)).toBe('ok http.redirected')
  })

  it('is asked for as it stands, without our query (H100)', () =>
    using(startHttpTracker(redirecting('/x?only=this')), async ({ url, requests }) => {
      await checkLocal(url)
      expect(requests[1]?.url).toBe('/x?only=this')
    }))

  it('is followed five times and not more (H101)', () =>
    using(
      startHttpTracker((_, response: ServerResponse) => response.writeHead(302, { Location: '/announce' }).end()),
      async (tracker) => {
        expect(summary((await checkLocal(tracker.url)).outcome)).toMatch(/^failed http\.redirect_loop/)
        expect(tracker.requests.length).toBe(6)
      },
    ))

  it.each([undefined, '', 'udp://127.0.0.1:1/announce', 'javascript:alert(1)', 'http://'])(
    'to %j leads nowhere (H102)',
    async (location) => {
      expect(summary((await checkHttp(redirecting(location))).outcome)).toMatch(/^failed http\.redirect_invalid/)
    },
  )

  it('that ends in a web page is none of a tracker (H105)', async () => {
    const respond: RequestListener = (request, response) => {
      if (request.url?.startsWith('/x')) return void response.end('<html>')
      response.writeHead(302, { Location: '/x' }).end()
    }
    expect(summary((await checkHttp(respond)).outcome)).toBe('failed http.not_a_tracker in transfer')
  })

  it('to another origin does not take the password along (H016)', () =>
    using(startHttpTracker(answering(good)), (there) =>
      using(startHttpTracker(answering('', { Location: there.url }, 302)), async ({ port, requests }) => {
        await checkLocal(`http://user:secret@127.0.0.1:${port}/announce`)
        expect(requests[0]?.headers.authorization).toBeDefined()
        expect(there.requests[0]?.headers.authorization).toBeUndefined()
      }),
    ))

  it('to a closed port has failed there', async () => {
    const location = `http://127.0.0.1:${await closedTcpPort()}/x`
    expect(summary((await checkHttp(redirecting(location))).outcome)).toBe('failed net.refused in connect')
  })
})

/**
 * A server that nobody can connect to: its process stands still, and the two connections that the kernel accepts in
 * its place (a backlog of 1 holds 2) are taken.
 */
async function startStalled(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const script = `const server = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => process.send(server.address().port))`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const [port] = await once(child, 'message')
  child.kill('SIGSTOP')
  const taken = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
  await Promise.all(taken.map((socket) => once(socket, 'connect')))
  const stop = async (): Promise<void> => {
    for (const socket of taken) socket.destroy()
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { url: `http://127.0.0.1:${port}/announce`, stop }
}
