import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

/** What `asker.ts` is told, and what it prints. */
export interface AskerTask {
  readonly asks: readonly { readonly url: string; readonly what: 'check' | 'query' | 'scrape' }[]
  readonly timeoutMs: number
  readonly atOnce: number
}
export interface AskerReport {
  /** For each that was asked: the kind of its outcome or the documented error, with the code; or `bug: …`. */
  readonly said: readonly string[]
  /** On the caller's signal, when all is over. */
  readonly listeners: number
  /** What kept the process alive ten seconds later; empty where it ended by itself before. */
  readonly left: readonly string[]
  readonly peakMb: number
}

/** Asks in a process of its own, which has to end by itself. Rejects where it does not end well. */
export async function askInChild(task: AskerTask): Promise<AskerReport> {
  const script = fileURLToPath(new URL('asker.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const printed = await text(child.stdout)
  const [code] = await exited
  if (code !== 0) throw new Error(`the asker ended with ${code}`)
  return JSON.parse(printed)
}
