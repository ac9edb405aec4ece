import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { loadDashboards } from './dashboards.js'
import { isInstalled, root, run, titleFor } from './programs.js'
import { alerts, recordings, ruleFiles } from './rules.js'

const unitTests = z.object({
  tests: z.array(
    z.object({
      name: z.string(),
      input_series: z.array(z.object({ series: z.string(), values: z.string() })),
      alert_rule_test: z
        .array(z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()) }))
        .optional()
        .default([]),
      promql_expr_test: z
        .array(z.object({ expr: z.string() }))
        .optional()
        .default([]),
    }),
  ),
})
const testFiles = readdirSync(join(root, 'test/deploy/rules')).map((name) => `test/deploy/rules/${name}`)
const tests = testFiles.flatMap((file) => unitTests.parse(parse(readFileSync(join(root, file), 'utf8'))).tests)
const promtool = isInstalled('promtool')

describe('the files of Prometheus', () => {
  const folder = 'config/prometheus'
  const configs = [
    `${folder}/prometheus.yml`,
    ...readdirSync(join(root, folder, 'examples')).map((name) => `${folder}/examples/${name}`),
  ]

  it.runIf(promtool).each(configs)(titleFor('are what it reads: %s', 'promtool'), (file) => {
    const { status, output } = run('promtool', ['check', 'config', file])
    expect(status, output).toBe(0)
    // An example that sends to a hub leaves the rules to that.
    if (!file.includes('remote-write')) expect(output).toContain(`${ruleFiles.length} rule files found`)
  })

  it.runIf(promtool)(titleFor('have rules without a lint finding', 'promtool'), () => {
    const { status, output } = run('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', ...ruleFiles])
    expect(status, output).toBe(0)
  })

  it.runIf(promtool).each(testFiles)(
    titleFor('fire and stay silent as their unit tests say: %s', 'promtool'),
    { timeout: 120_000 },
    (file) => {
      const { status, output } = run('promtool', ['test', 'rules', file])
      expect(status, output).toBe(0)
    },
  )
})

describe.each(alerts)('$alert', ({ alert, expr, labels, annotations }) => {
  const own = tests.flatMap(({ name, input_series, alert_rule_test }) =>
    alert_rule_test.filter(({ alertname }) => alertname === alert).map((test) => ({ ...test, name, input_series })),
  )
  const fires = own.filter((test) => test.exp_alerts.length > 0)

  it('is tested where it fires and where it must not', () => {
    expect(fires.length).toBeGreaterThan(0)
    expect(own.some((test) => test.exp_alerts.length === 0)).toBe(true)
  })

  it('is tested to go on over a failed scrape', () => {
    const over = fires.filter(({ name }) => name.includes('over a failed scrape'))
    expect(over.length).toBeGreaterThan(0)
    for (const { input_series } of over) {
      expect(input_series.some(({ values }) => values.includes(' stale '))).toBe(true)
    }
  })

  it('looks at no value of a single moment', () => {
    const naked = [...expr.matchAll(/[\w:]*(?:trackerwatch|process|prometheus|alertmanager)_[\w:]+(?:\{[^}]*\})?(.?)/g)]
    expect(naked.filter(([, next]) => next !== '[').map(([text]) => text)).toEqual([])
  })

  it('says in fixed words what is wrong and with values where', () => {
    expect(annotations.summary).not.toContain('{{')
    expect(annotations.description).toContain('{{')
  })

  it('leads to its runbook and to a dashboard that exists', () => {
    expect(annotations.runbook_url).toBe(`http://127.0.0.1:10069/docs/runbooks/${alert}`)
    const [, uid] = /^http:\/\/127\.0\.0\.1:3000\/d\/([\w-]+)/.exec(annotations.dashboard_url) ?? []
    expect(loadDashboards().map(({ json }) => json.uid)).toContain(uid)
  })

  it('is critical only if trackerwatch itself is in question', () => {
    const ownTrouble = ['Absent', 'ProbesStalled', 'MassFailure', 'UplinkDown', 'ResolverDown', 'DatabaseErrors'].map(
      (name) => `Trackerwatch${name}`,
    )
    expect(labels.severity === 'critical').toBe(ownTrouble.includes(alert))
  })
})

describe('the alerts together', () => {
  it('are those that operators are promised', () => {
    const promised = [
      'Absent ProbesStalled UplinkDown ResolverDown MassFailure SchedulerLagging DatabaseErrors DiskWillFill BackupStale',
      'RollupStale ConfigReloadFailed NotificationsFailing VantageSilent TrackerDown TrackerDownLong TrackerDownByQuorum',
      'TrackerFlapping TrackerSlow CertificateExpiring StableListShrunk ListStale',
    ].flatMap((line) => line.split(' '))
    expect(alerts.map(({ alert }) => alert).toSorted()).toEqual(
      promised.map((name) => `Trackerwatch${name}`).toSorted(),
    )
  })
})

describe.each(recordings)('$record', ({ record }) => {
  it('is named level:metric:operations', () => {
    expect(record).toMatch(/^[a-z_]+:trackerwatch_[a-z_]+:[a-z0-9_]+$/)
  })

  it('is tested, or stands in a rule that is', () => {
    const asked = tests.flatMap(({ promql_expr_test }) => promql_expr_test.map(({ expr }) => expr))
    const used = [...alerts, ...recordings].filter((rule) => rule.expr.includes(record)).map((rule) => rule.expr)
    expect([...asked, ...used].some((expr) => expr.includes(record))).toBe(true)
  })
})
