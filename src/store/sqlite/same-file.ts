import { statSync } from 'node:fs'
import { StoreError } from '../errors.js'
import { MEMORY } from './connection.js'

/**
 * Remembers which file lies at a path, and returns what throws once another or none does: an open connection stays with
 * its file wherever that goes, while whoever opens the path finds the other one. To be called once the file is open.
 */
export function rememberFile(file: string): () => void {
  if (file === MEMORY) return () => {}
  const opened = identityOf(file)
  return () => {
    if (isSame(opened, identityOf(file))) return
    throw new StoreError(
      `${file} was moved, deleted or replaced while it was open: move it back, or stop this program, put a backup in ` +
        'its place and start it again',
    )
  }
}

/** Device and inode. Unknown, as where the directory may no longer be read, tells of no change. */
type Identity = `${bigint}:${bigint}` | 'none' | 'unknown'

function identityOf(file: string): Identity {
  try {
    const found = statSync(file, { bigint: true, throwIfNoEntry: false })
    return found === undefined ? 'none' : `${found.dev}:${found.ino}`
  } catch {
    return 'unknown'
  }
}

function isSame(opened: Identity, found: Identity): boolean {
  if (opened === 'unknown' || found === 'unknown') return true
  return found !== 'none' && found === opened
}
