import { mkdirSync, statfsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { StoreError } from '../errors.js'
import { damaged, explained } from './explain.js'

/** How long a statement waits for another program's lock when a store is opened or only read. */
const BUSY_TIMEOUT_MS = 1000
/** The same beside checks, which wait with it. A write is tried again, see `Work.write`. */
const BUSY_TIMEOUT_AT_WORK_MS = 5
/** A write-ahead log that a burst has grown is cut back to this. */
const JOURNAL_SIZE_LIMIT_BYTES = 16 * 1024 * 1024
/** As many pages: from then on a write takes the log in by itself, and waits. Upkeep does it before, in a thread. */
const AUTOCHECKPOINT_PAGES = 4096
/** Up to this size reading everything at start-up takes about a tenth of a second. */
const CHECKED_AT_OPEN_BYTES = 32 * 1024 * 1024

export const MEMORY = ':memory:'

/** The absolute path of a database; makes its directory, unless it is only to be read. */
export function databaseFile(path: string, readOnly: boolean): string {
  if (path === MEMORY && !readOnly) return path
  if (path === MEMORY) throw new StoreError('a store in memory begins empty, so there is nothing to open for reading')
  if (path === '') throw new StoreError('store "sqlite:" names no file, expected sqlite:PATH or sqlite::memory:')
  const file = resolve(path)
  const directory = dirname(file)
  const kindOf = (name: string) => explained(name, () => statSync(name, { throwIfNoEntry: false }))
  if (kindOf(directory)?.isFile()) throw new StoreError(`${directory} is a file, expected a directory`)
  if (!readOnly) explained(directory, () => mkdirSync(directory, { recursive: true }))
  const found = kindOf(file)
  if (found?.isDirectory()) throw new StoreError(`${file} is a directory, expected a file name`)
  if (found === undefined && readOnly) {
    throw new StoreError(`${file} does not exist: "trackerwatch run" creates it, or name another file under "store"`)
  }
  return file
}

/** Opens the file and finds out whether it is a sound database, without a change to it. */
export function connect(file: string, readOnly: boolean): Database.Database {
  return explained(file, () => {
    const client = new Database(file, { readonly: readOnly, timeout: BUSY_TIMEOUT_MS })
    try {
      client.pragma('foreign_keys = ON')
      // The first read: noise and truncation show here.
      client.pragma('schema_version')
      if (!readOnly && sizeBytes(client) <= CHECKED_AT_OPEN_BYTES) requireSound(client, file)
      return client
    } catch (error) {
      client.close()
      throw error
    }
  })
}

/** Sets up a database that is known to be ours, or new. */
export function prepareForWriting(client: Database.Database): void {
  // Has an effect only before the first page is written, which the next pragma does.
  if (numberPragma(client, 'page_count') === 0) client.pragma('auto_vacuum = INCREMENTAL')
  client.pragma('journal_mode = WAL')
  // In WAL mode a killed process loses nothing; a power cut may lose the last commits, but never consistency.
  client.pragma('synchronous = NORMAL')
  client.pragma(`wal_autocheckpoint = ${AUTOCHECKPOINT_PAGES}`)
  client.pragma(`journal_size_limit = ${JOURNAL_SIZE_LIMIT_BYTES}`)
  // A file that may not be written is opened all the same, and tells at the first write: this one, which leaves no trace.
  client.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${numberPragma(client, 'user_version')}; ROLLBACK`)
}

/** Takes the write-ahead log into the database before it is closed. Where that fails, the next start reads the log. */
export function takeInLog(client: Database.Database): void {
  try {
    client.pragma('wal_checkpoint(TRUNCATE)')
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error
  }
}

/** From now on the event loop is shared with others. */
export function shareLoop(client: Database.Database): void {
  client.pragma(`busy_timeout = ${BUSY_TIMEOUT_AT_WORK_MS}`)
}

/** Everything but the agreement of indexes with their tables, which `verify` checks. */
export function requireSound(client: Database.Database, file: string): void {
  const finding: unknown = client.pragma('quick_check(1)', { simple: true })
  if (finding === 'ok') return
  throw new StoreError(`${damaged(file)} (${String(finding)})`)
}

export function sizeBytes(client: Database.Database): number {
  return numberPragma(client, 'page_count') * numberPragma(client, 'page_size')
}

/** What the file system of a database has left for us; null where it does not say. */
export function freeBytes(file: string): number | null {
  if (file === MEMORY) return null
  try {
    const { bavail, bsize } = statfsSync(dirname(file))
    return bavail * bsize
  } catch {
    return null
  }
}

export function numberPragma(client: Database.Database, name: string): number {
  return Number(client.pragma(name, { simple: true }))
}
