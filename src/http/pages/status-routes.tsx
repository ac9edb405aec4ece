import { Hono } from 'hono'
import { select } from '../../tracker/select.js'
import type { AppDeps } from '../deps.js'
import { readForLists } from '../list-context.js'
import { type PageParts, page } from './page.js'
import { statusLines } from './status-line.js'
import { StatusFragment, StatusPage, type StatusPageProps } from './status-page.js'
import { parseStatusQuery } from './status-query.js'
import { SHOWN_CHECKS } from './status-row.js'

/** Rows that can be asked for by their ids at once. */
const MAX_IDS = 200

/** `/`; with `fragment=rows` its changing parts alone, with `ids` beside it only the rows of these trackers. */
export function statusRoutes({ deps, site }: PageParts): Hono {
  return new Hono().get('/', async (c) => {
    const search = new URL(c.req.url).searchParams
    const props = await readStatus(deps, search)
    if (search.get('fragment') !== 'rows') return page(c, 200, <StatusPage {...props} site={site()} />)
    const ids = search.get('ids')?.split(',').slice(0, MAX_IDS) ?? null
    return c.html((<StatusFragment {...props} ids={ids === null ? null : new Set(ids)} />).toString())
  })
}

async function readStatus(deps: AppDeps, search: URLSearchParams): Promise<StatusPageProps> {
  // Before the reads: an event in between is then told once more, and none is missed.
  const lastEventId = deps.events.lastId()
  const [{ entries, context }, recent] = await Promise.all([readForLists(deps), deps.store.recent(SHOWN_CHECKS)])
  const groups = [...new Set(entries.map(({ group }) => group))]
  return {
    ...parseStatusQuery(search, groups),
    lines: statusLines(entries, { recent, placeOf: deps.placeOf }),
    groups,
    lastEventId,
    summary: {
      alive: entries.filter(({ alive }) => alive).length,
      trackers: entries.length,
      stable: select(entries, { list: 'stable', order: 'uptime' }, context).length,
      monitor: deps.status(),
      now: context.at,
    },
  }
}
