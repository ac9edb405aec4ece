/** A page for Prometheus with every series of every tracker, while a tenth of them was checked since the one before. */
import { createMetrics, type Metrics } from '../../dist/metrics/metrics.js'
import type { CheckResult } from '../../dist/tracker/outcome.js'
import { type Entry, trackerId } from '../../dist/tracker/state.js'
import { parseTracker } from '../../dist/tracker/tracker.js'
import type { Line } from './lines.js'
import { quietest } from './measure.js'

const SCRAPES = 10_000
const MAX_GROWTH_MB = 5
const outcome: Extract<CheckResult['outcome'], { kind: 'ok' }> = {
  kind: 'ok',
  announce: {
    ...{ intervalS: 1800, minIntervalS: 900, seeders: 3, leechers: 1, peers: [], peers6: null },
    ...{ warningMessage: null, trackerId: null, externalIp: null, extra: {} },
  },
  flags: [],
}

export async function metricsLines(): Promise<Line[]> {
  return [...(await pageLines(1000, 5, null)), ...(await pageLines(5000, 25, 2)), await growthLine()]
}

async function pageLines(trackers: number, maxMs: number, maxRatio: number | null): Promise<Line[]> {
  const scrape = scraper(trackers)
  const prepared = piecesOf(await scrape())
  const floor = await quietest(async () => void Buffer.from(prepared.join('')), 30)
  const ours = await quietest(async () => void (await scrape()), 30)
  const what = `/metrics of ${trackers} trackers, ${prepared.length} samples, a tenth of them checked since: blocked loop`
  const limit = maxRatio === null ? `≤ ${maxMs} ms` : `≤ ${maxMs} ms, ≤ ${maxRatio} ×`
  const met = ours <= maxMs && (maxRatio === null || ours <= maxRatio * floor)
  return [{ what, floor: ms(floor), ours: `${ms(ours)} = ${(ours / floor).toFixed(2)} ×`, target: limit, met }]
}

/** The heap after a collection, once warm and after all those scrapes. */
async function growthLine(): Promise<Line> {
  const scrape = scraper(100)
  for (let times = 0; times < 500; times++) await scrape()
  const before = heapMb()
  for (let times = 0; times < SCRAPES; times++) await scrape()
  const grown = heapMb() - before
  return {
    what: `growth of memory over ${SCRAPES} scrapes of 100 trackers`,
    floor: '',
    ours: `${grown.toFixed(2)} MB`,
    target: `< ${MAX_GROWTH_MB} MB`,
    met: grown < MAX_GROWTH_MB,
  }
}

function heapMb(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 1024 / 1024
}

function scraper(trackers: number): () => Promise<Buffer> {
  const metrics: Metrics = createMetrics({ version: 'bench' })
  let entries = Array.from({ length: trackers }, (_, index) => entryOf(index))
  let turn = 0
  return async () => {
    turn++
    entries = entries.map((entry, index) => (index % 10 === turn % 10 ? checkedAgain(entry, turn) : { ...entry }))
    return (await metrics.render({ entries, info: { sizeBytes: 1, freeBytes: 1, rolledUpTo: null }, at: new Date() }))
      .body
  }
}

function entryOf(index: number): Entry {
  const { tracker } = parseTracker(`udp://tracker-${index}.example.org:6969/announce`)
  if (tracker === undefined) throw new Error('no tracker')
  const at = new Date()
  const uptime = { '24h': 1, '7d': 0.99 + index / 1e6, '30d': 0.98, '90d': 0.97, '1y': 0.96 }
  const health = { status: 'up', since: at, checkedAt: at, streak: null, lastVerdict: null } as const
  return {
    ...{ tracker, group: 'public', aliveWhen: 'announce', id: trackerId(tracker.url), addedAt: at, archivedAt: null },
    ...{ alive: true, lastOkAt: at, latencyMs: 41, uptime, last: resultOf(tracker.url, at) },
    health: { ...health, unobservedSince: null, holdMs: 900_000 },
  }
}

function checkedAgain(entry: Entry, turn: number): Entry {
  const at = new Date(turn * 1000)
  return {
    ...entry,
    last: resultOf(entry.tracker.url, at),
    lastOkAt: at,
    uptime: { ...entry.uptime, '24h': 1 - turn / 1e5 },
  }
}

function resultOf(url: string, checkedAt: Date): CheckResult {
  const phases = { resolve: 3.1, udp_connect: 20.4, udp_announce: 20.8 }
  const probe = { family: 4, address: '192.0.2.7', outcome, latencyMs: 41.2, phases, attempts: 1 } as const
  const probes = [{ ...probe, packetsSent: 2, packetsLost: 0, certificateExpiresAt: null }]
  return { url, checkedAt, outcome, alive: true, latencyMs: 41.2, probes }
}

function piecesOf(page: Buffer): readonly string[] {
  return page.toString().split(/(?<=\n)/)
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`
}
