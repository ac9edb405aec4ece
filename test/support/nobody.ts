import { statSync } from 'node:fs'
import { dirname } from 'node:path'

/** A user without rights. */
export const NOBODY = 65_534
export const isRoot = process.geteuid?.() === 0

/** Whether we may be another user, and that one may read a file of ours. */
export function canRunAsNobody(file: string): boolean {
  if (!isRoot) return false
  for (let at = file; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o005) === 0) return false
    if (at === dirname(at)) return true
  }
}
