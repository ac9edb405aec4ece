import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { readMigrations, shippedMigrations, tableNames } from '../../src/store/sqlite/migrations.js'
import { migrateSqlite } from '../../src/store/sqlite/sqlite.js'
import { at, DAY, HOUR, inDirectory } from './support.js'

const earlier = new URL('earlier/', import.meta.url)
const names = readMigrations(shippedMigrations()).map(({ name }) => name)
const always = { from: at(-DAY), to: at(9 * DAY) }

/** A database as the program of this migration left it. */
async function databaseOf(name: string, directory: string): Promise<string> {
  const migrationsFolder = join(directory, 'migrations')
  cpSync(shippedMigrations(), migrationsFolder, { recursive: true })
  const journalFile = join(migrationsFolder, 'meta', '_journal.json')
  const journal: { entries: unknown[] } = JSON.parse(readFileSync(journalFile, 'utf8'))
  journal.entries = journal.entries.slice(0, names.indexOf(name) + 1)
  writeFileSync(journalFile, JSON.stringify(journal))
  const file = join(directory, 'history.db')
  await migrateSqlite(file, { migrationsFolder })
  const client = new Database(file)
  client.exec(readFileSync(new URL(`${name}.sql`, earlier), 'utf8'))
  client.close()
  return file
}

function rowsOf(file: string): ReadonlyMap<string, number> {
  const client = new Database(file, { readonly: true })
  try {
    const count = (table: string) => client.prepare<[], number>(`SELECT count(*) FROM "${table}"`).pluck().get() ?? 0
    return new Map(tableNames(client).map((table) => [table, count(table)]))
  } finally {
    client.close()
  }
}

describe('a database of every earlier migration', () => {
  it('is kept for each (a new one: npx tsx test/store/earlier/make.ts)', () => {
    const kept = readdirSync(earlier).filter((file) => file.endsWith('.sql'))
    expect(kept.toSorted()).toEqual(names.map((name) => `${name}.sql`))
  })

  it.each(names)('%s has rows in every table', (name) =>
    inDirectory(async (directory) => {
      const rows = rowsOf(await databaseOf(name, directory))
      expect([...rows].filter(([, count]) => count === 0).map(([table]) => table)).toEqual([])
    }),
  )

  it.each(names)('%s is migrated, loses nothing and is sound', (name) =>
    inDirectory(async (directory, use) => {
      const file = await databaseOf(name, directory)
      const before = rowsOf(file)
      const store = await use(openStore(`sqlite:${file}`))
      expect(await store.verify()).toEqual([])
      const after = rowsOf(file)
      for (const [table, rows] of before)
        expect([table, after.get(table)]).toEqual([table, expect.toSatisfy((left) => left >= rows)])
      const [b, a] = await store.states()
      expect([b?.tracker.host, a?.tracker.host]).toEqual(['b.example', 'a.example'])
      for (const state of [a, b]) {
        const url = state?.tracker.url ?? ''
        expect((await store.checks(url, always, 1000)).length).toBeGreaterThan(20)
        expect((await store.changes(url, always)).length).toBeGreaterThan(3)
        expect(await store.days(url, always)).toHaveLength(3)
        expect((await store.uptime(url, always, at(3 * DAY))).observedMs).toBeGreaterThan(HOUR)
      }
      expect(await store.installSecret()).toMatch(/^[0-9a-f]{64}$/)
      expect(readdirSync(directory).filter((found) => found.endsWith('.backup'))).toHaveLength(
        name === names.at(-1) ? 0 : 1,
      )
    }),
  )
})
