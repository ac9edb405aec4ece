import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createMetricsReader } from '../../src/daemon/metrics-reader.js'
import { createMetrics } from '../../src/metrics/metrics.js'
import { openStore } from '../../src/store/open.js'
import { sample } from '../e2e/samples.js'
import { check, ok, watched } from '../metrics/entries.js'

const early = watched('udp://early.example.org:6969/announce')
const late = watched('udp://late.example.org:6969/announce')
const begin = Date.parse('2026-11-22T10:00:00Z')

/** A store that watches `early`, and the page for Prometheus at a second after the begin. */
async function reading() {
  const folder = mkdtempSync(join(tmpdir(), 'trackerwatch-metrics-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const store = await openStore(`sqlite:${join(folder, 'history.db')}`)
  onTestFinished(store.close)
  await store.watch([early], new Date(begin))
  let now = new Date(begin)
  const metrics = createMetrics({ version: '1', now: () => now })
  const errors: string[] = []
  const log = {
    ...{ debug: () => {}, info: () => {}, warn: () => {} },
    error: (_: object, msg: string) => errors.push(msg),
  }
  const disk = { fails: false }
  const entries: typeof store.entries = async (at) => {
    if (disk.fails) throw new Error('disk I/O error')
    return store.entries(at)
  }
  const read = createMetricsReader({ store: { entries, info: store.info }, metrics, log })
  const observe = (seconds: number, tracker: typeof early): void => {
    now = new Date(begin + seconds * 1000)
    metrics.observeCheck({ result: check(tracker.tracker.url, ok), change: null }, tracker)
  }
  const page = async (seconds: number): Promise<string> => {
    const { body } = await metrics.render(await read(new Date(begin + seconds * 1000)))
    return body.toString()
  }
  return { store, disk, observe, page, errors }
}

function probesOf(page: string, { tracker }: typeof early): number | null {
  return sample(page, `trackerwatch_probes_total{tracker="${tracker.url}"}`)
}

it('a store that cannot be read leaves the page as of the last time that it could, and counts', async () => {
  const { store, observe, page, errors } = await reading()
  observe(1, early)
  expect(sample(await page(2), 'trackerwatch_database_size_bytes')).toBeGreaterThan(0)
  await store.close()
  observe(3, early)
  const shown = await page(4)
  expect(probesOf(shown, early)).toBe(2)
  expect(sample(shown, 'trackerwatch_database_size_bytes')).toBeNull()
  expect(sample(shown, 'trackerwatch_database_errors_total{operation="read"}')).toBe(1)
  expect(errors).toEqual(['history cannot be read for metrics'])
})

it('a store that cannot be read takes the counts of no tracker that came since', async () => {
  const { store, disk, observe, page } = await reading()
  await store.watch([early, late], new Date(begin))
  disk.fails = true
  observe(1, late)
  await page(2)
  disk.fails = false
  expect(probesOf(await page(3), late)).toBe(1)
})
