import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import { Hono } from 'hono'
import { understandsGzip } from './accept.js'
import type { AppDeps } from './deps.js'

const packed = promisify(gzip)

/** `/metrics`. Megabytes of much the same text: the fastest compression makes a thirtieth of them. */
export function metricsRoutes({ renderMetrics }: Pick<AppDeps, 'renderMetrics'>): Hono {
  return new Hono().get('/', async (c) => {
    const { contentType, body } = await renderMetrics()
    c.header('Content-Type', contentType)
    c.header('Vary', 'Accept-Encoding')
    if (!understandsGzip(c.req.header('Accept-Encoding'))) return c.body(body)
    c.header('Content-Encoding', 'gzip')
    return c.body(await packed(body, { level: constants.Z_BEST_SPEED }))
  })
}
