import type { Command } from 'commander'
import { counted } from '../http/pages/text.js'
import { openStore } from '../store/open.js'
import type { Store } from '../store/store.js'
import { type TransferRow, type TransferType, transferTypes } from '../store/transfer.js'
import { exitCodes, type Run } from './command.js'
import { readRows } from './db-text.js'
import { type Io, print } from './io.js'
import { addStoreFlags, type StoreFlags, storeUrl } from './settings.js'

/** A few ms each. */
const ROWS_PER_BATCH = 500

interface Read {
  readonly file: string
  readonly rows: number
  readonly types: ReadonlySet<TransferType>
}

export function defineDbImport(command: Command, run: Run): void {
  addStoreFlags(
    command
      .argument('<file...>', 'what "db export" has written, json or csv')
      .description('Adds an exported history to the database. Stop the daemon first.'),
  ).action((files: readonly string[], flags: StoreFlags) => run((io) => importFiles(files, flags, io)))
}

/** Reads all of the files before the first row is written: a bad line leaves the database as it was. */
async function importFiles(files: readonly string[], flags: StoreFlags, io: Io): Promise<number> {
  const url = await storeUrl(flags, io)
  const read: Read[] = []
  for (const file of files) read.push(await inspect(file))
  const store = await openStore(url)
  try {
    const at = new Date()
    const added = await importAll(store, read, at)
    await store.roll(at)
    for (const { file, rows } of read) print(io, `${file}: ${counted(rows, 'row')}, ${added.get(file) ?? 0} new`)
  } finally {
    await store.close()
  }
  return exitCodes.ok
}

async function inspect(file: string): Promise<Read> {
  const types = new Set<TransferType>()
  let rows = 0
  for await (const { type } of readRows(file)) {
    types.add(type)
    rows += 1
  }
  return { file, rows, types }
}

/** Trackers and events first: what is known of a tracker says how the rest of it is to be taken. */
async function importAll(store: Store, read: readonly Read[], at: Date): Promise<ReadonlyMap<string, number>> {
  const added = new Map<string, number>()
  const { events, checks, hours, days } = transferTypes
  for (const types of [events, checks, hours, days]) {
    const wanted: readonly TransferType[] = types
    for (const { file, types: has } of read) {
      if (!wanted.some((type) => has.has(type))) continue
      for await (const batch of batches(file, wanted)) {
        added.set(file, (added.get(file) ?? 0) + (await store.import(batch, at)))
      }
    }
  }
  return added
}

async function* batches(file: string, types: readonly TransferType[]): AsyncGenerator<readonly TransferRow[]> {
  let batch: TransferRow[] = []
  for await (const row of readRows(file)) {
    if (!types.includes(row.type)) continue
    batch.push(row)
    if (batch.length < ROWS_PER_BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
