import { resolve } from 'node:path'
import type Database from 'better-sqlite3'
import { MEMORY } from './connection.js'
import { partOf, publish, removePart } from './copy.js'
import { explain } from './explain.js'
import { inThread } from './thread.js'

/** A database in memory is copied in this thread: small enough that no turn of the event loop is long. */
const PAGES_PER_TURN = 100

export interface BackupParts {
  readonly file: string
  /** The thread opens the path, where another file may lie by now: see `rememberFile`. */
  readonly requireSame: () => void
  readonly copy: string
}

/**
 * Copies the database while it is in use, in a thread. The copy is read whole before it appears under its name.
 * @throws {StoreError} if the file exists; whatever goes wrong, nothing of the copy stays
 */
export async function backup(
  client: Database.Database,
  { file, requireSame, copy }: BackupParts,
  signal: AbortSignal,
): Promise<void> {
  requireSame()
  const target = resolve(copy)
  const part = partOf(target)
  try {
    if (file === MEMORY) {
      await client.backup(part, { progress: () => PAGES_PER_TURN })
      await inThread('seal', { file, part }, signal)
    } else {
      await inThread('copy', { file, part }, signal)
    }
    requireSame()
    publish(part, target)
  } catch (error) {
    removePart(part)
    throw explain(error, target)
  }
}
