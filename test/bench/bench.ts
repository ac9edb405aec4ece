/**
 * `npm run bench`: each line measures ours beside a bare floor in the same run and prints the ratio, since absolute
 * figures move from machine to machine. Every process starts fresh; CPU is that of the process under test alone.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Farm } from './farm.js'
import type { FloorTask } from './floor.js'
import type { Cost } from './measure.js'
import type { ProductTask } from './product.js'

interface Line {
  readonly what: string
  readonly floor: string
  readonly ours: string
  readonly ratio: string
  readonly target: string
  readonly met: boolean
}

const RUNS = 3
type Verdicts = readonly (readonly [url: string, verdict: string])[]

const lines = [...(await healthyFleet(10_000)), ...(await mixedFleet())]
console.table(lines.map(({ met, ...line }) => ({ ...line, met: met ? 'yes' : 'NO' })))
process.exitCode = lines.every((line) => line.met) ? 0 : 1

/** UDP trackers that answer in 20 ms, connect and announce. */
async function healthyFleet(count: number): Promise<Line[]> {
  const farm = await startFarm({ healthy: count, silent: 0, closed: 0, http: 0 })
  const task = { concurrency: 1000, timeoutMs: 5000 }
  const pairs: { floor: Cost<{ answered: number }>; ours: Cost<Verdicts> }[] = []
  for (let run = 0; run < RUNS; run++) {
    const floor = await inFresh<FloorTask, { answered: number }>('floor', { ...task, targets: farm.list.healthy })
    const urls = farm.list.healthy.map((address) => `udp://${address}/announce`)
    pairs.push({ floor, ours: await inFresh<ProductTask, Verdicts>('product', { ...task, urls }) })
  }
  farm.stop()
  const { floor, ours } = medianBy(pairs, (pair) => pair.ours.cpuMs / pair.floor.cpuMs)
  const lost = Math.max(
    ...pairs.map((pair) => count - pair.ours.value.filter(([, verdict]) => verdict === 'ok').length),
  )
  const peakMb = Math.max(...pairs.map((pair) => pair.ours.peakMb))
  const what = `${count} UDP trackers of 20 ms`
  return [
    ratioLine(`${what}: CPU per check`, (floor.cpuMs * 1000) / count, (ours.cpuMs * 1000) / count, 'µs', 2.5),
    limitLine(`${what}: lost answers`, `${count - floor.value.answered}`, lost, '', 0),
    limitLine(`${what}: peak memory`, `${floor.peakMb.toFixed(0)} MB`, peakMb, 'MB', 150),
    limitLine(`${what}: wall`, `${floor.wallMs.toFixed(0)} ms`, ours.wallMs, 'ms', 3000),
  ]
}

