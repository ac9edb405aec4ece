import { type Context, Hono } from 'hono'
import { plain } from '../plain.js'
import { quote } from '../query.js'
import { siteUrl } from '../site-url.js'
import {
  isLatencyRange,
  type LatencyRange,
  type LatencySeries,
  latencyRanges,
  readLatencies,
} from './latency-series.js'
import { Missing, type PageParts, page } from './page.js'
import { phaseColours, phasesIn, phaseWords } from './phase-words.js'
import { TrackerPage } from './tracker-page.js'
import { readTracker } from './tracker-read.js'

const DEFAULT_RANGE: LatencyRange = '24h'

/** `/tracker/:id`, and the numbers of its chart at `/tracker/:id/latency.json`. */
export function trackerRoutes({ deps, site }: PageParts): Hono {
  const app = new Hono()
  app.get('/tracker/:id{[0-9a-f]+}', async (c) => {
    const lastEventId = deps.events.lastId()
    const now = deps.now()
    const state = await deps.store.find(c.req.param('id'))
    if (state === null) return page(c, 404, <Missing site={site()} what="No tracker has this id." />)
    const history = await readTracker(deps.store, state, { range: rangeOf(c) ?? DEFAULT_RANGE, now })
    return page(
      c,
      200,
      <TrackerPage
        site={site()}
        state={state}
        history={history}
        policy={deps.healthPolicy()}
        rules={deps.groupRules(state.group)}
        placeOf={deps.placeOf}
        origin={siteUrl(c, deps)}
        lastEventId={lastEventId}
        now={now}
      />,
    )
  })
  app.get('/tracker/:id{[0-9a-f]+}/latency.json', async (c) => {
    const range = rangeOf(c)
    if (range === null) {
      const given = quote(c.req.query('range') ?? '')
      return plain(c, `parameter "range" is ${given}, expected one of ${Object.keys(latencyRanges).join(', ')}\n`, 400)
    }
    const state = await deps.store.find(c.req.param('id'))
    if (state === null) return plain(c, 'no tracker has this id\n', 404)
    return c.json(columnsOf(await readLatencies(deps.store, state.tracker.url, range, deps.now())))
  })
  return app
}

function rangeOf(c: Context): LatencyRange | null {
  const given = c.req.query('range') ?? DEFAULT_RANGE
  return isLatencyRange(given) ? given : null
}

/** As a chart wants it; see `ChartData` of `client/chart.ts`. */
function columnsOf({ points }: LatencySeries) {
  const names = phasesIn(points.map(({ phases }) => phases))
  return {
    at: points.map(({ from }) => from.getTime() / 1000),
    p50Ms: points.map(({ p50Ms }) => rounded(p50Ms)),
    p95Ms: points.map(({ p95Ms }) => rounded(p95Ms)),
    phases: names.map((name) => ({
      title: phaseWords[name],
      colour: phaseColours[name],
      ms: points.map(({ phases }) => (Object.keys(phases).length === 0 ? null : rounded(phases[name] ?? 0))),
    })),
  }
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 100) / 100
}
