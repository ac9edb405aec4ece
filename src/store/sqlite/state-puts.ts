import type Database from 'better-sqlite3'
import type { Health } from '../../tracker/health.js'
import type { CheckResult } from '../../tracker/outcome.js'
import type { CheckRecord } from '../store.js'
import { encodeCheck } from './check-json.js'
import { encodeTimes, saysTheSame } from './check-times.js'

/** The state of a tracker after a check. */
export interface StatePut {
  readonly id: number
  readonly record: CheckRecord
  /** Of the newest check that was answered, as far as the transaction knows. */
  readonly lastOkAt: Date | null
}

/**
 * Writes states. A newer one replaces the older, not the other way about; but a failure does not take away when the tracker
 * last answered. By hand and not from the schema: every check that is written on its own goes through it.
 */
export interface StatePuts {
  /** Inside a transaction of the caller. */
  put(put: StatePut): void
  /** Forgets what was written, which may have been rolled back or changed since. */
  forget(): void
}

/** What was written of a tracker. The rest of it is as it was when it was last new: nothing is kept of most checks. */
interface Written {
  readonly health: Health
  readonly said: CheckResult
  checkedAtMs: number
}

/** Beyond this many, the memory of what was written starts afresh. */
const REMEMBERED_TRACKERS = 20_000

export function createStatePuts(client: Database.Database): StatePuts {
  const written = new Map<number, Written>()
  const goOn = prepareGoOn(client)
  const putWhole = preparePut(client)
  const putBody = client.prepare<[number, string]>(
    'INSERT INTO last_check VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
  )
  return {
    put(put) {
      const { id, record } = put
      const { health, result } = record
      const checkedAtMs = health.checkedAt.getTime()
      const before = written.get(id)
      if (before !== undefined && checkedAtMs < before.checkedAtMs) return
      const isOn = before !== undefined && goesOn(before.health, health) && goOn(put)
      if (!isOn && !putWhole(put)) return
      const isSaid = before !== undefined && saysTheSame(before.said, result)
      if (!isSaid) putBody.run(id, encodeCheck(result))
      if (isOn && isSaid) {
        before.checkedAtMs = checkedAtMs
        return
      }
      if (written.size >= REMEMBERED_TRACKERS) written.clear()
      written.set(id, { health, said: isSaid ? before.said : result, checkedAtMs })
    },
    forget: () => written.clear(),
  }
}

/** Whether nothing but the moment and the length of the streak is new. */
function goesOn(before: Health, health: Health): boolean {
  return (
    before.status === health.status &&
    before.lastVerdict === health.lastVerdict &&
    before.holdMs === health.holdMs &&
    before.unobservedSince === health.unobservedSince &&
    isSameMoment(before.since, health.since) &&
    before.streak?.good === health.streak?.good &&
    isSameMoment(before.streak?.since, health.streak?.since)
  )
}

function isSameMoment(one: Date | undefined, other: Date | undefined): boolean {
  return one === other || one?.getTime() === other?.getTime()
}

/** What nearly every check does. Returns false where the row is gone. */
function prepareGoOn(client: Database.Database): (put: StatePut) => boolean {
  const update = client.prepare<[number, number | null, Buffer, number | null, number]>(
    `UPDATE tracker_state SET checked_at_ms = ?, streak_count = ?, last_times = ?,
       last_ok_at_ms = nullif(max(ifnull(?, 0), ifnull(last_ok_at_ms, 0)), 0)
     WHERE tracker_id = ?`,
  )
  return ({ id, record: { health, result }, lastOkAt }) => {
    const { checkedAt, streak } = health
    const okMs = lastOkAt?.getTime() ?? null
    return update.run(checkedAt.getTime(), streak?.count ?? null, encodeTimes(result), okMs, id).changes > 0
  }
}

/** Returns false where the state that is there is newer. */
function preparePut(client: Database.Database): (put: StatePut) => boolean {
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
  return ({ id, record: { health, result }, lastOkAt }) => {
    const { status, since, checkedAt, streak, lastVerdict, unobservedSince, holdMs } = health
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
      lastOkAt?.getTime() ?? null,
      checkedAt.getTime(),
      id,
    ]
    return put.run(values).changes > 0
  }
}
