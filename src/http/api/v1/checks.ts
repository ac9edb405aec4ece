import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { StoredCheck } from '../../../store/stored-check.js'
import type { Tracker } from '../../../tracker/tracker.js'
import { cursorOf } from './cursor.js'
import type { ApiDeps } from './deps.js'
import { trackerOf, trackerParams } from './one-tracker.js'
import { cursorParameter, limitParameter, pageAnswer, pageOf } from './paging.js'
import { parameters } from './parameters.js'
import { jsonRoute } from './routes.js'
import * as values from './values.js'
import { fromParameter, toParameter, upTo, windowOf } from './window.js'

const { count, milliseconds, moment } = values

const checkSchema = z
  .strictObject({
    checkedAt: moment('When the check ended.'),
    family: values.family.nullable().openapi({ description: 'Address family that was probed; null if none was.' }),
    outcome: values.outcome,
    reason: values.orNull(values.reason),
    code: values.code.nullable(),
    message: values.message.nullable(),
    flags: z.array(values.flag).openapi({ description: 'Observations.' }),
    latencyMs: milliseconds('Time of the exchange, name resolution excluded.').nullable(),
    attempts: count('Sends; 2 or more where a packet was lost.'),
    packetsSent: count('Packets sent.'),
    packetsLost: count('Packets that had to be sent again.'),
    decisive: z.boolean().openapi({ description: 'Whether this family decided the outcome of the check.' }),
  })
  .openapi('Check', { description: 'What a check found over one address family.' })

const route = jsonRoute({
  path: '/trackers/{id}/checks',
  operationId: 'listChecks',
  tag: 'One tracker',
  summary: 'Its checks, newest first',
  description:
    'One item per address family that was probed; of one check, the family that decided comes first. Kept for as long as the retention of the monitor says, 30 days by default.',
  params: trackerParams,
  query: parameters({ from: fromParameter, to: toParameter, limit: limitParameter, cursor: cursorParameter }),
  answer: pageOf(checkSchema, 'Checks, newest first.').openapi('CheckPage'),
  answerDescription: 'Checks, and where to go on.',
  example: '/trackers/0123456789ab/checks?from=2026-11-22&limit=20',
})

const cursors = cursorOf(
  'checks',
  z.strictObject({ atMs: z.int(), family: z.union([z.literal(4), z.literal(6), z.null()]) }),
)
/** Rows of one check at most. */
const ROWS_PER_CHECK = 3

/** `/trackers/:id/checks` */
export function addChecks(api: OpenAPIHono, { store, now }: ApiDeps): void {
  api.openapi(route, async (c) => {
    const { limit, cursor, ...stretch } = c.req.valid('query')
    const window = windowOf(stretch, now())
    const place = cursor === undefined ? null : cursors.decode(cursor)
    const { tracker } = await trackerOf(store, c.req.valid('param').id)
    const asked = place === null ? window : upTo(window, place.atMs)
    const rows = await store.checks(tracker.url, asked, limit + 1 + ROWS_PER_CHECK)
    const given = rows.findIndex((row) => row.checkedAt.getTime() === place?.atMs && row.family === place.family)
    const page = pageAnswer(c, rows.slice(given + 1), {
      limit,
      itemOf: (row) => checkJson(row, tracker),
      cursorOf: ({ checkedAt, family }) => cursors.encode({ atMs: checkedAt.getTime(), family }),
    })
    return c.json(page, 200)
  })
}

function checkJson(check: StoredCheck, tracker: Tracker): z.infer<typeof checkSchema> {
  const { checkedAt, family, outcome, reason, code, message, flags, latencyMs } = check
  const { attempts, packetsSent, packetsLost, decisive } = check
  return {
    checkedAt: checkedAt.toISOString(),
    family,
    outcome,
    reason,
    code,
    message: values.shownMessage(message, tracker),
    flags: [...flags],
    latencyMs: values.roundedMs(latencyMs),
    attempts,
    packetsSent,
    packetsLost,
    decisive,
  }
}
