import { type IncomingHttpHeaders, type IncomingMessage, request as sendRequest } from 'node:http'
import type { Socket } from 'node:net'
import { type Exchange, endPhase, enterPhase } from '../exchange.js'
import { ProbeError } from '../prober.js'
import { MAX_BODY_BYTES } from './body.js'
import { createWholeness, isOpenEnded } from './open-end.js'
import { explainParseError } from './parse-error.js'
import type { HttpRequest } from './request.js'
import { requestTold, responseReceived, tellUnreadable } from './trace.js'

export interface HttpAnswer {
  readonly status: number
  readonly statusText: string
  readonly headers: IncomingHttpHeaders
  readonly body: Uint8Array
  /** False where the connection ended before the announced length. */
  readonly complete: boolean
}

/** One GET on a connection that stands, timed phase by phase. The caller closes the connection. */
export function httpGet(socket: Socket, question: HttpRequest, exchange: Exchange): Promise<HttpAnswer> {
  const { signal } = exchange
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    let finReceived = false
    enterPhase(exchange, 'send')
    const request = sendRequest({
      createConnection: () => socket,
      path: question.path,
      headers: question.headers,
      setHost: false,
      // Trackers are sloppy, and of each connection only the first answer is read: nothing can be smuggled.
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
      const known = closed ? new ProbeError('net.closed', 'connection closed without an answer') : error
      settle(() => reject(explainParseError(known)))
    }
    socket.on('end', () => {
      finReceived = true
    })
    signal.addEventListener('abort', onAbort, { once: true })
    request.on('finish', () => enterPhase(exchange, 'processing'))
    request.on('upgrade', (response) => {
      exchange.trace?.(responseReceived(response))
      settle(() => resolve(answerOf(response, [], true)))
    })
    request.on('response', (response) => {
      exchange.trace?.(responseReceived(response))
      enterPhase(exchange, 'transfer')
      readBody(response).then((answer) => {
        endPhase(exchange)
        tellBody(exchange, answer)
        settle(() => resolve(answer))
      }, fail)
    })
    // Behind a complete answer the parser may still stumble over what follows; by then the answer has been taken.
    request.on('error', (error) => {
      if (exchange.trace !== undefined) tellUnreadable(exchange.trace, error)
      setImmediate(fail, error)
    })
    exchange.trace?.(requestTold(question))
    request.end()
  })
}

function tellBody({ trace }: Exchange, { body, headers, complete }: HttpAnswer): void {
  const contentEncoding = headers['content-encoding'] ?? null
  trace?.({ kind: 'body_received', bytes: body, contentEncoding, complete })
}

/** The body, also where it ends too early. Rejects beyond `MAX_BODY_BYTES`. */
function readBody(response: IncomingMessage): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    let isSettled = false
    const settle = (complete: boolean): void => {
      if (isSettled) return
      isSettled = true
      resolve(answerOf(response, chunks, complete))
    }
    const onOver = (): void => settle(response.complete)
    const isWhole = isOpenEnded(response) ? createWholeness() : null
    response.on('data', (chunk: Buffer) => {
      length += chunk.length
      chunks.push(chunk)
      if (isWhole?.(chunks, length)) {
        settle(true)
        response.destroy()
        return
      }
      if (length <= MAX_BODY_BYTES) return
      reject(new ProbeError('http.too_large', `body of more than ${MAX_BODY_BYTES} bytes`))
      response.destroy()
    })
    response.on('end', onOver)
    response.on('error', onOver)
    response.on('close', onOver)
  })
}

function answerOf(response: IncomingMessage, chunks: readonly Buffer[], complete: boolean): HttpAnswer {
  return {
    status: response.statusCode ?? 0,
    statusText: response.statusMessage ?? '',
    headers: response.headers,
    body: joined(chunks),
    complete,
  }
}

/** Most answers are one piece, and need no copy. */
function joined(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)
}
