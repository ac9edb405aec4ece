import { describe, expect, it } from 'vitest'
import { createMetrics, type Metrics } from '../../src/metrics/metrics.js'
import { statuses } from '../../src/tracker/health.js'
import { type Entry, trackerId } from '../../src/tracker/state.js'
import { check, checkedAt, entry, noIpv6, ok, probe, timedOut, watched } from './entries.js'
import { type ParsedFamily, type ParsedSample, parseExposition } from './parse-exposition.js'

const url = 'udp://t.example:6969/announce'
const at = new Date('2026-11-22T12:00:00Z')

async function scrape(entries: readonly Entry[], metrics: Metrics = createMetrics({ version: '1' })) {
  return parseExposition((await metrics.render({ entries, info: null, at })).body.toString())
}

function samplesOf(families: Map<string, ParsedFamily>, name: string): readonly ParsedSample[] {
  return families.get(`trackerwatch_${name}`)?.samples ?? []
}

function trackersNamed(families: Map<string, ParsedFamily>): Set<string> {
  const samples = [...families.values()].flatMap((family) => family.samples)
  return new Set(samples.flatMap(({ labels }) => labels.tracker ?? []))
}

describe('one tracker', () => {
  it('is described once by its info', async () => {
    const [info, ...more] = samplesOf(await scrape([entry(url)]), 'tracker_info')
    expect(info?.labels).toEqual({ tracker: url, url, host: 't.example', scheme: 'udp', group: 'public' })
    expect(more).toEqual([])
  })

  it.each(statuses)('is %s in exactly one of all statuses', async (status) => {
    const samples = samplesOf(await scrape([entry(url, status)]), 'tracker_status')
    expect(samples.map((sample) => sample.labels.status)).toEqual([...statuses])
    expect(samples.filter((sample) => sample.value === 1).map((sample) => sample.labels.status)).toEqual([status])
  })

  it.each([
    ['up', [1]],
    ['degraded', [1]],
    ['rejecting', [0]],
    ['down', [0]],
    ['pending', []],
    ['unknown', []],
    ['unsupported', []],
    ['paused', []],
  ] as const)('that is %s has tracker_up %j', async (status, expected) => {
    const samples = samplesOf(await scrape([entry(url, status)]), 'tracker_up')
    expect(samples.map((sample) => sample.value)).toEqual(expected)
  })

  it('that was never checked has its status and counters and nothing made up', async () => {
    const families = await scrape([
      entry(url, null, { uptime: { '24h': null, '7d': null, '30d': null, '90d': null, '1y': null } }),
    ])
    const named = [...families.values()].filter(({ samples }) => samples.some(({ labels }) => 'tracker' in labels))
    expect(named.map((family) => family.name.replace('trackerwatch_', '')).sort()).toEqual([
      'probe_failures_total',
      'probe_packets_lost_total',
      'probe_packets_sent_total',
      'probes_total',
      'tracker_info',
      'tracker_status',
      'tracker_status_changes_total',
    ])
  })

  it('shows what its last answer said, in base units', async () => {
    const families = await scrape([entry(url)])
    const value = (name: string) => samplesOf(families, name).map((sample) => sample.value)
    expect(value('tracker_announce_interval_seconds')).toEqual([1800])
    expect(value('tracker_min_announce_interval_seconds')).toEqual([900])
    expect(value('tracker_seeders')).toEqual([3])
    expect(value('tracker_leechers')).toEqual([1])
    expect(value('probe_last_timestamp_seconds')).toEqual([checkedAt.getTime() / 1000])
    expect(value('probe_last_success_timestamp_seconds')).toEqual([checkedAt.getTime() / 1000])
    expect(value('tracker_status_change_timestamp_seconds')).toEqual([Date.UTC(2026, 10, 20, 8) / 1000])
  })

  it('leaves out the windows in which nothing was observed', async () => {
    const samples = samplesOf(await scrape([entry(url)]), 'tracker_uptime_ratio')
    expect(samples.map((sample) => [sample.labels.window, sample.value])).toEqual([
      ['24h', 1],
      ['7d', 0.75],
    ])
  })

  it('has the phases of each family that was probed', async () => {
    const probes = [
      probe(ok, { phases: { resolve: 2, udp_connect: 40, udp_announce: 41.5 } }),
      probe(timedOut, { family: 6, phases: { resolve: 2, udp_connect: 10_000 } }),
    ]
    const families = await scrape([entry(url, 'up', { last: check(url, ok, probes) })])
    const durations = samplesOf(families, 'probe_duration_seconds')
    expect(durations.map(({ labels, value }) => [labels.family, labels.phase, value])).toEqual([
      ['4', 'resolve', 0.002],
      ['4', 'udp_connect', 0.04],
      ['4', 'udp_announce', 0.0415],
      ['6', 'resolve', 0.002],
      ['6', 'udp_connect', 10],
    ])
    expect(samplesOf(families, 'probe_success').map(({ labels, value }) => [labels.family, value])).toEqual([
      ['4', 1],
      ['6', 0],
    ])
  })

  it('has one series per family however many addresses were tried', async () => {
    const probes = [probe(timedOut), probe(ok, { address: '192.0.2.8' }), probe(noIpv6, { family: 6 })]
    const families = await scrape([entry(url, 'up', { last: check(url, ok, probes) })])
    expect(samplesOf(families, 'probe_success').map(({ labels, value }) => [labels.family, value])).toEqual([['4', 1]])
  })

  it('has the earliest end of the certificates it showed', async () => {
    const probes = [
      probe(ok, { certificateExpiresAt: new Date('2027-02-01T00:00:00Z') }),
      probe(ok, { family: 6, certificateExpiresAt: new Date('2027-01-01T00:00:00Z') }),
    ]
    const tls = 'https://s.example:443/announce'
    const families = await scrape([entry(tls, 'up', { last: check(tls, ok, probes) })])
    const [expiry] = samplesOf(families, 'tracker_certificate_expiry_timestamp_seconds')
    expect(expiry?.value).toBe(Date.UTC(2027, 0, 1) / 1000)
  })
})

