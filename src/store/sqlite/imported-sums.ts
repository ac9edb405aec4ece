import type Database from 'better-sqlite3'
import { getTableColumns } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { DAY_MS, HOUR_MS } from '../../tracker/time.js'
import { StoreError } from '../errors.js'
import type { RollupRow } from '../transfer.js'
import { HERE } from './codes.js'
import { prepareInsert, replacing } from './insert.js'
import { summaryOf } from './rollup-rows.js'
import type { Rollups } from './rollups.js'
import { dayRollup, hourRollup } from './schema.js'

/** The hours and days of an import; each inside a transaction of the caller. */
export interface ImportedSums {
  /** Whether it was new, or counts more than what was here. */
  put(row: RollupRow, id: number): boolean
  /** Sums up the days again of which an hour was put since the last time. */
  finish(): void
  /** Forgets what a transaction that was rolled back has left in memory. */
  forget(): void
}

export function prepareSums(client: Database.Database, rollups: Pick<Rollups, 'putDay'>): ImportedSums {
  const putHour = prepareInsert(client, hourRollup, replacingFewer(hourRollup))
  const putDay = prepareInsert(client, dayRollup, replacingFewer(dayRollup))
  const days = new Map<string, readonly [id: number, day: number]>()
  return {
    put(row, id) {
      const summary = { trackerId: id, vantageId: HERE, ...summaryOf(row) }
      if (row.type === 'day') return putDay({ ...summary, day: numberOf(row, DAY_MS) }) > 0
      if (putHour({ ...summary, hour: numberOf(row, HOUR_MS) }) === 0) return false
      const day = Math.floor(row.from.getTime() / DAY_MS)
      days.set(`${id} ${day}`, [id, day])
      return true
    },
    finish() {
      for (const [id, day] of days.values()) rollups.putDay(id, day)
      days.clear()
    },
    forget: () => days.clear(),
  }
}

function numberOf({ type, url, from }: RollupRow, unitMs: number): number {
  const number = from.getTime() / unitMs
  if (Number.isInteger(number)) return number
  throw new StoreError(`${type} of ${url} from ${from.toISOString()}, expected the beginning of one`)
}

/** Whoever counts the most checks wins. */
function replacingFewer(table: SQLiteTable): string {
  const { ok, rejected, failed, skipped } = getTableColumns(hourRollup)
  const sum = (side: string) => [ok, rejected, failed, skipped].map(({ name }) => `${side}${name}`).join(' + ')
  return `${replacing(table)} WHERE ${sum('excluded.')} > ${sum('')}`
}
