import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import Database from 'better-sqlite3'
import { DamagedError, StoreError } from '../errors.js'
import { explained } from './explain.js'

/**
 * Takes the right to write to `file` and returns its release. The right is a transaction that stays open in a small
 * database beside the file, so the system itself takes it back when the process dies, however it dies. The lock file
 * stays behind: to delete it would let two processes hold locks on two files of the same name.
 * @throws {StoreError} who holds it
 */
export function lockForWriting(file: string): () => void {
  const lockFile = `${file}.lock`
  const lock = explained(lockFile, () => new Database(lockFile, { timeout: 0 }))
  try {
    explained(lockFile, () => hold(lock))
  } catch (error) {
    const holder = isBusy(error) ? readHolder(lock) : null
    lock.close()
    if (error instanceof DamagedError) {
      throw new StoreError(`${lockFile} holds no lock but something else: delete it while no daemon runs`, {
        cause: error,
      })
    }
    if (holder === null) throw error
    throw new StoreError(`${file} is in use by ${holder}: stop that first, only one may write`, { cause: error })
  }
  return () => lock.close()
}

/** Who has the right to write to `file`, for a sentence; null where nobody has it, as far as can be told. */
export function writerOf(file: string): string | null {
  const lockFile = `${file}.lock`
  if (!existsSync(lockFile)) return null
  let lock: Database.Database | null = null
  try {
    lock = new Database(lockFile, { fileMustExist: true, timeout: 0 })
    lock.exec('BEGIN IMMEDIATE; ROLLBACK')
    return null
  } catch (error) {
    const isHeld = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
    return isHeld && lock !== null ? readHolder(lock) : null
  } finally {
    lock?.close()
  }
}

/** The holder is committed before the lock is taken again, for readers do not see an open transaction. */
function hold(lock: Database.Database): void {
  lock.exec('BEGIN IMMEDIATE')
  lock.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER NOT NULL, host TEXT NOT NULL, since TEXT NOT NULL) STRICT')
  lock.exec('DELETE FROM holder')
  lock.prepare('INSERT INTO holder VALUES (?, ?, ?)').run(process.pid, hostname(), new Date().toISOString())
  lock.exec('COMMIT')
  // Between the two another process may have been faster: then this fails, as it should.
  lock.exec('BEGIN IMMEDIATE')
}

function isBusy(error: unknown): boolean {
  return error instanceof StoreError && error.cause instanceof Database.SqliteError && /BUSY/.test(error.cause.code)
}

function readHolder(lock: Database.Database): string {
  const unknown = 'another process'
  try {
    const text = "SELECT 'process ' || pid || ' on ' || host || ' since ' || since FROM holder"
    const holder: unknown = lock.prepare(text).pluck().get()
    return typeof holder === 'string' ? holder : unknown
  } catch {
    return unknown // it is writing its name this moment
  }
}
