import { type Context, Hono } from 'hono'
import { contentType } from '../metrics/exposition.js'
import { probePage } from '../metrics/probe-page.js'
import { maskUrl } from '../tracker/mask.js'
import type { Tracker } from '../tracker/tracker.js'
import type { AppDeps } from './deps.js'
import { plain } from './plain.js'
import { parseProbeQuery, scrapeTimeoutMs } from './probe-query.js'
import type { ProbeRules } from './probes.js'
import { isCrossSite } from './same-site.js'

const OFF = 'checks on request are off here, "probe_endpoint.enabled: true" in the configuration turns them on\n'
const BUSY_RETRY_S = 1

/** `/probe`: one check now, as Prometheus text. What becomes of the tracker is no error of ours: 200. */
export function probeRoutes(deps: Pick<AppDeps, 'probes' | 'store'>): Hono {
  const { probes, store } = deps
  return new Hono().get('/', async (c) => {
    const rules = probes.rules()
    if (rules === null) return plain(c, OFF, 404)
    if (isCrossSite(c.req.raw)) return plain(c, 'the request comes from another web site\n', 403)
    const { problem, query } = parseProbeQuery(new URL(c.req.url).searchParams, rules.modules)
    if (problem !== undefined) return plain(c, `${problem}\n`, 400)
    const withinMs = scrapeTimeoutMs(c.req.header('X-Prometheus-Scrape-Timeout-Seconds'))
    if (typeof withinMs === 'string') return plain(c, `${withinMs}\n`, 400)
    const refused = await refuseTarget(query.tracker, rules, store)
    if (refused !== null) return plain(c, `${refused}\n`, 403)
    const probed = await probes.probe({ ...query, withinMs, signal: c.req.raw.signal })
    if (probed === 'busy') return later(c, 'too many checks are under way, try again')
    if (probed === 'aborted') return later(c, 'the check was ended before it was over, try again')
    const page = probePage(probed)
    if (probed.text !== null) return plain(c, `${probed.text}\nMetrics:\n${page}`)
    return c.body(page, 200, { 'Content-Type': contentType })
  })
}

async function refuseTarget(
  tracker: Tracker,
  { targets }: ProbeRules,
  store: Pick<AppDeps['store'], 'find'>,
): Promise<string | null> {
  const url = maskUrl(tracker.url)
  if (targets !== 'watched') {
    return targets(tracker) ? null : `"${url}" is none of the targets that "probe_endpoint.targets" allows`
  }
  const watched = await store.find(tracker.url)
  if (watched !== null && watched.tracker.url === tracker.url && watched.archivedAt === null) return null
  return `"${url}" is not watched here, "probe_endpoint.targets" in the configuration can allow others`
}

function later(c: Context, sentence: string): Response {
  c.header('Retry-After', String(BUSY_RETRY_S))
  return plain(c, `${sentence}\n`, 503)
}
