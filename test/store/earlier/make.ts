import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { openStore } from '../../../src/store/open.js'
import { readMigrations, shippedMigrations, tableNames } from '../../../src/store/sqlite/migrations.js'
import { at, checksOf, DAY, HOUR, MINUTE, policy, records, url, watched } from '../support.js'

/*
 * A program: writes what a database of today holds, as SQL, to a file that is named after the newest migration.
 * Run it with every new migration, `npx tsx test/store/earlier/make.ts`, and never change a file of one that was
 * released: it is what databases of that time look like.
 */

/** Some rows in every table, written by the store itself. */
async function fill(file: string): Promise<void> {
  const store = await openStore(`sqlite:${file}`)
  const patient = { ...policy, holdMs: HOUR }
  await store.installSecret()
  const moved = watched('a', { aliases: ['udp://old.example:6969/announce'] })
  await store.watch([moved, watched('b', { aliveWhen: 'response' }), watched('gone')], at(0))
  await store.record(records(checksOf('a', '+--+r-+'.repeat(8), 0, HOUR), patient))
  await store.record(records(checksOf('b', 'r+s-'.repeat(14), 0, HOUR)))
  await store.record(records(checksOf('gone', '+++', 0, HOUR)))
  const noted = { list: 'alive', url: url('a'), at: at(DAY), entered: true, reason: 'alive', uptime: 0.5 } as const
  await store.changeLists([noted])
  await store.watch([watched('b', { aliveWhen: 'response' }), watched('a', { aliases: [url('before')] })], at(2 * DAY))
  await store.roll(at(2 * DAY + 12 * HOUR))
  await store.prune({ checks: at(DAY), hours: at(-DAY) })
  // Late: their hour has been added up.
  await store.record(records(checksOf('gone', '-+', DAY + 90 * MINUTE)))
  await store.close()
}

function dump(file: string): string {
  const client = new Database(file, { readonly: true })
  try {
    const tables = tableNames(client).filter((table) => table !== '__drizzle_migrations')
    return tables.map((table) => insertsOf(client, table)).join('\n')
  } finally {
    client.close()
  }
}

function insertsOf(client: Database.Database, table: string): string {
  const columns = client.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table)
  const values = columns.map((column) => `quote("${column}")`).join(` || ', ' || `)
  const rows = client.prepare<[], string>(`SELECT '(' || ${values} || ')' FROM "${table}"`).pluck().all()
  const names = columns.map((column) => `"${column}"`).join(', ')
  return rows.length === 0 ? '' : `INSERT INTO "${table}" (${names}) VALUES\n${rows.join(',\n')};\n`
}

const newest = readMigrations(shippedMigrations()).at(-1)
if (newest === undefined) throw new Error('no migrations')
const folder = mkdtempSync(join(tmpdir(), 'trackerwatch-earlier-'))
try {
  const file = join(folder, 'history.db')
  await fill(file)
  writeFileSync(join(import.meta.dirname, `${newest.name}.sql`), dump(file))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
