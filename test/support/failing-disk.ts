import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** How writes fail: refused by the disk, for want of space, or after a part of them. */
export type Fault = 'EIO' | 'ENOSPC' | 'SHORT'

/** Writes to one file and its log that fail when told to, see failing-disk.c. */
export interface FailingDisk {
  /** For the process that is to meet them. */
  readonly env: Readonly<Record<string, string>>
  /** From now on; so many writes still succeed, so that a transaction fails in its middle. */
  fail(how: Fault, afterWrites: number): void
  mend(): void
}

export const canFail = process.platform === 'linux' && spawnSync('gcc', ['--version']).status === 0

/** Compiles into `directory`, which is there. `file` has no symbolic links in its path. */
export function createFailingDisk(directory: string, file: string): FailingDisk {
  const library = join(directory, 'failing-disk.so')
  const source = fileURLToPath(new URL('failing-disk.c', import.meta.url))
  const { status, stderr } = spawnSync('gcc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'])
  if (status !== 0) throw new Error(`gcc: ${stderr}`)
  const control = join(directory, 'failing-disk.switch')
  return {
    env: { LD_PRELOAD: library, FAILING_FILE: file, FAILING_SWITCH: control },
    fail: (how, afterWrites) => writeFileSync(control, `${afterWrites} ${how}`),
    mend: () => rmSync(control, { force: true }),
  }
}
