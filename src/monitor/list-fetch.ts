import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { maskUrl } from '../tracker/mask.js'

const MAX_REDIRECTS = 5

/**
 * The body of an http(s) URL, inflated if it came as gzip. Follows redirects. Every socket is gone when the stream is
 * read or destroyed, or the signal aborts. Not the global `fetch`, which refuses ports such as 6666.
 */
export async function fetchStream(address: string, signal: AbortSignal): Promise<Readable> {
  let url = new URL(address)
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await get(url, signal)
    const next = redirectOf(response, url)
    if (next === null) return bodyOf(response)
    response.destroy()
    url = next
  }
  throw new Error(`more than ${MAX_REDIRECTS} redirects, the last to ${maskUrl(url.href)}`)
}

function get(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { accept: 'text/plain, */*;q=0.5', 'accept-encoding': 'gzip', 'user-agent': 'trackerwatch' }
    const client = url.protocol === 'https:' ? https : http
    // `on`, not `once`: an error after the response ends the response too, and nobody else listens here.
    client.get(url, { agent: false, headers, signal }, resolve).on('error', reject)
  })
}

function redirectOf(response: IncomingMessage, from: URL): URL | null {
  const { statusCode = 0, headers } = response
  if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) return null
  const next = URL.canParse(headers.location, from.href) ? new URL(headers.location, from.href) : null
  if (next?.protocol === 'http:' || next?.protocol === 'https:') return next
  response.destroy()
  throw new Error(`redirects to "${maskUrl(headers.location)}", expected an http(s) URL`)
}

function bodyOf(response: IncomingMessage): Readable {
  const { statusCode, headers } = response
  const encoding = headers['content-encoding'] ?? 'identity'
  if (statusCode === 200 && encoding === 'identity') return response
  if (statusCode === 200 && /^(?:x-)?gzip$/i.test(encoding)) {
    const inflated = createGunzip()
    response.on('error', (error) => inflated.destroy(error))
    inflated.on('close', () => response.destroy())
    return response.pipe(inflated)
  }
  response.destroy()
  if (statusCode === 200) throw new Error(`content encoding "${encoding}", expected none or gzip`)
  throw new Error(`answered with status ${statusCode ?? 0}, expected 200: check the address`)
}
