import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { bracketed, type Tracker } from '../tracker/tracker.js'
import { type Exchange, endPhase, enterPhase } from './exchange.js'
import { MAX_BODY_BYTES } from './http-body.js'
import { ProbeError, type Target } from './prober.js'
import { openStream } from './stream-socket.js'

export interface HttpAnswer {
  readonly status: number
  readonly statusText: string
  readonly headers: IncomingHttpHeaders
  readonly body: Uint8Array
  /** False where the connection ended before the announced length. */
  readonly complete: boolean
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, ws: 80, wss: 443 }

/** One GET on a connection of its own, timed phase by phase. */
export async function httpGet(
  target: Target,
  path: string,
  headers: Readonly<Record<string, string>>,
  exchange: Exchange,
): Promise<HttpAnswer> {
  const socket = await openStream(target, exchange)
  try {
    return await exchangeOn(socket, path, { ...requestHeaders(target.tracker), ...headers }, exchange)
  } finally {
    socket.destroy()
  }
}

/** `Host` as browsers and clients send it: without the scheme's own port. */
export function hostHeader(tracker: Tracker): string {
  const host = bracketed(tracker.host)
  return tracker.port === DEFAULT_PORTS[tracker.scheme] ? host : `${host}:${tracker.port}`
}

/** HTTP Basic from the URL's user and password (RFC 7617). */
export function authorization(tracker: Tracker): Record<string, string> {
  if (tracker.userinfo === null) return {}
  const credentials = tracker.userinfo.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return { Authorization: `Basic ${Buffer.from(credentials, 'latin1').toString('base64')}` }
}

function requestHeaders(tracker: Tracker): Record<string, string> {
  return {
    Host: hostHeader(tracker),
    Accept: '*/*',
    'Accept-Encoding': 'gzip',
    Connection: 'close',
    ...authorization(tracker),
  }
}

function exchangeOn(
  socket: Socket,
  path: string,
  headers: Readonly<Record<string, string>>,
  exchange: Exchange,
): Promise<HttpAnswer> {
  const { signal } = exchange
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    let finReceived = false
    enterPhase(exchange, 'send')
    const request = httpRequest({
      createConnection: () => socket,
      path,
      headers,
      setHost: false,
      // Trackers are sloppy and each connection carries one request: nothing can be smuggled.
      insecureHTTPParser: true,
      maxHeaderSize: 65_536,
    })
    const onAbort = (): void => settle(() => reject(signal.reason))
    const settle = (finish: () => void): void => {
      signal.removeEventListener('abort', onAbort)
      finish()
    }
    const fail = (error: NodeJS.ErrnoException): void => {
      const closed = finReceived && error.code === 'ECONNRESET'
      settle(() => reject(closed ? new ProbeError('net.closed', 'connection closed without an answer') : error))
    }
    socket.once('end', () => {
      finReceived = true
    })
    signal.addEventListener('abort', onAbort, { once: true })
    request.once('finish', () => enterPhase(exchange, 'processing'))
    request.once('upgrade', (response) => settle(() => resolve(answerOf(response, [], true))))
    request.once('response', (response) => {
      enterPhase(exchange, 'transfer')
      readBody(response).then((answer) => {
        endPhase(exchange)
        settle(() => resolve(answer))
      }, fail)
    })
    // Behind a complete answer the parser may still stumble over what follows; by then the answer has been taken.
    request.on('error', (error) => setImmediate(fail, error))
    request.end()
  })
}

/** The body, also where it ends too early. Rejects beyond `MAX_BODY_BYTES`. */
function readBody(response: IncomingMessage): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    response.on('data', (chunk: Buffer) => {
      length += chunk.length
      chunks.push(chunk)
      if (length <= MAX_BODY_BYTES) return
      reject(new ProbeError('http.too_large', `body of more than ${MAX_BODY_BYTES} bytes`))
      response.destroy()
    })
    const done = (): void => resolve(answerOf(response, chunks, response.complete))
    response.once('end', done)
    response.once('error', done)
    response.once('close', done)
  })
}

function answerOf(response: IncomingMessage, chunks: readonly Buffer[], complete: boolean): HttpAnswer {
  return {
    status: response.statusCode ?? 0,
    statusText: response.statusMessage ?? '',
    headers: response.headers,
    body: Buffer.concat(chunks),
    complete,
  }
}
