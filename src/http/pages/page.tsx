import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { AppDeps } from '../deps.js'
import { Layout, type Site } from './layout.js'

/** What the routes of pages are made of. */
export interface PageParts {
  readonly deps: AppDeps
  readonly site: () => Site
}

/**
 * The doctype is the only markup that is written as text; JSX and `markup` escape everything else. As bytes, since
 * `Response` looks at each character of a text before it encodes it.
 */
export async function page(
  c: Context,
  status: ContentfulStatusCode,
  body: ReturnType<typeof Layout>,
): Promise<Response> {
  return c.body(Buffer.from(`<!doctype html>${await body.toString()}`), status, {
    'Content-Type': 'text/html; charset=UTF-8',
  })
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

/** Of what the store cannot be read for, so nothing of the store is on it. */
export function Broken({ site }: { site: Site }) {
  return (
    <Layout site={site} title="Error – trackerwatch">
      <h1>This page could not be made</h1>
      <p class="problem" role="alert">
        trackerwatch met an error, and its log says which.
      </p>
      <p>
        Try again in a moment, or see <a href="/-/ready">whether the monitor is ready</a>.
      </p>
    </Layout>
  )
}
