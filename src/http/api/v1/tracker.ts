import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { isAliveStatus } from '../../../tracker/health.js'
import { maskUrl } from '../../../tracker/mask.js'
import { type Entry, type TrackerState, trackerId, uptimeWindows } from '../../../tracker/state.js'
import type { ApiDeps, ApiStore } from './deps.js'
import { lastCheckJson, lastCheckSchema } from './last-check.js'
import { trackerOf, trackerParams } from './one-tracker.js'
import { parameters } from './parameters.js'
import { jsonRoute } from './routes.js'
import { trackerJson, trackerSchema } from './tracker-resource.js'
import * as values from './values.js'

const address = z.string().openapi({ description: 'IP address.' })

const detailSchema = z
  .strictObject({
    ...trackerSchema.shape,
    archivedAt: values.moment('Since when the tracker is watched no more; null while it is watched.').nullable(),
    lastCheck: values.orNull(lastCheckSchema),
    addresses: z
      .array(
        z.strictObject({
          address,
          family: values.family,
          firstSeen: values.moment('When the tracker was first probed there.'),
          lastSeen: values.moment('When it was last probed there.'),
        }),
      )
      .openapi({ description: 'Where the tracker was probed, the address seen last in front.' }),
    related: z
      .array(
        z.strictObject({
          id: values.id,
          url: values.url,
          watched: z.boolean().openapi({ description: 'Whether it is watched now.' }),
          sameHost: z.boolean().openapi({ description: 'The same host under another scheme, port or path.' }),
          addresses: z.array(address).openapi({ description: 'At which both were seen.' }),
        }),
      )
      .openapi({ description: 'Trackers that may be the same service, or run by the same people.' }),
  })
  .openapi('TrackerDetail', { description: 'A tracker with its last check in full and where it is.' })

const route = jsonRoute({
  path: '/trackers/{id}',
  operationId: 'getTracker',
  tag: 'One tracker',
  summary: 'A tracker with its last check',
  description: 'A tracker that is watched no more is found too.',
  params: trackerParams,
  query: parameters({}),
  answer: detailSchema,
  answerDescription: 'The tracker.',
  example: '/trackers/0123456789ab',
})

/** `/trackers/:id` */
export function addTracker(api: OpenAPIHono, { store, now }: ApiDeps): void {
  api.openapi(route, async (c) => {
    const state = await trackerOf(store, c.req.valid('param').id)
    const { tracker, archivedAt, last } = state
    const [entry, addresses, related] = await Promise.all([
      entryOf(store, state, now()),
      store.addresses(tracker.url),
      store.related(tracker.url),
    ])
    return c.json(
      {
        ...trackerJson(entry),
        archivedAt: values.textOf(archivedAt),
        lastCheck: last === null ? null : lastCheckJson(last, tracker),
        addresses: addresses.map(({ address, family, firstSeen, lastSeen }) => {
          return { address, family, firstSeen: firstSeen.toISOString(), lastSeen: lastSeen.toISOString() }
        }),
        related: related.map(({ url, watched, sameHost, addresses: shared }) => {
          return { id: trackerId(url), url: maskUrl(url), watched, sameHost, addresses: [...shared] }
        }),
      },
      200,
    )
  })
}

/** The figures of one tracker, watched or not. */
async function entryOf(store: ApiStore, state: TrackerState, at: Date): Promise<Entry> {
  const { url } = state.tracker
  const uptime = async (window: keyof typeof uptimeWindows): Promise<number | null> => {
    const from = new Date(at.getTime() - uptimeWindows[window])
    return (await store.uptime(url, { from, to: at }, at)).ratio
  }
  const day = { from: new Date(at.getTime() - uptimeWindows['24h']), to: new Date(at.getTime() + 1) }
  return {
    ...state,
    alive: state.health !== null && isAliveStatus(state.health.status, state.aliveWhen),
    uptime: {
      '24h': await uptime('24h'),
      '7d': await uptime('7d'),
      '30d': await uptime('30d'),
      '90d': await uptime('90d'),
      '1y': await uptime('1y'),
    },
    latencyMs: (await store.latency(url, day)).p50Ms,
  }
}
