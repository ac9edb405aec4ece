/** What readers get at 1,000 trackers while checks go on, beside a bare node:http server that sends the same bytes. */
import { get, type IncomingMessage } from 'node:http'
import type { Farm, FarmSize } from './farm.js'
import type { Line } from './lines.js'
import { askChild, start } from './programs.js'
import type { ServingTask, Stretch } from './serving-daemon.js'
import type { FloorTask } from './serving-floor.js'
import type { LoadTask } from './serving-load.js'

const TRACKERS = 1000
const CONNECTIONS = 50
const LENGTH_MS = 1500
const TURNS = 5
const QUIET_MS = 12_000
const MIN_RATIO = 0.6
const MIN_PAGES_PER_SECOND = 300
const MAX_MOVED_MS = 5

const paths = ['/api/live', '/lists/stable.txt', '/api/v1/trackers', '/'] as const

export async function servingLines(): Promise<Line[]> {
  const farm = start('farm')
  const size: FarmSize = { healthy: TRACKERS, silent: 0, closed: 0, namedHttp: 0, http: 0 }
  const { healthy } = await askChild<FarmSize, Farm>(farm, size)
  const daemon = start('serving-daemon')
  const task = { urls: healthy.map((address) => `udp://${address}/announce`) }
  const url = await askChild<ServingTask, string>(daemon, task)
  try {
    // The first round, in which the trackers come to be alive, and then a quiet one.
    await passed(QUIET_MS)
    const quiet = await stretchOf(() => passed(QUIET_MS))
    const lines: Line[] = []
    const loaded = await stretchOf(async () => {
      for (const path of paths) lines.push(await pathLine(url, path))
    })
    const quietMs = await askChild<Stretch, number>(daemon, quiet)
    const loadedMs = await askChild<Stretch, number>(daemon, loaded)
    return [...lines, movedLine(quietMs, loadedMs)]
  } finally {
    daemon.disconnect()
    farm.disconnect()
  }
}

/** One right after the other, several times: what else the machine does meets both. The turn with the median ratio counts. */
async function pathLine(url: string, path: string): Promise<Line> {
  const floor = start('serving-floor')
  const answer = await answerOf(url + path)
  const port = await askChild<FloorTask, number>(floor, answer)
  const load = (at: number) =>
    askChild<LoadTask, number>(start('serving-load'), { port: at, path, connections: CONNECTIONS, lengthMs: LENGTH_MS })
  const turns: { readonly bare: number; readonly ours: number }[] = []
  // The first one warms both up.
  for (let turn = 0; turn <= TURNS; turn++) {
    const both = { bare: await load(port), ours: await load(Number(new URL(url).port)) }
    if (turn > 0) turns.push(both)
  }
  floor.disconnect()
  turns.sort((one, other) => one.ours / one.bare - other.ours / other.bare)
  const { bare, ours } = turns[Math.floor(TURNS / 2)] ?? { bare: Number.NaN, ours: Number.NaN }
  const isPage = path === '/'
  const ratio = ours / bare
  const kilobytes = (Buffer.from(answer.body, 'base64').length / 1024).toFixed(1)
  return {
    what: `${path} at ${TRACKERS} trackers, ${kilobytes} KiB, ${CONNECTIONS} connections: answers per second`,
    floor: bare.toFixed(0),
    ours: `${ours.toFixed(0)} = ${ratio.toFixed(2)} ×`,
    target: isPage ? `≥ ${MIN_PAGES_PER_SECOND}` : `≥ ${MIN_RATIO} ×`,
    met: isPage ? ours >= MIN_PAGES_PER_SECOND : ratio >= MIN_RATIO,
  }
}

function movedLine(quietMs: number, loadedMs: number): Line {
  const moved = Math.abs(loadedMs - quietMs)
  return {
    what: 'median latency of the checks, quiet and beside these readers',
    floor: `${quietMs.toFixed(1)} ms`,
    ours: `${loadedMs.toFixed(1)} ms`,
    target: `moves < ${MAX_MOVED_MS} ms`,
    met: moved < MAX_MOVED_MS,
  }
}

async function stretchOf(work: () => Promise<void>): Promise<Stretch> {
  const fromMs = Date.now()
  await work()
  return { fromMs, toMs: Date.now() }
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** As it is on the wire, compressed where it is. */
async function answerOf(url: string): Promise<FloorTask> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers: { 'Accept-Encoding': 'gzip' } }, resolve).once('error', reject)
  })
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}`)
  const headers = Object.entries(response.headers).filter(
    ([name]) => !['date', 'connection', 'keep-alive'].includes(name),
  )
  return {
    headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
    body: Buffer.concat(chunks).toString('base64'),
  }
}
