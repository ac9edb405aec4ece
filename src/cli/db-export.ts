import { once } from 'node:events'
import { open, rename, rm } from 'node:fs/promises'
import type { Command } from 'commander'
import { rowFormats, textOfRows } from '../export/row-text.js'
import { toldWindow } from '../export/told-window.js'
import { counted } from '../http/pages/text.js'
import { type TransferKind, transferKinds } from '../store/transfer.js'
import { parseTracker } from '../tracker/tracker.js'
import type { Window } from '../tracker/uptime.js'
import { exitCodes, type Run } from './command.js'
import { targetOf } from './export.js'
import { interruptible } from './interrupt.js'
import { type Io, note } from './io.js'
import { addStoreFlags, readingStore, type StoreFlags, storeUrl } from './settings.js'
import { quoted, UsageError } from './usage.js'
import { moment, oneOf, several } from './values.js'

interface ExportFlags extends StoreFlags {
  readonly url: readonly string[]
  readonly since?: (now: Date) => Date
  readonly until?: (now: Date) => Date
  readonly format: keyof typeof rowFormats
  readonly out?: string
}

type Write = (text: string) => Promise<void>

export function defineDbExport(command: Command, run: Run): void {
  addStoreFlags(
    command
      .argument('<kind>', transferKinds.join(', '))
      .description('Prints or writes the history itself, row by row. The daemon may run meanwhile.')
      .option('--url <url>', 'only this tracker; several may be named', several, [])
      .option(
        '--since <when>',
        'from then on: 30d (back, to a full hour), or 2026-11-22 (default: all)',
        moment('--since'),
      )
      .option('--until <when>', 'before then, likewise (default: now)', moment('--until'))
      .option(
        '--format <format>',
        'json (one object per line) or csv (default: json)',
        oneOf('--format', names()),
        'json',
      )
      .option('--out <file>', 'write to this file, at once and as a whole, instead of stdout'),
  ).action((kind: string, flags: ExportFlags) => run((io) => exportRows(kind, flags, io)))
}

async function exportRows(text: string, flags: ExportFlags, io: Io): Promise<number> {
  const kind = transferKinds.find((known) => known === text)
  if (kind === undefined) throw new UsageError(`kind ${quoted(text)}, expected one of ${transferKinds.join(', ')}`)
  const urls = flags.url.map(canonical)
  const now = new Date()
  const window = toldWindow(kind, windowOf(flags, now), now)
  return readingStore(await storeUrl(flags, io), async (store) => {
    let count = 0
    const counting = async function* () {
      for await (const row of store.export(kind, window, urls.length === 0 ? undefined : urls)) {
        count += 1
        yield row
      }
    }
    const texts = textOfRows(counting(), rowFormats[flags.format].textOf(kind))
    await writing(flags.out, io, async (write) => {
      for await (const text of texts) await write(text)
    })
    if (flags.out !== undefined) note(io, `${flags.out}: ${rowsOf(kind, count)}`)
    return exitCodes.ok
  })
}

function names(): Readonly<Record<string, keyof typeof rowFormats>> {
  return { json: 'json', csv: 'csv' }
}

function rowsOf(kind: TransferKind, count: number): string {
  return `${counted(count, 'row')} of ${kind}`
}

function canonical(url: string): string {
  const { tracker, problem } = parseTracker(url)
  if (tracker !== undefined) return tracker.url
  throw new UsageError(`--url is ${quoted(url)}, expected an announce URL: ${problem.message}`)
}

function windowOf({ since, until }: ExportFlags, now: Date): Window {
  const from = since?.(now) ?? new Date(0)
  const to = until?.(now) ?? now
  if (from < to) return { from, to }
  if (since === undefined) {
    throw new UsageError(`--until is ${to.toISOString()}, expected a moment after ${from.toISOString()}`)
  }
  const end = until === undefined ? 'now' : '--until'
  throw new UsageError(`--since is ${from.toISOString()}, expected a moment before ${end}, ${to.toISOString()}`)
}

function writing<T>(out: string | undefined, io: Io, work: (write: Write) => Promise<T>): Promise<T> {
  if (out !== undefined) return writingFile(out, work)
  return interruptible(io, (signal) =>
    work(async (text) => {
      signal.throwIfAborted()
      if (!io.stdout.write(text)) await once(io.stdout, 'drain', { signal }).catch(() => signal.throwIfAborted())
    }),
  )
}

/** The file appears under its name once it is complete. */
async function writingFile<T>(out: string, work: (write: Write) => Promise<T>): Promise<T> {
  const target = await targetOf(out)
  const unfinished = `${target}.part`
  const file = await open(unfinished, 'w').catch((error: unknown) => refuse(out, error))
  try {
    const result = await work((text) => file.appendFile(text).catch((error: unknown) => refuse(out, error)))
    await file.sync()
    await file.close()
    await rename(unfinished, target).catch((error: unknown) => refuse(out, error))
    return result
  } catch (error) {
    await file.close().catch(() => {})
    await rm(unfinished, { force: true })
    throw error
  }
}

function refuse(out: string, error: unknown): never {
  const why = error instanceof Error ? error.message : String(error)
  throw new UsageError(`--out is ${quoted(out)}, which cannot be written: ${why}`, { cause: error })
}
