import { BencodeError } from '../bittorrent/bencode.js'
import {
  announcePath,
  decodeAnnounceBody,
  decodeScrapeBody,
  scrapeRequestPath,
  stoppedPath,
} from '../bittorrent/http-announce.js'
import type { Flag } from '../tracker/outcome.js'
import type { Exchange } from './exchange.js'
import { decodeContent } from './http/body.js'
import { type HttpAnswer, httpGet } from './http/get.js'
import { takeLeave } from './http/leave.js'
import { httpRequest } from './http/request.js'
import { readRetryAfter } from './http/retry-after.js'
import { explainStatus } from './http/status.js'
import {
  type AnnounceRequest,
  type Answer,
  ProbeError,
  type Protocol,
  RedirectError,
  type ScrapeAnswer,
  type ScrapeRequest,
  type Target,
} from './prober.js'
import { openStream } from './stream-socket.js'

/** HTTP and HTTPS trackers (BEP 3, 7, 23, 24, 31, 48). */
export const http = { announce, scrape } satisfies Protocol

const REDIRECTS = new Set([301, 302, 303, 307, 308])

async function announce(target: Target, request: AnnounceRequest, exchange: Exchange): Promise<Answer> {
  const { path: given } = target.tracker
  const path = target.redirected === true ? given : announcePath(given, request)
  const stopped = request.leave ? stoppedPath(path) : null
  const question = httpRequest(target, path, request, stopped === null ? 'close' : 'keep-alive')
  const socket = await openStream(target, exchange)
  let isLeaving = false
  try {
    const answer = read(await httpGet(socket, question, exchange), decodeAnnounceBody)
    if (stopped !== null && answer.kind === 'announce') {
      isLeaving = true
      takeLeave(socket, target, httpRequest(target, stopped, request, 'close'), exchange)
    }
    return answer
  } finally {
    if (!isLeaving) socket.destroy()
  }
}

async function scrape(target: Target, request: ScrapeRequest, exchange: Exchange): Promise<ScrapeAnswer> {
  const { path: given } = target.tracker
  const path = target.redirected === true ? given : scrapeRequestPath(given, request.infoHashes)
  if (path === null) throw new RangeError(`no scrape URL can be derived from ${given} (BEP 48)`)
  const socket = await openStream(target, exchange)
  try {
    const answer = await httpGet(socket, httpRequest(target, path, request, 'close'), exchange)
    return read(answer, (body) => decodeScrapeBody(body, request.infoHashes))
  } finally {
    socket.destroy()
  }
}

interface Decoded {
  readonly kind: string
  readonly flags: readonly Flag[]
  readonly retryAfterS?: number | null
}

/** Status and content encoding first; the codec judges the body. */
function read<T extends Decoded>(answer: HttpAnswer, decode: (body: Uint8Array) => T): T {
  const { status, headers } = answer
  if (REDIRECTS.has(status)) throw redirect(answer)
  if (status !== 200) return refusalIn(answer, decode)
  const content = decodeContent(answer.body, headers['content-encoding'])
  const decoded = decodeWhole(content.bytes, answer.complete, decode)
  if (content.flags.length === 0 && answer.complete) return decoded
  const flags: Flag[] = [...content.flags, ...decoded.flags]
  if (!answer.complete) flags.push('http.truncated')
  return { ...decoded, flags }
}

function decodeWhole<T>(body: Uint8Array, complete: boolean, decode: (body: Uint8Array) => T): T {
  try {
    return decode(body)
  } catch (error) {
    if (!complete) {
      throw new ProbeError('http.truncated', `connection ended after ${body.length} bytes of the body`, {
        cause: error,
      })
    }
    throw error
  }
}

/** Some trackers put their refusal under an error status; a body without one leaves the status to speak. */
function refusalIn<T extends Decoded>(answer: HttpAnswer, decode: (body: Uint8Array) => T): T {
  const { status, statusText, headers } = answer
  const decoded = tryDecode(answer, decode)
  const retryAfterS = decoded?.retryAfterS ?? readRetryAfter(headers, Date.now())
  if (decoded?.kind === 'refused') return { ...decoded, flags: [...decoded.flags, 'http.error_status'], retryAfterS }
  const said = `HTTP ${status} ${statusText}`.trim()
  if (isChallenge(answer)) throw new ProbeError('http.challenge', `${said}, a browser challenge`, { retryAfterS })
  const hint = wantsTls(answer) ? 'the port speaks TLS, try https://' : null
  const explained = [said, explainStatus(status), decoded === null ? null : 'with a valid body', hint]
  throw new ProbeError('http.status', explained.filter((part) => part !== null).join(', '), { retryAfterS })
}

function tryDecode<T>(answer: HttpAnswer, decode: (body: Uint8Array) => T): T | null {
  try {
    return decode(decodeContent(answer.body, answer.headers['content-encoding']).bytes)
  } catch (error) {
    if (error instanceof BencodeError || (error instanceof Error && 'code' in error)) return null
    throw error
  }
}

/** Cloudflare's page for browsers, by the header that newer ones carry or by its title. */
function isChallenge({ headers, body }: HttpAnswer): boolean {
  return headers['cf-mitigated'] !== undefined || Buffer.from(body).includes('<title>Just a moment')
}

/** In nginx's words; other TLS servers alert or close the connection. */
function wantsTls({ body }: HttpAnswer): boolean {
  return Buffer.from(body).includes('plain HTTP request was sent to HTTPS port')
}

function redirect(answer: HttpAnswer): Error {
  const { location } = answer.headers
  if (location !== undefined && location !== '') return new RedirectError(answer.status, location)
  return new ProbeError('http.redirect_invalid', `HTTP ${answer.status} without a Location`)
}
