import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type Database from 'better-sqlite3'
import { StoreError } from '../errors.js'

/** One step of the schema, as drizzle-kit lays it down. */
export interface Migration {
  readonly name: string
  readonly sql: string
  readonly hash: string
  readonly createdAt: number
}

interface Journal {
  readonly entries: readonly { readonly tag: string; readonly when: number }[]
}

/** Three levels below the package root, from `src` as from `dist`. */
export function shippedMigrations(): string {
  return fileURLToPath(new URL('../../../migrations/sqlite', import.meta.url))
}

/** The migrations of a folder in the order in which they apply. */
export function readMigrations(folder: string): readonly Migration[] {
  const migrations = migrationFiles(folder)
  for (const [index, { name, createdAt }] of migrations.entries()) {
    const previous = migrations[index - 1]
    if (previous !== undefined && previous.createdAt >= createdAt) {
      throw new Error(`migration ${name} is dated no later than ${previous.name} before it: correct meta/_journal.json`)
    }
  }
  return migrations
}

function migrationFiles(folder: string): readonly Migration[] {
  try {
    const journal: Journal = JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8'))
    return journal.entries.map(({ tag, when }) => {
      const sql = readFileSync(join(folder, `${tag}.sql`), 'utf8')
      return { name: tag, sql, hash: createHash('sha256').update(sql).digest('hex'), createdAt: when }
    })
  } catch (error) {
    throw new StoreError(`the migrations in ${folder} cannot be read: install trackerwatch again`, { cause: error })
  }
}

/**
 * How many of `known` the database has; the rest is pending. drizzle's own migrator looks at the newest date alone, so
 * it would pass over a file that was edited later or that belongs in between.
 * @throws {StoreError} if the database is not ours, is newer than this program, or went another way
 */
export function appliedCount(client: Database.Database, file: string, known: readonly Migration[]): number {
  const applied = appliedMigrations(client, file)
  if (applied.length > known.length) {
    throw new StoreError(
      `${file} was written by a newer trackerwatch (schema ${applied.length}, this program knows ${known.length}): ` +
        'upgrade the program, or restore the backup that was made beside the file when it was upgraded',
    )
  }
  for (const [index, row] of applied.entries()) {
    const expected = known[index]
    if (expected === undefined || (row.hash === expected.hash && row.created_at === expected.createdAt)) continue
    throw new StoreError(
      `migration ${index + 1} of ${file} is not the ${expected.name} that this program ships: ` +
        'use the program that wrote the file, or restore a backup',
    )
  }
  return applied.length
}

interface AppliedRow {
  readonly hash: string
  readonly created_at: number
}

function appliedMigrations(client: Database.Database, file: string): readonly AppliedRow[] {
  const tables = tableNames(client)
  if (tables.length === 0) return []
  if (tables.includes('__drizzle_migrations')) {
    return client
      .prepare<[], AppliedRow>('SELECT hash, created_at FROM __drizzle_migrations ORDER BY created_at, rowid')
      .all()
  }
  throw new StoreError(
    `${file} is a database of another program (it has the tables ${tables.slice(0, 5).join(', ')}): ` +
      'name another file under "store"',
  )
}

export function tableNames(client: Database.Database): readonly string[] {
  const text =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1"
  return client.prepare<[], string>(text).pluck().all()
}
