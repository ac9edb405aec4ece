import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { StatusChange } from '../../../tracker/health.js'
import type { Tracker } from '../../../tracker/tracker.js'
import { cursorOf } from './cursor.js'
import type { ApiDeps } from './deps.js'
import { trackerOf, trackerParams } from './one-tracker.js'
import { cursorParameter, limitParameter, pageAnswer, pageOf } from './paging.js'
import { parameters } from './parameters.js'
import { jsonRoute } from './routes.js'
import * as values from './values.js'
import { fromParameter, toParameter, upTo, windowOf } from './window.js'

const changeSchema = z
  .strictObject({
    at: values.moment('When the new status began: the first of the checks that led to it.'),
    from: values.status,
    to: values.status,
    reason: values
      .orNull(values.failureReason)
      .openapi({ description: 'Of the check that confirmed it, if it failed.' }),
    code: values.code.nullable(),
    message: values.message.nullable(),
  })
  .openapi('StatusChange', { description: 'A change of status, kept for ever.' })

const route = jsonRoute({
  path: '/trackers/{id}/changes',
  operationId: 'listStatusChanges',
  tag: 'One tracker',
  summary: 'Its changes of status, newest first',
  params: trackerParams,
  query: parameters({ from: fromParameter, to: toParameter, limit: limitParameter, cursor: cursorParameter }),
  answer: pageOf(changeSchema, 'Changes, newest first.').openapi('StatusChangePage'),
  answerDescription: 'Changes of status, and where to go on.',
  example: '/trackers/0123456789ab/changes',
})

/** `nth` counts those of the same moment, the earliest is 0: later ones join behind. */
const cursors = cursorOf('changes', z.strictObject({ atMs: z.int(), nth: z.int() }))

interface Placed {
  readonly atMs: number
  readonly nth: number
  readonly change: StatusChange
}

/** `/trackers/:id/changes` */
export function addChanges(api: OpenAPIHono, { store, now }: ApiDeps): void {
  api.openapi(route, async (c) => {
    const { limit, cursor, ...stretch } = c.req.valid('query')
    const window = windowOf(stretch, now())
    const place = cursor === undefined ? null : cursors.decode(cursor)
    const { tracker } = await trackerOf(store, c.req.valid('param').id)
    const ascending = placed(await store.changes(tracker.url, place === null ? window : upTo(window, place.atMs)))
    const before = ascending.filter(({ atMs, nth }) => place === null || atMs < place.atMs || nth < place.nth)
    const page = pageAnswer(c, before.slice(-limit - 1).toReversed(), {
      limit,
      itemOf: ({ change }) => changeJson(change, tracker),
      cursorOf: ({ atMs, nth }) => cursors.encode({ atMs, nth }),
    })
    return c.json(page, 200)
  })
}

function placed(changes: readonly StatusChange[]): readonly Placed[] {
  let atMs = Number.NaN
  let nth = 0
  return changes.map((change) => {
    nth = change.at.getTime() === atMs ? nth + 1 : 0
    atMs = change.at.getTime()
    return { atMs, nth, change }
  })
}

function changeJson({ at, from, to, reason, code, message }: StatusChange, tracker: Tracker) {
  return { at: at.toISOString(), from, to, reason, code, message: values.shownMessage(message, tracker) }
}
