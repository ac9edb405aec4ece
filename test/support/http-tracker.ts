import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { bencodeText } from './encode.js'

/** A scripted tracker on TCP. */
export interface TcpTracker {
  /** Announce URL. */
  readonly url: string
  readonly port: number
  /** Resolves when the other side has ended every connection made so far. */
  readonly closed: () => Promise<void>
  /** Connections that came in so far. */
  readonly connections: () => number
  readonly stop: () => Promise<void>
}

export interface HttpTracker extends TcpTracker {
  readonly requests: readonly IncomingMessage[]
}

interface Place {
  readonly host?: string
  readonly tls?: TlsOptions
}

/** A tracker on node:http, for answers that are proper HTTP. */
export async function startHttpTracker(respond: RequestListener, place: Place = {}): Promise<HttpTracker> {
  const requests: IncomingMessage[] = []
  const listener: RequestListener = (request, response) => {
    requests.push(request)
    respond(request, response)
  }
  const server = place.tls === undefined ? createServer(listener) : createSecureServer(place.tls, listener)
  const tracker = await listen(server, place, place.tls === undefined ? 'http' : 'https')
  return { ...tracker, requests }
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
): Promise<TcpTracker> {
  const accept = (socket: Socket): void => {
    place.onConnection?.(socket)
    let text = ''
    const read = (chunk: Buffer): void => {
      text += chunk.toString('latin1')
      if (!text.includes('\r\n\r\n')) return
      socket.off('data', read)
      respond(socket, text)
    }
    socket.on('data', read)
  }
  const open = { allowHalfOpen: true }
  const server = place.tls === undefined ? createTcpServer(open, accept) : createTlsServer(place.tls, accept)
  return listen(server, place, place.tls === undefined ? 'http' : 'https')
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
