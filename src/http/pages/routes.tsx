import { type Context, Hono } from 'hono'
import { readsHtml } from '../accept.js'
import type { AppDeps } from '../deps.js'
import { logFailure } from '../failure.js'
import { incidentsRoutes } from './incidents-routes.js'
import type { Site } from './layout.js'
import { listsPageRoutes } from './lists-routes.js'
import { Broken, Missing, page } from './page.js'
import { statusRoutes } from './status-routes.js'
import { submitRoutes } from './submit-routes.js'
import { trackerRoutes } from './tracker-routes.js'

export interface Pages {
  readonly routes: Hono
  /** The 404 page. */
  readonly missing: (c: Context) => Promise<Response>
}

/** The pages for people. */
export function createPages(deps: AppDeps, asset: Site['asset']): Pages {
  const site = (): Site => ({
    asset,
    version: deps.status().version,
    submissions: deps.submissions.rules().mode !== 'off',
  })
  const parts = { deps, site }
  const routes = new Hono()
  routes.onError((error, c) => {
    c.header('Vary', 'Accept')
    if (!readsHtml(c.req.header('Accept'))) throw error
    logFailure(deps, error, c)
    return page(c, 500, <Broken site={site()} />)
  })
  for (const routesOf of [statusRoutes, trackerRoutes, incidentsRoutes, listsPageRoutes, submitRoutes])
    routes.route('/', routesOf(parts))
  return { routes, missing: (c) => page(c, 404, <Missing site={site()} what="There is no page at this address." />) }
}
