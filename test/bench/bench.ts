/**
 * `npm run bench`: each line measures ours beside a bare floor in the same run and prints the ratio, since absolute
 * figures move from machine to machine; `npm run bench -- udp history` measures these alone. Checks are made in a fresh
 * process each run, cold start included; CPU and memory are those of the process under test alone. Ends with 1 where a
 * target is missed.
 */
import { cpus, loadavg } from 'node:os'
import type { Farm, FarmSize } from './farm.js'
import type { FloorTask } from './floor.js'
import { historyLines } from './history.js'
import { type Line, tableOf } from './lines.js'
import type { Cost } from './measure.js'
import { metricsLines } from './metrics.js'
import type { ProductTask } from './product.js'
import { askChild, start } from './programs.js'
import { servingLines } from './serving.js'

type Verdicts = readonly (readonly [url: string, verdict: string])[]
/** Floor and ours, one right after the other: what else the machine does meets both. */
interface Run {
  readonly floor: Cost<{ readonly answered: number }>
  readonly ours: Cost<Verdicts>
}

const MAX_UDP_CPU_RATIO = 2.5
const MAX_HTTP_CPU_RATIO = 1.8
const MAX_PEAK_MB = 150

const [cpu] = cpus()
console.log(
  `node ${process.version}, ${cpus().length} × ${cpu?.model ?? 'unknown CPU'}, load ${loadText()} at the start`,
)
const benches = {
  udp: () => healthyFleet(10_000),
  http: () => httpFleet(5000),
  mixed: () => mixedFleet(),
  history: () => historyLines(),
  serving: () => servingLines(),
  metrics: () => metricsLines(),
}
type BenchName = keyof typeof benches

const lines: Line[] = []
for (const name of namesOf(process.argv.slice(2))) lines.push(...(await benches[name]()))
console.log(tableOf(lines))
console.log(`load ${loadText()} at the end`)
process.exitCode = lines.every((line) => line.met) ? 0 : 1

/** UDP trackers that answer in 20 ms, connect and announce. */
async function healthyFleet(count: number): Promise<Line[]> {
  const farm = await startFarm({ healthy: count })
  const urls = farm.list.healthy.map((address) => `udp://${address}/announce`)
  const limits = { concurrency: 200, timeoutMs: 5000 }
  const runs = await repeated(5, 'floor', { ...limits, targets: farm.list.healthy }, { ...limits, urls })
  farm.stop()
  const lostByFloor = runs.map(({ floor }) => count - floor.value.answered)
  const lost = runs.map(({ ours }) => count - ours.value.filter(([, verdict]) => verdict === 'ok').length)
  const what = `${count} UDP trackers of 20 ms, ${limits.concurrency} at once`
  return [
    ratioLine(what, runs, count, MAX_UDP_CPU_RATIO),
    worstLine(`${what}: answers lost`, lostByFloor, lost, 0, ''),
    peakLine(what, runs),
  ]
}

/**
 * HTTP trackers that answer in 20 ms: a connection each, an announce, and our leaving, which the floor does not pay for.
 * Starts are not paced, so that as many are in flight as in the floor.
 */
async function httpFleet(count: number): Promise<Line[]> {
  const farm = await startFarm({ http: count })
  const urls = farm.list.http
  const limits = { concurrency: 500, timeoutMs: 5000 }
  const ours = { ...limits, urls, startsPerSecond: { tcp: 1_000_000 } }
  const runs = await repeated(5, 'floor-http', { ...limits, targets: urls }, ours)
  farm.stop()
  const wrongByFloor = runs.map(({ floor }) => count - floor.value.answered)
  const wrong = runs.map((run) => count - run.ours.value.filter(([, verdict]) => verdict === 'ok').length)
  const what = `${count} HTTP trackers of 20 ms, ${limits.concurrency} at once`
  return [
    ratioLine(what, runs, count, MAX_HTTP_CPU_RATIO),
    worstLine(`${what}: wrong verdicts`, wrongByFloor, wrong, 0, ''),
  ]
}

