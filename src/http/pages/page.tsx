import type { Context } from 'hono'
import type { AppDeps } from '../deps.js'
import { Layout, type Site } from './layout.js'

/** What the routes of pages are made of. */
export interface PageParts {
  readonly deps: AppDeps
  readonly site: () => Site
}

/** The doctype is the only markup that is not JSX; everything else is escaped by it. */
export function page(c: Context, status: 200 | 400 | 404, body: ReturnType<typeof Layout>): Response {
  return c.html(`<!doctype html>${body.toString()}`, status)
}

export function Missing({ site, what }: { site: Site; what: string }) {
  return (
    <Layout site={site} title="Not found – trackerwatch">
      <h1>Not found</h1>
      <p>
        {what} <a href="/">All trackers</a>
      </p>
    </Layout>
  )
}
