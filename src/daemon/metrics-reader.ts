import type { Metrics, MetricsInput } from '../metrics/metrics.js'
import type { Logger } from '../monitor/log.js'
import type { Store } from '../store/store.js'

export interface MetricsReaderParts {
  readonly store: Pick<Store, 'entries' | 'info'>
  readonly metrics: Metrics
  readonly log: Logger
}

/**
 * What the page for Prometheus shows. A store that cannot be read must not hide that: then, what it said last, as of
 * then, so that trackers which came since are not taken for removed.
 */
export function createMetricsReader(parts: MetricsReaderParts): (at: Date) => Promise<MetricsInput> {
  const { store, metrics, log } = parts
  let last: Omit<MetricsInput, 'info'> = { entries: [], at: new Date(0) }
  return async (at) => {
    try {
      last = { entries: await store.entries(at), at }
      return { ...last, info: await store.info() }
    } catch (err) {
      metrics.observeDatabaseError('read')
      log.error({ err }, 'history cannot be read for metrics')
      return { ...last, info: null }
    }
  }
}
