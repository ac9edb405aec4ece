import { Hono } from 'hono'
import { IncidentsPage, IncidentsProblem } from './incidents-page.js'
import { parseIncidentsQuery } from './incidents-query.js'
import { readIncidents } from './incidents-read.js'
import { Missing, type PageParts, page } from './page.js'

/** `/incidents` */
export function incidentsRoutes({ deps, site }: PageParts): Hono {
  return new Hono().get('/incidents', async (c) => {
    const { query, problem } = parseIncidentsQuery(new URL(c.req.url).searchParams)
    if (problem !== null) return page(c, 400, <IncidentsProblem site={site()} problem={problem} />)
    const view = await readIncidents(deps, query)
    if (view === null) return page(c, 404, <Missing site={site()} what="No such tracker is watched, or was." />)
    return page(c, 200, <IncidentsPage site={site()} query={query} view={view} />)
  })
}
