/**
 * The daemon over 1,000 trackers on loopback that have been checked before, with checks under way all the time; tells where
 * it listens.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { loadConfig } from '../../dist/config/load.js'
import { startDaemon } from '../../dist/daemon/daemon.js'
import { createLog } from '../../dist/daemon/log.js'
import { openStore } from '../../dist/store/open.js'
import { parseTracker } from '../../dist/tracker/tracker.js'
import { ROUND_MS, roundOf } from './history-fleet.js'

/** As many as a page shows of each tracker, and some more. */
const ROUNDS_BEFORE = 36

export interface ServingTask {
  readonly urls: readonly string[]
}

/** `[from, to)`, ms since 1970. */
export interface Stretch {
  readonly fromMs: number
  readonly toMs: number
}

process.once('message', async ({ urls }: ServingTask) => {
  const folder = mkdtempSync(join(tmpdir(), 'trackerwatch-serving-'))
  const configFile = join(folder, 'trackerwatch.yaml')
  const file = join(folder, 'history.db')
  writeFileSync(configFile, JSON.stringify(configOf(folder, file, urls)))
  await fill(file, urls)
  const load = async () => (await loadConfig(configFile, {})).config
  const config = await load()
  const daemon = await startDaemon({ config, loadConfig: load, log: createLog(config.log, process.stderr), onCrash })
  process.on('message', (stretch: Stretch) => process.send?.(medianMs(file, stretch)))
  process.once('disconnect', async () => {
    await daemon.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  process.send?.(daemon.url)
})

async function fill(file: string, urls: readonly string[]): Promise<void> {
  const trackers = urls.flatMap((url) => {
    const { tracker } = parseTracker(url)
    return tracker === undefined ? [] : [{ tracker, group: 'public', aliveWhen: 'announce' } as const]
  })
  const startMs = Date.now() - ROUNDS_BEFORE * ROUND_MS
  const healths = new Map()
  const store = await openStore(`sqlite:${file}`)
  await store.watch(trackers, new Date(startMs))
  for (let round = 0; round < ROUNDS_BEFORE; round++) await store.record(roundOf(trackers, healths, startMs, round))
  await store.close()
}

function onCrash(error: unknown): never {
  throw error
}

/** A beat every ten seconds that is spread over ten: a hundred checks a second. */
function configOf(folder: string, file: string, urls: readonly string[]) {
  return {
    schedule: '*/10 * * * * *',
    round: { spread: '10s' },
    listen: '127.0.0.1:0',
    log: { level: 'error' },
    store: `sqlite:${file}`,
    backup: { schedule: 'never', directory: join(folder, 'backups') },
    probe: { allow_private: true, interval_floor: 'none', family: 4 },
    groups: [{ name: 'public', trackers: urls }],
    lists: { directory: join(folder, 'lists'), stable: { min_uptime: 0.95, window: '24h', min_age: '0s' } },
    sources: { directory: join(folder, 'sources') },
  }
}

/** Of the checks of a stretch. */
function medianMs(file: string, { fromMs, toMs }: Stretch): number {
  const client = new Database(file, { readonly: true })
  const latencies = client
    .prepare<[number, number], number>(
      'SELECT latency_us FROM check_result WHERE at_ms >= ? AND at_ms < ? AND latency_us IS NOT NULL ORDER BY latency_us',
    )
    .pluck()
    .all(fromMs, toMs)
  client.close()
  return (latencies[Math.floor(latencies.length / 2)] ?? Number.NaN) / 1000
}
