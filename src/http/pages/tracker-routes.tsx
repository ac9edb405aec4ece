import { Hono } from 'hono'
import type { StoredCheck } from '../../store/stored-check.js'
import { type TrackerState, type UptimeWindow, uptimeWindows } from '../../tracker/state.js'
import type { Window } from '../../tracker/uptime.js'
import type { AppDeps } from '../deps.js'
import { Missing, type PageParts, page } from './page.js'
import { type TrackerHistory, TrackerPage } from './tracker-page.js'

const CHECKS_SHOWN = 20
/** A check has at most one row per address family. */
const CHECK_ROWS = 2 * CHECKS_SHOWN

const uptimeShown = Object.keys(uptimeWindows) as readonly UptimeWindow[]
const latencyShown = ['24h', '7d'] as const satisfies readonly UptimeWindow[]

/** `/tracker/:id` */
export function trackerRoutes({ deps, site }: PageParts): Hono {
  return new Hono().get('/tracker/:id{[0-9a-f]+}', async (c) => {
    const now = deps.now()
    const state = await deps.store.find(c.req.param('id'))
    if (state === null) return page(c, 404, <Missing site={site()} what="No tracker has this id." />)
    const history = await historyOf(deps.store, state, now)
    return page(c, 200, <TrackerPage site={site()} state={state} history={history} now={now} />)
  })
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