/** 400 living (UDP and HTTP, half of them by name) among 600 dead of every kind. */
async function mixedFleet(): Promise<Line[]> {
  const timeoutMs = 5000
  const farm = await startFarm({ healthy: 300, silent: 200, closed: 200, http: 100 })
  const { list } = farm
  const named = list.healthy
    .slice(0, 150)
    .map((address) => `udp-${address.split(':')[1]}.live.test:${address.split(':')[1]}`)
  const living = [...named, ...list.healthy.slice(150)].map((host) => `udp://${host}/announce`)
  const expected = new Map<string, string>([
    ...living.map((url) => [url, 'ok'] as const),
    ...list.http.map((host) => [`http://${host}/announce`, 'ok'] as const),
    ...list.silent.map((host) => [`udp://${host}/announce`, 'udp.timeout'] as const),
    ...list.closed.map((host) => [`udp://${host}/announce`, 'net.refused'] as const),
    ...Array.from({ length: 200 }, (_, index) => [`udp://dead-${index}.test:6969/announce`, 'dns.timeout'] as const),
  ])
  const urls = shuffled([...expected.keys()])
  const task = { concurrency: 1000, timeoutMs }
  const targets = [...list.healthy, ...list.silent, ...list.closed, ...list.silent]
  const runs: { floor: Cost<{ answered: number }>; ours: Cost<Verdicts> }[] = []
  for (let run = 0; run < RUNS; run++) {
    const floor = await inFresh<FloorTask, { answered: number }>('floor', { ...task, targets })
    runs.push({
      floor,
      ours: await inFresh<ProductTask, Verdicts>('product', { ...task, urls, dnsServers: [list.dns] }),
    })
  }
  farm.stop()
  const wrong = runs.map(({ ours }) => ours.value.filter(([url, verdict]) => expected.get(url) !== verdict))
  for (const [url, verdict] of wrong.flat().slice(0, 10))
    console.error(`${url}: ${verdict}, expected ${expected.get(url)}`)
  const { floor, ours } = medianBy(runs, (run) => run.ours.wallMs)
  const worstMs = Math.max(...runs.map((run) => run.ours.wallMs))
  const what = '1000 trackers, 600 dead'
  return [
    limitLine(`${what}: wrong verdicts`, '0', Math.max(...wrong.map((run) => run.length)), '', 0),
    {
      ...ratioLine(`${what}: wall`, floor.wallMs, ours.wallMs, 'ms', (timeoutMs + 1000) / floor.wallMs),
      met: worstMs <= timeoutMs + 1000,
    },
    limitLine(
      `${what}: peak memory`,
      `${floor.peakMb.toFixed(0)} MB`,
      Math.max(...runs.map((run) => run.ours.peakMb)),
      'MB',
      150,
    ),
  ]
}

function ratioLine(what: string, floor: number, ours: number, unit: string, limit: number): Line {
  const ratio = ours / floor
  return {
    what,
    floor: `${floor.toFixed(0)} ${unit}`,
    ours: `${ours.toFixed(0)} ${unit}`,
    ratio: ratio.toFixed(2),
    target: `≤ ${limit.toFixed(2)} ×`,
    met: ratio <= limit,
  }
}

function limitLine(what: string, floor: string, ours: number, unit: string, limit: number): Line {
  const ratio = Number.parseFloat(floor) > 0 ? (ours / Number.parseFloat(floor)).toFixed(2) : ''
  return {
    what,
    floor,
    ours: `${ours.toFixed(0)} ${unit}`.trim(),
    ratio,
    target: `≤ ${limit} ${unit}`.trim(),
    met: ours <= limit,
  }
}

async function startFarm(wanted: { healthy: number; silent: number; closed: number; http: number }) {
  const child = start('farm')
  return { list: await askChild<typeof wanted, Farm>(child, wanted), stop: () => child.disconnect() }
}

function inFresh<Task, Value>(program: string, task: Task): Promise<Cost<Value>> {
  return askChild<Task, Cost<Value>>(start(program), task)
}

function start(program: string): ChildProcess {
  return fork(fileURLToPath(new URL(`${program}.js`, import.meta.url)))
}

function askChild<Task, Reply>(child: ChildProcess, task: Task): Promise<Reply> {
  return new Promise((resolve, reject) => {
    child.once('message', (reply) => resolve(reply as Reply))
    child.once('exit', (code) => reject(new Error(`bench process ended with ${code} before it replied`)))
    child.send(task as object)
  })
}

function medianBy<T>(items: readonly T[], key: (item: T) => number): T {
  const sorted = [...items].sort((a, b) => key(a) - key(b))
  const median = sorted[Math.floor(sorted.length / 2)]
  if (median === undefined) throw new RangeError('no runs')
  return median
}

/** The same order every run, and not sorted by kind. */
function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items]
  let state = 12_345
  for (let index = result.length - 1; index > 0; index--) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    const other = state % (index + 1)
    const [a, b] = [result[index], result[other]]
    if (a === undefined || b === undefined) continue
    result[index] = b
    result[other] = a
  }
  return result
}
