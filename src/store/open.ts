import { StoreError } from './errors.js'
import type { MigrationReport, Store } from './store.js'

export interface OpenOptions {
  /** Only read, beside a daemon that writes. Default false. */
  readonly readOnly?: boolean
  /** Whether to apply pending migrations when opened for writing; if not, they are an error. Default true. */
  readonly migrate?: boolean
  /** Gives up a migration that is under way, with the data as it was: at once but for a long statement, which ends first. */
  readonly signal?: AbortSignal | undefined
}

/** A kind of store. `location` is what follows the scheme in the store's URL. */
interface Driver {
  open(location: string, options: Required<Omit<OpenOptions, 'signal'>> & Pick<OpenOptions, 'signal'>): Promise<Store>
  migrate(location: string): Promise<MigrationReport>
  writerOf(location: string): string | null
}

/** The oldest Node-API that the native part runs on; asked before it is loaded, for a mismatch ends in a crash. */
const NODE_API = 9

/** Scheme → driver, loaded only when it is asked for. */
const drivers = {
  sqlite: async (): Promise<Driver> => {
    requireNodeApi(process.versions.napi)
    const { migrateSqlite, openSqlite } = await import('./sqlite/sqlite.js')
    const { writerOf } = await import('./sqlite/lock.js')
    return { open: openSqlite, migrate: migrateSqlite, writerOf }
  },
} satisfies Record<string, () => Promise<Driver>>

type StoreScheme = keyof typeof drivers

/** The schemes a store's URL may have. */
export const storeSchemes: readonly string[] = Object.keys(drivers)

/**
 * Opens the store at `url`: `sqlite:PATH`, relative to the working directory, or `sqlite::memory:`.
 * @throws {StoreError} with a sentence that says what to do, or `signal.reason`; the data is untouched
 */
export async function openStore(url: string, options: OpenOptions = {}): Promise<Store> {
  const { driver, location } = await locate(url)
  const { readOnly = false, migrate = true, signal } = options
  return driver.open(location, { readOnly, migrate, signal })
}

/** Applies pending migrations to the store at `url` and says what was done. @throws {StoreError} */
export async function migrateStore(url: string): Promise<MigrationReport> {
  const { driver, location } = await locate(url)
  return driver.migrate(location)
}

/** Who has the store at `url` open for writing, as a few words; null where nobody has. @throws {StoreError} */
export async function writerOf(url: string): Promise<string | null> {
  const { driver, location } = await locate(url)
  return driver.writerOf(location)
}

async function locate(url: string): Promise<{ readonly driver: Driver; readonly location: string }> {
  const [, scheme = '', location = ''] = /^([a-z]+):(.*)$/s.exec(url) ?? []
  if (isStoreScheme(scheme)) return { driver: await drivers[scheme](), location }
  const known = storeSchemes.map((name) => `${name}:`).join(', ')
  throw new StoreError(`store "${url}" has an unknown scheme, expected one of ${known}`)
}

function isStoreScheme(text: string): text is StoreScheme {
  return storeSchemes.includes(text)
}

/** @throws {StoreError} if this Node.js cannot load the native part */
export function requireNodeApi(version: string | undefined): void {
  if (Number(version) >= NODE_API) return
  throw new StoreError(
    `Node.js ${process.version} offers Node-API ${version ?? 'none'}, expected ${NODE_API} or newer: update Node.js`,
  )
}
