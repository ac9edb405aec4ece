import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { StoreError } from '../errors.js'
import { explain, explained } from './explain.js'

/** 4 MB: between two turns a thread can be ended. */
const PAGES_PER_TURN = 1000

/** Says where a copy is made before it gets its name. */
export interface CopyInput {
  readonly file: string
  /** Does not exist yet. */
  readonly part: string
}

/**
 * Copies what is committed in `file` at this moment and reads the copy whole. Blocks for long: for a thread.
 * @throws {StoreError}
 */
export async function copyDatabase({ file, part }: CopyInput): Promise<void> {
  const client = explained(file, () => new Database(file, { readonly: true }))
  try {
    // A snapshot: without one, the copy would begin again whenever somebody writes, and perhaps never end.
    client.exec('BEGIN')
    client.prepare('SELECT count(*) FROM sqlite_schema').get()
    await client.backup(part, { progress: () => PAGES_PER_TURN })
    // Who may not read the original may not read the copy.
    chmodSync(part, statSync(file).mode)
    sealCopy({ file, part })
  } catch (error) {
    throw explain(error, isDamage(error) ? file : part)
  } finally {
    client.close()
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof Database.SqliteError && /CORRUPT|NOTADB/.test(error.code)
}

/** Makes one file of a copy, which needs nothing beside it to be read, and reads it whole. @throws {StoreError} */
export function sealCopy({ file, part }: CopyInput): void {
  const client = new Database(part)
  try {
    client.pragma('journal_mode = DELETE')
    const finding: unknown = client.pragma('quick_check(1)', { simple: true })
    if (finding === 'ok') return
    throw new StoreError(
      `the copy of ${file} is damaged and was deleted: see what "trackerwatch db verify" says of the file itself, and ` +
        `keep older backups (${String(finding)})`,
    )
  } finally {
    client.close()
  }
}

/** The name of a copy that is not complete: nobody else's, in a directory that is there. @throws {StoreError} */
export function partOf(target: string): string {
  if (existsSync(target)) throw new StoreError(`${target} exists already`)
  explained(target, () => mkdirSync(dirname(target), { recursive: true }))
  return `${target}.${randomBytes(4).toString('hex')}.part`
}

/** Whether a file is an incomplete copy whose name begins like this. */
export function isPartOf(name: string, beginning: string): boolean {
  return name.startsWith(beginning) && /\.[0-9a-f]{8}\.part$/.test(name)
}

/** With the journal that an ended copy may have left beside it. */
export function removePart(part: string): void {
  for (const file of [part, `${part}-journal`]) rmSync(file, { force: true })
}

/** Gives a complete copy its name, which nothing may have yet. */
export function publish(part: string, target: string): void {
  try {
    linkSync(part, target)
    rmSync(part)
  } catch (error) {
    if (existsSync(target)) throw error
    renameSync(part, target) // a file system without hard links
  }
  syncDirectory(dirname(target))
}

/** The name survives a power cut from here on. */
function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
