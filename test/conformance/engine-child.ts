import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface FleetTask {
  readonly kind: 'fleet'
  readonly urls: readonly string[]
  readonly concurrency: number
  readonly startsPerSecond: number
}
export interface FleetReport {
  /** Outcomes by kind. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Probes under way at the same time. */
  readonly mostAtOnce: number
  readonly tookMs: number
  /** CPU time of this process between two ticks of the event loop. */
  readonly p99WorkMs: number
}

export interface SoakTask {
  readonly kind: 'soak'
  readonly urls: readonly string[]
  readonly dnsServers: readonly string[]
  readonly rounds: number
  readonly perRound: number
}
export interface SoakReport {
  /** Memory in use behind each round, garbage collected. */
  readonly heapBytes: readonly number[]
}

export function runInChild(task: FleetTask): Promise<FleetReport>
export function runInChild(task: SoakTask): Promise<SoakReport>
/** Runs `engine-worker.ts` in a process of its own, so that our trackers do not share its event loop. */
export async function runInChild(task: FleetTask | SoakTask): Promise<FleetReport | SoakReport> {
  const script = fileURLToPath(new URL('engine-worker.ts', import.meta.url))
  const child = fork(script, { execArgv: ['--expose-gc', '--import', 'tsx'] })
  const ended = once(child, 'exit')
  const reported = once(child, 'message').then(([report]) => report)
  child.send(task)
  const report = await Promise.race([reported, ended.then(([code]) => new Error(`the worker ended with ${code}`))])
  if (report instanceof Error) throw report
  await ended
  return report
}
