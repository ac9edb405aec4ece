import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { parseExposition } from '../metrics/parse-exposition.js'
import { expressionsOf, loadDashboards } from './dashboards.js'
import { createFullPage } from './full-page.js'
import { isInstalled, root, run, titleFor } from './programs.js'

const ruleFile = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ expr: z.string(), record: z.string().optional() })) })),
})

function loadRules(name: string) {
  const text = readFileSync(join(root, 'config/prometheus/rules', name), 'utf8')
  return ruleFile.parse(parse(text)).groups.flatMap((group) => group.rules)
}

const recording = loadRules('recording.yml')
const recorded = new Set(recording.map((rule) => rule.record))

/** Names of ours, Node's and the process's, recorded ones with their colons. */
function namesIn(expression: string): readonly string[] {
  return expression.match(/\b(?:\w+:)*(?:trackerwatch|process|nodejs)_[\w:]+/g) ?? []
}

/** Labels that an expression matches on or groups by, those that Prometheus adds left out. */
function labelsIn(expression: string): readonly string[] {
  const matched = [...expression.matchAll(/[{,]\s*(\w+)\s*(?:=|!)/g)].map((match) => match[1] ?? '')
  const grouped = [...expression.matchAll(/\b(?:by|without|on)\s*\(([^)]*)\)/g)].flatMap((match) =>
    (match[1] ?? '').split(/\s*,\s*/),
  )
  return [...matched, ...grouped].filter((label) => !['job', 'instance', ''].includes(label))
}

const expressions = [
  ...[...recording, ...loadRules('alerts.yml')].map((rule) => rule.expr),
  ...loadDashboards().flatMap(({ json }) => [...expressionsOf(json), ...queriesOf(json.templating.list)]),
]

function queriesOf(variables: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  return variables.flatMap(({ definition }) => (typeof definition === 'string' ? definition : []))
}

describe('rules and dashboards', async () => {
  const { body } = await createFullPage(new Date())()
  const samples = [...parseExposition(body).values()].flatMap((family) => family.samples)
  const exposed = new Set(samples.map((sample) => sample.name))
  const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)))

  it.each(expressions)('name only what exists: %s', (expression) => {
    const own = namesIn(expression)
    if (!/\bup\{/.test(expression)) expect(own.length).toBeGreaterThan(0)
    expect(own.filter((name) => !exposed.has(name) && !recorded.has(name))).toEqual([])
    expect(labelsIn(expression).filter((label) => !labels.has(label))).toEqual([])
  })

  it.runIf(isInstalled('promtool'))(titleFor('stand on a page that promtool finds no fault with', 'promtool'), () => {
    expect(run('promtool', ['check', 'metrics'], body)).toEqual({ status: 0, output: '' })
  })

  it('stand on a page that shows every family of the contract', () => {
    const contract = [
      'tracker_info tracker_up tracker_status tracker_status_change_timestamp_seconds tracker_uptime_ratio',
      'tracker_announce_interval_seconds tracker_min_announce_interval_seconds tracker_seeders tracker_leechers',
      'tracker_certificate_expiry_timestamp_seconds probe_success probe_duration_seconds',
      'probe_last_success_timestamp_seconds probes_total probe_failures_total probe_packets_sent_total',
      'probe_packets_lost_total trackers probe_round_trip_seconds_bucket rounds_total round_duration_seconds',
      'round_last_timestamp_seconds scheduler_beats_missed_total scheduler_lag_seconds probes_in_flight uplink_up',
      'database_size_bytes database_errors_total database_write_queue_length list_entries',
      'list_last_write_timestamp_seconds config_last_reload_successful config_last_reload_success_timestamp_seconds',
      'build_info',
    ].flatMap((line) => line.split(' '))
    expect(contract.filter((name) => !exposed.has(`trackerwatch_${name}`))).toEqual([])
  })
})
