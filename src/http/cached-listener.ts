import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import type { Answer, ResponseCache } from './response-cache.js'

/**
 * What may be shared by all who ask for the same URL. Not here: streams, what costs a check, what changes something, and
 * the operator's own.
 */
const SHARED =
  /^\/(?:$|\?|(?:tracker|incidents|lists|badge|fragments|assets|favicon|feed|api(?!\/v1\/export))(?:[/.?]|$))/

/**
 * Answers from the cache where one answer serves all, else by the app. Only the URL, the host and whether gzip is
 * understood reach the app for such an answer, so it cannot depend on anything else of the first who asked.
 */
export function createCachedListener(app: Pick<Hono, 'fetch'>, cache: ResponseCache): RequestListener {
  const byApp = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  return (request, response) => {
    const question = sharedQuestion(request)
    if (question === null) return byApp(request, response)
    const fresh = cache.fresh(question.key)
    if (fresh !== undefined) return send(fresh, request, response)
    return cache
      .make(question.key, () => ask(app, question))
      .then((answer) => send(answer, request, response))
      .catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  }
}

interface Question {
  readonly key: string
  readonly url: string
  readonly encoding: 'gzip' | 'identity'
}

function sharedQuestion({ method, url = '', headers }: IncomingMessage): Question | null {
  if ((method !== 'GET' && method !== 'HEAD') || !SHARED.test(url)) return null
  const { host, authorization, cookie } = headers
  if (host === undefined || authorization !== undefined || cookie !== undefined) return null
  const absolute = `http://${host}${url}`
  if (!URL.canParse(absolute)) return null
  const encoding = understandsGzip(headers['accept-encoding']) ? 'gzip' : 'identity'
  return { key: `${encoding} ${absolute}`, url: absolute, encoding }
}

function understandsGzip(accepted: string | string[] | undefined): boolean {
  return String(accepted ?? '')
    .split(',')
    .some((part) => /^\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(part))
}

async function ask(app: Pick<Hono, 'fetch'>, { url, encoding }: Question): Promise<Answer> {
  const response = await app.fetch(new Request(url, { headers: { 'Accept-Encoding': encoding } }))
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
