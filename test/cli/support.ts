import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { main } from '../../src/cli/main.js'
import { udp } from '../support/encode.js'
import { type Reply, scripted, startUdpTracker } from '../support/udp-tracker.js'

/** As `npm run build` leaves it, which `npm test` does first. */
export const PROGRAM = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

export const INFO_HASH = '0123456789abcdef0123456789abcdef01234567'

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Surroundings {
  readonly stdin?: string
  readonly tty?: boolean
  readonly env?: NodeJS.ProcessEnv
}

/** One command line, in this process. */
export async function run(args: readonly string[], surroundings: Surroundings = {}): Promise<Finished> {
  const { stdin = '', tty = false, env = {} } = surroundings
  const stdout = new PassThrough()
  const stderr = Object.assign(new PassThrough(), { isTTY: tty, columns: 120 })
  const [out, err] = [text(stdout), text(stderr)]
  const isTTY = { stdout: tty, stderr: tty }
  const code = await main(args, { stdin: Readable.from([stdin]), stdout, stderr, env, isTTY })
  stdout.end()
  stderr.end()
  return { code, stdout: await out, stderr: await err }
}

/** The built program, as users start it. */
export function start(
  args: readonly string[],
  { cwd = '.', nodeFlags = [] as readonly string[] } = {},
): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [...nodeFlags, PROGRAM, ...args], { cwd })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

export async function finished(child: ChildProcessWithoutNullStreams): Promise<Finished> {
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code, stdout, stderr }
}

/** A directory that is gone after the test. */
export function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'trackerwatch-cli-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Announce URL of a UDP tracker that is gone after the test. */
export async function tracker(script: Parameters<typeof scripted>[0] = {}): Promise<string> {
  const { url, stop } = await startUdpTracker(scripted(script))
  onTestFinished(stop)
  return url
}

/** A tracker's refusal in the words given. */
export function refusing(words: string): Reply {
  return (transactionId) => [udp.errorReply(transactionId, words)]
}

export const silent: Reply = () => []
