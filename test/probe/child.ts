import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { CheckTrackersOptions } from '../../src/probe/check-trackers.js'
import type { Outcome } from '../../src/tracker/outcome.js'

/** What `checker.ts` is told, and what it prints. */
export interface CheckerTask {
  readonly urls: readonly string[]
  readonly options: Pick<
    CheckTrackersOptions,
    'timeoutMs' | 'attempts' | 'dnsServers' | 'allowPrivate' | 'family' | 'tls'
  >
  readonly abortAfterMs?: number
}
export interface CheckerReport {
  readonly outcomes: readonly (readonly [url: string, outcome: Outcome, certificateExpiresAt: string | null])[]
  readonly aborted: boolean
  /** What still kept the process alive when the checks were over. */
  readonly left: readonly string[]
}

interface Surroundings {
  /** For node. */
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** The most files and sockets that it may have open. */
  readonly openFiles?: number
}

/** Checks in a process of its own, which has to end by itself. Rejects where it does not end well. */
export async function checkInChild(
  task: CheckerTask,
  { flags = [], env = {}, openFiles }: Surroundings = {},
): Promise<CheckerReport> {
  const script = fileURLToPath(new URL('checker.ts', import.meta.url))
  const limit = openFiles === undefined ? '' : `ulimit -n ${openFiles}; `
  const node = [process.execPath, ...flags, '--import', 'tsx', script, JSON.stringify(task)]
  const child = spawn('sh', ['-c', `${limit}exec "$@"`, 'sh', ...node], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const exited = once(child, 'exit')
  const report: CheckerReport = JSON.parse(await text(child.stdout))
  const [code] = await exited
  if (code !== 0) throw new Error(`the checker ended with ${code}`)
  return report
}
