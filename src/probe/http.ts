import { BencodeError } from '../bittorrent/bencode.js'
import { announcePath, decodeAnnounceBody, decodeScrapeBody, scrapeRequestPath } from '../bittorrent/http-announce.js'
import type { Flag } from '../tracker/outcome.js'
import type { Exchange } from './exchange.js'
import { decodeContent } from './http-body.js'
import { type HttpAnswer, httpGet } from './http-get.js'
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

/** HTTP and HTTPS trackers (BEP 3, 7, 23, 24, 31, 48). */
export const http = { announce, scrape } satisfies Protocol

const REDIRECTS = new Set([301, 302, 303, 307, 308])

async function announce(target: Target, request: AnnounceRequest, exchange: Exchange): Promise<Answer> {
  const { path: given } = target.tracker
  const path = target.redirected === true ? given : announcePath(given, request)
  const answer = await httpGet(target, path, headersOf(request), exchange)
  return read(answer, decodeAnnounceBody)
}

async function scrape(target: Target, request: ScrapeRequest, exchange: Exchange): Promise<ScrapeAnswer> {
  const { path: given } = target.tracker
  const path = target.redirected === true ? given : scrapeRequestPath(given, request.infoHashes)
  if (path === null) throw new RangeError(`no scrape URL can be derived from ${given} (BEP 48)`)
  const answer = await httpGet(target, path, headersOf(request), exchange)
  return read(answer, (body) => decodeScrapeBody(body, request.infoHashes))
}

function headersOf(request: AnnounceRequest | ScrapeRequest): Readonly<Record<string, string>> {
  return { 'User-Agent': request.userAgent, ...request.headers }
}

/** Status and content encoding first; the codec judges the body. */
function read<T extends { readonly kind: string; readonly flags: readonly Flag[] }>(
  answer: HttpAnswer,
  decode: (body: Uint8Array) => T,
): T {
  const { status, headers } = answer
  if (REDIRECTS.has(status)) throw redirect(answer)
  if (status !== 200) return refusalIn(answer, decode)
  const content = decodeContent(answer.body, headers['content-encoding'])
  const decoded = decodeWhole(content.bytes, answer.complete, decode)
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
function refusalIn<T extends { readonly kind: string; readonly flags: readonly Flag[] }>(
  answer: HttpAnswer,
  decode: (body: Uint8Array) => T,
): T {
  const decoded = tryDecode(answer, decode)
  if (decoded?.kind === 'refused') return { ...decoded, flags: [...decoded.flags, 'http.error_status'] }
  const said = `HTTP ${answer.status} ${answer.statusText}`.trim()
  if (answer.headers['cf-mitigated'] !== undefined)
    throw new ProbeError('http.challenge', `${said}, a browser challenge`)
  throw new ProbeError('http.status', decoded === null ? said : `${said}, with a valid body`)
}

function tryDecode<T>(answer: HttpAnswer, decode: (body: Uint8Array) => T): T | null {
  try {
    return decode(decodeContent(answer.body, answer.headers['content-encoding']).bytes)
  } catch (error) {
    if (error instanceof BencodeError || (error instanceof Error && 'code' in error)) return null
    throw error
  }
}

function redirect(answer: HttpAnswer): Error {
  const { location } = answer.headers
  if (location !== undefined && location !== '') return new RedirectError(answer.status, location)
  return new ProbeError('http.redirect_invalid', `HTTP ${answer.status} without a Location`)
}
