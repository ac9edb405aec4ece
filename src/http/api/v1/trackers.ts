import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { readForLists } from '../../list-context.js'
import { sortKeys, sortOrders } from '../../pages/status-query.js'
import { matching, type TrackerFilter } from '../../tracker-filter.js'
import type { ApiDeps } from './deps.js'
import { cursorParameter, limitParameter, pageAnswer, pageOf } from './paging.js'
import { oneOf, parameters, someOf, someText } from './parameters.js'
import { jsonRoute } from './routes.js'
import { afterPlace, cursorsOf } from './tracker-order.js'
import { type TrackerJson, trackerJson, trackerSchema } from './tracker-resource.js'
import { listName, outcomeKinds, scheme, status } from './values.js'

const fieldNames = trackerSchema.keyof().options

const someFields = trackerSchema
  .partial()
  .required({ id: true })
  .openapi('TrackerFields', { description: 'The fields of a tracker that were asked for; the id is always there.' })

const query = parameters({
  q: someText(
    'In what the status page says of the tracker: its URL, its status, the reason; upper and lower case alike.',
  ).optional(),
  status: someOf(status.options, 'With one of these statuses.').optional(),
  scheme: someOf(scheme.options, 'With one of these schemes.').optional(),
  group: someText('Name of a group of the configuration.').optional(),
  family: oneOf(['4', '6'], 'Usable over this address family: 4 for IPv4, 6 for IPv6.').optional(),
  list: oneOf(listName.options, 'On this list.').optional(),
  outcome: someOf(outcomeKinds, 'With one of these outcomes of the last check.').optional(),
  fields: someOf(fieldNames, 'Only these fields, and the id.').optional(),
  sort: oneOf(
    sortKeys,
    'By host and URL (name), with what needs looking at in front (status), by the moment of the last change (since), by uptime over a window, or by latency. What is not known comes last.',
  )
    .default('name')
    .openapi({ default: 'name' }),
  order: oneOf(
    sortOrders,
    'Ascending or descending. Default: ascending for name, status and latency, descending for the others.',
  ).optional(),
  limit: limitParameter,
  cursor: cursorParameter,
})

const route = jsonRoute({
  path: '/trackers',
  operationId: 'listTrackers',
  tag: 'Trackers',
  summary: 'The watched trackers',
  description:
    'All filters have to hold. The parameters of the status page mean the same here. The order is stable: a page goes on behind the last tracker of the one before, whatever changes meanwhile.',
  params: z.object({}),
  query,
  answer: pageOf(someFields, 'Trackers in the order asked for.').openapi('TrackerPage'),
  answerDescription: 'Trackers, and where to go on.',
  example: '/trackers?status=down,rejecting&sort=since&fields=url,status,reason',
})

/** `/trackers` */
export function addTrackers(api: OpenAPIHono, deps: ApiDeps): void {
  api.openapi(route, async (c) => {
    const { fields, sort, order, limit, cursor, ...wanted } = c.req.valid('query')
    const cursors = cursorsOf({ sort, order })
    const place = cursor === undefined ? null : cursors.decode(cursor)
    const { entries, context } = await readForLists(deps)
    const found = matching(entries, filterOf(wanted), context)
    const page = pageAnswer(c, afterPlace(found, { sort, order }, place), {
      limit,
      itemOf: ({ entry }) => chosen(trackerJson(entry), fields),
      cursorOf: ({ key, id }) => cursors.encode({ key, id }),
    })
    return c.json(page, 200)
  })
}

type Wanted = Pick<z.output<typeof query>, 'q' | 'status' | 'scheme' | 'group' | 'family' | 'list' | 'outcome'>

function filterOf({ q, status, scheme, group, family, list, outcome }: Wanted): TrackerFilter {
  return {
    text: q,
    statuses: status,
    schemes: scheme,
    groups: group === undefined ? undefined : [group],
    family: family === undefined ? undefined : family === '4' ? 4 : 6,
    list,
    outcomes: outcome,
  }
}

function chosen(tracker: TrackerJson, fields: readonly (keyof TrackerJson)[] | undefined): z.infer<typeof someFields> {
  if (fields === undefined) return tracker
  return { id: tracker.id, ...Object.fromEntries(fields.map((name) => [name, tracker[name]])) }
}
