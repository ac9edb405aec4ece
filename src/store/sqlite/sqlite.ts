import type Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { StoreError } from '../errors.js'
import type { MigrationReport, Store, StoreInfo } from '../store.js'
import { backup } from './backup.js'
import { connect, databaseFile, MEMORY, numberPragma, prepareForWriting, sizeBytes } from './connection.js'
import { createDetails } from './details.js'
import { entriesOf, forgetAll, type Memory, remember } from './entries.js'
import { explain } from './explain.js'
import { createHistory } from './history.js'
import { lockForWriting } from './lock.js'
import { migrate, requireMigrated } from './migrate.js'
import { shippedMigrations } from './migrations.js'
import { prune } from './prune.js'
import { createRecentLatencies } from './recent-latencies.js'
import { installSecret } from './secret.js'
import { createStates, type Known } from './states.js'
import { createTimelines, uptimeFrom } from './timelines.js'
import { keptChecks, verify } from './verify.js'
import { createWork } from './work.js'
import { createWriter } from './writer.js'

export interface SqliteOptions {
  /** Needs no right to write and works beside the program that has it. */
  readonly readOnly: boolean
  /** Whether to apply pending migrations; if not, they are an error. Never done when read-only. */
  readonly migrate: boolean
  /** Default: those that this program ships. */
  readonly migrationsFolder?: string
}

interface Connection {
  readonly client: Database.Database
  readonly file: string
  readonly migrationsFolder: string
  readonly readOnly: boolean
  readonly release: () => void
}

/**
 * Opens a database file, or `:memory:`.
 * @throws {StoreError} with a sentence that says what to do; the data is untouched
 */
export async function openSqlite(path: string, options: SqliteOptions): Promise<Store> {
  const connection = acquire(path, options)
  const { client, file, migrationsFolder } = connection
  try {
    if (options.migrate && !options.readOnly) await migrate(client, file, migrationsFolder)
    else requireMigrated(client, file, migrationsFolder)
    if (!options.readOnly) prepareForWriting(client)
    return createStore(connection)
  } catch (error) {
    connection.release()
    throw explain(error, file)
  }
}

/** Applies pending migrations and says what was done. @throws {StoreError} */
export async function migrateSqlite(path: string, options: Partial<SqliteOptions> = {}): Promise<MigrationReport> {
  const connection = acquire(path, { ...options, readOnly: false, migrate: true })
  try {
    return await migrate(connection.client, connection.file, connection.migrationsFolder)
  } catch (error) {
    throw explain(error, connection.file)
  } finally {
    connection.release()
  }
}

function acquire(path: string, { readOnly, migrationsFolder = shippedMigrations() }: SqliteOptions): Connection {
  const file = databaseFile(path, readOnly)
  const unlock = readOnly || file === MEMORY ? () => {} : lockForWriting(file)
  try {
    const client = connect(file, readOnly)
    const release = () => {
      try {
        client.close()
      } finally {
        unlock()
      }
    }
    return { client, file, migrationsFolder, readOnly, release }
  } catch (error) {
    unlock()
    throw error
  }
}

function createStore({ client, file, migrationsFolder, readOnly, release }: Connection): Store {
  const db = drizzle(client)
  const details = createDetails(client)
  const writer = createWriter(client, details)
  const history = createHistory(client, db)
  const memory: Memory = {
    states: createStates(db),
    timelines: createTimelines(client),
    latencies: createRecentLatencies(client),
  }
  const work = createWork(file)
  const refresh = createRefresh(client, memory)
  const known = (url: string): Known => {
    const found = memory.states.find(url)
    if (found === null) throw new StoreError(`${url} was never watched`)
    return found
  }
  return {
    watch: (trackers, at) =>
      work.run(() => {
        writer.watch(trackers, at)
        memory.states.forget()
      }),
    record: (records) => work.run(() => remember(memory, writer.record(records))),
    states: () =>
      work.run(() => {
        refresh()
        return memory.states.all().map(({ state }) => state)
      }),
    entries: (at) =>
      work.run(() => {
        refresh()
        return entriesOf(memory, at)
      }),
    find: (urlOrId) => work.run(() => memory.states.find(urlOrId)?.state ?? null),
    uptime: (url, window, at) =>
      work.run(() => {
        const { id, state } = known(url)
        return uptimeFrom(memory.timelines.read(id, window.from), state, window, at)
      }),
    changes: (url, window) => work.run(() => history.changes(known(url).id, window)),
    checks: (url, window, limit) => work.run(() => history.checks(known(url).id, window, limit)),
    latency: (url, window) => work.run(() => history.latency(known(url).id, window)),
    installSecret: () => work.run(() => installSecret(client)),
    prune: (before) => work.run((signal) => prune(client, details, before, signal)),
    backup: (copy) => work.run(() => backup(client, copy)),
    verify: () => work.run(() => verify(client, file, migrationsFolder)),
    info: () => work.run(() => infoOf(client, file)),
    close: () =>
      work.close(() => {
        try {
          if (!readOnly) client.pragma('wal_checkpoint(TRUNCATE)')
        } finally {
          release()
        }
      }),
  }
}

/** Forgets what is in memory once another program has written to the file. */
function createRefresh(client: Database.Database, memory: Memory): () => void {
  let seen = numberPragma(client, 'data_version')
  return () => {
    const version = numberPragma(client, 'data_version')
    if (version !== seen) forgetAll(memory)
    seen = version
  }
}

function infoOf(client: Database.Database, location: string): StoreInfo {
  const trackers = client.prepare<[], number>('SELECT count(*) FROM tracker WHERE archived_at_ms IS NULL').pluck().get()
  return { location, sizeBytes: sizeBytes(client), checks: keptChecks(client), trackers: trackers ?? 0 }
}
