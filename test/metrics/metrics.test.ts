import { describe, expect, it } from 'vitest'
import { createMetrics, type Metrics } from '../../src/metrics/metrics.js'
import type { StatusChange } from '../../src/tracker/health.js'
import type { CheckResult } from '../../src/tracker/outcome.js'
import type { Entry, WatchedTracker } from '../../src/tracker/state.js'
import { check, checkedAt, entry, noIpv6, ok, probe, refusal, timedOut, unresolved, watched } from './entries.js'
import { type ParsedFamily, parseExposition } from './parse-exposition.js'

const udp = 'udp://t.example:6969/announce'
const https = 'https://s.example:443/announce'
const startedAt = new Date('2026-11-22T09:00:00Z')
const readAt = new Date('2026-11-22T12:00:00Z')
const info = { sizeBytes: 4096, freeBytes: 8192, rolledUpTo: new Date('2026-11-22T11:00:00Z') }

function newMetrics(): Metrics {
  return createMetrics({ version: '1.2.3', now: () => startedAt })
}

async function scrape(metrics: Metrics, entries: readonly Entry[] = []): Promise<Map<string, ParsedFamily>> {
  return parseExposition((await metrics.render({ entries, info, at: readAt })).body.toString())
}

/** Values of a family by the text of its labels, `tracker` left out where there is only one. */
function values(families: Map<string, ParsedFamily>, name: string): Record<string, number> {
  const samples = families.get(`trackerwatch_${name}`)?.samples ?? []
  return Object.fromEntries(
    samples.map(({ labels, value }) => {
      const { tracker: _, ...others } = labels
      return [Object.values(others).join(' '), value]
    }),
  )
}

function observe(metrics: Metrics, result: CheckResult, of: WatchedTracker, change: StatusChange | null = null): void {
  metrics.observeCheck({ result, change }, of)
}

