import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type LatencySeries, latencySeries, readLatencies } from '../../src/http/pages/latency-series.js'
import { openStore } from '../../src/store/open.js'
import type { Store } from '../../src/store/store.js'
import { healthStep } from '../../src/tracker/health-step.js'
import { addLatency, createHistogram } from '../../src/tracker/latency-histogram.js'
import type { Phases } from '../../src/tracker/outcome.js'
import type { Rollup } from '../../src/tracker/rollup.js'
import { trackerId } from '../../src/tracker/state.js'
import { DAY_MS, HOUR_MS } from '../../src/tracker/time.js'
import { ago, NOW, ok, probe, timeout, trackerOf } from '../export/entries.js'
import { textOf } from './page-text.js'
import { appOver } from './support.js'

const tracker = trackerOf('udp://t.example:6969/announce')
const id = trackerId(tracker.url)
const policy = { downAfter: 2, upAfter: 1, aliveWhen: 'announce', holdMs: DAY_MS } as const

let store: Store

beforeEach(async () => {
  store = await openStore('sqlite::memory:')
  await store.watch([{ tracker, group: 'public', aliveWhen: 'announce' }], ago(60 * DAY_MS))
})

afterEach(() => store.close())

/** Checks with this latency, so long ago; null for one without an answer. */
async function record(checks: readonly (readonly [agoMs: number, latencyMs: number | null, phases?: Phases])[]) {
  for (const [agoMs, latencyMs, phases = { udp_connect: latencyMs ?? 0 }] of checks) {
    const outcome = latencyMs === null ? timeout : ok
    const probes = [{ ...probe(4, outcome), latencyMs, phases }]
    const result = { url: tracker.url, checkedAt: ago(agoMs), outcome, alive: latencyMs !== null, latencyMs, probes }
    await store.record([{ result, ...healthStep(undefined, result, policy) }])
  }
}

interface Columns {
  readonly at: readonly number[]
  readonly p50Ms: readonly (number | null)[]
  readonly p95Ms: readonly (number | null)[]
  readonly phases: readonly {
    readonly title: string
    readonly colour: string
    readonly ms: readonly (number | null)[]
  }[]
}

const app = () => appOver({ entries: [] }, { store })

async function drawn(query = ''): Promise<string> {
  const page = await (await app().request(`/tracker/${id}${query}`)).text()
  const from = page.indexOf('<section id="latency"')
  return page.slice(from, page.indexOf('<section id="verdict"', from))
}

