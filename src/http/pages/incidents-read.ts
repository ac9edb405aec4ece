import type { LinkedIncident } from '../../store/store.js'
import { isBadStatus } from '../../tracker/incident.js'
import type { TrackerState } from '../../tracker/state.js'
import type { AppDeps } from '../deps.js'
import { type IncidentsQuery, windowOf } from './incidents-query.js'

const INCIDENTS_PER_PAGE = 100
/** Those that began in the same moment as the last of a page are shown with it, for the next begins before. */
const SPARE = 100
/** Read to find those that go on. */
const MOST_READ = 5000

export interface IncidentsView {
  /** Newest first. */
  readonly incidents: readonly LinkedIncident[]
  /** Where the next page begins, ms since 1970; null at the end. */
  readonly nextMs: number | null
  /** Trackers that are down or rejecting now. */
  readonly goingOn: number
  readonly trackers: number
  /** Whose incidents these are; null for all. */
  readonly tracker: TrackerState | null
  /** Of the trackers of linked incidents, by URL. */
  readonly addresses: ReadonlyMap<string, readonly string[]>
  readonly now: Date
}

/** Null where there is no such tracker. */
export async function readIncidents(
  { store, now }: Pick<AppDeps, 'store' | 'now'>,
  query: IncidentsQuery,
): Promise<IncidentsView | null> {
  const at = now()
  const tracker = query.tracker === undefined ? null : await store.find(query.tracker)
  if (query.tracker !== undefined && tracker === null) return null
  const limit = query.isGoingOn === true ? MOST_READ : INCIDENTS_PER_PAGE + SPARE
  const [found, entries] = await Promise.all([
    store.incidents(windowOf(query, at), at, limit, tracker?.tracker.url),
    store.entries(at),
  ])
  const { incidents, nextMs } = firstPage(query.isGoingOn === true ? found.filter(({ to }) => to === null) : found)
  const linked = new Set(incidents.flatMap(({ url, linked }) => (linked === null ? [] : [url])))
  const seen = await Promise.all([...linked].map(async (url) => [url, await store.addresses(url)] as const))
  return {
    incidents,
    nextMs,
    goingOn: entries.filter(({ health, aliveWhen }) => health !== null && isBadStatus(health.status, aliveWhen)).length,
    trackers: entries.length,
    tracker,
    addresses: new Map(seen.map(([url, addresses]) => [url, addresses.map(({ address }) => address)])),
    now: at,
  }
}

function firstPage(found: readonly LinkedIncident[]): Pick<IncidentsView, 'incidents' | 'nextMs'> {
  const lastMs = found[INCIDENTS_PER_PAGE - 1]?.from.getTime()
  if (lastMs === undefined) return { incidents: found, nextMs: null }
  const incidents = found.filter(({ from }) => from.getTime() >= lastMs)
  return { incidents, nextMs: incidents.length < found.length ? lastMs : null }
}
