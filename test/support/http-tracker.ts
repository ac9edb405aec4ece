import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { bencodeText } from './encode.js'

/*
 * A check takes its leave behind a good answer: the same request with `event=stopped`, on the same connection where that
 * is still open, else on another. The trackers here answer it by themselves: `respond` is not called for it, `requests`
 * and `connections` pass over it. Tests see it in `farewells`.
 */

/** A scripted tracker on TCP. */
export interface TcpTracker {
  /** Announce URL. */
  readonly url: string
  readonly port: number
  /** Resolves when the other side has ended every connection made so far. */
  readonly closed: () => Promise<void>
  /** Connections that came in so far, those for a farewell alone aside. */
  readonly connections: () => number
  readonly stop: () => Promise<void>
}

export interface HttpTracker extends TcpTracker {
  readonly requests: readonly IncomingMessage[]
  /** The paths of the requests by which checks took their leave. */
  readonly farewells: readonly string[]
}

export interface RawTracker extends TcpTracker {
  /** The requests, whole, by which checks took their leave. */
  readonly farewells: readonly string[]
}

interface Place {
  readonly host?: string
  readonly tls?: TlsOptions
}

/** A tracker on node:http, for answers that are proper HTTP. */
export async function startHttpTracker(respond: RequestListener, place: Place = {}): Promise<HttpTracker> {
  const requests: IncomingMessage[] = []
  const farewells: string[] = []
  const isFarewell = createFarewellTest()
  const known = new WeakSet<Socket>()
  let apart = 0
  const listener: RequestListener = (request, response) => {
    const { socket, url = '' } = request
    if (isFarewell(url)) {
      if (!known.has(socket)) apart++
      farewells.push(url)
      response.end(goodAnswer())
      return
    }
    known.add(socket)
    requests.push(request)
    respond(request, response)
  }
  const server = place.tls === undefined ? createServer(listener) : createSecureServer(place.tls, listener)
  const tracker = await listen(server, place, place.tls === undefined ? 'http' : 'https')
  return { ...tracker, connections: () => tracker.connections() - apart, requests, farewells }
}

/** Knows the farewells among the paths of requests: each repeats an announce, but for its event. */
function createFarewellTest(): (path: string) => boolean {
  const started = new Set<string>()
  return (path) => {
    if (path.includes('event=started')) started.add(path)
    return path.includes('event=stopped') && started.has(path.replace('event=stopped', 'event=started'))
  }
}

/** The usual answer to an announce, with what is given in place of it. */
export function goodAnswer(changes: Parameters<typeof bencodeText>[0] & object = {}): Buffer {
  return bencodeText({ complete: 1, incomplete: 0, interval: 1800, peers: '', ...changes })
}

/**
 * A tracker that writes bytes as they are: `respond` is called when the header of the request is complete. For what
 * happens before that, there is `onConnection`.
 */
export async function startRawTcp(
  respond: (socket: Socket, requestText: string) => void,
  place: Place & { readonly onConnection?: (socket: Socket) => void } = {},
): Promise<RawTracker> {
  const farewells: string[] = []
  const isFarewell = createFarewellTest()
  let apart = 0
  const accept = (socket: Socket): void => {
    place.onConnection?.(socket)
    let text = ''
    let isKnown = false
    const read = (chunk: Buffer): void => {
      text += chunk.toString('latin1')
      if (!text.includes('\r\n\r\n')) return
      if (isFarewell(text.split(' ', 2)[1] ?? '')) {
        if (!isKnown) apart++
        farewells.push(text)
        socket.end(httpAnswer(goodAnswer()))
      } else if (!isKnown) {
        respond(socket, text)
      }
      isKnown = true
      text = ''
    }
    socket.on('data', read)
  }
  const open = { allowHalfOpen: true }
  const server = place.tls === undefined ? createTcpServer(open, accept) : createTlsServer(place.tls, accept)
  const tracker = await listen(server, place, place.tls === undefined ? 'http' : 'https')
  return { ...tracker, connections: () => tracker.connections() - apart, farewells }
}

/** A whole HTTP/1.1 answer with its length. */
export function httpAnswer(body: string | Uint8Array, headers: readonly string[] = [], status = '200 OK'): Buffer {
  const bytes = Buffer.from(body)
  const head = [`HTTP/1.1 ${status}`, `Content-Length: ${bytes.length}`, ...headers, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes])
}

/** Port of a server that has just been closed. */
export async function closedTcpPort(): Promise<number> {
  const tracker = await startRawTcp(() => {})
  await tracker.stop()
  return tracker.port
}

/** Starts listening, and keeps account of connections to be able to end them. */
export async function listen(server: Server, { host = '127.0.0.1' }: Place, scheme: string): Promise<TcpTracker> {
  const open = new Set<Socket>()
  const left: Promise<void>[] = []
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => open.delete(socket))
    left.push(
      new Promise((resolve) => {
        socket.once('end', resolve)
        socket.once('close', resolve)
      }),
    )
  })
  server.on('tlsClientError', () => {})
  server.on('secureConnection', (socket: Socket) => socket.on('error', () => {}))
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}/announce`,
    port,
    connections: () => left.length,
    closed: async () => {
      await Promise.all(left)
    },
    stop: async () => {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
