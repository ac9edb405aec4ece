import { type Context, Hono } from 'hono'
import { blank } from '../../export/text.js'
import { type ListRules, makesUpPeers } from '../../tracker/list-rules.js'
import { type ListCriteria, select } from '../../tracker/select.js'
import type { Entry } from '../../tracker/state.js'
import { DAY_MS } from '../../tracker/time.js'
import type { AppDeps } from '../deps.js'
import { plain } from '../plain.js'
import { quote } from '../query.js'

/**
 * newTrackon's text API, so that its readers can be pointed here: paths, texts, status codes and headers are its own.
 * Parameters it does not know are ignored, as it does.
 */

type Wanted = Omit<ListCriteria, 'order'>
type Problem = { readonly problem: string }

/**
 * The paths by name. Thresholds are those of the stable list: 95 % and, for `stable` alone, 10 days as with newTrackon,
 * unless the operator differs. As there, the uptime decides and not the status, and nothing stays for having been there
 * before: that is what `/lists/stable.txt` is for.
 */
const named = {
  stable: ({ stable }) => ({ list: 'all', minUptime: stable.minUptime, minAgeMs: stable.minAgeMs }),
  live: () => ({ list: 'alive' }),
  all: () => ({ list: 'all' }),
  udp: ({ stable }) => ({ list: 'all', schemes: ['udp'], minUptime: stable.minUptime }),
  http: ({ stable }) => ({ list: 'all', schemes: ['http', 'https'], minUptime: stable.minUptime }),
} as const satisfies Record<string, (rules: ListRules) => Wanted>

export function newtrackonRoutes(deps: AppDeps): Hono {
  const app = new Hono()
  app.get('/best', (c) => c.redirect(`/api/stable${new URL(c.req.url).search}`, 301))
  for (const [name, wantedBy] of Object.entries(named)) {
    app.get(`/${name}`, (c) => answer(c, deps, wantedBy(deps.listRules())))
  }
  app.get('/:percentage{\\d+}', (c) => {
    const percentage = Number(c.req.param('percentage'))
    // The missing letter is newTrackon's.
    if (percentage > 100) return plain(c, 'The percentage has to be between 0 an 100', 400)
    return answer(c, deps, { list: 'all', minUptime: percentage / 100 })
  })
  return app
}

async function answer(c: Context, deps: AppDeps, wanted: Wanted): Promise<Response> {
  const minAge = parseMinAge(c.req.query('min_age_days'))
  if ('problem' in minAge) return plain(c, minAge.problem, 400)
  const families = {
    4: isOn(c.req.query('include_ipv4_only_trackers')),
    6: isOn(c.req.query('include_ipv6_only_trackers')),
  }
  const at = deps.now()
  const all = await deps.store.entries(at)
  const entries = all.filter((entry) => hasWantedFamily(entry, families) && (isAll(wanted) || !makesUpPeers(entry)))
  const criteria: ListCriteria = { ...wanted, ...minAge, order: 'uptime' }
  return plain(c, blank.render(select(entries, criteria, { rules: deps.listRules(), at })))
}

function parseMinAge(text: string | undefined): { readonly minAgeMs?: number } | Problem {
  if (text === undefined) return {}
  if (/^\d{1,6}$/.test(text)) return { minAgeMs: Number(text) * DAY_MS }
  return { problem: `parameter "min_age_days" is ${quote(text)}, expected a whole number of days, 0 or more` }
}

/** The only one that has trackers which make up peers. */
function isAll({ list, minUptime }: Wanted): boolean {
  return list === 'all' && minUptime === undefined
}

function isOn(text: string | undefined): boolean {
  return text === undefined || !/^(?:false|0)$/i.test(text)
}

/** With a family switched off, a tracker must have a known address of the other. */
function hasWantedFamily(entry: Entry, include: Readonly<Record<4 | 6, boolean>>): boolean {
  const known = entry.last?.probes.map(({ family }) => family) ?? []
  return (include[4] || known.includes(6)) && (include[6] || known.includes(4))
}