/** 400 living (UDP and HTTP, half of them by name) among 600 dead of every kind. */
async function mixedFleet(): Promise<Line[]> {
  const farm = await startFarm({ healthy: 300, silent: 200, closed: 200, namedHttp: 100 })
  const { list } = farm
  const expected = expectedVerdicts(list)
  const limits = { concurrency: 1000, timeoutMs: 5000 }
  // The floor asks no names: silent trackers take the place of dead ones.
  const targets = [...list.healthy, ...list.silent, ...list.closed, ...list.silent]
  const task = { ...limits, urls: shuffled([...expected.keys()]), dnsServers: [list.dns] }
  const runs = await repeated(3, 'floor', { ...limits, targets }, task)
  farm.stop()
  const wrong = runs.map(({ ours }) => ours.value.filter(([url, verdict]) => expected.get(url) !== verdict))
  for (const [url, verdict] of wrong.flat().slice(0, 10)) {
    console.error(`${url}: ${verdict}, expected ${expected.get(url)}`)
  }
  const what = `${expected.size} trackers, 600 dead, ${limits.concurrency} at once`
  return [
    worstLine(
      `${what}: wrong verdicts`,
      [],
      wrong.map((run) => run.length),
      0,
      '',
    ),
    worstLine(
      `${what}: wall, timeout ${limits.timeoutMs} ms`,
      runs.map(({ floor }) => floor.wallMs),
      runs.map(({ ours }) => ours.wallMs),
      limits.timeoutMs + 1000,
      ' ms',
    ),
    peakLine(what, runs),
  ]
}

function expectedVerdicts(list: Farm): ReadonlyMap<string, string> {
  const named = list.healthy
    .slice(0, 150)
    .map((address) => `udp-${address.split(':')[1]}.live.test:${address.split(':')[1]}`)
  const living = [...named, ...list.healthy.slice(150)]
  return new Map([
    ...living.map((host) => [`udp://${host}/announce`, 'ok'] as const),
    ...list.namedHttp.map((host) => [`http://${host}/announce`, 'ok'] as const),
    ...list.silent.map((host) => [`udp://${host}/announce`, 'udp.timeout'] as const),
    ...list.closed.map((host) => [`udp://${host}/announce`, 'net.refused'] as const),
    ...Array.from({ length: 200 }, (_, index) => [`udp://dead-${index}.test:6969/announce`, 'dns.timeout'] as const),
  ])
}

async function repeated(
  times: number,
  floor: 'floor' | 'floor-http',
  bare: FloorTask,
  ours: ProductTask,
): Promise<Run[]> {
  const runs: Run[] = []
  while (runs.length < times) {
    runs.push({ floor: await inFresh(floor, bare), ours: await inFresh('product', ours) })
  }
  return runs
}

function ratioOf({ floor, ours }: Run): number {
  return ours.cpuMs / floor.cpuMs
}

/** The run with the median ratio. */
function ratioLine(what: string, runs: readonly Run[], count: number, limit: number): Line {
  const typical = medianBy(runs, ratioOf)
  return {
    what: `${what}: CPU per check, median of ${runs.length}`,
    floor: microseconds(typical.floor.cpuMs / count),
    ours: `${microseconds(typical.ours.cpuMs / count)} = ${ratioOf(typical).toFixed(2)} ×`,
    target: `≤ ${limit} ×`,
    met: ratioOf(typical) <= limit,
  }
}

function peakLine(what: string, runs: readonly Run[]): Line {
  const floor = runs.map((run) => run.floor.peakMb)
  const ours = runs.map((run) => run.ours.peakMb)
  return worstLine(`${what}: peak memory`, floor, ours, MAX_PEAK_MB, ' MB')
}

/** A limit that every run has to keep. */
function worstLine(what: string, floor: readonly number[], ours: readonly number[], limit: number, unit: string): Line {
  const worst = Math.max(...ours)
  return {
    what,
    floor: floor.length === 0 ? '' : Math.max(...floor).toFixed(0) + unit,
    ours: worst.toFixed(0) + unit,
    target: limit === 0 ? '0' : `≤ ${limit}${unit}`,
    met: worst <= limit,
  }
}

function microseconds(ms: number): string {
  return `${(ms * 1000).toFixed(0)} µs`
}

/** All of them where none is named. */
function namesOf(given: readonly string[]): readonly BenchName[] {
  const known = Object.keys(benches) as BenchName[]
  const unknown = given.filter((name) => !known.includes(name as BenchName))
  if (unknown.length > 0) throw new Error(`unknown bench "${unknown.join(' ')}", expected some of ${known.join(', ')}`)
  return given.length === 0 ? known : known.filter((name) => given.includes(name))
}

function loadText(): string {
  return loadavg()[0]?.toFixed(1) ?? '?'
}

async function startFarm(wanted: Partial<FarmSize>) {
  const child = start('farm')
  const size: FarmSize = { healthy: 0, silent: 0, closed: 0, namedHttp: 0, http: 0, ...wanted }
  return { list: await askChild<FarmSize, Farm>(child, size), stop: () => child.disconnect() }
}

function inFresh<Task, Value>(program: string, task: Task): Promise<Cost<Value>> {
  return askChild<Task, Cost<Value>>(start(program), task)
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
