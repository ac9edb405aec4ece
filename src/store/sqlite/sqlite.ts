import { setImmediate } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import type { Uptime, Window } from '../../tracker/uptime.js'
import { StoreError } from '../errors.js'
import type { MigrationReport, Store, StoreInfo } from '../store.js'
import { createAddresses } from './addresses.js'
import { backup } from './backup.js'
import { setBack } from './clock.js'
import {
  connect,
  databaseFile,
  freeBytes,
  MEMORY,
  numberPragma,
  prepareForWriting,
  shareLoop,
  sizeBytes,
  takeInLog,
} from './connection.js'
import { prepareEnds } from './ends.js'
import { dailyOf, entriesOf, forgetAll, latenciesOf, type Memory, remember } from './entries.js'
import { explain } from './explain.js'
import { createExport } from './export.js'
import { createFailures } from './failures.js'
import { createHistory } from './history.js'
import { prepareHourLatencies } from './hour-latencies.js'
import { createHours, hourOf } from './hours.js'
import { createImport } from './import.js'
import { createIncidents } from './incidents.js'
import { catchUp } from './late-span.js'
import { createLateStates } from './late-states.js'
import { createLatencySums } from './latency-sums.js'
import { createListMembers } from './list-members.js'
import { lockForWriting } from './lock.js'
import { createMeta, type Meta } from './meta.js'
import { migrate, requireMigrated } from './migrate.js'
import { shippedMigrations } from './migrations.js'
import { prepareNextContent } from './next-content.js'
import { createHourPhases } from './phases.js'
import { prune } from './prune.js'
import { prepareRecent } from './recent.js'
import { createRecentChecks } from './recent-checks.js'
import { createRecentLatencies } from './recent-latencies.js'
import { createOpenHour, roll, rolledToMs } from './roll.js'
import { createRollups } from './rollups.js'
import { rememberFile } from './same-file.js'
import { installSecret } from './secret.js'
import { createSettling } from './settling.js'
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
  /** Gives up a migration that is under way. */
  readonly signal?: AbortSignal | undefined
  /** Default: those that this program ships. */
  readonly migrationsFolder?: string
}

interface Connection {
  readonly client: Database.Database
  readonly file: string
  readonly migrationsFolder: string
  readonly readOnly: boolean
  /** See `rememberFile`. */
  readonly requireSame: () => void
  readonly release: () => void
}

/**
 * Opens a database file, or `:memory:`.
 * @throws {StoreError} with a sentence that says what to do, or `signal.reason`; the data is untouched
 */
