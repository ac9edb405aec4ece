import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { isInstalled, titleFor } from '../deploy/programs.js'
import { startHttpTracker } from '../support/http-tracker.js'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'
import { freshFolder, writeConfig } from './folder.js'
import { root, startDaemon } from './program.js'
import { blocksOf } from './readme.js'

const patience = { timeout: 30_000, interval: 100 }

const scrapeConfigs = z.object({
  scrape_configs: z.array(z.looseObject({ job_name: z.string(), static_configs: z.array(z.unknown()).optional() })),
})

const values = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
})

const activeTargets = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({
        discoveredLabels: z.record(z.string(), z.string()),
        labels: z.record(z.string(), z.string()),
        health: z.string(),
      }),
    ),
  }),
})

it.runIf(isInstalled('prometheus'))(
  titleFor('Prometheus probes by the configuration that README.md shows, and finds the trackers at /sd', 'prometheus'),
  { timeout: 60_000 },
  async () => {
    const alive = await startUdpTracker(goodTracker)
    onTestFinished(alive.stop)
    const dead = await startHttpTracker((_request, response) => response.writeHead(404).end())
    onTestFinished(dead.stop)
    const groups = [{ name: 'public', trackers: [alive.url, dead.url] }]
    const modules = { default: { allow_private: true } }
    const daemon = await startDaemon(
      writeConfig(freshFolder(), { groups, health: { down_after: 1 }, probe_endpoint: { enabled: true, modules } }),
    )
    await daemon.logged(({ msg }) => msg === 'round ended')
    const get = await startPrometheus(configOf(daemon.url, [alive.url, dead.url]))

    for (const job of ['trackers', 'watched-trackers']) {
      await vi.waitFor(async () => {
        const query = new URLSearchParams({ query: `probe_success{job="${job}"}` })
        const { data } = values.parse(await get(`query?${query}`))
        const found = data.result.map(({ metric, value }) => [metric.instance, value[1]])
        expect(Object.fromEntries(found)).toEqual({ [alive.url]: '1', [dead.url]: '0' })
      }, patience)
    }
    const query = new URLSearchParams({ query: 'trackerwatch_probe_reason{job="trackers"} == 1' })
    const { data } = values.parse(await get(`query?${query}`))
    expect(data.result.map(({ metric }) => [metric.instance, metric.reason])).toEqual([[dead.url, 'http_status']])

    const targets = activeTargets.parse(await get('targets')).data.activeTargets
    expect(targets.map(({ health }) => health)).toEqual(['up', 'up', 'up', 'up'])
    const discovered = targets.find(({ labels }) => labels.job === 'watched-trackers' && labels.instance === alive.url)
    expect(discovered?.labels.group).toBe('public')
    expect(discovered?.discoveredLabels).toMatchObject({
      __meta_trackerwatch_id: expect.stringMatching(/^[0-9a-f]{12}$/),
      __meta_trackerwatch_scheme: 'udp',
      __meta_trackerwatch_host: '127.0.0.1',
      __meta_trackerwatch_group: 'public',
      __meta_trackerwatch_status: 'up',
    })
  },
)

/** The examples of README.md with our places, the trackers of the test, and a scrape every few seconds. */
function configOf(daemonUrl: string, targets: readonly string[]): string {
  const examples = blocksOf(readFileSync(join(root, 'README.md'), 'utf8'))
    .filter(({ language, text }) => language === 'yml' && text.includes('metrics_path: /probe'))
    .map(({ text }) => text.replaceAll('127.0.0.1:10069', new URL(daemonUrl).host))
  expect(examples).toHaveLength(2)
  const jobs = examples.flatMap((text) => scrapeConfigs.parse(parse(text)).scrape_configs)
  return stringify({
    scrape_configs: jobs.map((job) => ({
      ...job,
      // Two jobs probe each tracker here, and a second apart is as close as they get.
      ...{ scrape_interval: '4s', scrape_timeout: '4s' },
      ...(job.static_configs === undefined ? {} : { static_configs: [{ targets }] }),
    })),
  })
}

/** Starts Prometheus; what it returns asks its API. */
async function startPrometheus(text: string): Promise<(path: string) => Promise<unknown>> {
  const folder = freshFolder()
  const config = join(folder, 'prometheus.yml')
  writeFileSync(config, text)
  const address = `127.0.0.1:${await freePort()}`
  const args = ['--config.file', config, '--storage.tsdb.path', join(folder, 'data'), '--web.listen-address', address]
  endWithTest(spawn('prometheus', args, { stdio: 'ignore' }))
  return async (path) => (await fetch(`http://${address}/api/v1/${path}`)).json()
}

function endWithTest(child: ChildProcess): void {
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
}

/** Prometheus cannot be asked which port it took, so one is found for it. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port')
  await once(server.close(), 'close')
  return address.port
}
