import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The recorder in a process of its own. */
export interface Recorder {
  readonly pid: number
  /** Resolves with the next line it prints; null once it has ended. */
  readonly line: () => Promise<string | null>
  /** Kills it like a power button, and returns what it had printed that nobody read. */
  readonly kill: () => Promise<readonly string[]>
}

export async function startRecorder(file: string, ...more: readonly string[]): Promise<Recorder> {
  const script = fileURLToPath(new URL('recorder.ts', import.meta.url))
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', script, file, ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { pid, stdout } = child
  if (pid === undefined || stdout === null) throw new Error('the recorder did not start')
  const ended = once(child, 'close')
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  const line = async (): Promise<string | null> => {
    const next = await lines.next()
    return next.done === true ? null : next.value
  }
  const kill = async (): Promise<readonly string[]> => {
    child.kill('SIGKILL')
    const rest: string[] = []
    for (let text = await line(); text !== null; text = await line()) rest.push(text)
    await ended
    return rest
  }
  if ((await line()) !== 'open') {
    await kill()
    throw new Error('the recorder could not open the store')
  }
  return { pid, line, kill }
}
