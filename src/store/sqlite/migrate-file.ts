import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type Database from 'better-sqlite3'
import { StoreError } from '../errors.js'
import type { MigrationReport } from '../store.js'
import { connect, prepareForWriting, requireSound } from './connection.js'
import { copyDatabase, isPartOf, partOf, publish, removePart } from './copy.js'
import { explain } from './explain.js'
import { appliedCount, type Migration, readMigrations, tableNames } from './migrations.js'

export interface MigrateInput {
  readonly file: string
  readonly folder: string
}

/**
 * Applies the pending migrations of `folder` to a database that has had some: all or none, after a backup. Blocks for
 * long: for a thread.
 * @throws {StoreError} with the database as it was
 */
export async function migrateFile({ file, folder }: MigrateInput): Promise<MigrationReport> {
  const client = connect(file, false)
  try {
    const known = readMigrations(folder)
    const from = appliedCount(client, file, known)
    const pending = known.slice(from)
    requireSound(client, file)
    const copy = await backupBefore(file, from)
    prepareForWriting(client)
    apply(client, file, pending)
    return { from, to: known.length, applied: pending.map(({ name }) => name), backup: copy }
  } catch (error) {
    throw explain(error, file)
  } finally {
    client.close()
  }
}

async function backupBefore(file: string, schema: number): Promise<string> {
  const target = `${file}.schema-${schema}.${new Date().toISOString().replaceAll(':', '-')}.backup`
  removeUnfinished(file)
  const part = partOf(target)
  try {
    await copyDatabase({ file, part })
    publish(part, target)
    return target
  } catch (error) {
    removePart(part)
    throw explain(error, target)
  }
}

/** Removes what a migration that was cut short has left of its backup. Whoever calls it has the right to write. */
export function removeUnfinished(file: string): void {
  const directory = dirname(file)
  const left = readdirSync(directory).filter((name) => isPartOf(name, `${basename(file)}.schema-`))
  for (const name of left) removePart(join(directory, name))
}

/** Applies migrations in one transaction that is undone if they lose rows. */
export function apply(client: Database.Database, file: string, pending: readonly Migration[]): void {
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
