import { Hono } from 'hono'
import type { AppDeps } from '../deps.js'
import { plain } from '../plain.js'
import { receiveSubmission } from '../submission-door.js'

/** `POST /api/add`, newTrackon's way to propose trackers: 204 once they wait for their check. */
export function addRoutes(deps: AppDeps): Hono {
  return new Hono().post('/add', async (c) => {
    c.header('Cache-Control', 'no-store')
    const submitted = await receiveSubmission(c, deps)
    if (submitted.receipt !== undefined) return c.body(null, 204)
    return plain(c, `${submitted.problem}\n`, submitted.status)
  })
}