describe('the latency of a tracker', () => {
  it('has a point for each hour or day of its range, up to the present one, and gaps where nothing answered', async () => {
    await record([
      [2 * HOUR_MS, null],
      [HOUR_MS, 40],
      [0, 20],
    ])
    const series = (range: LatencySeries['range']) => readLatencies(store, tracker.url, range, NOW)
    const day = await series('24h')
    expect(day.points).toHaveLength(24)
    expect(day.points[0]?.from).toEqual(ago(23 * HOUR_MS))
    expect(day.points.slice(-3).map(({ from, answers }) => [from, answers])).toEqual([
      [ago(2 * HOUR_MS), 0],
      [ago(HOUR_MS), 1],
      [NOW, 1],
    ])
    expect(day.points.at(-3)).toMatchObject({ p50Ms: null, p95Ms: null, phases: {} })
    expect(day.points.at(-1)?.phases).toEqual({ udp_connect: 20 })
    expect((await series('7d')).points).toHaveLength(7 * 24)
    expect((await series('30d')).points).toHaveLength(30 * 24)
    const year = await series('1y')
    expect(year.points).toHaveLength(365)
    expect(year.points.at(-1)).toMatchObject({
      from: new Date('2026-11-22T00:00:00Z'),
      answers: 2,
      phases: { udp_connect: 30 },
    })
  })

  it('adds up the phases of the hours of a day by how often each was answered', () => {
    const latencies = createHistogram()
    addLatency(latencies, 10)
    const from = new Date(0)
    const rollup: Rollup = {
      from,
      to: new Date(DAY_MS),
      checks: { ok: 4, rejected: 0, failed: 0, skipped: 0 },
      reasons: {},
      packetsSent: 8,
      packetsLost: 0,
      uptime: { observedMs: DAY_MS, aliveMs: DAY_MS, skippedMs: 0 },
      latencies,
    }
    const hours = [
      { from, answered: 3, phases: { connect: 10, tls: 4 } },
      { from: new Date(HOUR_MS), answered: 1, phases: { connect: 30 } },
    ]
    const { points } = latencySeries({ range: '1y', firstMs: 0, endMs: DAY_MS - 1, rollups: [rollup], hours })
    expect(points.map(({ phases }) => phases)).toEqual([{ connect: 15, tls: 3 }])
  })

  it('is drawn without a script, with a break where nothing answered and a dot for what stands alone', async () => {
    await record([
      [3 * HOUR_MS, 40],
      [HOUR_MS, 40],
      [0, 20],
    ])
    const markup = await drawn()
    const [, line] = markup.match(/<path class="p50" d="([^"]*)"/) ?? []
    expect(line).toMatch(/^M854\.2 [\d.]+h\.1M937\.5 [\d.]+h\.1L979\.2 [\d.]+$/)
    expect(markup.match(/<path class="area phase-2"/g)).toHaveLength(1)
    expect(markup).toMatch(/aria-label="Latency: medians from 20 ms to 4\d ms, p95 up to 4\d ms\. The table below/)
    expect(textOf(markup)).toContain('2026-11-22 10:00 UTC 1 20 ms 20 ms 20 ms 2026-11-22 09:00 UTC 1 4')
    expect(textOf(markup)).toMatch(/^Latency 24h 7d 30d 1y Per hour \(UTC\): median \(p50\) p95/)
  })

  it('is drawn over the range that a link chooses, and over a day if it names none that there is', async () => {
    await record([[0, 20]])
    for (const [query, range] of [
      ['?range=30d', '30d'],
      ['', '24h'],
      ['?range=2w', '24h'],
      ['?range=__proto__', '24h'],
    ]) {
      const markup = await drawn(query)
      expect(markup).toContain(`<a href="/tracker/${id}?range=${range}#latency" aria-current="true">${range}</a>`)
      expect(markup.match(/aria-current/g)).toHaveLength(1)
      expect(markup).toContain(`data-chart="/tracker/${id}/latency.json?range=${range}"`)
    }
  })

  it('comes as columns for the chart', async () => {
    await record([
      [HOUR_MS, 40, { resolve: 2, udp_connect: 40 }],
      [0, 20, { udp_connect: 20.123 }],
    ])
    const response = await app().request(`/tracker/${id}/latency.json?range=7d`)
    expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'application/json'])
    const { at, p50Ms, p95Ms, phases }: Columns = JSON.parse(await response.text())
    expect(at.slice(-2)).toEqual([NOW.getTime() / 1000 - 3600, NOW.getTime() / 1000])
    expect(at).toHaveLength(168)
    expect([p50Ms.length, p95Ms.length]).toEqual([168, 168])
    expect(p50Ms.slice(0, -2).every((ms) => ms === null)).toBe(true)
    expect(phases.map(({ title, colour, ms }) => [title, colour, ms.slice(-3)])).toEqual([
      ['name', 'phase-1', [null, 2, 0]],
      ['UDP connect', 'phase-2', [null, 40, 20.12]],
    ])
  })

  it('says what is wrong with a range that there is not, and that there is no such tracker', async () => {
    const wrong = await app().request(`/tracker/${id}/latency.json?range=2w`)
    expect([wrong.status, await wrong.text()]).toEqual([
      400,
      'parameter "range" is "2w", expected one of 24h, 7d, 30d, 1y\n',
    ])
    const missing = await app().request('/tracker/0123456789ab/latency.json')
    expect([missing.status, await missing.text()]).toEqual([404, 'no tracker has this id\n'])
  })
})
