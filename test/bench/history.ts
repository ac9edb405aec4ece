/**
 * History beside bare better-sqlite3: 1,000 trackers and 8.6 million checks, made anew for each run. Of several times the
 * shortest stands in the table: what else the machine does only ever adds.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { openStore } from '../../dist/store/open.js'
import type { Store } from '../../dist/store/store.js'
import type { ListRules } from '../../dist/tracker/list-rules.js'
import { select } from '../../dist/tracker/select.js'
import { type HistoryFile, TRACKERS, writeHistory } from './history-file.js'
import { watchedTracker } from './history-fleet.js'
import type { StartTask } from './history-start.js'
import { writeLines } from './history-writes.js'
import type { Line } from './lines.js'
import { quietest } from './measure.js'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const BARS = 30

export async function historyLines(): Promise<Line[]> {
  const directory = mkdtempSync(join(tmpdir(), 'trackerwatch-bench-'))
  try {
    const written = await writeLines(join(directory, 'written.db'))
    const startedAt = performance.now()
    const history = await writeHistory(join(directory, 'history.db'))
    console.log(
      `${history.checks} checks of ${TRACKERS} trackers in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
    )
    const lines = [...written, sizeLine(history), ...(await startLines(history)), ...(await readLines(history))]
    return [...lines, ...(await upkeepLines(history, join(directory, 'copy.db'))), await fewerChecksLine(history)]
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function sizeLine({ file, checks }: HistoryFile): Line {
  const client = new Database(file, { readonly: true })
  const bytes = client.prepare<[], number>("SELECT sum(pgsize) FROM dbstat WHERE name = 'check_result'").pluck().get()
  client.close()
  const perRow = (bytes ?? Number.NaN) / checks
  return { what: 'bytes per check row', floor: '', ours: perRow.toFixed(1), target: '≤ 24', met: perRow <= 24 }
}

/** From the start of the process to a daemon that is ready, and to its first page; of the bare loop: to the last check of every tracker. */
async function startLines({ file }: HistoryFile): Promise<Line[]> {
  const urls = Array.from({ length: TRACKERS }, (_, index) => watchedTracker(index).tracker.url)
  const best = { bare: Number.POSITIVE_INFINITY, ready: Number.POSITIVE_INFINITY, page: Number.POSITIVE_INFINITY }
  for (let run = 0; run < 5; run++) {
    const [bare = Number.NaN] = await startTimes('history-start-floor', { file, urls })
    const [ready = Number.NaN, page = Number.NaN] = await startTimes('history-start', { file, urls })
    best.bare = Math.min(best.bare, bare)
    best.ready = Math.min(best.ready, ready)
    best.page = Math.min(best.page, page)
  }
  return [
    msLine('start of the process to ready, 8.6 million checks', best.bare, best.ready, 500),
    msLine('the same to the first page', best.bare, best.page, 1_000),
  ]
}

/** When each of its messages came, ms after its start. */
async function startTimes(program: string, task: StartTask): Promise<readonly number[]> {
  const startedAt = performance.now()
  const child = fork(fileURLToPath(new URL(`${program}.js`, import.meta.url)))
  const times: number[] = []
  child.on('message', () => times.push(performance.now() - startedAt))
  const ended = once(child, 'exit')
  child.send(task)
  const [code]: unknown[] = await ended
  if (code !== 0) throw new Error(`${program} ended with ${code}`)
  return times
}

async function readLines({ file, endMs }: HistoryFile): Promise<Line[]> {
  const at = new Date(endMs)
  const month = { from: new Date(endMs - 30 * DAY_MS), to: at }
  const quarter = { from: new Date(endMs - 90 * DAY_MS), to: at }
  const store = await openStore(`sqlite:${file}`)
  const client = new Database(file, { readonly: true })
  const monthDays = [Math.ceil(month.from.getTime() / DAY_MS), Math.ceil(endMs / DAY_MS)] as const
  try {
    return [
      await readLine(
        `newest ${BARS} checks of each of ${TRACKERS} trackers`,
        () => bareNewest(client, BARS * TRACKERS),
        () => store.recent(BARS),
        40,
      ),
      await readLine(
        `uptime of 24 h, 7 d, 30 d, 90 d and 1 y of each; bare: 30 d`,
        () => bareUptime(client, monthDays),
        () => store.entries(at),
        5,
      ),
      await readLine(
        '30-day p50, p95 and p99 of each; bare: the rows',
        () => bareHistograms(client, monthDays),
        () => store.latencies(month),
        40,
      ),
      await readLine(
        'the alive and the stable list; bare: alive by SQL',
        () => bareAlive(client),
        () => bothLists(store, at),
        3,
      ),
      await readLine(
        '90 daily values of each; bare: the rows',
        () => bareDays(client, Math.ceil(quarter.from.getTime() / DAY_MS)),
        () => store.daily(quarter),
        80,
      ),
    ]
  } finally {
    client.close()
    await store.close()
  }
}

