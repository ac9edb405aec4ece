import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../src/metrics/metrics.js'
import { seriesOf } from '../../src/metrics/series-estimate.js'
import { metricDetails } from '../../src/tracker/policy.js'
import { check, entry, ok, probe } from './entries.js'
import { parseExposition } from './parse-exposition.js'

const at = new Date('2026-11-22T12:00:00Z')
const uptime = { '24h': 1, '7d': 1, '30d': 1, '90d': 1, '1y': 1 }

async function seriesShown(url: string, detail: (typeof metricDetails)[number]): Promise<ReadonlySet<string>> {
  const phases = url.startsWith('udp')
    ? { resolve: 1, udp_connect: 1, udp_announce: 1 }
    : { resolve: 1, connect: 1, processing: 1, transfer: 1 }
  const last = check(url, ok, [probe(ok, { phases })])
  const metrics = createMetrics({ version: '1', detail: () => detail })
  const page = await metrics.render({ entries: [entry(url, 'up', { last, uptime })], info: null, at })
  const samples = [...parseExposition(page.body.toString()).values()].flatMap((family) => family.samples)
  return new Set(samples.filter(({ labels }) => 'tracker' in labels).map((sample) => JSON.stringify(sample)))
}

describe('the series of a tracker', () => {
  it.each(
    metricDetails.flatMap((detail) =>
      ['udp://t.example:6969/announce', 'http://t.example:80/announce'].map((url) => [detail, url] as const),
    ),
  )('are as many as is said before, with %s detail, of %s', async (detail, url) => {
    expect(seriesOf(entry(url).tracker, detail)).toBe((await seriesShown(url, detail)).size)
  })

  it('are fewer with basic detail, and none with none', async () => {
    const [full, basic, off] = metricDetails.map((detail) =>
      seriesOf(entry('udp://t.example:6969/announce').tracker, detail),
    )
    expect([full, basic, off]).toEqual([41, 10, 0])
  })

  it('follow the detail from one scrape to the next', async () => {
    let detail: (typeof metricDetails)[number] = 'full'
    const metrics = createMetrics({ version: '1', detail: () => detail })
    const input = { entries: [entry('udp://t.example:6969/announce')], info: null, at }
    const shown = async () => (await metrics.render(input)).body.toString()
    expect(await shown()).toContain('trackerwatch_probe_success{')
    detail = 'off'
    const off = await shown()
    expect(off).not.toContain('tracker="')
    expect(off).toContain('trackerwatch_trackers{status="up",scheme="udp"} 1')
    detail = 'basic'
    const basic = await shown()
    expect(basic).toContain('trackerwatch_tracker_up{')
    expect(basic).not.toContain('trackerwatch_probe_success{')
  })
})
