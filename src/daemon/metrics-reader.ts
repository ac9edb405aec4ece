import type { Metrics, MetricsInput } from '../metrics/metrics.js'
import type { Logger } from '../monitor/log.js'
import type { Store } from '../store/store.js'

export interface MetricsReaderParts {
  readonly store: Pick<Store, 'entries' | 'info'>
  readonly metrics: Metrics
  readonly log: Logger
}

/** What the page for Prometheus shows. A store that cannot be read must not hide that: then, what it said last. */
export function createMetricsReader(parts: MetricsReaderParts): (at: Date) => Promise<Omit<MetricsInput, 'at'>> {
  const { store, metrics, log } = parts
  let entries: MetricsInput['entries'] = []
  return async (at) => {
    try {
      entries = await store.entries(at)
      return { entries, info: await store.info() }
    } catch (err) {
      metrics.observeDatabaseError('read')
      log.error({ err }, 'history cannot be read for metrics')
      return { entries, info: null }
    }
  }
}
