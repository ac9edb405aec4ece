import type Database from 'better-sqlite3'
import { StoreError } from '../errors.js'
import type { MigrationReport } from '../store.js'
import { MEMORY, prepareForWriting } from './connection.js'
import { apply, removeUnfinished } from './migrate-file.js'
import { appliedCount, readMigrations } from './migrations.js'
import { inThread } from './thread.js'

/**
 * Brings the database up to the newest migration of `folder`: all pending ones or none, after a backup, in a thread. A
 * new database has nothing to lose and gets its tables at once.
 * @throws {StoreError} with the database as it was, likewise `signal.reason`
 */
export async function migrate(
  client: Database.Database,
  file: string,
  folder: string,
  signal?: AbortSignal,
): Promise<MigrationReport> {
  const known = readMigrations(folder)
  const from = appliedCount(client, file, known)
  const pending = known.slice(from)
  if (pending.length === 0) return { from, to: from, applied: [], backup: null }
  if (from > 0 && file !== MEMORY) {
    return inThread('migrate', { file, folder }, signal).finally(() => removeUnfinished(file))
  }
  prepareForWriting(client) // before the first table
  apply(client, file, pending)
  return { from, to: known.length, applied: pending.map(({ name }) => name), backup: null }
}

/** @throws {StoreError} if a migration is pending */
export function requireMigrated(client: Database.Database, file: string, folder: string): void {
  const known = readMigrations(folder)
  const applied = appliedCount(client, file, known)
  if (applied === known.length) return
  throw new StoreError(
    `${file} was written by an older trackerwatch (schema ${applied}, this program needs ${known.length}): ` +
      'run "trackerwatch db migrate"',
  )
}
