import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { listNames, select } from '../../../tracker/select.js'
import { readForLists } from '../../list-context.js'
import type { ApiDeps } from './deps.js'
import { parameters } from './parameters.js'
import { jsonRoute } from './routes.js'
import { count, listName, moment, scheme, status, textOf } from './values.js'

const summarySchema = z
  .strictObject({
    at: moment('The moment for which this holds.'),
    version: z.string().openapi({ description: 'Version of trackerwatch.' }),
    startedAt: moment('When the monitor started.'),
    lastRoundAt: moment('When the last round of checks ended; null before the first.').nullable(),
    nextRoundAt: moment('When the next round begins.').nullable(),
    blind: z.array(z.string()).openapi({
      description: 'What keeps the monitor itself from seeing, as sentences; empty while it sees.',
    }),
    trackers: count('Trackers that are watched.'),
    alive: count('Trackers that are alive.'),
    byStatus: z.record(status, z.int().min(0)).openapi({ description: 'Trackers by status, every status named.' }),
    byScheme: z.record(scheme, z.int().min(0)).openapi({ description: 'Trackers by scheme, every scheme named.' }),
    lists: z.record(listName, z.int().min(0)).openapi({ description: 'Trackers on each list.' }),
  })
  .openapi('Summary', { description: 'The state of everything in a few numbers.' })

const route = jsonRoute({
  path: '/summary',
  operationId: 'getSummary',
  tag: 'Overview',
  summary: 'Everything in a few numbers',
  params: z.object({}),
  query: parameters({}),
  answer: summarySchema,
  answerDescription: 'The numbers.',
  example: '/summary',
})

/** `/summary` */
export function addSummary(api: OpenAPIHono, deps: ApiDeps): void {
  api.openapi(route, async (c) => {
    const { entries, context } = await readForLists(deps)
    const { startedAt, lastRoundAt, nextRoundAt, blind, version } = deps.status()
    return c.json(
      {
        at: context.at.toISOString(),
        version,
        startedAt: startedAt.toISOString(),
        lastRoundAt: textOf(lastRoundAt),
        nextRoundAt: textOf(nextRoundAt),
        blind: [...blind],
        trackers: entries.length,
        alive: entries.filter(({ alive }) => alive).length,
        byStatus: tally(
          status.options,
          entries.map(({ health }) => health?.status ?? 'pending'),
        ),
        byScheme: tally(
          scheme.options,
          entries.map(({ tracker }) => tracker.scheme),
        ),
        lists: record(listNames, (list) => select(entries, { list, order: 'uptime' }, context).length),
      },
      200,
    )
  })
}

function tally<const T extends string>(words: readonly T[], found: readonly T[]): Record<T, number> {
  const counts = new Map<T, number>()
  for (const word of found) counts.set(word, (counts.get(word) ?? 0) + 1)
  return record(words, (word) => counts.get(word) ?? 0)
}

function record<const T extends string>(words: readonly T[], countOf: (word: T) => number): Record<T, number> {
  return Object.fromEntries(words.map((word) => [word, countOf(word)])) as Record<T, number>
}
