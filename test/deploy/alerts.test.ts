import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { isInstalled, root, run, titleFor } from './programs.js'

const rules = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          labels: z.object({ severity: z.enum(['critical', 'warning', 'info']) }),
          annotations: z.object({ summary: z.string(), description: z.string() }),
        }),
      ),
    }),
  ),
})
const unitTests = z.object({
  tests: z.array(
    z.object({
      alert_rule_test: z
        .array(z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()) }))
        .optional()
        .default([]),
    }),
  ),
})

function load<T>(schema: z.ZodType<T>, file: string): T {
  return schema.parse(parse(readFileSync(join(root, file), 'utf8')))
}

const alerts = load(rules, 'config/prometheus/rules/alerts.yml').groups.flatMap((group) => group.rules)
const cases = load(unitTests, 'test/deploy/alerts.yml').tests.flatMap((test) => test.alert_rule_test)

describe('the files of Prometheus and Alertmanager', () => {
  it.runIf(isInstalled('promtool'))(titleFor('are what Prometheus reads', 'promtool'), () => {
    const { status, output } = run('promtool', ['check', 'config', 'config/prometheus/prometheus.yml'])
    expect(status, output).toBe(0)
    expect(output).toContain('2 rule files found')
  })

  it.runIf(isInstalled('promtool'))(titleFor('have rules without a lint finding', 'promtool'), () => {
    const files = ['alerts', 'recording'].map((name) => `config/prometheus/rules/${name}.yml`)
    const { status, output } = run('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', ...files])
    expect(status, output).toBe(0)
  })

  it.runIf(isInstalled('amtool'))(titleFor('are what Alertmanager reads', 'amtool'), () => {
    const { status, output } = run('amtool', ['check-config', 'config/alertmanager/alertmanager.yml'])
    expect(status, output).toBe(0)
  })

  it.runIf(isInstalled('promtool'))(
    titleFor('fire and stay silent as their unit tests say', 'promtool'),
    { timeout: 60_000 },
    () => {
      const { status, output } = run('promtool', ['test', 'rules', 'test/deploy/alerts.yml'])
      expect(status, output).toBe(0)
    },
  )
})

describe.each(alerts)('$alert', ({ alert, labels, annotations }) => {
  it('is tested where it fires and where it must not', () => {
    const own = cases.filter((test) => test.alertname === alert)
    expect(own.some((test) => test.exp_alerts.length > 0)).toBe(true)
    expect(own.some((test) => test.exp_alerts.length === 0)).toBe(true)
  })

  it('says in fixed words what is wrong and with values where', () => {
    expect(annotations.summary).not.toContain('{{')
    expect(annotations.description).toContain('{{')
  })

  it('is critical only if trackerwatch itself is in question', () => {
    const ownTrouble = ['Absent', 'ProbesStalled', 'MassFailure', 'UplinkDown', 'ResolverDown', 'DatabaseErrors'].map(
      (name) => `Trackerwatch${name}`,
    )
    expect(labels.severity === 'critical').toBe(ownTrouble.includes(alert))
  })
})
