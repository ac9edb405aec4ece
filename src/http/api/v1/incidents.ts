import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { LinkedIncident } from '../../../store/store.js'
import { trackerId } from '../../../tracker/state.js'
import { parseTracker } from '../../../tracker/tracker.js'
import type { Window } from '../../../tracker/uptime.js'
import { cursorOf } from './cursor.js'
import type { ApiDeps } from './deps.js'
import { trackerOf, trackerParams } from './one-tracker.js'
import { cursorParameter, limitParameter, pageAnswer, pageOf } from './paging.js'
import { parameters } from './parameters.js'
import { jsonRoute } from './routes.js'
import * as values from './values.js'
import { fromParameter, toParameter, upTo, windowOf } from './window.js'

const incidentSchema = z
  .strictObject({
    id: values.id.openapi({ description: 'Id of the incident: 12 hex digits, the same for ever.' }),
    tracker: values.id.openapi({ description: 'Id of the tracker.' }),
    url: values.url,
    from: values.moment('When the first bad status began.'),
    to: values.moment('When the tracker was seen alive again, or was watched no more; null while it lasts.').nullable(),
    recovered: z.boolean().openapi({ description: 'Whether it ended with the tracker alive.' }),
    durationMs: values.milliseconds('Bad time that was observed, at most what lies between from and to.'),
    worst: z.enum(['rejecting', 'down']).openapi({ description: 'The worst status in it.' }),
    reason: values.orNull(values.failureReason).openapi({ description: 'Of the change that began it.' }),
    code: values.code.nullable(),
    message: values.message.nullable(),
    linked: values.id.nullable().openapi({
      description: 'The same for all incidents that seem to have one cause; null for one that stands alone.',
    }),
  })
  .openapi('Incident', { description: 'A stretch of consecutive bad time of one tracker.' })

const query = parameters({
  from: fromParameter,
  to: toParameter,
  limit: limitParameter,
  cursor: cursorParameter,
})
const answer = pageOf(incidentSchema, 'Incidents that overlap the stretch of time, newest first.').openapi(
  'IncidentPage',
)

const allRoute = jsonRoute({
  path: '/incidents',
  operationId: 'listIncidents',
  tag: 'Incidents',
  summary: 'The incidents of all trackers, newest first',
  description: 'Those of trackers that are watched no more are included.',
  params: z.object({}),
  query,
  answer,
  answerDescription: 'Incidents, and where to go on.',
  example: '/incidents?from=2026-11-01&to=2026-12-01',
})

const oneRoute = jsonRoute({
  path: '/trackers/{id}/incidents',
  operationId: 'listTrackerIncidents',
  tag: 'One tracker',
  summary: 'Its incidents, newest first',
  params: trackerParams,
  query,
  answer,
  answerDescription: 'Incidents, and where to go on.',
  example: '/trackers/0123456789ab/incidents?limit=10',
})

/** `atMs` is when an incident began; of those that began in the same moment, `id` is the one given last. */
const cursors = cursorOf('incidents', z.strictObject({ atMs: z.int(), id: z.string() }))
/** Room for those up to the place; should they be more, more are read. */
const SPARE = 50

/** `/incidents` and `/trackers/:id/incidents` */
export function addIncidents(api: OpenAPIHono, { store, now }: ApiDeps): void {
  const pageFor = async (c: Context, asked: z.infer<typeof query>, url?: string) => {
    const { limit, cursor, ...stretch } = asked
    const at = now()
    const window = windowOf(stretch, at)
    const place = cursor === undefined ? null : cursors.decode(cursor)
    const read = (part: Window) => (most: number) => store.incidents(part, at, most, url)
    const rows =
      place === null ? await read(window)(limit + 1) : await rowsAfter(place, limit, read(upTo(window, place.atMs)))
    return pageAnswer(c, rows, {
      limit,
      itemOf: incidentJson,
      cursorOf: ({ from, id }) => cursors.encode({ atMs: from.getTime(), id }),
    })
  }
  api.openapi(allRoute, async (c) => c.json(await pageFor(c, c.req.valid('query')), 200))
  api.openapi(oneRoute, async (c) => {
    const { tracker } = await trackerOf(store, c.req.valid('param').id)
    return c.json(await pageFor(c, c.req.valid('query'), tracker.url), 200)
  })
}

/** The incidents behind a place, one more than `limit` if there are. */
async function rowsAfter(
  { atMs, id }: { readonly atMs: number; readonly id: string },
  limit: number,
  read: (most: number) => Promise<readonly LinkedIncident[]>,
): Promise<readonly LinkedIncident[]> {
  for (let spare = SPARE; ; spare *= 10) {
    const most = limit + 1 + spare
    const rows = await read(most)
    const given = rows.findIndex((row) => row.id === id)
    const isAll = rows.length < most
    if (given === -1 && isAll) return rows.filter(({ from }) => from.getTime() < atMs)
    if (given !== -1 && (isAll || given < spare)) return rows.slice(given + 1)
  }
}

function incidentJson(incident: LinkedIncident): z.infer<typeof incidentSchema> {
  const { id, url, from, to, recovered, durationMs, worst, reason, code, message, linked } = incident
  const { tracker } = parseTracker(url)
  return {
    id,
    tracker: trackerId(url),
    url: values.shownUrl({ url }),
    from: from.toISOString(),
    to: values.textOf(to),
    recovered,
    durationMs: values.roundedMs(durationMs),
    worst,
    reason,
    code,
    message: tracker === undefined ? null : values.shownMessage(message, tracker),
    linked,
  }
}
