import { createMetrics, type MetricsPage } from '../../src/metrics/metrics.js'
import { check, entry, ok, probe, timedOut, watched } from '../metrics/entries.js'

export const upUrl = 'https://up.example:443/announce'
export const downUrl = 'udp://down.example:6969/announce'

/** Renders a page on which every family has a sample, as of `at`. */
export function createFullPage(at: Date): () => Promise<MetricsPage> {
  const metrics = createMetrics({ version: '1.2.3', now: () => at })
  const tls = [probe(ok, { certificateExpiresAt: new Date(at.getTime() + 90 * 86_400_000) })]
  const entries = [
    entry(upUrl, 'up', { last: { ...check(upUrl, ok, tls), checkedAt: at }, lastOkAt: at }),
    entry(downUrl, 'down', { last: { ...check(downUrl, timedOut), checkedAt: at } }),
  ]
  metrics.observeCheck({ result: check(upUrl, ok, tls), change: null }, watched(upUrl))
  metrics.observeCheck({ result: check(downUrl, timedOut), change: null }, watched(downUrl))
  metrics.observeRound({ result: 'completed', durationMs: 1000, endedAt: at })
  metrics.observeListWritten('stable', 1, at)
  metrics.observeBackup(at)
  metrics.setBackupInterval(86_400_000)
  metrics.setUplink(4, true)
  metrics.setResolver(true)
  return () => metrics.render({ entries, info: { sizeBytes: 4096, freeBytes: 2 ** 30, rolledUpTo: at }, at })
}
