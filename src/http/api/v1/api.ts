import { OpenAPIHono } from '@hono/zod-openapi'
import { type Context, Hono } from 'hono'
import type { AppDeps } from '../../deps.js'
import { logFailure } from '../../failure.js'
import type { Site } from '../../pages/layout.js'
import { quote } from '../../query.js'
import { addChanges } from './changes.js'
import { addChecks } from './checks.js'
import type { ApiDeps } from './deps.js'
import { documentRoutes } from './document.js'
import { addExports } from './exports.js'
import { addHistory } from './history.js'
import { addIncidents } from './incidents.js'
import { addLists } from './lists.js'
import { ProblemError, problemAnswer, queryProblem } from './problem.js'
import { addSummary } from './summary.js'
import { addTracker } from './tracker.js'
import { addTrackers } from './trackers.js'

const parts = [
  addSummary,
  addTrackers,
  addTracker,
  addHistory,
  addChecks,
  addChanges,
  addIncidents,
  addLists,
  addExports,
]

/** The JSON API, `/api/v1`, with the page about it. */
export function apiRoutes(deps: AppDeps, site: () => Site): Hono {
  const api = createApi(deps)
  return new Hono().route('/', api).route('/', documentRoutes(api, deps, site))
}

/** What a route validates and what the document says of it are the same schemas. */
export function createApi(deps: ApiDeps): OpenAPIHono {
  const api = new OpenAPIHono({ defaultHook: refuse }).basePath('/api/v1')
  api.use(async (c, next) => {
    await next()
    if (c.res.ok && !c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'public, max-age=10')
  })
  for (const add of parts) add(api, deps)
  api.onError((error, c) => {
    if (error instanceof ProblemError) return problemAnswer(c, error)
    logFailure(deps, error, c)
    return problemAnswer(c, new ProblemError('internal', 'the monitor could not answer this request; its log says why'))
  })
  return api
}

/** What is wrong with a path makes it another one, which is not there. */
function refuse(result: ValidationResult, c: Context): void {
  if (result.success) return
  if (result.target === 'query') throw queryProblem(result.error, c.req.queries())
  const [name = '', text = ''] = Object.entries(c.req.param())[0] ?? []
  throw new ProblemError('not-found', `there is no ${name} ${quote(String(text))}`)
}

type Hook = NonNullable<OpenAPIHono['defaultHook']>
type ValidationResult = Parameters<Hook>[0]
