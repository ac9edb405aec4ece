import type { MiddlewareHandler } from 'hono'
import { COMPRESSIBLE_CONTENT_TYPE_REGEX } from 'hono/compress'

/**
 * Whatever can be compressed depends on `Accept-Encoding`. `compress` says so of no answer without a body, but those to HEAD
 * and 304 have the headers of the 200 (RFC 9110, 9.3.2 and 15.4.5). To stand within `etag`, which makes a 304 of a 200.
 */
export const variesByEncoding: MiddlewareHandler = async (c, next) => {
  await next()
  const { headers } = c.res
  if (!COMPRESSIBLE_CONTENT_TYPE_REGEX.test(headers.get('Content-Type') ?? '')) return
  if (headers.get('Cache-Control')?.includes('no-transform') === true) return
  if (headers.get('Vary')?.includes('Accept-Encoding') === true) return
  c.header('Vary', 'Accept-Encoding', { append: true })
}
