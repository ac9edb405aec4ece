import { setImmediate } from 'node:timers/promises'
import { and, desc, eq, gte, inArray, lt } from 'drizzle-orm'
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'
import { HOUR_MS } from '../../tracker/time.js'
import type { Window } from '../../tracker/uptime.js'
import type { StoredCheck } from '../stored-check.js'
import { outcomeCodes } from './codes.js'
import { type History, type HistoryParts, storedCheck } from './history.js'
import { checkResult, verdict } from './schema.js'
import type { Known } from './states.js'

export interface FailuresParts extends Pick<HistoryParts, 'ends'> {
  readonly db: BetterSQLite3Database
  readonly history: Pick<History, 'hours'>
}

/**
 * The checks that did not find a tracker alive, newest first, see `Store.failures`. The rows lie by time, so the hours
 * tell first which of them are worth reading: a tracker that fails once a month costs one hour and not the month.
 */
export function createFailures({ db, history, ends }: FailuresParts) {
  return async (known: Known, window: Window, limit: number): Promise<readonly StoredCheck[]> => {
    const kept = ends.checks()
    if (kept === null) return []
    const kinds = known.state.aliveWhen === 'announce' ? (['failed', 'rejected'] as const) : (['failed'] as const)
    const fromMs = Math.max(window.from.getTime(), kept.fromMs)
    const from = new Date(Math.floor(fromMs / HOUR_MS) * HOUR_MS)
    const failures: StoredCheck[] = []
    for (const hour of history.hours(known, { from, to: window.to }).toReversed()) {
      if (kinds.every((kind) => hour.checks[kind] === 0)) continue
      const rows = select(db, known.id, {
        kinds: kinds.map((kind) => outcomeCodes[kind]),
        fromMs: Math.max(hour.from.getTime(), fromMs),
        toMs: Math.min(hour.to.getTime(), window.to.getTime()),
        limit: limit - failures.length,
      })
      failures.push(...rows.map(storedCheck))
      if (failures.length >= limit) break
      await setImmediate()
    }
    return failures
  }
}

interface Asked {
  readonly kinds: number[]
  readonly fromMs: number
  readonly toMs: number
  readonly limit: number
}

function select(db: BetterSQLite3Database, id: number, { kinds, fromMs, toMs, limit }: Asked) {
  const { atMs, trackerId, verdictId } = checkResult
  const within = and(gte(atMs, fromMs), lt(atMs, toMs), eq(trackerId, id))
  const query = db.select().from(checkResult).innerJoin(verdict, eq(verdict.id, verdictId))
  return query
    .where(and(within, eq(verdict.decisive, 1), inArray(verdict.outcome, kinds)))
    .orderBy(desc(atMs))
    .limit(limit)
    .all()
}
