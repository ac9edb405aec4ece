import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { freePort } from '../support/free-port.js'
import { createFullPage, downUrl, upUrl } from './full-page.js'
import { isInstalled, root, titleFor } from './programs.js'

const patience = { timeout: 60_000, interval: 100 }

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected to listen on a TCP port')
  return address.port
}

/** The shipped configuration with our target, no Alertmanager, and everything every second. */
function configFor(targetPort: number): string {
  const shipped = parse(readFileSync(join(root, 'config/prometheus/prometheus.yml'), 'utf8'))
  const [job] = shipped.scrape_configs
  return stringify({
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: shipped.rule_files.map((pattern: string) => join(root, 'config/prometheus', pattern)),
    scrape_configs: [{ ...job, static_configs: [{ targets: [`127.0.0.1:${targetPort}`] }] }],
  })
}

describe.runIf(isInstalled('prometheus'))(titleFor('a real Prometheus', 'prometheus'), () => {
  const folder = mkdtempSync(join(tmpdir(), 'trackerwatch-prometheus-'))
  const render = createFullPage(new Date())
  const target = createServer((_request, response) => {
    render().then(
      (page) => response.writeHead(200, { 'Content-Type': page.contentType }).end(page.body),
      (error) => response.writeHead(500).end(String(error)),
    )
  })
  let prometheus: ChildProcess
  let api: string

  async function ask(path: string, parameters: Record<string, string> = {}): Promise<{ data: unknown }> {
    const answer = await fetch(`${api}/${path}?${new URLSearchParams(parameters)}`)
    const body = await answer.json()
    expect(body, JSON.stringify(body)).toMatchObject({ status: 'success' })
    return body as { data: unknown }
  }

  beforeAll(async () => {
    const config = join(folder, 'prometheus.yml')
    writeFileSync(config, configFor(await listen(target)))
    const address = `127.0.0.1:${await freePort()}`
    api = `http://${address}/api/v1`
    const args = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
    ]
    prometheus = spawn('prometheus', args, { stdio: 'ignore' })
    await vi.waitFor(async () => {
      const { data } = await ask('targets')
      expect(data).toMatchObject({ activeTargets: [{ health: 'up', lastError: '' }] })
    }, patience)
  }, 90_000)

  afterAll(async () => {
    const ended = once(prometheus, 'exit')
    prometheus.kill('SIGTERM')
    await ended
    target.closeAllConnections()
    target.close()
    rmSync(folder, { recursive: true })
  })

  it('scrapes the page and knows every tracker by its label', async () => {
    const { data } = await ask('query', { query: 'sum by (tracker) (trackerwatch_tracker_up)' })
    expect(data).toMatchObject({
      result: expect.arrayContaining([
        { metric: { tracker: upUrl }, value: [expect.any(Number), '1'] },
        { metric: { tracker: downUrl }, value: [expect.any(Number), '0'] },
      ]),
    })
  })

  it('takes the types and helps of the families', async () => {
    const { data } = await ask('metadata')
    expect(data).toMatchObject({
      trackerwatch_probes_total: [{ type: 'counter' }],
      trackerwatch_tracker_up: [{ type: 'gauge' }],
      trackerwatch_probe_round_trip_seconds: [{ type: 'histogram' }],
    })
  })

  it('evaluates every shipped rule', { timeout: 90_000 }, async () => {
    await vi.waitFor(async () => {
      const { data } = (await ask('rules')) as { data: { groups: { rules: { name: string; health: string }[] }[] } }
      const rules = data.groups.flatMap((group) => group.rules)
      expect(rules.length).toBeGreaterThan(20)
      expect(rules.filter((rule) => rule.health !== 'ok')).toEqual([])
    }, patience)
  })
})
