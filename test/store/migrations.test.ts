import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { getTableColumns, getTableName } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { migrateStore, openStore } from '../../src/store/open.js'
import { readMigrations, shippedMigrations } from '../../src/store/sqlite/migrations.js'
import * as schema from '../../src/store/sqlite/schema.js'
import { migrateSqlite, openSqlite } from '../../src/store/sqlite/sqlite.js'
import { at, checksOf, HOUR, inDirectory, records, url, watched } from './support.js'

const forWriting = { readOnly: false, migrate: true }

/** The folder of a later program: the migrations of today and one more for each SQL. */
function laterMigrations(directory: string, ...statements: readonly string[]): string {
  const folder = join(directory, 'migrations')
  cpSync(shippedMigrations(), folder, { recursive: true })
  const file = join(folder, 'meta', '_journal.json')
  const journal: { entries: { idx: number; when: number; tag: string }[] } = JSON.parse(readFileSync(file, 'utf8'))
  const newest = journal.entries.at(-1)?.when ?? 0
  for (const [index, sql] of statements.entries()) {
    const tag = `9${index}_later`
    writeFileSync(join(folder, `${tag}.sql`), sql)
    journal.entries.push({ idx: journal.entries.length, when: newest + 1 + index, tag })
  }
  writeFileSync(file, JSON.stringify(journal))
  return folder
}

async function makeHistory(file: string): Promise<void> {
  const store = await openStore(`sqlite:${file}`)
  await store.watch([watched('a'), watched('b')], at(0))
  await store.record([...records(checksOf('a', '+--+')), ...records(checksOf('b', '++s+'))])
  await store.installSecret()
  await store.close()
}

function inspect<T>(file: string, body: (client: Database.Database) => T): T {
  const client = new Database(file, { readonly: true })
  try {
    return body(client)
  } finally {
    client.close()
  }
}

const everything = (file: string) =>
  inspect(file, (client) =>
    [
      'tracker',
      'tracker_state',
      'last_check',
      'check_result',
      'status_change',
      'verdict',
      'meta',
      'secret',
      '__drizzle_migrations',
    ].map((table) => client.prepare(`SELECT * FROM ${table}`).all()),
  )

const backupsIn = (directory: string) => readdirSync(directory).filter((name) => name.endsWith('.backup'))

const shipped = readMigrations(shippedMigrations()).length

describe('the schema', () => {
  it('is STRICT throughout, and WITHOUT ROWID where rows are many or the key is no number', () =>
    inDirectory(async (directory) => {
      const file = join(directory, 'history.db')
      await makeHistory(file)
      const tables = inspect(file, (client) =>
        client
          .prepare<[], { name: string; sql: string }>(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
          )
          .all(),
      )
      expect(tables.map(({ name, sql }) => [name, sql.slice(sql.lastIndexOf(')') + 1).trim()])).toEqual([
        ['__drizzle_migrations', 'STRICT'],
        ['address', 'STRICT, WITHOUT ROWID'],
        ['alias', 'STRICT, WITHOUT ROWID'],
        ['check_result', 'STRICT, WITHOUT ROWID'],
        ['day_rollup', 'STRICT, WITHOUT ROWID'],
        ['gap', 'STRICT, WITHOUT ROWID'],
        ['hour_phase', 'STRICT, WITHOUT ROWID'],
        ['hour_rollup', 'STRICT, WITHOUT ROWID'],
        ['last_check', 'STRICT'],
        ['list_change', 'STRICT, WITHOUT ROWID'],
        ['list_member', 'STRICT, WITHOUT ROWID'],
        ['meta', 'STRICT, WITHOUT ROWID'],
        ['reopened', 'STRICT'],
        ['secret', 'STRICT, WITHOUT ROWID'],
        ['status_change', 'STRICT, WITHOUT ROWID'],
        ['tracker', 'STRICT'],
        ['tracker_state', 'STRICT'],
        ['verdict', 'STRICT'],
      ])
      const keyOf = (table: string) => tables.find(({ name }) => name === table)?.sql.match(/PRIMARY KEY\((.*)\)/)?.[1]
      expect(keyOf('check_result')).toBe('`at_ms`, `tracker_id`, `family`, `vantage_id`')
      expect(keyOf('status_change')).toBe('`tracker_id`, `at_ms`, `confirmed_at_ms`')
      expect(keyOf('gap')).toBe('`tracker_id`, `to_ms`')
    }))

  it('of the migrations is the one that the program was compiled with', () =>
    inDirectory(async (directory) => {
      const file = join(directory, 'history.db')
      await makeHistory(file)
      for (const table of Object.values(schema)) {
        const expected = Object.values(getTableColumns(table)).map((column) => ({
          name: column.name,
          type: column.getSQLType().toUpperCase(),
          notnull: column.notNull ? 1 : 0,
        }))
        const columns = inspect(file, (client) =>
          client
            .prepare(`SELECT name, upper(type) AS type, "notnull" FROM pragma_table_info(?)`)
            .all(getTableName(table)),
        )
        expect(columns).toEqual(expected)
      }
    }))

  it('lies in a file that can shrink and whose writers do not block readers', () =>
    inDirectory(async (directory) => {
      const file = join(directory, 'history.db')
      await makeHistory(file)
      const pragma = (name: string) => inspect(file, (client) => client.pragma(name, { simple: true }))
      expect([pragma('auto_vacuum'), pragma('journal_mode')]).toEqual([2, 'wal'])
    }))
})

