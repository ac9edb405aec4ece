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
import { explain, explained, isDamage, isFull } from './explain.js'

/** 4 MB: between two turns a thread can be ended. */
const PAGES_PER_TURN = 1000
const OWNER_ALONE = 0o600
/** How the name of a copy ends that is not complete. */
const PART = /\.[0-9a-f]{8}\.part$/

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
    explained(file, () => beginReading(client))
    // Who may not read the original may not read the copy. That is still to be written, even if the original may not.
    closeSync(openSync(part, 'wx', OWNER_ALONE))
    await client.backup(part, { progress: () => PAGES_PER_TURN })
    sealCopy({ file, part })
    chmodSync(part, statSync(file).mode)
  } catch (error) {
    throw explainCopy(error, { file, part })
  } finally {
    client.close()
  }
}

/** A snapshot: without one, the copy would begin again whenever somebody writes, and perhaps never end. */
function beginReading(client: Database.Database): void {
  client.exec('BEGIN')
  client.prepare('SELECT count(*) FROM sqlite_schema').get()
}

/** By the name that the copy was to get. */
function explainCopy(error: unknown, { file, part }: CopyInput): unknown {
  if (isDamage(error)) return explain(error, file)
  const target = part.replace(PART, '')
  if (!(error instanceof Error) || !isFull(error, target)) return explain(error, target)
  return new StoreError(`no space is left for ${target}: free some (${error.message})`, { cause: error })
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
  explained(target, () => makeDirectory(dirname(target)))
  return `${target}.${randomBytes(4).toString('hex')}.part`
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new StoreError(`${directory} is a file, expected a directory`, { cause: error })
  }
}

/** Whether a file is an incomplete copy whose name begins like this. */
export function isPartOf(name: string, beginning: string): boolean {
  return name.startsWith(beginning) && PART.test(name)
}

/** With what an ended copy may have left beside it. */
export function removePart(part: string): void {
  for (const end of ['', '-journal', '-wal', '-shm']) rmSync(part + end, { force: true })
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
