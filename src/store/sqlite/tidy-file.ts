import Database from 'better-sqlite3'
import { explained } from './explain.js'

/**
 * Takes the write-ahead log into the database as far as no reader needs it, and brings the statistics of the planner up
 * to date. PASSIVE waits for nobody, and leaves the log to whoever replicates it. Blocks for long: for a thread.
 */
export function tidyFile({ file }: { readonly file: string }): void {
  explained(file, () => {
    const client = new Database(file, { fileMustExist: true })
    try {
      client.pragma('wal_checkpoint(PASSIVE)')
      client.pragma('optimize')
    } finally {
      client.close()
    }
  })
}
