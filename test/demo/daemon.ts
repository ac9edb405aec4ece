import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The daemon as users run it, in a process of its own. */
export interface DaemonProcess {
  /** Where the page is, without a trailing slash. */
  readonly url: string
  /** Passes what it logs on to stderr, from its first line. */
  readonly showLog: () => void
  /** Resolves with its exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>
  /** Asks it to stop; `ended` tells when it has. */
  readonly stop: () => void
}

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

/** Resolves when it says that it is running. Rejects with what it said where it ends before that. */
export async function startDaemon(configFile: string): Promise<DaemonProcess> {
  const child = spawn(process.execPath, [cli, 'run', '--config', configFile], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // A process group of its own: Ctrl-C reaches only us, and we stop it once, after which we stop the trackers.
    detached: true,
  })
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null)
  const said: string[] = []
  let show = (line: string): void => void said.push(line)
  const url = await new Promise<string>((resolve, reject) => {
    linesOf(child, (line) => {
      show(line)
      const page = / trackerwatch is running .*\bpage=(\S+)\/( |$)/.exec(line)?.[1]
      if (page !== undefined) resolve(page)
    })
    ended.then((code) => reject(new Error(`the daemon ended with ${code}:\n${said.join('\n')}`)), reject)
  })
  return {
    url,
    showLog: () => {
      show = (line) => void process.stderr.write(`${line}\n`)
      said.forEach(show)
    },
    ended,
    stop: () => child.kill('SIGTERM'),
  }
}

function linesOf({ stderr }: ChildProcess, onLine: (line: string) => void): void {
  if (stderr === null) throw new Error('the daemon has no stderr')
  createInterface({ input: stderr }).on('line', onLine)
}
