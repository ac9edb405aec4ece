import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { z } from 'zod'
import { ruleFiles } from '../deploy/rules.js'
import { freshFolder } from './folder.js'
import { root } from './program.js'

const labels = z.record(z.string(), z.string())
const queried = z.object({
  data: z.object({ result: z.array(z.object({ metric: labels, value: z.tuple([z.number(), z.string()]) })) }),
})
const alerting = z.object({
  data: z.object({ alerts: z.array(z.object({ labels, state: z.enum(['pending', 'firing']) })) }),
})

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A real Prometheus. */
export interface Prometheus {
  readonly query: (expression: string) => Promise<readonly Sample[]>
  /** The state of an alert of this name; null where it neither waits nor fires. */
  readonly alert: (name: string) => Promise<'pending' | 'firing' | null>
  /** What its API answers below `/api/v1/`. */
  readonly ask: (path: string) => Promise<unknown>
}

/** Starts Prometheus with everything every second. It ends with the test, and so does what it has stored. */
export async function startPrometheus(config: Readonly<Record<string, unknown>>): Promise<Prometheus> {
  const folder = freshFolder()
  const file = join(folder, 'prometheus.yml')
  const global = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' }
  writeFileSync(file, stringify({ ...config, global }))
  const address = await freeAddress()
  const args = ['--config.file', file, '--storage.tsdb.path', join(folder, 'data'), '--web.listen-address', address]
  endWithTest(spawn('prometheus', args, { stdio: 'ignore' }))
  const ask = async (path: string): Promise<unknown> => (await fetch(`http://${address}/api/v1/${path}`)).json()
  return {
    query: async (query) => {
      const { data } = queried.parse(await ask(`query?${new URLSearchParams({ query })}`))
      return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
    },
    alert: async (name) => {
      const { data } = alerting.parse(await ask('alerts'))
      return data.alerts.find((alert) => alert.labels.alertname === name)?.state ?? null
    },
    ask,
  }
}

/** Starts Alertmanager; resolves with its address. It ends with the test. */
export async function startAlertmanager(config: string): Promise<string> {
  const folder = freshFolder()
  const file = join(folder, 'alertmanager.yml')
  writeFileSync(file, config)
  const address = await freeAddress()
  const args = ['--config.file', file, '--storage.path', join(folder, 'data'), '--web.listen-address', address]
  endWithTest(spawn('prometheus-alertmanager', [...args, '--cluster.listen-address='], { stdio: 'ignore' }))
  return address
}

/** The shipped rules with all that takes minutes in seconds; their paths. */
export function shortenedRules(): readonly string[] {
  const folder = freshFolder()
  return ruleFiles.map((file, index) => {
    const short = join(folder, `${index}.yml`)
    // A window has to hold two scrapes, for one may fail.
    writeFileSync(short, shortened(readFileSync(join(root, file), 'utf8'), 3))
    return short
  })
}

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }
const FASTER = 600

/** Text of a configuration in which every duration is a 600th, but no less than `leastS` seconds. */
export function shortened(text: string, leastS: number): string {
  return text.replaceAll(
    /(\[|(?:for|wait|interval): )(\d+)([smhd])\b/g,
    (_all, before: string, count: string, unit: string) =>
      `${before}${Math.max(leastS, Math.round((Number(count) * (secondsOf[unit] ?? 1)) / FASTER))}s`,
  )
}

function endWithTest(child: ChildProcess): void {
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
}

/** These programs cannot be asked which port they took, so one is found for them. */
async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port')
  await once(server.close(), 'close')
  return `127.0.0.1:${address.port}`
}