async function readLine(
  what: string,
  floor: () => unknown,
  ours: () => Promise<unknown>,
  limitMs: number,
): Promise<Line> {
  const times: { floor: number[]; ours: number[] } = { floor: [], ours: [] }
  for (let run = 0; run < 15; run++) {
    times.floor.push(await msOf(floor))
    times.ours.push(await msOf(ours))
  }
  return msLine(what, Math.min(...times.floor), Math.min(...times.ours), limitMs)
}

async function bothLists(store: Store, at: Date): Promise<number> {
  const entries = await store.entries(at)
  const context = { rules, at }
  return (['alive', 'stable'] as const).reduce((sum, list) => {
    return sum + select(entries, { list, order: 'uptime' }, context).length
  }, 0)
}

const rules: ListRules = {
  stable: { minUptime: 0.95, window: '30d', minAgeMs: 10 * DAY_MS, margin: 0.01, graceMs: 900_000 },
  best: { limit: 20 },
}

/** Two days of checks are deleted and their space given back, and the file is copied. */
async function upkeepLines({ file, endMs }: HistoryFile, copy: string): Promise<Line[]> {
  const store = await openStore(`sqlite:${file}`)
  try {
    let before = endMs - 60 * DAY_MS
    const prune = async (): Promise<void> => {
      before += 12 * HOUR_MS
      await store.prune({ checks: new Date(before), hours: new Date(0) })
    }
    let copies = 0
    const backup = (): Promise<void> => store.backup(`${copy}.${copies++}`)
    const idle = () => new Promise<void>((resolve) => setTimeout(resolve, 300))
    const [idleMs, pruneMs, backupMs] = [await quietest(idle), await quietest(prune), await quietest(backup)]
    return [
      msLine('longest turn of the event loop in retention; bare: in idleness', idleMs, pruneMs, 10),
      msLine('longest turn of the event loop in a backup; bare: in idleness', idleMs, backupMs, 10),
    ]
  } finally {
    await store.close()
  }
}

/** What the uptimes cost with nine in ten of the checks deleted, and all else as it was. */
async function fewerChecksLine({ file, endMs }: HistoryFile): Promise<Line> {
  const at = new Date(endMs)
  const all = await firstUptimesMs(file, at)
  const client = new Database(file)
  client.prepare('DELETE FROM check_result WHERE at_ms < ?').run(endMs - 6 * DAY_MS)
  client.close()
  const few = await firstUptimesMs(file, at)
  return {
    what: 'uptimes of each, first call; bare: a tenth of the checks',
    floor: `${few.toFixed(0)} ms`,
    ours: `${all.toFixed(0)} ms = ${(all / few).toFixed(1)} ×`,
    target: '≤ 1.2 ×',
    met: all <= 1.2 * few,
  }
}

/** Of a store that has just been opened and remembers nothing. */
async function firstUptimesMs(file: string, at: Date): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < 10; run++) {
    const store = await openStore(`sqlite:${file}`)
    times.push(await msOf(() => store.entries(at)))
    await store.close()
  }
  return Math.min(...times)
}

function bareNewest(client: Database.Database, rows: number): unknown {
  return client
    .prepare(
      'SELECT at_ms, tracker_id, verdict_id, latency_us FROM check_result ORDER BY at_ms DESC, tracker_id DESC LIMIT ?',
    )
    .raw()
    .all(rows)
}

function bareUptime(client: Database.Database, [from, to]: readonly [number, number]): unknown {
  return client
    .prepare(
      `SELECT tracker_id, sum(alive_ms) * 1.0 / sum(observed_ms) FROM day_rollup
       WHERE day >= ? AND day < ? GROUP BY tracker_id`,
    )
    .raw()
    .all(from, to)
}

function bareHistograms(client: Database.Database, [from, to]: readonly [number, number]): unknown {
  return client.prepare('SELECT tracker_id, latencies FROM day_rollup WHERE day >= ? AND day < ?').raw().all(from, to)
}

function bareAlive(client: Database.Database): unknown {
  return client
    .prepare(
      "SELECT url FROM tracker JOIN tracker_state ON tracker_id = id WHERE status IN ('up', 'degraded') ORDER BY url",
    )
    .pluck()
    .all()
}

function bareDays(client: Database.Database, from: number): unknown {
  return client.prepare('SELECT tracker_id, day, observed_ms, alive_ms FROM day_rollup WHERE day >= ?').raw().all(from)
}

async function msOf(work: () => unknown): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

function msLine(what: string, floorMs: number, oursMs: number, limitMs: number): Line {
  const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`
  return { what, floor: ms(floorMs), ours: ms(oursMs), target: `≤ ${limitMs} ms`, met: oursMs <= limitMs }
}
