import type Database from 'better-sqlite3'
import type { Health } from '../../tracker/health.js'
import type { CheckResult } from '../../tracker/outcome.js'
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
  /** Whether more is new since the last that was written than the moment and the length of the streak. */
  isNews(put: Written): boolean
  /** Forgets what was written, which may have been rolled back or changed since. */
  forget(): void
}

/** What was written of a tracker. All but the moment is as it was when it was last new: nothing is kept of most checks. */
interface Known extends Omit<Health, 'checkedAt' | 'streak'> {
  readonly streakGood: boolean | undefined
  readonly streakSince: Date | undefined
  readonly said: CheckResult
  atMs: number
}

/** Beyond this many, the memory of what was written starts afresh. */
const REMEMBERED_TRACKERS = 20_000

export function createStatePuts(client: Database.Database): StatePuts {
  const written = new Map<number, Known>()
  const goOn = prepareGoOn(client)
  const putWhole = preparePut(client)
  const putBody = client.prepare<[number, string]>(
    'INSERT INTO last_check VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
  )
  return {
    put(put) {
      const { id, record, atMs } = put
      const { health, result } = record
      const before = written.get(id)
      if (before !== undefined && atMs < before.atMs) return
      const isOn = before !== undefined && goesOn(before, health) && goOn(put)
      if (!isOn && !putWhole(put)) return
      const isSaid = before !== undefined && saysTheSame(before.said, result)
      if (!isSaid) putBody.run(id, encodeCheck(result))
      if (isOn && isSaid) {
        before.atMs = atMs
        return
      }
      if (written.size >= REMEMBERED_TRACKERS) written.clear()
      written.set(id, knownOf(health, isSaid ? before.said : result, atMs))
    },
    isNews({ id, record }) {
      const before = written.get(id)
      return before === undefined || !goesOn(before, record.health)
    },
    forget: () => written.clear(),
  }
}

/** In one piece: every check is compared with it, and a piece more is a look into slow memory more. */
function knownOf(
  { status, since, streak, lastVerdict, unobservedSince, holdMs }: Health,
  said: CheckResult,
  atMs: number,
): Known {
  return {
    status,
    since,
    lastVerdict,
    unobservedSince,
    holdMs,
    streakGood: streak?.good,
    streakSince: streak?.since,
    said,
    atMs,
  }
}

/** Whether nothing but the moment and the length of the streak is new. */
function goesOn(before: Known, { status, since, streak, lastVerdict, unobservedSince, holdMs }: Health): boolean {
  return (
    before.status === status &&
    before.lastVerdict === lastVerdict &&
    before.holdMs === holdMs &&
    before.unobservedSince === unobservedSince &&
    isSameMoment(before.since, since) &&
    before.streakGood === streak?.good &&
    isSameMoment(before.streakSince, streak?.since)
  )
}

function isSameMoment(one: Date | undefined, other: Date | undefined): boolean {
  return one === other || one?.getTime() === other?.getTime()
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
