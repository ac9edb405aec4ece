import type Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import type { Uptime, Window } from '../../tracker/uptime.js'
import { StoreError } from '../errors.js'
import type { MigrationReport, Store, StoreInfo } from '../store.js'
import { createAddresses } from './addresses.js'
import { backup } from './backup.js'
import {
  connect,
  databaseFile,
  MEMORY,
  numberPragma,
  prepareForWriting,
  shareLoop,
  sizeBytes,
  takeInLog,
} from './connection.js'
import { dailyOf, entriesOf, forgetAll, latenciesOf, type Memory, remember } from './entries.js'
import { explain } from './explain.js'
import { createExport } from './export.js'
import { createHistory, prepareEnds } from './history.js'
import { createHours } from './hours.js'
import { createImport } from './import.js'
import { createIncidents } from './incidents.js'
import { createLatencySums } from './latency-sums.js'
import { lockForWriting } from './lock.js'
import { createMeta } from './meta.js'
import { migrate, requireMigrated } from './migrate.js'
import { shippedMigrations } from './migrations.js'
import { prune } from './prune.js'
import { createRecent } from './recent.js'
import { createRecentLatencies } from './recent-latencies.js'
import { createOpenHour, roll } from './roll.js'
import { createRollups } from './rollups.js'
import { installSecret } from './secret.js'
import { createStates, type Known } from './states.js'
import { createTimelines } from './timelines.js'
import { createVerdicts } from './verdicts.js'
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
    if (!options.readOnly) {
      prepareForWriting(client)
      shareLoop(client)
    }
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
  const verdicts = createVerdicts(client)
  const meta = createMeta(client)
  const progress = { toMs: meta.read('rolled_to_ms') ?? Number.NEGATIVE_INFINITY }
  const addresses = createAddresses(client)
  const writer = createWriter({ client, verdicts, addresses, progress })
  const incidents = createIncidents(client, addresses)
  const latencySums = createLatencySums(client, meta)
  const memory: Memory = {
    states: createStates(db),
    timelines: createTimelines(client),
    latencies: createRecentLatencies(latencySums),
  }
  const hours = createHours(client)
  const uptimeOf = (id: number, window: Window, at: Date): Uptime => {
    const found = memory.states.byNumber(id)
    if (found === null) throw new StoreError(`tracker ${id} is not in the store`)
    return memory.timelines.uptime(found, window, at)
  }
  const rollups = createRollups({ client, db, hours, openHour: createOpenHour(client, meta), uptimeOf })
  const ends = prepareEnds(client)
  const history = createHistory({ db, rollups, ends })
  const recent = createRecent(client)
  const work = createWork(file)
  const refresh = createRefresh(client, memory)
  const rolling = { client, hours, rollups, meta, progress }
  const known = (url: string): Known => {
    const found = memory.states.find(url)
    if (found === null) throw new StoreError(`${url} was never watched`)
    return found
  }
  const exportRows = createExport({ client, history, ends, known, urls: prepareUrls(client), run: work.run })
  const importRows = createImport({ client, verdicts, progress, rollups })
  return {
    watch: (trackers, at) =>
      work.write(() => {
        const reports = writer.watch(trackers, at)
        memory.states.forget()
        memory.timelines.forgetAll()
        return reports
      }),
    record: (records) => work.write(() => remember(memory, writer.record(records))),
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
        refresh()
        return memory.timelines.uptime(known(url), window, at)
      }),
    daily: (window) =>
      work.run(() => {
        refresh()
        return dailyOf(memory, window)
      }),
    recent: (limit) => work.run(() => recent(memory.states.all(), limit)),
    latencies: (window) => work.run(() => latenciesOf(memory.states.all(), latencySums, window)),
    incidents: (window, at, limit) => work.run((signal) => incidents(window, at, limit, signal)),
    addresses: (url) => work.run(() => addresses.of(known(url).id)),
    related: (url) =>
      work.run(() => {
        const { id, state } = known(url)
        return addresses.related(id, state.tracker)
      }),
    changes: (url, window) => work.run(() => history.changes(known(url).id, window)),
    checks: (url, window, limit) => work.run(() => history.checks(known(url).id, window, limit)),
    latency: (url, window) => work.run(() => history.latency(known(url), window)),
    installSecret: () => work.write(() => installSecret(client)),
    hours: (url, window) => work.run(() => history.hours(known(url), window)),
    days: (url, window) => work.run(() => history.days(known(url), window)),
    roll: (at) => work.run((signal) => roll(rolling, at, signal)),
    prune: (limits) => work.run((signal) => prune(client, { file, verdicts, rolling }, limits, signal)),
    backup: (copy) => work.run((signal) => backup(client, file, copy, signal)),
    export: exportRows,
    import: (rows, at) =>
      work.run(() => {
        try {
          return importRows(rows, at)
        } finally {
          forgetAll(memory)
        }
      }),
    verify: () => work.run(() => verify(client, file, migrationsFolder)),
    info: () => work.run(() => infoOf(client, file)),
    close: () =>
      work.close(() => {
        try {
          if (!readOnly) takeInLog(client)
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

/** The URLs of all trackers, archived ones too, in order. */
function prepareUrls(client: Database.Database): () => readonly string[] {
  const select = client.prepare<[], string>('SELECT url FROM tracker ORDER BY url').pluck()
  return () => select.all()
}

function infoOf(client: Database.Database, location: string): StoreInfo {
  const trackers = client.prepare<[], number>('SELECT count(*) FROM tracker WHERE archived_at_ms IS NULL').pluck().get()
  return { location, sizeBytes: sizeBytes(client), checks: keptChecks(client), trackers: trackers ?? 0 }
}
