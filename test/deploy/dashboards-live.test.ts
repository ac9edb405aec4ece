import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { statuses } from '../../src/tracker/health.js'
import { freePort } from '../support/free-port.js'
import { type Dashboard, loadDashboards } from './dashboards.js'
import { type LiveFleet, startLiveFleet } from './live-fleet.js'
import { isInstalled, root } from './programs.js'

const missing = ['prometheus', 'openssl'].filter((program) => !isInstalled(program))
const title = `the panels of a daemon that Prometheus scrapes${missing.length > 0 ? ` (skipped: without ${missing.join(' and ')})` : ''}`
const ipv6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'))

const patience = { timeout: 60_000, interval: 500 }
/** What a dashboard of the last minutes makes of its variables where Prometheus scrapes every second. */
const RANGE_S = 300
const RATE_INTERVAL = '10s'

/** Panels that may have no data here, and why. */
const excused: Readonly<Record<string, string>> = ipv6 ? {} : { 'Latency over IPv6': 'this machine has no ::1' }

interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value?: readonly [number, string]
  readonly values?: readonly (readonly [number, string])[]
}

describe.runIf(missing.length === 0)(title, () => {
  const folder = mkdtempSync(join(tmpdir(), 'trackerwatch-dashboards-'))
  let fleet: LiveFleet
  let prometheus: ChildProcess
  let api: string
  let trackers: readonly string[] = []

  beforeAll(async () => {
    fleet = await startLiveFleet(folder, ipv6)
    const config = join(folder, 'prometheus.yml')
    writeFileSync(config, configFor(new URL(fleet.daemon.url).host))
    const address = `127.0.0.1:${await freePort()}`
    api = `http://${address}/api/v1`
    const storage = `--storage.tsdb.path=${join(folder, 'tsdb')}`
    prometheus = spawn('prometheus', [`--config.file=${config}`, storage, `--web.listen-address=${address}`], {
      stdio: 'ignore',
    })
    await untilValue('trackerwatch_tracker_up', fleet.flapping, '1')
    fleet.goDown()
    await untilValue('trackerwatch_tracker_up', fleet.flapping, '0')
    trackers = (await instant('trackerwatch_tracker_info')).map(({ metric }) => metric.tracker ?? '')
  }, 120_000)

  afterAll(async () => {
    const ended = once(prometheus, 'exit')
    prometheus.kill('SIGKILL')
    await ended
    await fleet.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  async function ask(path: string, parameters: Readonly<Record<string, string>>): Promise<readonly Series[]> {
    const answer = await fetch(`${api}/${path}?${new URLSearchParams(parameters)}`)
    const body = (await answer.json()) as { readonly status: string; readonly data: { readonly result: Series[] } }
    expect(body, `${parameters.query}: ${JSON.stringify(body)}`).toMatchObject({ status: 'success' })
    return body.data.result
  }

  const instant = (expr: string) => ask('query', { query: expr })

  function overTime(expr: string): Promise<readonly Series[]> {
    const end = Date.now() / 1000
    return ask('query_range', { query: expr, start: String(end - RANGE_S), end: String(end), step: '1' })
  }

  async function untilValue(metric: string, tracker: string, expected: string): Promise<void> {
    await vi.waitFor(async () => {
      const found = await instant(`${metric}{tracker="${tracker}"}`).catch(() => [])
      expect(found.map(({ value }) => value?.[1])).toEqual([expected])
    }, patience)
  }

  /** As Grafana would ask, for one tracker after the other where there is a choice. */
  async function shown(panel: Dashboard['panels'][number], expr: string): Promise<readonly Series[]> {
    const isInstant = panel.targets?.some((target) => target.instant === true) ?? false
    for (const tracker of expr.includes('$tracker') ? trackers : ['']) {
      const query = interpolated(expr, tracker)
      const found = isInstant ? await instant(query) : await overTime(query)
      if (found.length > 0) return found
    }
    return []
  }

  describe.each(loadDashboards())('of $file', ({ json }) => {
    const panels = json.panels.filter(({ type, title: name }) => type !== 'row' && excused[name] === undefined)

    it.each(panels)('have data: $title', { timeout: 90_000 }, async (panel) => {
      expect(panel.targets?.length ?? 0).toBeGreaterThan(0)
      for (const { expr } of panel.targets ?? []) {
        await vi.waitFor(async () => expect(await shown(panel, expr), expr).not.toEqual([]), patience)
      }
    })

    it('have values to choose from for every variable', async () => {
      for (const { name, definition } of json.templating.list) {
        if (typeof definition !== 'string') continue
        const [, metric = '', label = ''] = /^label_values\((.+), (\w+)\)$/s.exec(definition) ?? []
        expect(await instant(interpolated(`group by (${label}) (${metric})`, '')), name).not.toEqual([])
      }
    })

    it('mark a change of status with the tracker and what became of it', async () => {
      const [annotation] = json.annotations.list
      const found = await overTime(interpolated(annotation?.expr ?? '', fleet.flapping))
      const went = found.filter(({ metric }) => metric.tracker === fleet.flapping)
      expect(went.map(({ metric }) => metric.status)).toContain('down')
      const moments = went.flatMap(({ values = [] }) => values.map(([, value]) => Number(value)))
      for (const at of moments) expect(Math.abs(Date.now() - at)).toBeLessThan(10 * 60_000)
    })
  })

  it('say which status a tracker has', async () => {
    const status = loadDashboards()
      .find(({ json }) => json.uid === 'trackerwatch-tracker')
      ?.json.panels.find((panel) => panel.type === 'stat' && panel.title === 'Status')
    const [found] = await instant(interpolated(status?.targets?.[0]?.expr ?? '', fleet.dead))
    expect(found?.value?.[1]).toBe(String(statuses.indexOf('down') + 1))
  })
})

function interpolated(expr: string, tracker: string): string {
  const from = Date.now() - RANGE_S * 1000
  const values = { __rate_interval: RATE_INTERVAL, __range: `${RANGE_S}s`, __from: String(from), tracker }
  return Object.entries({ ...values, job: '.+', instance: '.+' }).reduce(
    (text, [name, value]) => text.replaceAll(`$${name}`, value),
    expr,
  )
}

/** The shipped job and rules, everything every second. */
function configFor(target: string): string {
  const shipped = parse(readFileSync(join(root, 'config/prometheus/prometheus.yml'), 'utf8'))
  const [job] = shipped.scrape_configs
  return stringify({
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: [join(root, 'config/prometheus/rules/recording.yml')],
    scrape_configs: [{ ...job, static_configs: [{ targets: [target] }] }],
  })
}
