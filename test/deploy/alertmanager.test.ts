import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { isInstalled, root, run, titleFor } from './programs.js'
import { alerts } from './rules.js'

const shipped = 'config/alertmanager/alertmanager.yml'
const example = 'config/alertmanager/examples/webhook.yml'
const config = z.looseObject({
  route: z.record(z.string(), z.unknown()),
  inhibit_rules: z.array(
    z.object({
      source_matchers: z.array(z.string()),
      target_matchers: z.array(z.string()),
      equal: z.array(z.string()).optional(),
    }),
  ),
  receivers: z.array(z.looseObject({ name: z.string() })),
})

function load(file: string): z.infer<typeof config> {
  return config.parse(parse(readFileSync(join(root, file), 'utf8')))
}

const tracker = ['TrackerDown', 'TrackerDownLong', 'TrackerFlapping', 'TrackerSlow', 'TrackerDownByQuorum']
const amtool = isInstalled('amtool')

describe('the files of Alertmanager', () => {
  it.runIf(amtool).each([shipped, example])(titleFor('are what it reads: %s', 'amtool'), (file) => {
    const { status, output } = run('amtool', ['check-config', file])
    expect(status, output).toBe(0)
  })

  it.runIf(amtool).each([
    ['alertname=TrackerwatchAbsent severity=critical', 'pager'],
    ['alertname=TrackerwatchUplinkDown severity=critical vantage=oslo', 'pager'],
    ['alertname=TrackerwatchDiskWillFill severity=warning', 'team'],
    ['alertname=TrackerwatchTrackerDown severity=warning', 'team'],
    ['alertname=TrackerwatchTrackerDown severity=warning vantage=oslo', 'nobody'],
    ['alertname=TrackerwatchTrackerSlow severity=info vantage=oslo', 'nobody'],
    ['alertname=TrackerwatchTrackerDownByQuorum severity=warning', 'team'],
    ['alertname=TrackerwatchVantageSilent severity=warning vantage=oslo', 'team'],
    ['alertname=TrackerwatchTrackerFlapping severity=info', 'digest'],
    ['alertname=TrackerwatchCertificateExpiring severity=info', 'digest'],
  ])(titleFor('send %s to %s', 'amtool'), (labels, receiver) => {
    for (const file of [shipped, example]) {
      const args = [`--config.file=${file}`, `--verify.receivers=${receiver}`, ...labels.split(' ')]
      const { status, output } = run('amtool', ['config', 'routes', 'test', ...args])
      expect(status, output).toBe(0)
    }
  })

  it.runIf(amtool)(titleFor('send nothing but what is critical to the pager', 'amtool'), () => {
    for (const { alert, labels } of alerts) {
      const args = [`--config.file=${shipped}`, `alertname=${alert}`, `severity=${labels.severity}`]
      const { output } = run('amtool', ['config', 'routes', 'test', ...args])
      expect(/^pager$/m.test(output), alert).toBe(labels.severity === 'critical')
    }
  })

  it('notify nobody as shipped, and have an example that differs in its receivers alone', () => {
    const [own, other] = [load(shipped), load(example)]
    expect(own.receivers.map((receiver) => Object.keys(receiver))).toEqual(own.receivers.map(() => ['name']))
    expect(other.receivers.map(({ name }) => name)).toEqual(own.receivers.map(({ name }) => name))
    expect({ ...other, global: undefined, receivers: null }).toEqual({ ...own, global: undefined, receivers: null })
  })
})

describe('what inhibits', () => {
  const rules = load(shipped).inhibit_rules

  /** Names that the matcher of a rule stands for; both sides of it are anchored, as Alertmanager does. */
  function named(matchers: readonly string[]): readonly string[] {
    const [, expression = ''] = /^alertname =~? "(.*)"$/.exec(matchers[0] ?? '') ?? []
    return alerts.map(({ alert }) => alert).filter((alert) => new RegExp(`^(?:${expression})$`).test(alert))
  }

  it('names alerts that exist', () => {
    for (const { source_matchers, target_matchers } of rules) {
      for (const matchers of [source_matchers, target_matchers]) {
        expect(named(matchers).length).toBeGreaterThanOrEqual((matchers[0] ?? '').split('|').length)
      }
    }
  })

  it.each(['Absent', 'ProbesStalled', 'MassFailure', 'UplinkDown', 'ResolverDown'])(
    '%s silences what is said of trackers, and nothing critical',
    (source) => {
      const own = rules.filter(({ source_matchers }) => named(source_matchers).includes(`Trackerwatch${source}`))
      const targets = new Set(own.flatMap(({ target_matchers }) => named(target_matchers)))
      for (const name of tracker) expect(targets).toContain(`Trackerwatch${name}`)
      const critical = alerts.filter(({ labels }) => labels.severity === 'critical').map(({ alert }) => alert)
      expect(critical.filter((alert) => targets.has(alert))).toEqual([])
    },
  )
})
