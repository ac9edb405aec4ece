import { Hono } from 'hono'
import { maskUrl } from '../tracker/mask.js'
import type { Entry } from '../tracker/state.js'
import type { AppDeps } from './deps.js'
import { plain } from './plain.js'
import { quote } from './query.js'

/** One element of the format that Prometheus calls HTTP SD. */
interface TargetGroup {
  readonly targets: readonly [url: string]
  readonly labels: Readonly<Record<`__meta_trackerwatch_${string}`, string>>
}

/**
 * `/sd`: the watched trackers as targets for `/probe`. Always the complete list, since Prometheus drops what is missing;
 * but URLs with a secret are never told to whoever asks.
 */
export function serviceDiscoveryRoutes({ store, now }: Pick<AppDeps, 'store' | 'now'>): Hono {
  return new Hono().get('/', async (c) => {
    const [parameter] = new URL(c.req.url).searchParams.keys()
    if (parameter !== undefined) return plain(c, `unknown parameter ${quote(parameter)}, expected none\n`, 400)
    const entries = await store.entries(now())
    return c.json(entries.filter(isPublic).map(targetOf))
  })
}

function isPublic({ tracker }: Entry): boolean {
  return maskUrl(tracker.url) === tracker.url
}

function targetOf({ tracker, id, group, health }: Entry): TargetGroup {
  return {
    targets: [tracker.url],
    labels: {
      __meta_trackerwatch_id: id,
      __meta_trackerwatch_scheme: tracker.scheme,
      __meta_trackerwatch_host: tracker.host,
      __meta_trackerwatch_group: group,
      __meta_trackerwatch_status: health?.status ?? 'pending',
    },
  }
}
