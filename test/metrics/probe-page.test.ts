import { describe, expect, it } from 'vitest'
import { type ProbedOnce, probePage } from '../../src/metrics/probe-page.js'
import { trackerFamilies } from '../../src/metrics/tracker-families.js'
import type { CheckResult, Outcome, ProbeResult } from '../../src/tracker/outcome.js'
import { isInstalled, run, titleFor } from '../deploy/programs.js'
import { checkedAt, noIpv6, ok, probe, refusal, timedOut, unresolved } from './entries.js'
import { parseExposition } from './parse-exposition.js'

function probed(outcome: Outcome, probes: readonly ProbeResult[], more: Partial<ProbedOnce> = {}): ProbedOnce {
  const result: CheckResult = {
    ...{ url: 'https://t.example:443/announce', checkedAt, outcome, probes },
    ...{ alive: outcome.kind === 'ok', latencyMs: 41.5 },
  }
  return { result, success: outcome.kind === 'ok', durationMs: 1250, aliveWhen: 'announce', ...more }
}

const certificateExpiresAt = new Date('2027-01-01T00:00:00Z')
const full = probed(ok, [
  probe(timedOut, { family: 4, phases: { resolve: 7, udp_connect: 1000 } }),
  probe(ok, { family: 6, address: '2001:db8::7', certificateExpiresAt }),
])

/** Samples of a family, by its labels. */
function samplesOf(page: string, name: string): Readonly<Record<string, number>> {
  const samples = parseExposition(page).get(name)?.samples ?? []
  return Object.fromEntries(samples.map(({ labels, value }) => [Object.values(labels).join(' '), value]))
}

describe('the page of one check', () => {
  it('says of it what the blackbox exporter says, under the same names', () => {
    const page = probePage(full)
    const values = Object.fromEntries(
      [...parseExposition(page).values()]
        .filter(({ name }) => !name.startsWith('trackerwatch_'))
        .map(({ name, samples }) => [name, samples.map(({ value }) => value)]),
    )
    expect(values).toEqual({
      probe_success: [1],
      probe_duration_seconds: [1.25],
      probe_dns_lookup_time_seconds: [0.007],
      probe_ip_protocol: [6],
      probe_ssl_earliest_cert_expiry: [certificateExpiresAt.getTime() / 1000],
    })
  })

  it.each([
    ['ok', ok, []],
    ['rejected', refusal, []],
    ['failed', timedOut, ['timeout']],
    ['skipped', noIpv6, ['no_ipv6']],
  ])('has one outcome and at most one reason: %s', (kind, outcome, reasons) => {
    const page = probePage(probed(outcome, [probe(outcome)]))
    const one = (name: string) =>
      Object.entries(samplesOf(page, name)).flatMap(([label, value]) => (value ? label : []))
    expect(one('trackerwatch_probe_outcome')).toEqual([kind])
    expect(one('trackerwatch_probe_reason')).toEqual(reasons)
    expect(Object.keys(samplesOf(page, 'trackerwatch_probe_outcome'))).toHaveLength(4)
    expect(Object.keys(samplesOf(page, 'trackerwatch_probe_reason'))).toHaveLength(21)
  })

  it('has the phases of each family, as the page of all trackers has them', () => {
    const page = probePage(full)
    expect(samplesOf(page, 'trackerwatch_probe_success')).toEqual({ 4: 0, 6: 1 })
    expect(samplesOf(page, 'trackerwatch_probe_duration_seconds')).toEqual({
      ...{ '4 resolve': 0.007, '4 udp_connect': 1 },
      ...{ '6 resolve': 0.003, '6 udp_connect': 0.0205, '6 udp_announce': 0.021 },
    })
    expect(samplesOf(page, 'trackerwatch_tracker_announce_interval_seconds')).toEqual({ '': 1800 })
    const known = new Map(trackerFamilies.map(({ name, help }) => [name, help]))
    const shared = [...parseExposition(page).values()].filter(({ name }) => known.has(name))
    expect(shared).toHaveLength(7)
    for (const { name, help } of shared) expect(help).toBe(known.get(name))
  })

  it('is about the probe that decided, and not about a faster one', () => {
    const probes = [probe(refusal, { family: 4, latencyMs: 1 }), probe(ok, { family: 6, latencyMs: 90 })]
    expect(samplesOf(probePage(probed(ok, probes)), 'probe_ip_protocol')).toEqual({ '': 6 })
  })

  it('leaves out what is not known: nothing was contacted', () => {
    const page = probePage(probed(unresolved, [], { success: false }))
    expect([...parseExposition(page).keys()]).toEqual([
      ...['probe_success', 'probe_duration_seconds'],
      ...['trackerwatch_probe_outcome', 'trackerwatch_probe_reason'],
    ])
    expect(page).toContain('\nprobe_success 0\n')
  })

  it.runIf(isInstalled('promtool'))(titleFor('is one that promtool finds no fault with', 'promtool'), () => {
    expect(run('promtool', ['check', 'metrics'], probePage(full))).toEqual({ status: 0, output: '' })
  })
})