describe('the page', () => {
  it('carries the content type that Prometheus 3 insists on', async () => {
    const page = await newMetrics().render({ entries: [], info: null, at: readAt })
    expect(page.contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
  })

  it('names its build, the process and Node', async () => {
    const families = await scrape(newMetrics())
    expect(values(families, 'build_info')).toEqual({ [`1.2.3 ${process.version}`]: 1 })
    expect(families.has('process_resident_memory_bytes')).toBe(true)
    expect(families.has('nodejs_eventloop_lag_p99_seconds')).toBe(true)
  })

  it('tells of our own way to a family once that is known', async () => {
    const metrics = newMetrics()
    expect(values(await scrape(metrics), 'uplink_up')).toEqual({})
    metrics.setUplink(4, true)
    expect(values(await scrape(metrics), 'uplink_up')).toEqual({ '4': 1 })
    metrics.setUplink(4, false)
    metrics.setUplink(6, true)
    expect(values(await scrape(metrics), 'uplink_up')).toEqual({ '4': 0, '6': 1 })
    metrics.setUplink(4, null)
    expect(values(await scrape(metrics), 'uplink_up')).toEqual({ '6': 1 })
  })

  it('tells of our name servers once that is known, and counts when we stood still', async () => {
    const metrics = newMetrics()
    expect(values(await scrape(metrics), 'resolver_up')).toEqual({})
    expect(values(await scrape(metrics), 'event_loop_stalls_total')).toEqual({ '': 0 })
    metrics.setResolver(true)
    expect(values(await scrape(metrics), 'resolver_up')).toEqual({ '': 1 })
    metrics.setResolver(false)
    metrics.observeLoopStall()
    expect(values(await scrape(metrics), 'resolver_up')).toEqual({ '': 0 })
    expect(values(await scrape(metrics), 'event_loop_stalls_total')).toEqual({ '': 1 })
  })

  it('counts from zero what can be known beforehand', async () => {
    const families = await scrape(newMetrics())
    expect(values(families, 'rounds_total')).toEqual({ completed: 0, aborted: 0, failed: 0 })
    expect(values(families, 'database_errors_total')).toEqual({ record: 0, watch: 0, read: 0, prune: 0, backup: 0 })
    expect(values(families, 'scheduler_beats_missed_total')).toEqual({ '': 0 })
    expect(values(families, 'probes_in_flight')).toEqual({ '': 0 })
    expect(families.get('trackerwatch_probe_round_trip_seconds')?.samples.length).toBe(10 * 15)
  })

  it('counts the lines of the log as the log does, at every scrape anew, and zero of all without one', async () => {
    expect(values(await scrape(newMetrics()), 'log_lines_total')).toEqual({ debug: 0, info: 0, warn: 0, error: 0 })
    const lines = { debug: 0, info: 3, warn: 0, error: 1 }
    const metrics = createMetrics({ version: '1.2.3', logLines: () => lines })
    expect(values(await scrape(metrics), 'log_lines_total')).toEqual(lines)
    lines.info = 5
    expect(values(await scrape(metrics), 'log_lines_total')).toEqual({ ...lines, info: 5 })
  })

  it('has no sample for what has not happened, instead of 1970', async () => {
    const families = await scrape(newMetrics())
    expect(values(families, 'round_last_timestamp_seconds')).toEqual({})
    expect(values(families, 'round_duration_seconds')).toEqual({})
    expect(values(families, 'list_entries')).toEqual({})
  })

  it('drops what a store says of itself once that cannot be read', async () => {
    const metrics = newMetrics()
    const told = { database_size_bytes: 4096, database_free_bytes: 8192, rollup_last_timestamp_seconds: 1_795_345_200 }
    const families = await scrape(metrics)
    for (const [name, value] of Object.entries(told)) expect(values(families, name)).toEqual({ '': value })
    const { body } = await metrics.render({ entries: [], info: null, at: readAt })
    const without = parseExposition(body.toString())
    for (const name of Object.keys(told)) expect(values(without, name)).toEqual({})
  })

  it('has no sample for what a store does not know of itself', async () => {
    const unknown = { sizeBytes: 4096, freeBytes: null, rolledUpTo: null }
    const { body } = await newMetrics().render({ entries: [], info: unknown, at: readAt })
    const families = parseExposition(body.toString())
    expect(values(families, 'database_free_bytes')).toEqual({})
    expect(values(families, 'rollup_last_timestamp_seconds')).toEqual({})
  })

  it('has base units, one suffix for counters and no sentinel', async () => {
    const metrics = newMetrics()
    observe(metrics, check(udp, ok), watched(udp))
    const families = await scrape(metrics, [entry(udp), entry(https, 'down'), entry('ws://w.example:80/', null)])
    for (const { name, type, help, samples } of families.values()) {
      expect(name).not.toMatch(/_ms$|_milliseconds|percent|_minutes|_hours|_days|_kb$|_mb$/)
      expect(name.endsWith('_total')).toBe(type === 'counter')
      expect(help).not.toBe('')
      for (const sample of samples.filter(() => name.startsWith('trackerwatch_'))) {
        expect(sample.value, JSON.stringify(sample)).toBeGreaterThanOrEqual(0)
      }
    }
  })

  it('leaves two renders at the same time alike', async () => {
    const metrics = newMetrics()
    const entries = [entry(udp), entry(https, 'down')]
    const input = { entries, info, at: readAt }
    const pages = await Promise.all([metrics.render(input), metrics.render(input)])
    const [one, other] = pages.map(({ body }) => body.toString()) as [string, string]
    const ours = (body: string) => body.split('\n').filter((line) => line.includes('trackerwatch_'))
    expect(ours(one).length).toBeGreaterThan(100)
    expect(ours(one)).toEqual(ours(other))
    expect(() => parseExposition(one)).not.toThrow()
    expect(() => parseExposition(other)).not.toThrow()
  })

  it('keeps two instances in one process apart', async () => {
    const one = newMetrics()
    one.observeBeatMissed()
    expect(values(await scrape(one), 'scheduler_beats_missed_total')).toEqual({ '': 1 })
    expect(values(await scrape(newMetrics()), 'scheduler_beats_missed_total')).toEqual({ '': 0 })
  })
})

describe('what the daemon reports', () => {
  it('dates a completed round and only counts the others', async () => {
    const metrics = newMetrics()
    metrics.observeRound({ result: 'completed', durationMs: 12_500, endedAt: checkedAt })
    metrics.observeRound({ result: 'aborted', durationMs: 3, endedAt: readAt })
    const families = await scrape(metrics)
    expect(values(families, 'rounds_total')).toEqual({ completed: 1, aborted: 1, failed: 0 })
    expect(values(families, 'round_duration_seconds')).toEqual({ '': 12.5 })
    expect(values(families, 'round_last_timestamp_seconds')).toEqual({ '': checkedAt.getTime() / 1000 })
  })

  it('counts the checks that were lost, and tells when there is a backup', async () => {
    const metrics = newMetrics()
    expect(values(await scrape(metrics), 'database_rows_dropped_total')).toEqual({ '': 0 })
    expect(values(await scrape(metrics), 'backup_last_success_timestamp_seconds')).toEqual({})
    metrics.observeDropped(1000)
    metrics.observeBackup(checkedAt)
    metrics.setBackupInterval(86_400_000)
    const families = await scrape(metrics)
    expect(values(families, 'database_rows_dropped_total')).toEqual({ '': 1000 })
    expect(values(families, 'backup_last_success_timestamp_seconds')).toEqual({ '': checkedAt.getTime() / 1000 })
    expect(values(families, 'backup_interval_seconds')).toEqual({ '': 86_400 })
    metrics.setBackupInterval(null)
    expect(values(await scrape(metrics), 'backup_interval_seconds')).toEqual({})
  })

  it('shows gauges in seconds and lists by name', async () => {
    const metrics = newMetrics()
    metrics.setSchedulerLag(1500)
    metrics.setWriteQueue(7)
    metrics.setProbesInFlight(3)
    metrics.observeDatabaseError('record')
    metrics.observeListWritten('stable', 61, checkedAt)
    const families = await scrape(metrics)
    expect(values(families, 'scheduler_lag_seconds')).toEqual({ '': 1.5 })
    expect(values(families, 'database_write_queue_length')).toEqual({ '': 7 })
    expect(values(families, 'probes_in_flight')).toEqual({ '': 3 })
    expect(values(families, 'database_errors_total')).toMatchObject({ record: 1, read: 0 })
    expect(values(families, 'list_entries')).toEqual({ stable: 61 })
    expect(values(families, 'list_last_write_timestamp_seconds')).toEqual({ stable: checkedAt.getTime() / 1000 })
  })

  it('keeps the moment of the last good reload when one fails', async () => {
    const metrics = newMetrics()
    metrics.observeReload(false, checkedAt)
    const families = await scrape(metrics)
    expect(values(families, 'config_last_reload_successful')).toEqual({ '': 0 })
    expect(values(families, 'config_last_reload_success_timestamp_seconds')).toEqual({ '': startedAt.getTime() / 1000 })
  })
})

describe('counters of a tracker', () => {
  it.each([
    ['an answer', check(udp, ok), 1, {}],
    ['a timeout', check(udp, timedOut), 1, { timeout: 1 }],
    ['one family of two', check(udp, ok, [probe(ok), probe(timedOut, { family: 6 })]), 2, { timeout: 1 }],
    ['a family we do not have', check(udp, ok, [probe(ok), probe(noIpv6, { family: 6 })]), 1, {}],
    ['a name that does not resolve', check(udp, unresolved, []), 1, { dns: 1 }],
    ['a refusal where an announce is wanted', check(udp, refusal), 1, { rejected: 1 }],
    ['a skipped check', check(udp, noIpv6, []), 0, {}],
  ])('for %s', async (_title, result, probes, failures) => {
    const metrics = newMetrics()
    observe(metrics, result, watched(udp))
    const families = await scrape(metrics, [entry(udp)])
    expect(values(families, 'probes_total')).toEqual({ '': probes })
    const counted = Object.entries(values(families, 'probe_failures_total')).filter(([, value]) => value > 0)
    expect(Object.fromEntries(counted)).toEqual(failures)
  })

  it('take a refusal as success where the policy says so', async () => {
    const metrics = newMetrics()
    const aliveWhen = 'response'
    observe(metrics, check(udp, refusal), watched(udp, { aliveWhen }))
    const families = await scrape(metrics, [entry(udp, 'rejecting', { aliveWhen, last: check(udp, refusal) })])
    expect(values(families, 'probe_failures_total')).toMatchObject({ rejected: 0 })
    expect(values(families, 'probe_success')).toEqual({ '4': 1 })
  })

  it('are there with every reason at zero before the first probe', async () => {
    const families = await scrape(newMetrics(), [entry(udp, null)])
    expect(values(families, 'probes_total')).toEqual({ '': 0 })
    expect(Object.values(values(families, 'probe_failures_total'))).toEqual(Array(11).fill(0))
    expect(values(families, 'probe_packets_lost_total')).toEqual({ '': 0 })
  })

  it('add up packets of UDP and leave them out elsewhere', async () => {
    const metrics = newMetrics()
    observe(metrics, check(udp, ok, [probe(ok, { packetsSent: 4, packetsLost: 2 })]), watched(udp))
    const families = await scrape(metrics, [entry(udp)])
    expect(values(families, 'probe_packets_sent_total')).toEqual({ '': 4 })
    expect(values(families, 'probe_packets_lost_total')).toEqual({ '': 2 })
    expect(values(await scrape(metrics, [entry(https)]), 'probe_packets_sent_total')).toEqual({})
  })

  it('never go down from one scrape to the next', async () => {
    const metrics = newMetrics()
    const entries = [entry(udp), entry(https)]
    const before = new Map<string, number>()
    for (const outcome of [ok, timedOut, refusal, ok, noIpv6]) {
      observe(metrics, check(udp, outcome), watched(udp))
      observe(metrics, check(https, outcome), watched(https))
      for (const { name, type, samples } of (await scrape(metrics, entries)).values()) {
        if (type !== 'counter') continue
        for (const { labels, value } of samples) {
          const series = name + JSON.stringify(labels)
          expect(value, series).toBeGreaterThanOrEqual(before.get(series) ?? 0)
          before.set(series, value)
        }
      }
    }
  })

  it('grow between scrapes while the entry stays as it is', async () => {
    const metrics = newMetrics()
    const counted: Record<string, number>[] = []
    for (const outcome of [ok, timedOut]) {
      observe(metrics, check(udp, outcome), watched(udp))
      counted.push(values(await scrape(metrics, [entry(udp)]), 'probes_total'))
    }
    expect(counted).toEqual([{ '': 1 }, { '': 2 }])
  })

  it('survive a render whose entries were read before the tracker came', async () => {
    let now = readAt
    const metrics = createMetrics({ version: '1', now: () => now })
    now = new Date(readAt.getTime() + 1)
    observe(metrics, check(udp, ok), watched(udp))
    await scrape(metrics, [])
    expect(values(await scrape(metrics, [entry(udp)]), 'probes_total')).toEqual({ '': 1 })
  })

  it('count the status changes', async () => {
    const metrics = newMetrics()
    const change: StatusChange = { at: checkedAt, from: 'up', to: 'down', reason: 'timeout', code: null, message: null }
    observe(metrics, check(udp, timedOut), watched(udp), change)
    observe(metrics, check(udp, timedOut), watched(udp))
    expect(values(await scrape(metrics, [entry(udp)]), 'tracker_status_changes_total')).toEqual({ '': 1 })
  })
})

describe('the round trip histogram', () => {
  it('takes one sample per answered probe', async () => {
    const metrics = newMetrics()
    const probes = [probe(ok, { latencyMs: 45 }), probe(timedOut, { family: 6 })]
    observe(metrics, check(udp, ok, probes), watched(udp))
    const samples = (await scrape(metrics)).get('trackerwatch_probe_round_trip_seconds')?.samples ?? []
    const of = (family: string, name: string, le?: string) =>
      samples.find(
        (sample) =>
          sample.name.endsWith(name) &&
          sample.labels.scheme === 'udp' &&
          sample.labels.family === family &&
          sample.labels.le === le,
      )?.value
    expect(of('4', '_count')).toBe(1)
    expect(of('4', '_sum')).toBe(0.045)
    expect([of('4', '_bucket', '0.025'), of('4', '_bucket', '0.05')]).toEqual([0, 1])
    expect(of('6', '_count')).toBe(0)
  })
})
