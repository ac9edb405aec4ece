/**
 * A history of 60 days of 1,000 trackers, 8.6 million checks: the rows go in by bare inserts, for a minute of bench must
 * not become an hour; the first and the last round, the states and all that is rolled up come from the store itself.
 */
import Database from 'better-sqlite3'
import { openStore } from '../../dist/store/open.js'
import type { Health } from '../../dist/tracker/health.js'
import { answers, checkedAtMs, latencyUs, ROUND_MS, roundOf, watchedTracker } from './history-fleet.js'

export const TRACKERS = 1000
const DAYS = 60
const ROUNDS_PER_DAY = 144
const ROUNDS = DAYS * ROUNDS_PER_DAY
const ROWS_PER_STATEMENT = 50

export interface HistoryFile {
  readonly file: string
  readonly checks: number
  /** The moment after the last round. */
  readonly endMs: number
}

export async function writeHistory(file: string): Promise<HistoryFile> {
  const endMs = Math.floor(Date.now() / ROUND_MS) * ROUND_MS
  const startMs = endMs - ROUNDS * ROUND_MS
  const trackers = Array.from({ length: TRACKERS }, (_, index) => watchedTracker(index))
  const first = await openStore(`sqlite:${file}`)
  await first.watch(trackers, new Date(startMs))
  const begun = new Map<number, Health>()
  for (const round of [0, 1]) await first.record(roundOf(trackers, begun, startMs, round))
  await first.close()

  insertRows(file, startMs)

  const store = await openStore(`sqlite:${file}`)
  const healths = new Map((await store.states()).flatMap(({ health }, index) => (health ? [[index, health]] : [])))
  await store.record(roundOf(trackers, healths, startMs, ROUNDS - 1))
  await store.roll(new Date(endMs))
  await store.close()
  return { file, checks: TRACKERS * ROUNDS, endMs }
}

function insertRows(file: string, startMs: number): void {
  const client = new Database(file)
  client.pragma('synchronous = OFF')
  const ids = client.prepare<[], number>('SELECT id FROM tracker ORDER BY position').pluck().all()
  const verdictId = client.prepare<[number], number>('SELECT id FROM verdict WHERE outcome = ?').pluck()
  const [ok, failed] = [verdictId.get(0) ?? 0, verdictId.get(2) ?? 0]
  const row = `(?, ?, 0, 0, ?, ?)`
  const insert = client.prepare<(number | null)[]>(
    `INSERT INTO check_result (at_ms, tracker_id, family, vantage_id, verdict_id, latency_us)
     VALUES ${Array.from({ length: ROWS_PER_STATEMENT }, () => row).join(', ')}`,
  )
  const insertDay = client.transaction((day: number) => {
    let values: (number | null)[] = []
    for (let round = day * ROUNDS_PER_DAY; round < (day + 1) * ROUNDS_PER_DAY; round++) {
      if (round < 2 || round === ROUNDS - 1) continue
      for (const [index, id] of ids.entries()) {
        const alive = answers(index, round)
        const us = alive ? latencyUs(index, round) : null
        values.push(checkedAtMs(startMs, index, round, TRACKERS), id, alive ? ok : failed, us)
        if (values.length < 4 * ROWS_PER_STATEMENT) continue
        insert.run(...values)
        values = []
      }
    }
  })
  for (let day = 0; day < DAYS; day++) insertDay(day)
  insertChanges(client, ids, startMs)
  client.prepare("UPDATE meta SET value = ? WHERE name = 'checks'").run(TRACKERS * (ROUNDS - 1))
  client.close()
}

/** What the monitor would have said of the rounds between. */
function insertChanges(client: Database.Database, ids: readonly number[], startMs: number): void {
  const insert = client.prepare(
    `INSERT INTO status_change (tracker_id, at_ms, confirmed_at_ms, from_status, to_status, reason, code, message)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const setStatus = client.prepare(
    'UPDATE tracker_state SET status = ?, since_ms = ?, checked_at_ms = ?, unobserved_since_ms = NULL WHERE tracker_id = ?',
  )
  client.transaction(() => {
    for (const [index, id] of ids.entries()) {
      const atMs = (round: number): number => checkedAtMs(startMs, index, round, TRACKERS)
      let status = answers(index, 0) ? 'up' : 'down'
      let sinceMs = atMs(0)
      for (let round = 2; round < ROUNDS - 1; round++) {
        const next = answers(index, round) ? 'up' : 'down'
        if (next === status) continue
        const said = next === 'up' ? [null, null, null] : ['timeout', 'udp.timeout', 'no answer to 3 connect requests']
        insert.run(id, atMs(round), atMs(next === 'up' ? round : round + 1), status, next, ...said)
        status = next
        sinceMs = atMs(round)
      }
      setStatus.run(status, sinceMs, atMs(ROUNDS - 2), id)
    }
  })()
}