describe('a migration', () => {
  it('is applied after a backup that is named with the schema and the date, and keeps every row', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      await makeHistory(file)
      const before = everything(file)
      const migrationsFolder = laterMigrations(directory, 'ALTER TABLE tracker ADD COLUMN note TEXT;')
      const store = await use(openSqlite(file, { ...forWriting, migrationsFolder }))
      expect(await store.verify()).toEqual([])
      expect(await store.states()).toHaveLength(2)
      await store.close()
      expect(inspect(file, (client) => client.prepare('SELECT note FROM tracker').all())).toHaveLength(2)

      const [backup = '', ...others] = backupsIn(directory)
      expect(others).toEqual([])
      expect(backup).toMatch(/^history\.db\.schema-1\.\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z\.backup$/)
      expect(everything(join(directory, backup))).toEqual(before)
      const copy = await use(openStore(`sqlite:${join(directory, backup)}`))
      expect(await copy.checks(url('a'), { from: at(0), to: at(HOUR) }, 10)).toHaveLength(4)
    }))

  it('may rebuild a table that others refer to', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      await makeHistory(file)
      const migrationsFolder = laterMigrations(
        directory,
        `PRAGMA foreign_keys=OFF;--> statement-breakpoint
         CREATE TABLE new_tracker AS SELECT * FROM tracker;--> statement-breakpoint
         DROP TABLE tracker;--> statement-breakpoint
         CREATE TABLE tracker (id INTEGER PRIMARY KEY NOT NULL, url TEXT NOT NULL UNIQUE, public_id TEXT NOT NULL,
           grp TEXT NOT NULL, alive_when TEXT NOT NULL, added_at_ms INTEGER NOT NULL, archived_at_ms INTEGER,
           position INTEGER NOT NULL) STRICT;--> statement-breakpoint
         INSERT INTO tracker SELECT * FROM new_tracker;--> statement-breakpoint
         DROP TABLE new_tracker;`,
      )
      const store = await use(openSqlite(file, { ...forWriting, migrationsFolder }))
      expect(await store.verify()).toEqual([])
      expect((await store.states()).map(({ health }) => health?.status)).toEqual(['up', 'up'])
    }))

  it.each([
    ['loses rows', 'DELETE FROM status_change;', 'undone: it leaves 0 of 4 rows in table status_change'],
    ['drops a table', 'DROP TABLE gap;', 'undone: it leaves 0 of 1 rows in table gap'],
    [
      'leaves rows without the row they refer to',
      'UPDATE tracker SET id = id + 10;',
      'without its row in table tracker',
    ],
    ['is not SQL', 'ALTER TABLE tracker ADD COLUMN note TEXT; NONSENSE;', 'syntax error'],
  ])('that %s is undone', (_, sql, sentence) =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      await makeHistory(file)
      const before = everything(file)
      const migrationsFolder = laterMigrations(directory, 'CREATE TABLE extra (id INTEGER PRIMARY KEY) STRICT;', sql)
      await expect(openSqlite(file, { ...forWriting, migrationsFolder })).rejects.toThrow(sentence)
      expect(everything(file)).toEqual(before)
      expect(backupsIn(directory)).toHaveLength(1)
      const store = await use(openStore(`sqlite:${file}`))
      expect(await store.verify()).toEqual([])
    }),
  )

  it('says what it did', () =>
    inDirectory(async (directory) => {
      const file = join(directory, 'history.db')
      const names = readMigrations(shippedMigrations()).map(({ name }) => name)
      expect(await migrateStore(`sqlite:${file}`)).toEqual({ from: 0, to: shipped, applied: names, backup: null })
      expect(await migrateStore(`sqlite:${file}`)).toEqual({ from: shipped, to: shipped, applied: [], backup: null })
      const migrationsFolder = laterMigrations(directory, 'ALTER TABLE tracker ADD COLUMN note TEXT;')
      const report = await migrateSqlite(file, { migrationsFolder })
      expect(report).toMatchObject({ from: shipped, to: shipped + 1, applied: ['90_later'] })
      expect(existsSync(report.backup ?? '')).toBe(true)
    }))

  it('that takes long leaves the event loop free', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      await makeHistory(file)
      const migrationsFolder = laterMigrations(
        directory,
        `CREATE TABLE slow (n INTEGER NOT NULL) STRICT;
         INSERT INTO slow WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < 3000000)
           SELECT max(n) FROM c`,
      )
      let turns = 0
      const turning = setInterval(() => turns++, 1)
      try {
        await use(openSqlite(file, { ...forWriting, migrationsFolder }))
      } finally {
        clearInterval(turning)
      }
      expect(turns).toBeGreaterThan(100)
      expect(inspect(file, (client) => client.prepare('SELECT n FROM slow').pluck().get())).toBe(3_000_000)
    }))

  it('is given up when it is told to while it copies, with the database as it was and nothing beside it', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      await makeHistory(file)
      const client = new Database(file)
      client.exec(
        `CREATE TABLE ballast (id INTEGER PRIMARY KEY, bytes BLOB);
         WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
         INSERT INTO ballast SELECT i, randomblob(4000) FROM n`,
      )
      client.close()
      const before = readFileSync(file)
      // What one that was killed has left.
      for (const end of ['.part', '.part-journal']) {
        writeFileSync(`${file}.schema-1.2026-01-01T00-00-00.000Z.backup.0123abcd${end}`, 'half')
      }
      const migrationsFolder = laterMigrations(directory, 'ALTER TABLE tracker ADD COLUMN note TEXT;')
      const copies = () => readdirSync(directory).filter((name) => name.includes('.schema-'))
      const giveUp = new AbortController()
      const { signal } = giveUp
      const refused = expect(openSqlite(file, { ...forWriting, migrationsFolder, signal })).rejects.toBe('enough')
      while (!copies().some((name) => name.endsWith('.part') && !name.includes('.0123abcd.'))) {
        await new Promise(setImmediate)
      }
      expect(copies().filter((name) => name.includes('.0123abcd.'))).toEqual([])
      giveUp.abort('enough')
      await refused
      expect(copies()).toEqual([])
      expect(readFileSync(file).equals(before)).toBe(true)
      const store = await use(openSqlite(file, { ...forWriting, migrationsFolder }))
      expect(await store.verify()).toEqual([])
    }))

  it('is not applied where the caller does not want it, or only reads', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      await makeHistory(file)
      const migrationsFolder = laterMigrations(directory, 'ALTER TABLE tracker ADD COLUMN note TEXT;')
      const sentence = `${file} was written by an older trackerwatch (schema 1, this program needs 2)`
      for (const options of [
        { readOnly: false, migrate: false },
        { readOnly: true, migrate: true },
      ]) {
        await expect(openSqlite(file, { ...options, migrationsFolder })).rejects.toThrow(sentence)
      }
      expect(backupsIn(directory)).toEqual([])
      const store = await use(openStore(`sqlite:${file}`, { migrate: false }))
      expect(await store.states()).toHaveLength(2)
    }))
})

