import Database from 'better-sqlite3'
import { type CheckRow, toUs } from './check-rows.js'
import { familyCodes, HERE } from './codes.js'
import type { Verdicts } from './verdicts.js'

/** Rows per statement: twice as fast as one by one. */
const ROWS = 50

type Row = [atMs: number, trackerId: number, family: number, verdictId: number, latencyUs: number | null]

/** The rows of `check_result` that a transaction inserts. A row that is already there is left as it is. */
export interface CheckInserts {
  add(trackerId: number, atMs: number, row: CheckRow): void
  /** Inserts what is left and returns the number of checks that were not there yet. */
  finish(): number
  /** Forgets what a transaction that was rolled back has left in memory. */
  forget(): void
}

export function createCheckInserts(client: Database.Database, verdicts: Verdicts): CheckInserts {
  const many = client.prepare<Row[number][]>(statement(ROWS))
  const one = client.prepare<Row[number][]>(`${statement(1)} ON CONFLICT DO NOTHING`)
  /** Of the rows that wait; what lies behind them is of earlier ones. */
  const values: Row[number][] = []
  const decisive: boolean[] = []
  let waiting = 0
  let checks = 0

  const each = (): void => {
    for (let index = 0; index < waiting; index++) {
      const { changes } = one.run(...values.slice(index * ROW_LENGTH, (index + 1) * ROW_LENGTH))
      if (decisive[index]) checks += changes
    }
  }
  const flush = (): void => {
    if (waiting < ROWS || !runAll(many, values)) each()
    else for (const isDecisive of decisive) if (isDecisive) checks += 1
    waiting = 0
  }
  return {
    add(trackerId, atMs, row) {
      const at = waiting * ROW_LENGTH
      values[at] = atMs
      values[at + 1] = trackerId
      values[at + 2] = familyCodes[row.family]
      values[at + 3] = verdicts.idOf(row, atMs)
      values[at + 4] = toUs(row.latencyMs)
      decisive[waiting] = row.decisive
      waiting += 1
      if (waiting === ROWS) flush()
    },
    finish() {
      flush()
      const added = checks
      checks = 0
      return added
    },
    forget() {
      waiting = 0
      checks = 0
    },
  }
}

const ROW_LENGTH = 5

function statement(rows: number): string {
  const row = `(?, ?, ?, ${HERE}, ?, ?)`
  return `INSERT INTO check_result (at_ms, tracker_id, family, vantage_id, verdict_id, latency_us)
    VALUES ${Array.from({ length: rows }, () => row).join(', ')}`
}

/** False, and nothing inserted, where one of the rows is there already. */
function runAll(statement: Database.Statement<Row[number][]>, values: readonly Row[number][]): boolean {
  try {
    statement.run(...values)
    return true
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code === 'SQLITE_CONSTRAINT_PRIMARYKEY') return false
    throw error
  }
}
