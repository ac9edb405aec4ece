import type { ClientRequest, IncomingMessage } from 'node:http'
import type { RequestSent, ResponseReceived, Trace } from '../trace.js'
import type { HttpRequest } from './request.js'

/** What to tell of an HTTP request of our own. */
export function requestTold({ path, headers }: HttpRequest): RequestSent {
  return { kind: 'request_sent', method: 'GET', path, headers: Object.entries(headers) }
}

/** What to tell of a request whose headers are all set. */
export function requestSent(request: ClientRequest): RequestSent {
  const { method, path } = request
  const headers = request.getRawHeaderNames().map((name) => [name, String(request.getHeader(name))] as const)
  return { kind: 'request_sent', method, path, headers }
}

export function responseReceived(response: IncomingMessage): ResponseReceived {
  const { httpVersion, statusCode: status = 0, statusMessage: statusText = '', rawHeaders } = response
  const names = rawHeaders.filter((_, index) => index % 2 === 0)
  const headers = names.map((name, index) => [name, rawHeaders[2 * index + 1] ?? ''] as const)
  return { kind: 'response_received', httpVersion, status, statusText, headers }
}

/** Tells the bytes that Node's parser stumbled over, where it is the parser that failed. */
export function tellUnreadable(trace: Trace, error: Error): void {
  if ('rawPacket' in error && error.rawPacket instanceof Uint8Array) {
    trace({ kind: 'unreadable_received', bytes: error.rawPacket })
  }
}
