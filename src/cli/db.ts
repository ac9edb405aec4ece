import type { Command } from 'commander'
import { counted } from '../http/pages/text.js'
import { DamagedError } from '../store/errors.js'
import { migrateStore } from '../store/open.js'
import type { MigrationReport, Store, StoreInfo } from '../store/store.js'
import { exitCodes, type Run } from './command.js'
import { defineDbExport } from './db-export.js'
import { defineDbImport } from './db-import.js'
import { interruptible } from './interrupt.js'
import { type Io, note, print } from './io.js'
import { addStoreFlags, readingStore, type StoreFlags, storeUrl } from './settings.js'

export function defineDb(command: Command, run: Run): void {
  command.description('Backs up, verifies or migrates the database, and moves its history.')
  addStoreFlags(command.command('backup'))
    .argument('<file>', 'where to put the copy; must not exist')
    .description('Makes a consistent copy. The daemon may run meanwhile.')
    .action((file: string, flags: StoreFlags) => run((io) => backup(file, flags, io)))
  addStoreFlags(command.command('verify'))
    .description('Reads all of the database and says what is wrong with it. The daemon may run meanwhile.')
    .action((flags: StoreFlags) => run((io) => verify(flags, io)))
  addStoreFlags(command.command('migrate'))
    .description('Brings the database up to this version, after a backup. Stop the daemon first.')
    .action((flags: StoreFlags) => run((io) => migrate(flags, io)))
  defineDbExport(command.command('export'), run)
  defineDbImport(command.command('import'), run)
  command.addHelpText(
    'after',
    `
Examples:
  trackerwatch db backup /backups/trackerwatch.db
  trackerwatch db verify --store sqlite:/backups/trackerwatch.db
  trackerwatch db export checks --since 7d --format csv --out checks.csv
  trackerwatch db import checks.csv events.json --store sqlite:other.db

Exit codes: 0 fine; 1 "verify" found something; 2 usage or configuration error;
3 failure; 130 interrupted; 143 terminated.`,
  )
}

async function backup(file: string, flags: StoreFlags, io: Io): Promise<number> {
  const url = await storeUrl(flags, io)
  const work = (signal: AbortSignal) => readingStore(url, (store) => backupUntil(signal, store, file))
  const { location, checks } = await interruptible(io, work, ['SIGINT', 'SIGTERM'])
  print(io, `${file}: copy of ${location}, ${counted(checks, 'check')}`)
  return exitCodes.ok
}

/** To close the store gives up the copy, and clears away what there is of it. */
async function backupUntil(signal: AbortSignal, store: Store, file: string): Promise<StoreInfo> {
  signal.throwIfAborted()
  const close = () => void store.close().catch(() => {})
  signal.addEventListener('abort', close)
  try {
    await store.backup(file)
    return await store.info()
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', close)
  }
}

async function verify(flags: StoreFlags, io: Io): Promise<number> {
  const url = await storeUrl(flags, io)
  try {
    return await verifyStore(url, io)
  } catch (error) {
    if (!(error instanceof DamagedError)) throw error
    note(io, error.message)
    return exitCodes.notAlive
  }
}

async function verifyStore(url: string, io: Io): Promise<number> {
  return readingStore(url, async (store) => {
    const findings = await store.verify()
    for (const finding of findings) note(io, finding)
    if (findings.length > 0) return exitCodes.notAlive
    const { location, trackers, checks, sizeBytes } = await store.info()
    const size = `${(sizeBytes / 2 ** 20).toFixed(1)} MiB`
    print(io, `${location}: ok, ${counted(trackers, 'tracker')}, ${counted(checks, 'check')}, ${size}`)
    return exitCodes.ok
  })
}

async function migrate(flags: StoreFlags, io: Io): Promise<number> {
  const url = await storeUrl(flags, io)
  for (const line of reportLines(url, await migrateStore(url))) print(io, line)
  return exitCodes.ok
}

function reportLines(url: string, { from, to, applied, backup }: MigrationReport): readonly string[] {
  if (applied.length === 0) return [`${url}: schema ${to}, nothing to do`]
  const done = applied.map((name) => `applied ${name}`)
  const copy = backup === null ? [] : [`backup ${backup}`]
  return [...copy, ...done, `${url}: from schema ${from} to ${to}`]
}
