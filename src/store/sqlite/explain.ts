import { statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DamagedError, RefusedError, StoreError } from '../errors.js'

export function damaged(file: string): string {
  return (
    `${file} is damaged: keep a copy and put the newest backup in its place, with no -wal and no -shm beside it ` +
    '(all that is wrong: "trackerwatch db verify"; how to restore: "Backup and restore" in README.md)'
  )
}

/** What the operator can do, by SQLite's primary result code. */
const sentences: Readonly<Record<string, (file: string) => string>> = {
  SQLITE_NOTADB: (file) =>
    `${file} is not a SQLite database: move it away and put the newest backup in its place if it has been one, ` +
    'or name another file under "store"',
  SQLITE_CORRUPT: damaged,
  SQLITE_CANTOPEN: (file) =>
    directoryInPlaceOf(file) ?? `${file} cannot be opened: check that it and its directory may be read and written`,
  SQLITE_PERM: (file) => `${file} cannot be opened: check the permissions of it and of its directory`,
  SQLITE_READONLY: (file) =>
    directoryInPlaceOf(file) ?? `${file} cannot be written: it, its directory or its file system is read-only`,
  SQLITE_FULL: (file) => `no space is left for ${file}: free some, or shorten "retention"`,
  SQLITE_BUSY: (file) => `${file} is locked by another program: close whatever else has it open`,
  SQLITE_IOERR: (file) =>
    `${file} cannot be read or written: check the disk and its quota (network file systems cannot hold it)`,
}

/** A sentence about a directory where SQLite needs a file, of which it says only that it has none. */
function directoryInPlaceOf(file: string): string | null {
  const directory = [file, `${file}-wal`, `${file}-shm`, `${file}-journal`].find(isDirectory)
  return directory === undefined ? null : `${directory} is a directory, expected a file: move it away`
}

function isDirectory(name: string): boolean {
  try {
    return statSync(name).isDirectory()
  } catch {
    return false
  }
}

const systemSentences: Readonly<Record<string, (file: string) => string>> = {
  EACCES: (file) => `${file} may not be accessed: check the permissions of it and of its directory`,
  EPERM: (file) => `${file} may not be accessed: check the permissions of it and of its directory`,
  EROFS: (file) => `${file} is on a read-only file system`,
  ENOSPC: (file) => `no space is left for ${file}`,
  ENOTDIR: (file) => `a part of the path ${file} is a file, expected directories only`,
  EEXIST: (file) => `${file} exists already`,
  // Node says this of a directory on a read-only file system too.
  ENOENT: (file) => `${file} does not exist and cannot be made: check the path`,
  ERR_DLOPEN_FAILED: () => 'better-sqlite3 was built for another Node.js: run "npm rebuild better-sqlite3"',
}

/**
 * What is wrong with the values of a row and not with the file. Others of its kind, such as what a trigger says, are not of
 * our making.
 */
const refusals: ReadonlySet<string> = new Set([
  'SQLITE_CONSTRAINT_CHECK',
  'SQLITE_CONSTRAINT_DATATYPE',
  'SQLITE_CONSTRAINT_FOREIGNKEY',
  'SQLITE_CONSTRAINT_NOTNULL',
  'SQLITE_CONSTRAINT_PRIMARYKEY',
  'SQLITE_CONSTRAINT_UNIQUE',
  'SQLITE_MISMATCH',
  'SQLITE_TOOBIG',
])

/** Whether SQLite failed at `file` for want of space, which it does not always call so. */
export function isFull(error: unknown, file: string): boolean {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false
  // The index of the log is the first file that a reader makes.
  if (error.code === 'SQLITE_FULL' || error.code === 'SQLITE_IOERR_SHMSIZE') return true
  return error.code.startsWith('SQLITE_IOERR') && hasNothingFree(dirname(file))
}

function hasNothingFree(directory: string): boolean {
  try {
    const { blocks, bavail } = statfsSync(directory)
    return blocks > 0 && bavail === 0 // some file systems tell neither
  } catch {
    return false
  }
}

/**
 * The error with a sentence for the operator in front; one that is neither SQLite's nor the system's is a bug and
 * comes back as it is.
 */
export function explain(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof StoreError) return error
  if (!('code' in error) || typeof error.code !== 'string') return error
  const primary = isFull(error, file) ? 'SQLITE_FULL' : /^SQLITE_[A-Z]+/.exec(error.code)?.[0]
  const sentence = primary === undefined ? systemSentences[error.code] : sentences[primary]
  if (sentence !== undefined) {
    const Explained = isDamage(error) ? DamagedError : StoreError
    return new Explained(`${sentence(file)} (${error.message})`, { cause: error })
  }
  if (!error.code.startsWith('SQLITE_')) return error
  const said = `${file}: ${error.code}: ${error.message}`
  return refusals.has(error.code) ? new RefusedError(said, { cause: error }) : new StoreError(said, { cause: error })
}

/** Whether SQLite found something that no database has. */
export function isDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^SQLITE_(CORRUPT|NOTADB)/.test(String(error.code))
}

/** Runs `body` and explains what it throws. */
export function explained<T>(file: string, body: () => T): T {
  try {
    return body()
  } catch (error) {
    throw explain(error, file)
  }
}
