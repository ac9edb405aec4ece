import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { listNames, lists, select } from '../../../tracker/select.js'
import { readForLists } from '../../list-context.js'
import { type Filters, listParameters } from '../../query.js'
import type { ApiDeps } from './deps.js'
import { parameter, parameters } from './parameters.js'
import { jsonRoute } from './routes.js'
import { trackerJson, trackerSchema } from './tracker-resource.js'
import { count, listName, moment } from './values.js'

type Filter = Partial<Filters>

/** The parameters of a list as they are everywhere, see `listParameters`. */
const listQuery = parameters(
  Object.fromEntries(
    Object.entries(listParameters).map(([name, { expected, parse }]) => [
      name,
      parameter<Filter>({
        description: `${expected.charAt(0).toUpperCase()}${expected.slice(1)}.`,
        expected,
        schema: { type: 'string' },
        parse,
      }).optional(),
    ]),
  ),
)

const allSchema = z
  .strictObject({
    at: moment('The moment for which this holds.'),
    items: z
      .array(
        z.strictObject({
          list: listName,
          title: z.string().openapi({ description: 'What is on it.' }),
          trackers: count('How many trackers are on it.'),
          href: z.string().openapi({ description: 'Path of the list in this API.' }),
        }),
      )
      .openapi({ description: 'Every list.' }),
  })
  .openapi('Lists', { description: 'The lists there are.' })

const oneSchema = z
  .strictObject({
    list: listName,
    at: moment('The moment for which this holds.'),
    items: z.array(trackerSchema).openapi({ description: 'The trackers of the list, all of them, in its order.' }),
  })
  .openapi('TrackerList', { description: 'A list with its trackers.' })

const allRoute = jsonRoute({
  path: '/lists',
  operationId: 'listLists',
  tag: 'Lists',
  summary: 'The lists, and how long they are',
  params: z.object({}),
  query: parameters({}),
  answer: allSchema,
  answerDescription: 'The lists.',
  example: '/lists',
})

const oneRoute = jsonRoute({
  path: '/lists/{list}',
  operationId: 'getList',
  tag: 'Lists',
  summary: 'The trackers of a list',
  description:
    'The same trackers in the same order as /lists/{list}.txt with the same filters. A tracker whose URL carries a passkey or password is on no list.',
  params: z.object({ list: listName }),
  query: listQuery,
  answer: oneSchema,
  answerDescription: 'The list.',
  example: '/lists/stable?scheme=udp&limit=20',
})

/** `/lists` and `/lists/:list` */
export function addLists(api: OpenAPIHono, deps: ApiDeps): void {
  api.openapi(allRoute, async (c) => {
    const { entries, context } = await readForLists(deps)
    const items = listNames.map((list) => ({
      list,
      title: lists[list].title,
      trackers: select(entries, { list, order: 'uptime' }, context).length,
      href: `/api/v1/lists/${list}`,
    }))
    return c.json({ at: context.at.toISOString(), items }, 200)
  })
  api.openapi(oneRoute, async (c) => {
    const { list } = c.req.valid('param')
    let filters: Filters = { order: 'uptime' }
    for (const filter of Object.values(c.req.valid('query'))) filters = { ...filters, ...filter }
    const { entries, context } = await readForLists(deps)
    const items = select(entries, { ...filters, list }, context).map(trackerJson)
    return c.json({ list, at: context.at.toISOString(), items }, 200)
  })
}
