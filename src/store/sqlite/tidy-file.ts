import Database from 'better-sqlite3'
import { explained } from './explain.js'

/** Analyse where it helps (0x02), of all tables (0x10000) and not of those alone that this connection has asked, for it asks none. */
const ANALYZE_ALL = 0x10002

/**
 * Takes the write-ahead log into the database as far as no reader needs it, and brings the statistics of the planner up
 * to date. PASSIVE waits for nobody, and leaves the log to whoever replicates it. Blocks for long: for a thread.
 */
export function tidyFile({ file }: { readonly file: string }): void {
  explained(file, () => {
    const client = new Database(file, { fileMustExist: true })
    try {
      client.pragma('wal_checkpoint(PASSIVE)')
      client.pragma(`optimize = ${ANALYZE_ALL}`)
    } finally {
      client.close()
    }
  })
}
