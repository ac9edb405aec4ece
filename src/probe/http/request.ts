import { percentDecoded } from '../../bittorrent/percent.js'
import { bracketed, type Tracker } from '../../tracker/tracker.js'
import type { Target } from '../prober.js'

/** A GET request. */
export interface HttpRequest {
  /** Path and query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

/** What a request has to say for itself. */
interface Sender {
  readonly userAgent: string
  /** Each replaces one of ours of that name. */
  readonly headers: Readonly<Record<string, string>>
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, ws: 80, wss: 443 }

export function httpRequest(
  target: Target,
  path: string,
  sender: Sender,
  connection: 'close' | 'keep-alive',
): HttpRequest {
  const { tracker, foreign } = target
  const headers: Record<string, string> = {
    Host: hostHeader(tracker),
    Accept: '*/*',
    'Accept-Encoding': 'gzip',
    Connection: connection,
    'User-Agent': sender.userAgent,
  }
  if (tracker.userinfo !== null) headers.Authorization = basicAuthorization(tracker.userinfo)
  if (foreign !== true) for (const name in sender.headers) setHeader(headers, name, sender.headers[name] ?? '')
  return { path, headers }
}

/** As it goes on the wire. */
export function requestText({ path, headers }: HttpRequest): string {
  let text = `GET ${path} HTTP/1.1\r\n`
  for (const name in headers) text += `${name}: ${headers[name]}\r\n`
  return `${text}\r\n`
}

/** `Host` as browsers and clients send it: without the scheme's own port. */
export function hostHeader(tracker: Tracker): string {
  const host = bracketed(tracker.host)
  return tracker.port === DEFAULT_PORTS[tracker.scheme] ? host : `${host}:${tracker.port}`
}

/** HTTP Basic from the URL's user and password (RFC 7617). */
export function basicAuthorization(userinfo: string): string {
  return `Basic ${percentDecoded(userinfo).toString('base64')}`
}

/** In place of one that is spelt otherwise: names of header fields have no case (RFC 9110, 5.1). */
function setHeader(headers: Record<string, string>, name: string, value: string): void {
  const same = Object.keys(headers).find((known) => known.toLowerCase() === name.toLowerCase())
  if (same !== undefined) delete headers[same]
  headers[name] = value
}
