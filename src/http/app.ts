import { Hono, type MiddlewareHandler } from 'hono'
import { except } from 'hono/combine'
import { compress } from 'hono/compress'
import { etag } from 'hono/etag'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { addRoutes } from './api/add.js'
import { newtrackonRoutes } from './api/newtrackon.js'
import { apiRoutes } from './api/v1/api.js'
import { plainTextAsProblem } from './api/v1/problem.js'
import { createAssets } from './assets/assets.js'
import { badgeRoutes } from './badges/routes.js'
import type { AppDeps } from './deps.js'
import { eventRoutes } from './events.js'
import { logFailure } from './failure.js'
import { listChangeRoutes } from './feeds/list-changes.js'
import { feedRoutes } from './feeds/routes.js'
import { createBuckets, limitBody, limitRate, whereSent } from './limits.js'
import { listRoutes } from './lists.js'
import { metricsRoutes } from './metrics.js'
import { operationRoutes } from './operations.js'
import { createPages } from './pages/routes.js'
import { plain } from './plain.js'
import { probeRoutes } from './probe.js'
import { runbookRoutes } from './runbooks.js'
import { securityHeaders } from './security-headers.js'
import { serviceDiscoveryRoutes } from './service-discovery.js'
import { variesByEncoding } from './vary.js'

export type { AppDeps, AppLog, MonitorStatus } from './deps.js'

/** What any web site may read, for a minute from its cache. */
const readable = ['/api/*', '/lists/*', '/badge/*', '/feed.atom', '/feed.json']
/** What costs more than a read: each client may ask for twenty at once, and for one every three seconds in the long run. */
const costly = ['/-/reload', '/api/add', '/api/v1/export/*']
/** Forms: looking at them is free. The pattern is that of `/submit` itself too. */
const forms = ['/submit/*']
const MAX_BODY_BYTES = 4 * 1024 * 1024
const COSTLY_REQUESTS = { capacity: 20, perSecond: 1 / 3 }
/** One Prometheus that scrapes a thousand trackers every minute. */
const PROBE_REQUESTS = { capacity: 200, perSecond: 20 }

/**
 * The whole HTTP side as a function of a Request. Reads the store and never the network. The order of the first
 * lines matters: headers are set on every answer, errors and 304 included.
 */
export function createApp(deps: AppDeps): Hono {
  const app = new Hono()
  const assets = createAssets()
  const pages = createPages(deps, assets.path)
  const buckets = createBuckets(COSTLY_REQUESTS)
  app.use(secured)
  for (const path of readable) app.use(path, readableByAnySite)
  app.use(compress({ encoding: 'gzip' }))
  app.use('/api/v1/*', plainTextAsProblem)
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (c, methods) => wrongMethod(c.req.method, methods) }))
  app.use(refuseAnnounces)
  for (const path of ['/metrics', '/-/*', '/probe', '/sd']) app.use(path, cacheControl('no-store'))
  for (const path of ['/', '/tracker/*', '/incidents']) app.use(path, etag(), cacheControl('no-cache'))
  // Of a stream nothing is known before its end.
  const etagged = except('/api/v1/export/*', etag())
  for (const path of readable) app.use(path, etagged, cacheControl('public, max-age=60'))
  for (const path of forms) app.use(path, cacheControl('no-store'), whereSent(limitRate(buckets)))
  for (const path of costly) app.use(path, limitRate(buckets))
  app.use('/probe', limitRate(createBuckets(PROBE_REQUESTS)))
  for (const path of [...costly, ...forms]) app.use(path, limitBody(MAX_BODY_BYTES))
  app.use(variesByEncoding)

  app.route('/metrics', metricsRoutes(deps))
  app.route('/probe', probeRoutes(deps))
  app.route('/sd', serviceDiscoveryRoutes(deps))
  app.route('/-', operationRoutes(deps))
  app.route('/api', newtrackonRoutes(deps))
  app.route('/api', addRoutes(deps))
  app.route(
    '/',
    apiRoutes(deps, () => ({ asset: assets.path, version: deps.status().version })),
  )
  app.route('/lists', listRoutes(deps))
  app.route('/lists', listChangeRoutes(deps))
  app.route('/badge', badgeRoutes(deps))
  app.route('/docs/runbooks', runbookRoutes())
  app.route('/', feedRoutes(deps))
  app.route('/', eventRoutes(deps.events))
  app.route('/', assets.routes)
  app.route('/', pages.routes)

  app.notFound((c) =>
    isForPrograms(c.req.path) ? plain(c, 'nothing is served at this address\n', 404) : pages.missing(c),
  )
  app.onError((error, c) => {
    logFailure(deps, error, c)
    return plain(c, 'trackerwatch could not answer this request; its log says why\n', 500)
  })
  return app
}

function isForPrograms(path: string): boolean {
  return /^\/(?:(?:api|lists|-|assets|badge|docs)\/|feed\.|(?:events|probe|sd)(?:\/|$))/.test(path)
}

const secured: MiddlewareHandler = async (c, next) => {
  await next()
  for (const [name, value] of Object.entries(securityHeaders)) c.header(name, value)
}

/** Set after `etag`, which would take it off a 304. A browser asks first where a page sends headers of its own. */
const readableByAnySite: MiddlewareHandler = async (c, next) => {
  if (c.req.method === 'OPTIONS' && c.req.header('Access-Control-Request-Method') !== undefined) {
    c.res = new Response(null, {
      status: 204,
      headers: {
        'Access-Control-Allow-Methods': 'GET, HEAD',
        'Access-Control-Allow-Headers': 'If-None-Match, Accept',
        'Access-Control-Max-Age': '86400',
      },
    })
  } else {
    await next()
  }
  c.header('Access-Control-Allow-Origin', '*')
  c.header('Access-Control-Expose-Headers', 'ETag, Link, Retry-After')
}

/** A client that takes an exported list's host for a tracker would otherwise come again and again. */
const refuseAnnounces: MiddlewareHandler = async (c, next) => {
  if (/[?&]info_hash(?:[=&]|$)/.test(c.req.url)) return plain(c, 'this is a monitor of trackers, not a tracker\n', 403)
  return next()
}

function cacheControl(value: string): MiddlewareHandler {
  return async (c, next) => {
    await next()
    if (c.res.ok && !c.res.headers.has('Cache-Control')) c.header('Cache-Control', value)
  }
}

function wrongMethod(method: string, allowed: readonly string[]): Response {
  const allow = allowed.join(', ')
  return new Response(`method ${method} is not possible here, expected ${allow}\n`, {
    status: 405,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', Allow: allow },
  })
}
