import { maskUrl } from '../../tracker/mask.js'
import { daysOf } from './incidents-days.js'
import { type IncidentsQuery, incidentsHref } from './incidents-query.js'
import type { IncidentsView } from './incidents-read.js'
import { IncidentsOfDay } from './incidents-table.js'
import { Layout, type Site } from './layout.js'
import { counted } from './text.js'

interface IncidentsPageProps {
  readonly site: Site
  readonly query: IncidentsQuery
  readonly view: IncidentsView
}

export function IncidentsPage({ site, query, view }: IncidentsPageProps) {
  const { incidents, nextMs, tracker, addresses, now } = view
  const days = daysOf(incidents)
  return (
    <Layout site={site} title={`${headline(view)} – trackerwatch`} place="/incidents">
      <h1>Incidents</h1>
      <Summary query={query} view={view} />
      <Filter query={query} />
      {tracker !== null && (
        <p>
          Of <a href={`/tracker/${tracker.id}`}>{maskUrl(tracker.tracker.url)}</a> alone.{' '}
          <a href={incidentsHref(query, { tracker: undefined, beforeMs: undefined })}>Of all trackers</a>
        </p>
      )}
      {days.length === 0 && <Nothing query={query} view={view} />}
      {days.map((day) => (
        <IncidentsOfDay day={day} addressesOf={(url) => addresses.get(url) ?? []} now={now} />
      ))}
      <nav class="pages" aria-label="Pages of incidents">
        {query.beforeMs !== undefined && <a href={incidentsHref(query, { beforeMs: undefined })}>Newest</a>}
        {nextMs !== null && (
          <a rel="next" href={incidentsHref(query, { beforeMs: nextMs })}>
            Older
          </a>
        )}
      </nav>
    </Layout>
  )
}

/** An answer to a query that means nothing. */
export function IncidentsProblem({ site, problem }: { site: Site; problem: string }) {
  return (
    <Layout site={site} title="Incidents – trackerwatch" place="/incidents">
      <h1>Incidents</h1>
      <p>{problem}.</p>
      <p>
        <a href="/incidents">All incidents</a>
      </p>
    </Layout>
  )
}

function headline({ goingOn }: Pick<IncidentsView, 'goingOn'>): string {
  return goingOn === 0 ? 'No incident is going on' : `${counted(goingOn, 'incident')} going on`
}

function Summary({ query, view }: Omit<IncidentsPageProps, 'site'>) {
  const { goingOn, trackers } = view
  return (
    <p class="sum">
      {goingOn === 0 ? (
        <span class="status up">
          <span class="shape" aria-hidden="true">
            ●
          </span>
          Nothing is going on
        </span>
      ) : (
        <a class="status down" href={incidentsHref({ isGoingOn: true })}>
          <span class="shape" aria-hidden="true">
            ■
          </span>
          {goingOn} going on
        </a>
      )}{' '}
      <span class="muted">
        · {counted(trackers, 'tracker')} watched · {query.day === undefined ? 'the last 90 days' : 'one day'}, newest
        first
      </span>
    </p>
  )
}

function Filter({ query: { day, tracker, isGoingOn } }: { query: IncidentsQuery }) {
  return (
    <search>
      <form class="by-day" method="get" action="/incidents">
        {tracker !== undefined && <input type="hidden" name="tracker" value={tracker} />}
        <label>
          <span>Day, UTC</span>
          <input type="date" name="day" value={day ?? ''} />
        </label>
        <label>
          <span>Show</span>
          <select name="status">
            <option value="">All</option>
            <option value="going_on" selected={isGoingOn === true}>
              Going on
            </option>
          </select>
        </label>
        <button type="submit">Show</button>
        <a href="/incidents">Start again</a>
      </form>
    </search>
  )
}

function Nothing({ query, view: { trackers } }: Omit<IncidentsPageProps, 'site'>) {
  const isNarrowed = incidentsHref(query) !== '/incidents'
  return (
    <div class="card empty muted">
      {isNarrowed
        ? 'No incident fits this choice.'
        : trackers === 0
          ? 'No tracker is watched yet.'
          : 'No tracker was seen down in the last 90 days.'}
    </div>
  )
}
