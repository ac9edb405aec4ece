import { Hono } from 'hono'
import { select } from '../../tracker/select.js'
import { type PageParts, page } from './page.js'
import { StatusPage } from './status-page.js'

/** `/` */
export function statusRoutes({ deps, site }: PageParts): Hono {
  return new Hono().get('/', async (c) => {
    const now = deps.now()
    const entries = await deps.store.entries(now)
    const stable = select(entries, { list: 'stable', order: 'uptime' }, { rules: deps.listRules(), at: now }).length
    const monitor = deps.status()
    return page(c, 200, <StatusPage site={site()} entries={entries} stable={stable} monitor={monitor} now={now} />)
  })
}
