import { type Context, Hono } from 'hono'
import type { StoredCheck } from '../../store/stored-check.js'
import { type ListName, select } from '../../tracker/select.js'
import { type TrackerState, type UptimeWindow, uptimeWindows } from '../../tracker/state.js'
import type { Window } from '../../tracker/uptime.js'
import type { AppDeps } from '../deps.js'
import { Layout, type Site } from './layout.js'
import { ListsPage } from './lists-page.js'
import { StatusPage } from './status-page.js'
import { type TrackerHistory, TrackerPage } from './tracker-page.js'

const CHECKS_SHOWN = 20
/** A check has at most one row per address family. */
const CHECK_ROWS = 2 * CHECKS_SHOWN

const uptimeShown = Object.keys(uptimeWindows) as readonly UptimeWindow[]
const latencyShown = ['24h', '7d'] as const satisfies readonly UptimeWindow[]

export interface Pages {
  readonly routes: Hono
  /** The 404 page. */
  readonly missing: (c: Context) => Response
}

/** The pages for people: `/`, `/tracker/:id`, `/lists/`. */
export function createPages(deps: AppDeps, stylesheetPath: string): Pages {
  const app = new Hono()
  const site = (): Site => ({ stylesheetPath, version: deps.status().version })
  app.get('/', async (c) => {
    const now = deps.now()
    const entries = await deps.store.entries(now)
    const stable = select(entries, { list: 'stable', order: 'uptime' }, { rules: deps.listRules(), at: now }).length
    const monitor = deps.status()
    return page(c, 200, <StatusPage site={site()} entries={entries} stable={stable} monitor={monitor} now={now} />)
  })
  app.get('/tracker/:id{[0-9a-f]+}', async (c) => {
    const now = deps.now()
    const state = await deps.store.find(c.req.param('id'))
    if (state === null) return page(c, 404, <Missing site={site()} what="No tracker has this id." />)
    const history = await historyOf(deps.store, state, now)
    return page(c, 200, <TrackerPage site={site()} state={state} history={history} now={now} />)
  })
  app.get('/lists', (c) => c.redirect('/lists/', 301))
  app.get('/lists/', async (c) => {
    const at = deps.now()
    const rules = deps.listRules()
    const entries = await deps.store.entries(at)
    const sizeOf = (list: ListName) => select(entries, { list, order: 'uptime' }, { rules, at }).length
    return page(c, 200, <ListsPage site={site()} rules={rules} sizeOf={sizeOf} />)
  })
  return {
    routes: app,
    missing: (c) => page(c, 404, <Missing site={site()} what="There is no page at this address." />),
  }
}

async function historyOf(store: AppDeps['store'], state: TrackerState, now: Date): Promise<TrackerHistory> {
  const { url } = state.tracker
  const last = (window: UptimeWindow): Window => ({ from: new Date(now.getTime() - uptimeWindows[window]), to: now })
  const [uptimes, latencies, changes, checks] = await Promise.all([
    Promise.all(uptimeShown.map(async (window) => [window, await store.uptime(url, last(window), now)] as const)),
    Promise.all(latencyShown.map(async (window) => [window, await store.latency(url, last(window))] as const)),
    store.changes(url, last('30d')),
    // Half-open: without the extra millisecond a check of this very moment would be missing.
    store.checks(url, { from: last('30d').from, to: new Date(now.getTime() + 1) }, CHECK_ROWS),
  ])
  return { uptimes, latencies, changes: changes.toReversed(), checks: newestChecks(checks) }
}

function newestChecks(rows: readonly StoredCheck[]): readonly StoredCheck[] {
  const moments = [...new Set(rows.map(({ checkedAt }) => checkedAt.getTime()))].slice(0, CHECKS_SHOWN)
  const oldest = moments.at(-1) ?? 0
  return rows.filter(({ checkedAt }) => checkedAt.getTime() >= oldest)
}

function Missing({ site, what }: { site: Site; what: string }) {
  return (
    <Layout site={site} title="Not found – trackerwatch">
      <h1>Not found</h1>
      <p>
        {what} <a href="/">All trackers</a>
      </p>
    </Layout>
  )
}

/** The doctype is the only markup that is not JSX; everything else is escaped by it. */
function page(c: Context, status: 200 | 404, body: ReturnType<typeof Layout>): Response {
  return c.html(`<!doctype html>${body.toString()}`, status)
}