describe('a database of another time', () => {
  it('is refused if it is newer than the program, and left as it was', () =>
    inDirectory(async (directory) => {
      const file = join(directory, 'history.db')
      const steps = Array.from(
        { length: 6 },
        (_, index) => `CREATE TABLE later${index} (id INTEGER PRIMARY KEY) STRICT;`,
      )
      const migrationsFolder = laterMigrations(directory, ...steps)
      await (await openSqlite(file, { ...forWriting, migrationsFolder })).close()
      const before = everything(file)
      const sentence = `${file} was written by a newer trackerwatch (schema 7, this program knows 1): upgrade the program`
      await expect(openStore(`sqlite:${file}`)).rejects.toThrow(sentence)
      await expect(openStore(`sqlite:${file}`, { readOnly: true })).rejects.toThrow(sentence)
      expect(everything(file)).toEqual(before)
    }))

  it('is refused if a migration that it has had was edited since', () =>
    inDirectory(async (directory) => {
      const file = join(directory, 'history.db')
      await makeHistory(file)
      const migrationsFolder = laterMigrations(directory)
      const [first] = readMigrations(migrationsFolder)
      writeFileSync(join(migrationsFolder, `${first?.name}.sql`), `${first?.sql}-- edited`)
      const sentence = `migration 1 of ${file} is not the ${first?.name} that this program ships`
      await expect(openSqlite(file, { ...forWriting, migrationsFolder })).rejects.toThrow(sentence)
    }))

  it('shows in verify if its notes of the migrations do not agree', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await use(openStore(`sqlite:${file}`))
      const other = new Database(file)
      other.exec("UPDATE __drizzle_migrations SET hash = 'other'")
      other.close()
      expect(await store.verify()).toEqual([expect.stringContaining('is not the 0000_create-history')])
    }))
})

describe('the folder of migrations', () => {
  it('is refused if a migration is dated before the one in front of it', () =>
    inDirectory(async (directory) => {
      const folder = laterMigrations(directory, 'SELECT 1;', 'SELECT 2;')
      const file = join(folder, 'meta', '_journal.json')
      const journal: { entries: { when: number }[] } = JSON.parse(readFileSync(file, 'utf8'))
      const newest = journal.entries.at(-1)
      if (newest !== undefined) newest.when -= 1
      writeFileSync(file, JSON.stringify(journal))
      expect(() => readMigrations(folder)).toThrow('migration 91_later is dated no later than 90_later before it')
    }))
})
