import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

/** Whether a program can be started here; a test that needs it is skipped elsewhere. */
export function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** Title of a test that needs `program`, with the reason where it is skipped. */
export function titleFor(title: string, program: string): string {
  return isInstalled(program) ? title : `${title} (skipped: ${program} is not installed)`
}

/** Runs to the end in the project's root. Exit status and everything printed. */
export function run(
  program: string,
  args: readonly string[],
  input = '',
): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, input, encoding: 'utf8', timeout: 60_000 })
  return { status, output: stdout + stderr }
}