describe('the label tracker', () => {
  it('never carries a passkey', async () => {
    const secret = 'abcdef0123456789abcdef0123456789'
    const private1 = entry(`https://user:hunter22@p.example:443/${secret}/announce?passkey=${secret}`)
    const page = await createMetrics({ version: '1' }).render({ entries: [private1], info: null, at })
    const body = page.body.toString()
    expect(body).toContain('https://***@p.example:443/***/announce?passkey=***')
    expect(body).not.toContain(secret)
    expect(body).not.toContain('hunter22')
  })

  it('tells trackers apart that differ only in their passkeys', async () => {
    const urls = ['1', '2'].map((digit) => `https://p.example:443/announce?passkey=${digit.repeat(32)}`)
    const families = await scrape(urls.map((one) => entry(one)))
    const masked = 'https://p.example:443/announce?passkey=***'
    expect([...trackersNamed(families)]).toEqual(urls.map((one) => `${masked}#${trackerId(one)}`))
    expect(new Set(samplesOf(families, 'tracker_info').map(({ labels }) => labels.url))).toEqual(new Set([masked]))
  })

  it.each([
    ['quotes', 'a"b""'],
    ['backslashes', 'C:\\new\\'],
    ['line breaks', 'one\ntwo\r\n'],
    ['braces and commas', '},x="1",{'],
    ['text of the world', 'скрытый 追跡 🐙'],
    ['an escape already there', '\\"\\n'],
  ])('and the others survive %s', async (_title, group) => {
    const families = await scrape([entry(url, 'up', { group })])
    expect(samplesOf(families, 'tracker_info')[0]?.labels.group).toBe(group)
  })
})

describe('a set of trackers', () => {
  const other = 'http://h.example:80/announce'

  it('is counted by status and scheme, with zeros', async () => {
    const samples = samplesOf(await scrape([entry(url), entry(other, 'down'), entry('udp://u.example:1/')]), 'trackers')
    expect(samples.length).toBe(40)
    const counted = samples.filter((sample) => sample.value > 0)
    expect(counted.map(({ labels, value }) => [labels.status, labels.scheme, value])).toEqual([
      ['up', 'udp', 2],
      ['down', 'http', 1],
    ])
  })

  it('loses all series of a tracker at the first scrape without it', async () => {
    const metrics = createMetrics({ version: '1', now: () => checkedAt })
    for (const one of [url, other]) metrics.observeCheck({ result: check(one, ok), change: null }, watched(one))
    expect(trackersNamed(await scrape([entry(url), entry(other)], metrics))).toEqual(new Set([url, other]))
    expect(trackersNamed(await scrape([entry(other)], metrics))).toEqual(new Set([other]))
    const back = await scrape([entry(url)], metrics)
    expect(samplesOf(back, 'probes_total').map((sample) => sample.value)).toEqual([0])
  })

  it.each([
    ['status', { health: entry(url, 'down').health }, 'tracker_status'],
    ['policy verdict', { alive: false }, 'tracker_up'],
    ['group', { group: 'private' }, 'tracker_info'],
    ['uptime', { uptime: { '24h': 0.5, '7d': 0.5, '30d': null, '90d': null, '1y': null } }, 'tracker_uptime_ratio'],
    ['last check', { last: { ...check(url, timedOut), checkedAt: at } }, 'probe_success'],
    ['last success', { lastOkAt: at }, 'probe_last_success_timestamp_seconds'],
  ])('is rendered afresh when a %s changes', async (_title, change, name) => {
    const metrics = createMetrics({ version: '1' })
    const before = samplesOf(await scrape([entry(url)], metrics), name)
    const after = samplesOf(await scrape([{ ...entry(url), ...change }], metrics), name)
    expect(after).not.toEqual(before)
    expect(after).toEqual(samplesOf(await scrape([{ ...entry(url), ...change }]), name))
  })
})

describe('more trackers than are kept together', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => entry(`udp://t-${index}.example:6969/`))

  it.each([63, 64, 65, 200])('are all there, %i of them, each family in one piece', async (count) => {
    const entries = many(count)
    const page = await createMetrics({ version: '1' }).render({ entries, info: null, at })
    const families = parseExposition(page.body.toString())
    expect(trackersNamed(families).size).toBe(count)
    expect(samplesOf(families, 'tracker_up')).toHaveLength(count)
  })

  it.each([
    ['leave', (entries: readonly Entry[]) => entries.slice(70)],
    ['leave in the middle', (entries: readonly Entry[]) => entries.filter((_, index) => index !== 100)],
    ['come', (entries: readonly Entry[]) => [...many(3), ...entries]],
    ['are named in another order', (entries: readonly Entry[]) => entries.toReversed()],
    [
      'change here and there',
      (entries: readonly Entry[]) => entries.map((one, at) => (at % 50 === 0 ? { ...one, group: 'x' } : one)),
    ],
    ['all go', () => []],
  ])('are as on a first page when some %s', async (_title, change) => {
    const metrics = createMetrics({ version: '1' })
    const entries = many(200).slice(3)
    await scrape(entries, metrics)
    const ofTrackers = (families: Map<string, ParsedFamily>) =>
      [...families].filter(([name]) => /_(?:tracker|trackers|probe|probes)(?:_|$)/.test(name))
    const again = ofTrackers(await scrape(change(entries), metrics))
    expect(again).toEqual(ofTrackers(await scrape(change(entries))))
  })
})
