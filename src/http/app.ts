import { Hono, type MiddlewareHandler } from 'hono'
import { compress } from 'hono/compress'
import { etag } from 'hono/etag'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { newtrackonRoutes } from './api/newtrackon.js'
import { createAssets } from './assets/assets.js'
import type { AppDeps } from './deps.js'
import { listRoutes } from './lists.js'
import { operationRoutes } from './operations.js'
import { createPages } from './pages/routes.js'
import { plain } from './plain.js'

export type { AppDeps, AppLog, MonitorStatus } from './deps.js'

/**
 * The whole HTTP side as a function of a Request. Reads the store and never the network. The order of the first
 * lines matters: headers are set on every answer, errors and 304 included.
 */
export function createApp(deps: AppDeps): Hono {
  const app = new Hono()
  const assets = createAssets()
  const pages = createPages(deps, assets.path)
  app.use(securityHeaders)
  for (const path of ['/api/*', '/lists/*']) app.use(path, readableByAnySite)
  app.use(compress({ encoding: 'gzip' }))
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (c, methods) => wrongMethod(c.req.method, methods) }))
  app.use(refuseAnnounces)
  for (const path of ['/metrics', '/-/*']) app.use(path, cacheControl('no-store'))
  for (const path of ['/', '/tracker/*']) app.use(path, cacheControl('no-cache'), etag())
  for (const path of ['/api/*', '/lists/*']) app.use(path, cacheControl('public, max-age=60'), etag())

  app.get('/metrics', async (c) => {
    const { contentType, body } = await deps.renderMetrics()
    return c.body(body, 200, { 'Content-Type': contentType })
  })
  app.route('/-', operationRoutes(deps))
  app.route('/api', newtrackonRoutes(deps))
  app.route('/lists', listRoutes(deps))
  app.route('/', assets.routes)
  app.route('/', pages.routes)

  app.notFound((c) =>
    isForPrograms(c.req.path) ? plain(c, 'nothing is served at this address\n', 404) : pages.missing(c),
  )
  app.onError((error, c) => {
    deps.log?.error({ err: error, method: c.req.method, path: c.req.path }, 'request failed')
    return plain(c, 'trackerwatch could not answer this request; its log says why\n', 500)
  })
  return app
}

function isForPrograms(path: string): boolean {
  return /^\/(?:api|lists|-|assets)\//.test(path)
}

const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next()
  c.header(
    'Content-Security-Policy',
    [
      "default-src 'none'",
      "script-src 'self'",
      "connect-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  )
  c.header('X-Content-Type-Options', 'nosniff')
  c.header('X-Frame-Options', 'DENY')
  c.header('Referrer-Policy', 'no-referrer')
}

/** Set after `etag`, which would take it off a 304. */
const readableByAnySite: MiddlewareHandler = async (c, next) => {
  await next()
  c.header('Access-Control-Allow-Origin', '*')
}

/** A client that takes an exported list's host for a tracker would otherwise come again and again. */
const refuseAnnounces: MiddlewareHandler = async (c, next) => {
  if (/[?&]info_hash(?:[=&]|$)/.test(c.req.url)) return plain(c, 'this is a monitor of trackers, not a tracker\n', 403)
  return next()
}

function cacheControl(value: string): MiddlewareHandler {
  return async (c, next) => {
    await next()
    if (c.res.ok) c.header('Cache-Control', value)
  }
}

function wrongMethod(method: string, allowed: readonly string[]): Response {
  const allow = allowed.join(', ')
  return new Response(`method ${method} is not possible here, expected ${allow}\n`, {
    status: 405,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', Allow: allow },
  })
}
