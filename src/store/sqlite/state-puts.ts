import type Database from 'better-sqlite3'
import type { Health } from '../../tracker/health.js'
import type { CheckResult } from '../../tracker/outcome.js'
import type { CheckRecord } from '../store.js'
import { encodeCheck } from './check-json.js'
import { encodeTimes, saysTheSame } from './check-times.js'
import type { Written } from './written.js'

/**
 * Writes states. A newer one replaces the older, not the other way about; but a failure does not take away when the tracker
 * last answered. By hand and not from the schema: every check that is written on its own goes through it.
 */
export interface StatePuts {
  /** Inside a transaction of the caller. */
  put(put: Written): void
  /** Takes note of a record that is to be written, each in its turn. Returns the health before, null if it is not known. */
  follow(id: number, record: CheckRecord): Health | null
  /** Whether those since the last that was written had more to tell than the moment and the length of the streak. */
  hasNews(id: number): boolean
  /** Forgets what was written, which may have been rolled back or changed since. */
  forget(): void
}

/** What was written of a tracker, and what has followed. */
interface Known {
  /** The last that followed. Whether one continues it is seen without a look into either, which costs more than a row. */
  health: Health
  hasNews: boolean
  /** What was written when it last was new: nothing is kept of most checks. Null where nothing was yet. */
  said: CheckResult | null
  atMs: number
}

/** Beyond this many, the memory of what was written starts afresh. */
const REMEMBERED_TRACKERS = 20_000

export function createStatePuts(client: Database.Database): StatePuts {
  const known = new Map<number, Known>()
  const goOn = prepareGoOn(client)
  const putWhole = preparePut(client)
  const putBody = client.prepare<[number, string]>(
    'INSERT INTO last_check VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
  )
  const remember = (id: number, what: Known): void => {
    if (known.size >= REMEMBERED_TRACKERS) known.clear()
    known.set(id, what)
  }
  return {
    put(put) {
      const { id, record, atMs } = put
      const { health, result } = record
      const before = known.get(id)
      if (before !== undefined && atMs < before.atMs) return
      const isOn = before !== undefined && !before.hasNews && goOn(put)
      if (!isOn && !putWhole(put)) return
      const said = before?.said ?? null
      const isSaid = said !== null && saysTheSame(said, result)
      if (!isSaid) putBody.run(id, encodeCheck(result))
      if (before === undefined) remember(id, { health, hasNews: false, said: result, atMs })
      else {
        before.health = health
        before.hasNews = false
        before.atMs = atMs
        if (!isSaid) before.said = result
      }
    },
    follow(id, { health, continues }) {
      const last = known.get(id)
      if (last === undefined) {
        remember(id, { health, hasNews: true, said: null, atMs: Number.NEGATIVE_INFINITY })
        return null
      }
      const before = last.health
      if (before !== continues) last.hasNews = true
      last.health = health
      return before
    },
    hasNews: (id) => known.get(id)?.hasNews ?? true,
    forget: () => known.clear(),
  }
}

/** What nearly every check does. Returns false where the row is gone. */
function prepareGoOn(client: Database.Database): (put: Written) => boolean {
  const update = client.prepare<[number, number | null, Buffer, number | null, number]>(
    `UPDATE tracker_state SET checked_at_ms = ?, streak_count = ?, last_times = ?,
       last_ok_at_ms = nullif(max(ifnull(?, 0), ifnull(last_ok_at_ms, 0)), 0)
     WHERE tracker_id = ?`,
  )
  return ({ id, record, atMs, lastOkMs }) => {
    const { health, result } = record
    return update.run(atMs, health.streak?.count ?? null, encodeTimes(result), lastOkMs, id).changes > 0
  }
}

/** Returns false where the state that is there is newer. */
function preparePut(client: Database.Database): (put: Written) => boolean {
  const put = client.prepare<[readonly (number | string | Buffer | null)[]]>(
    `INSERT INTO tracker_state (status, since_ms, streak_good, streak_count, streak_since_ms, last_verdict,
       unobserved_since_ms, hold_ms, last_times, last_ok_at_ms, checked_at_ms, tracker_id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
       status = excluded.status, since_ms = excluded.since_ms, streak_good = excluded.streak_good,
       streak_count = excluded.streak_count, streak_since_ms = excluded.streak_since_ms,
       last_verdict = excluded.last_verdict, unobserved_since_ms = excluded.unobserved_since_ms,
       hold_ms = excluded.hold_ms, last_times = excluded.last_times,
       last_ok_at_ms = nullif(max(ifnull(excluded.last_ok_at_ms, 0), ifnull(last_ok_at_ms, 0)), 0),
       checked_at_ms = excluded.checked_at_ms
     WHERE excluded.checked_at_ms >= checked_at_ms`,
  )
  return ({ id, record: { health, result }, atMs, lastOkMs }) => {
    const { status, since, streak, lastVerdict, unobservedSince, holdMs } = health
    const values = [
      status,
      since.getTime(),
      streak === null ? null : streak.good ? 1 : 0,
      streak?.count ?? null,
      streak?.since.getTime() ?? null,
      lastVerdict,
      unobservedSince?.getTime() ?? null,
      holdMs,
      encodeTimes(result),
      lastOkMs,
      atMs,
      id,
    ]
    return put.run(values).changes > 0
  }
}