export async function openSqlite(path: string, options: SqliteOptions): Promise<Store> {
  const connection = acquire(path, options)
  const { client, file, migrationsFolder } = connection
  try {
    if (options.migrate && !options.readOnly) await migrate(client, file, migrationsFolder, options.signal)
    else requireMigrated(client, file, migrationsFolder)
    if (!options.readOnly) {
      prepareForWriting(client)
      catchUp(client, createMeta(client))
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
    return { client, file, migrationsFolder, readOnly, requireSame: rememberFile(file), release }
  } catch (error) {
    unlock()
    throw error
  }
}

function createStore({ client, file, migrationsFolder, readOnly, requireSame, release }: Connection): Store {
  const db = drizzle(client)
  const verdicts = createVerdicts(client)
  const meta = createMeta(client)
  const progress = { toMs: meta.read('rolled_to_ms') ?? Number.NEGATIVE_INFINITY }
  const addresses = createAddresses(client)
  const late = createLateStates(client, meta)
  const writer = createWriter({ client, verdicts, addresses, progress, late })
  const incidents = createIncidents(client, addresses, late)
  const latencySums = createLatencySums(client, meta)
  const memory: Memory = {
    states: createStates(db, late),
    timelines: createTimelines(client),
    latencies: createRecentLatencies(prepareHourLatencies(client, meta)),
    recent: createRecentChecks(prepareRecent(client)),
    phases: createHourPhases(client),
    members: createListMembers(client),
  }
  const hours = createHours(client)
  const uptimeOf = (id: number, window: Window, at: Date): Uptime => {
    const found = memory.states.byNumber(id)
    if (found === null) throw new StoreError(`tracker ${id} is not in the store`)
    return memory.timelines.uptime(found, window, at)
  }
  const nextContent = prepareNextContent(client)
  const openHour = createOpenHour(client, meta)
  const rollups = createRollups({ client, db, hours, openHour, nextContent, uptimeOf })
  const ends = prepareEnds(client)
  const history = createHistory({ db, rollups, ends })
  const failures = createFailures({ db, history, ends })
  const work = createWork(file, requireSame)
  const forget = (): void => {
    forgetAll(memory)
    writer.forget()
  }
  const refresh = createRefresh(client, forget)
  const rolling = { client, hours, rollups, meta, progress, nextContent }
  const known = (url: string): Known => {
    const found = memory.states.find(url)
    if (found === null) throw new StoreError(`${url} was never watched`)
    return found
  }
  /** So that the file lacks nothing but phases, before it is changed under the memory or closed. */
  const settleAll = (): void => {
    writer.settle()
    while (addresses.flush());
  }
  const settleSoon = createSettling(late.isEmpty, () => work.write(writer.settle))
  const exported = { client, addresses, history, ends, nextContent, known, urls: prepareUrls(client), run: work.run }
  const exportRows = createExport(exported)
  const importRows = createImport({ client, verdicts, addresses, progress, rollups })
  /** A call that only reads, of what is in the file now. */
  const read = <T>(body: (signal: AbortSignal) => T | Promise<T>): Promise<T> =>
    work.run((signal) => {
      refresh()
      return body(signal)
    })
  return {
    watch: (trackers, at) =>
      work.write(() => {
        settleAll()
        const reports = writer.watch(trackers, at)
        memory.states.forget()
        memory.recent.forgetAll()
        memory.latencies.forgetAll()
        // Only who goes on with the history of another has another one now.
        if (reports.length > 0) memory.timelines.forgetAll()
        memory.members.forget()
        return reports
      }),
    record: (records) =>
      work.write(() => {
        remember(memory, writer.record(records))
        settleSoon()
      }),
    states: () => read(() => memory.states.all().map(({ state }) => state)),
    entries: (at) => read(() => entriesOf(memory, at)),
    find: (urlOrId) => read(() => memory.states.find(urlOrId)?.state ?? null),
    uptime: (url, window, at) => read(() => memory.timelines.uptime(known(url), window, at)),
    daily: (window) => read(() => dailyOf(memory, window)),
    recent: (limit) => read(() => memory.recent.newest(memory.states.all(), limit)),
    latencies: (window) => read(() => latenciesOf(memory.states.all(), latencySums, window)),
    listMembers: () => read(() => memory.members.all()),
    listChanges: (list, window, limit) => read(() => memory.members.changes(list, window, limit)),
    changeLists: (changes) => work.write(() => memory.members.put(changes)),
    incidents: (window, at, limit, url) =>
      read((signal) => incidents(window, at, limit, signal, url === undefined ? undefined : known(url).id)),
    addresses: (url) => read(() => addresses.of(known(url).id)),
    related: (url) =>
      read(() => {
        const { id, state } = known(url)
        return addresses.related(id, state.tracker)
      }),
    changes: (url, window) => read(() => history.changes(known(url).id, window)),
    checks: (url, window, limit) => read(() => history.checks(known(url).id, window, limit)),
    failures: (url, window, limit) => read(() => failures(known(url), window, limit)),
    latency: (url, window) => read(() => history.latency(known(url), window)),
    installSecret: () => work.write(() => installSecret(client)),
    hours: (url, window) => read(() => history.hours(known(url), window)),
    days: (url, window) => read(() => history.days(known(url), window)),
    phases: (url, window) => read(() => memory.phases.of(known(url).id, window)),
    roll: (at) =>
      work.change(async (signal) => {
        writer.settle()
        while (memory.phases.flush(hourOf(at.getTime())) && !signal.aborted) await setImmediate()
        while (addresses.flush() && !signal.aborted) await setImmediate()
        if (await setBack(rolling, at, signal)) forget()
        return roll(rolling, at, signal)
      }),
    prune: (limits) =>
      work.change((signal) => {
        // After a kill a state that waits is made up from its checks.
        writer.settle()
        return prune({ file, requireSame, verdicts, rolling }, limits, signal).finally(memory.recent.forgetAll)
      }),
    backup: (copy) => work.run((signal) => backup(client, { file, requireSame, copy }, signal)),
    export: exportRows,
    import: (rows, at) =>
      work.write(() => {
        settleAll()
        try {
          return importRows(rows, at)
        } finally {
          forget()
        }
      }),
    verify: () => work.run(() => verify(client, file, migrationsFolder)),
    info: () => work.run(() => infoOf(client, file, meta)),
    close: () =>
      work.close(() => {
        if (readOnly) return
        settleAll()
        while (memory.phases.flush(Number.POSITIVE_INFINITY));
        takeInLog(client)
        requireSame() // told last: what waited is in the file that was open
      }, release),
  }
}

/** Forgets what is in memory once another program has written to the file. */
function createRefresh(client: Database.Database, forget: () => void): () => void {
  let seen = numberPragma(client, 'data_version')
  return () => {
    const version = numberPragma(client, 'data_version')
    if (version !== seen) forget()
    seen = version
  }
}

/** The URLs of all trackers, archived ones too, in order. */
function prepareUrls(client: Database.Database): () => readonly string[] {
  const select = client.prepare<[], string>('SELECT url FROM tracker ORDER BY url').pluck()
  return () => select.all()
}

function infoOf(client: Database.Database, location: string, meta: Meta): StoreInfo {
  const trackers = client.prepare<[], number>('SELECT count(*) FROM tracker WHERE archived_at_ms IS NULL').pluck().get()
  const rolledMs = rolledToMs(client, meta)
  return {
    location,
    sizeBytes: sizeBytes(client),
    freeBytes: freeBytes(location),
    checks: keptChecks(client),
    trackers: trackers ?? 0,
    rolledUpTo: rolledMs === null ? null : new Date(rolledMs),
  }
}
