import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** The built program as users run it. */
export const root = fileURLToPath(new URL('../../', import.meta.url))
export const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `trackerwatch …` to its end. */
export function trackerwatch(args: readonly string[], options: SpawnOptions = {}): Promise<Finished> {
  return execute(process.execPath, [cli, ...args], options)
}

/** Runs a program to its end, which comes with that of the test at the latest. */
export async function execute(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<Finished> {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  if (child.stdout === null || child.stderr === null) throw new Error('the program has no output')
  const closed = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await closed
  })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = await closed
  return { code, stdout, stderr }
}

/** A line of the daemon's log. */
export interface LogLine {
  readonly msg: string
  readonly [field: string]: unknown
}

export interface Daemon {
  /** Where the page is, without a trailing slash. */
  readonly url: string
  readonly pid: number
  /** What it has logged so far. */
  readonly log: readonly LogLine[]
  /** Resolves with the first line, of those that came or will come, that `isIt`; rejects where the daemon ends before. */
  readonly logged: (isIt: (line: LogLine) => boolean) => Promise<LogLine>
  readonly kill: (signal: NodeJS.Signals) => void
  /** Its exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  /** The body of an answer with status 200. */
  readonly get: (path: string) => Promise<string>
}

/** Starts `trackerwatch run` and resolves when it says that it is running. It ends with the test at the latest. */
export async function startDaemon(configFile: string): Promise<Daemon> {
  const { daemon, close } = await launchDaemon(configFile)
  onTestFinished(close)
  return daemon
}

/** The same for several tests; `close` ends it whatever it is doing. */
export async function launchDaemon(
  configFile: string,
  options: SpawnOptions = {},
): Promise<{ readonly daemon: Daemon; readonly close: () => Promise<void> }> {
  const args = [cli, 'run', '--config', configFile]
  const child = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
  const { log, logged } = readLog(child, ended)
  const close = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  try {
    const { page } = await logged(({ msg }) => msg === 'trackerwatch is running')
    const url = String(page).replace(/\/$/, '')
    const kill = (signal: NodeJS.Signals): void => void child.kill(signal)
    return { daemon: { url, pid: Number(child.pid), log, logged, kill, ended, get: (path) => body(url + path) }, close }
  } catch (error) {
    await close()
    throw error
  }
}

function readLog({ stderr }: ChildProcess, ended: Promise<unknown>): Pick<Daemon, 'log' | 'logged'> {
  if (stderr === null) throw new Error('the daemon has no stderr')
  const log: LogLine[] = []
  const waiting = new Set<(line: LogLine) => void>()
  createInterface({ input: stderr }).on('line', (line) => {
    const parsed: LogLine = line.startsWith('{') ? JSON.parse(line) : { msg: line }
    log.push(parsed)
    for (const tell of waiting) tell(parsed)
  })
  const logged: Daemon['logged'] = (isIt) =>
    new Promise((resolve, reject) => {
      const tell = (line: LogLine): void => {
        if (!isIt(line)) return
        waiting.delete(tell)
        resolve(line)
      }
      waiting.add(tell)
      log.forEach(tell)
      ended.then(() => reject(new Error(`the daemon ended:\n${log.map((line) => JSON.stringify(line)).join('\n')}`)))
    })
  return { log, logged }
}

async function body(url: string): Promise<string> {
  const answer = await fetch(url)
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(`${url}: status ${answer.status}: ${text}`)
  return text
}
