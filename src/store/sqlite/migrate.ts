import type Database from 'better-sqlite3'
import { StoreError } from '../errors.js'
import type { MigrationReport } from '../store.js'
import { backup } from './backup.js'
import { MEMORY, prepareForWriting, requireSound } from './connection.js'
import { appliedCount, type Migration, readMigrations, tableNames } from './migrations.js'

/**
 * Brings the database up to the newest migration of `folder`: all pending ones or none, after a backup.
 * @throws {StoreError} with the database as it was
 */
export async function migrate(client: Database.Database, file: string, folder: string): Promise<MigrationReport> {
  const known = readMigrations(folder)
  const from = appliedCount(client, file, known)
  const pending = known.slice(from)
  if (pending.length === 0) return { from, to: from, applied: [], backup: null }
  requireSound(client, file)
  const copy = from === 0 || file === MEMORY ? null : backupName(file, from)
  if (copy !== null) await backup(client, copy)
  prepareForWriting(client) // before the first table
  apply(client, file, pending)
  return { from, to: known.length, applied: pending.map(({ name }) => name), backup: copy }
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

function backupName(file: string, schema: number): string {
  return `${file}.schema-${schema}.${new Date().toISOString().replaceAll(':', '-')}.backup`
}

function apply(client: Database.Database, file: string, pending: readonly Migration[]): void {
  // With enforcement on, the DROP TABLE of a rebuild would empty what refers to it. Inside a transaction, where
  // drizzle-kit writes this pragma, it has no effect.
  client.pragma('foreign_keys = OFF')
  try {
    client.transaction(() => applyInTransaction(client, file, pending)).immediate()
  } finally {
    client.pragma('foreign_keys = ON')
  }
}

function applyInTransaction(client: Database.Database, file: string, pending: readonly Migration[]): void {
  const before = rowCounts(client)
  client.exec(
    'CREATE TABLE IF NOT EXISTS __drizzle_migrations ' +
      '(id INTEGER PRIMARY KEY, hash TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT',
  )
  const note = client.prepare('INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)')
  for (const { sql, hash, createdAt } of pending) {
    client.exec(sql)
    note.run(hash, createdAt)
  }
  requireKept(file, before, rowCounts(client))
  const [violation] = foreignKeyViolations(client)
  if (violation !== undefined) throw new StoreError(`migration of ${file} undone: it leaves ${violation}`)
}

function requireKept(file: string, before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): void {
  for (const [table, rows] of before) {
    const left = after.get(table) ?? 0
    if (left >= rows) continue
    throw new StoreError(`migration of ${file} undone: it leaves ${left} of ${rows} rows in table ${table}`)
  }
}

function rowCounts(client: Database.Database): ReadonlyMap<string, number> {
  const count = (table: string) => client.prepare<[], number>(`SELECT count(*) FROM "${table}"`).pluck().get() ?? 0
  return new Map(tableNames(client).map((table) => [table, count(table)]))
}

interface Violation {
  readonly table: string
  readonly rowid: number
  readonly parent: string
}

/** Sentences about rows that refer to a row which does not exist. */
export function foreignKeyViolations(client: Database.Database): readonly string[] {
  return client
    .prepare<[], Violation>('PRAGMA foreign_key_check')
    .all()
    .map(({ table, rowid, parent }) => `row ${rowid} of table ${table} without its row in table ${parent}`)
}
