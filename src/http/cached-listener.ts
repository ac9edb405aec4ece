import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { readsHtml, understandsGzip } from './accept.js'
import type { Answer, ResponseCache } from './response-cache.js'

/**
 * What may be shared by all who ask for the same URL. Not here: streams, what costs a check, what changes something, and
 * the operator's own.
 */
const SHARED =
  /^\/(?:$|\?|(?:tracker|incidents|lists|badge|fragments|assets|favicon|feed|api(?!\/v1\/export))(?:[/.?]|$))/

/**
 * Answers from the cache where one answer serves all, else by the app. Only the URL, the host and whether gzip and HTML are
 * understood reach the app for such an answer, so it cannot depend on anything else of the first who asked.
 */
export function createCachedListener(app: Pick<Hono, 'fetch'>, cache: ResponseCache): RequestListener {
  const byApp = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  return (request, response) => {
    const key = keyOf(request)
    if (key === null) return byApp(request, response)
    const fresh = cache.fresh(key)
    if (fresh !== undefined) return send(fresh, request, response)
    const question = sharedQuestion(request)
    if (question === null) return byApp(request, response)
    return cache
      .make(key, () => ask(app, question))
      .then((answer) => send(answer, request, response))
      .catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  }
}

/** The headers that the app is shown, and the only ones that an answer may name in `Vary`. */
interface Accepted {
  readonly encoding: 'gzip' | 'identity'
  readonly type: 'text/html' | '*/*'
}

interface Question extends Accepted {
  readonly url: string
}

/**
 * Null where the answer cannot be shared, whatever the URL. There is no answer under the key of a URL that is not shared,
 * so only who finds none has to look at the URL, which takes longer than all the rest of an answer from the cache.
 */
function keyOf({ method, url, headers }: IncomingMessage): string | null {
  if (method !== 'GET' && method !== 'HEAD') return null
  const { host, authorization, cookie } = headers
  if (host === undefined || authorization !== undefined || cookie !== undefined) return null
  // No space can be in a URL, so what stands before the last part is not open to doubt.
  const { encoding, type } = acceptedBy(headers)
  return `${encoding} ${type} ${url} ${host}`
}

function sharedQuestion({ url = '', headers }: IncomingMessage): Question | null {
  if (!SHARED.test(url)) return null
  const absolute = `http://${headers.host}${url}`
  if (!URL.canParse(absolute) || !isPlain(new URL(absolute), url)) return null
  return { url: absolute, ...acceptedBy(headers) }
}

function acceptedBy(headers: IncomingMessage['headers']): Accepted {
  return {
    encoding: understandsGzip(headers['accept-encoding']?.toString()) ? 'gzip' : 'identity',
    type: readsHtml(headers.accept) ? 'text/html' : '*/*',
  }
}

/** Whether the app sees the path as it was given: dots, escapes or a Host with a path in it could lead to another route. */
function isPlain({ username, pathname }: URL, url: string): boolean {
  return username === '' && !pathname.includes('%') && pathname === url.replace(/\?.*$/s, '')
}

async function ask(app: Pick<Hono, 'fetch'>, { url, encoding, type }: Question): Promise<Answer> {
  const response = await app.fetch(new Request(url, { headers: { Accept: type, 'Accept-Encoding': encoding } }))
  const body = Buffer.from(await response.arrayBuffer())
  const headers = { ...Object.fromEntries(response.headers), 'content-length': String(body.length) }
  return { status: response.status, headers, body }
}

function send({ status, headers, body }: Answer, request: IncomingMessage, response: ServerResponse): void {
  if (response.destroyed) return
  if (status === 200 && isKnown(headers.etag, request.headers['if-none-match'])) {
    response.writeHead(304, withoutContent(headers)).end()
    return
  }
  response.writeHead(status, headers)
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** RFC 9110, 13.1.2: a weak comparison. */
function isKnown(etag: string | string[] | undefined, known: string | undefined): boolean {
  if (known === undefined || typeof etag !== 'string') return false
  if (known.trim() === '*') return true
  const bare = (tag: string): string => tag.trim().replace(/^W\//, '')
  return known.split(',').some((tag) => bare(tag) === bare(etag))
}

function withoutContent(headers: Answer['headers']): Answer['headers'] {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith('content-') || name === 'content-security-policy'),
  )
}
