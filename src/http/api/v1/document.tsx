import type { OpenAPIHono } from '@hono/zod-openapi'
import { Hono } from 'hono'
import type { AppDeps } from '../../deps.js'
import type { Site } from '../../pages/layout.js'
import { page } from '../../pages/page.js'
import { siteUrl } from '../../site-url.js'
import { type ApiDocument, guideOf } from './guide.js'
import { GuidePage } from './guide-page.js'

const description = `Everything that this monitor knows about its trackers, to be read by programs.

Moments are ISO 8601 in UTC with milliseconds. Durations are milliseconds and end in Ms. Ratios are 0 to 1 and end in ratio or stand under uptime. What is not known is null. The passkeys and passwords of announce URLs are replaced by *** wherever a URL or a message of a tracker is told; trackers are named by their public id.

Lists are read page by page: follow "next" of the body, or the Link header with rel="next", until it is null. What is recorded meanwhile does not shift the pages.

Every answer has an ETag and answers 304 to If-None-Match, except for exports. Every site may read the API from a browser. Problems are application/problem+json (RFC 9457) and name all parameters that are wrong at once.

This is version 1. Within it, nothing is removed, renamed or given another meaning: fields, parameters, members of a closed list and routes are only added, so be ready to meet ones that you do not know. Should there ever be a version 2, version 1 goes on beside it for at least a year, and its answers then carry a Deprecation header.`

const tags = [
  { name: 'Overview', description: 'The state of everything.' },
  { name: 'Trackers', description: 'The watched trackers.' },
  { name: 'One tracker', description: 'What one tracker did, by its id.' },
  { name: 'Incidents', description: 'When trackers were down.' },
  { name: 'Lists', description: 'The lists that clients subscribe to, with figures.' },
  { name: 'Export', description: 'The history itself, row by row.' },
]

/** `/api/v1/openapi.json`, and the page that shows it. */
export function documentRoutes(api: OpenAPIHono, deps: AppDeps, site: () => Site): Hono {
  let made: ApiDocument | undefined
  const document = (): ApiDocument => {
    made ??= open(
      api.getOpenAPI31Document({
        openapi: '3.1.0',
        info: { title: 'trackerwatch', version: site().version, description, license: { name: 'MIT' } },
        servers: [{ url: '/', description: 'This monitor.' }],
        tags,
      }),
    )
    return made
  }
  const routes = new Hono()
  routes.get('/api/v1/openapi.json', (c) => c.json(document()))
  routes.get('/api/v1', (c) => c.redirect('/api/v1/', 301))
  routes.get('/api/v1/', (c) => {
    const origin = siteUrl(c, deps)
    return page(c, 200, <GuidePage site={site()} guide={guideOf(document())} origin={origin} />)
  })
  return routes
}

/** Fields are added within a version, so no object is closed to its readers; the tests of our answers are stricter. */
function open(document: ApiDocument): ApiDocument {
  const opened = (key: string, value: unknown) =>
    key === 'additionalProperties' && value === false ? undefined : value
  return JSON.parse(JSON.stringify(document, opened))
}
