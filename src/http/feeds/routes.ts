import { type Context, Hono } from 'hono'
import type { LinkedIncident } from '../../store/store.js'
import { maskUrl } from '../../tracker/mask.js'
import { DAY_MS } from '../../tracker/time.js'
import type { AppDeps } from '../deps.js'
import { plain } from '../plain.js'
import { quote } from '../query.js'
import { siteUrl } from '../site-url.js'
import { atomContentType, renderAtom } from './atom.js'
import { type Feed, permanentId, updatedOf } from './feed.js'
import { incidentEntry } from './incidents.js'
import { jsonFeedContentType, renderJsonFeed } from './json-feed.js'

const MAX_ENTRIES = 100
const WINDOW_MS = 90 * DAY_MS
/** Read to find the entries that changed last: an old incident may have ended just now. */
const MAX_READ = 2_000

const parameters = ['tracker', 'group', 'status'] as const
const incidentStates = ['down', 'up'] as const

interface Filters {
  readonly tracker?: string
  readonly group?: string
  readonly status?: (typeof incidentStates)[number]
}

/** `/feed.atom` and `/feed.json`: what went down and came back, of all trackers, of a group or of one. */
export function feedRoutes(deps: AppDeps): Hono {
  const app = new Hono()
  app.get('/feed.atom', (c) => answer(c, deps, renderAtom, atomContentType))
  app.get('/feed.json', (c) => answer(c, deps, renderJsonFeed, jsonFeedContentType))
  return app
}

async function answer(
  c: Context,
  deps: AppDeps,
  render: (feed: Feed) => string,
  contentType: string,
): Promise<Response> {
  const filters = parseFeedFilters(new URL(c.req.url).searchParams)
  if ('problem' in filters) return plain(c, `${filters.problem}\n`, 400)
  const subject = await subjectOf(deps, filters)
  if (subject === null) return plain(c, 'no such tracker or group is watched\n', 404)
  const site = siteUrl(c, deps)
  const incidents = await incidentsOf(deps, subject, filters)
  const entries = lastChanged(incidents).map((incident) => incidentEntry(incident, site))
  const { pathname, search } = new URL(c.req.url)
  const feed: Feed = {
    id: permanentId('incidents', filters.tracker ?? '', filters.group ?? '', filters.status ?? ''),
    title: `${subject.title}${filters.status === undefined ? '' : `: ${filters.status}`} – trackerwatch`,
    updated: updatedOf(entries),
    self: `${site}${pathname}${search}`,
    home: `${site}${subject.page}`,
    entries,
  }
  return c.body(render(feed), 200, { 'Content-Type': contentType })
}

/** Anything else is refused: a feed with a typing error must not look like one in which nothing happens. */
function parseFeedFilters(query: URLSearchParams): Filters | { readonly problem: string } {
  const unknown = [...query.keys()].find((name) => !parameters.some((known) => known === name))
  if (unknown !== undefined)
    return { problem: `unknown parameter ${quote(unknown)}, expected ${parameters.join(', ')}` }
  const [tracker, group, text] = parameters.map((name) => query.get(name))
  const status = incidentStates.find((known) => known === text)
  if (typeof text === 'string' && status === undefined) {
    return { problem: `parameter "status" is ${quote(text)}, expected ${incidentStates.join(' or ')}` }
  }
  return {
    ...(typeof tracker === 'string' && { tracker }),
    ...(typeof group === 'string' && { group }),
    ...(status !== undefined && { status }),
  }
}

/** Whose incidents are asked for. */
interface Subject {
  readonly title: string
  readonly page: string
  /** Of one tracker; absent: of all. */
  readonly url?: string
  readonly includes: (url: string) => boolean
}

async function subjectOf({ store, now }: AppDeps, { tracker, group }: Filters): Promise<Subject | null> {
  const members = group === undefined ? null : await membersOf(store, group, now())
  if (members !== null && members.size === 0) return null
  const includes = (url: string): boolean => members?.has(url) ?? true
  if (tracker === undefined) {
    const title = group === undefined ? 'Status changes of all trackers' : `Status changes of the group ${group}`
    return { title, page: '/incidents', includes }
  }
  const state = /^[0-9a-f]{12}$/.test(tracker) ? await store.find(tracker) : null
  if (state === null) return null
  const { url } = state.tracker
  return { title: `Status changes of ${maskUrl(url)}`, page: `/tracker/${state.id}`, url, includes }
}

async function membersOf(store: AppDeps['store'], group: string, at: Date): Promise<ReadonlySet<string>> {
  const entries = await store.entries(at)
  return new Set(entries.filter((entry) => entry.group === group).map(({ tracker }) => tracker.url))
}

async function incidentsOf(deps: AppDeps, subject: Subject, { status }: Filters): Promise<readonly LinkedIncident[]> {
  const to = deps.now()
  const window = { from: new Date(to.getTime() - WINDOW_MS), to }
  const incidents = await deps.store.incidents(window, to, MAX_READ, subject.url)
  return incidents.filter(
    (incident) =>
      subject.includes(incident.url) && (status === undefined || (incident.to === null) === (status === 'down')),
  )
}

function lastChanged(incidents: readonly LinkedIncident[]): readonly LinkedIncident[] {
  const changedMs = ({ from, to }: LinkedIncident): number => (to ?? from).getTime()
  return incidents.toSorted((one, other) => changedMs(other) - changedMs(one)).slice(0, MAX_ENTRIES)
}
