import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { isInstalled, titleFor } from '../deploy/programs.js'
import { startHttpTracker } from '../support/http-tracker.js'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'
import { freshFolder, writeConfig } from './folder.js'
import { root, startDaemon } from './program.js'
import { startPrometheus } from './prometheus.js'
import { blocksOf } from './readme.js'

const patience = { timeout: 30_000, interval: 100 }

const scrapeConfigs = z.object({
  scrape_configs: z.array(z.looseObject({ job_name: z.string(), static_configs: z.array(z.unknown()).optional() })),
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
    const prometheus = await startPrometheus(configOf(daemon.url, [alive.url, dead.url]))

    for (const job of ['trackers', 'watched-trackers']) {
      await vi.waitFor(async () => {
        const samples = await prometheus.query(`probe_success{job="${job}"}`)
        const found = samples.map(({ labels, value }) => [labels.instance, value])
        expect(Object.fromEntries(found)).toEqual({ [alive.url]: 1, [dead.url]: 0 })
      }, patience)
    }
    const reasons = await prometheus.query('trackerwatch_probe_reason{job="trackers"} == 1')
    expect(reasons.map(({ labels }) => [labels.instance, labels.reason])).toEqual([[dead.url, 'http_status']])

    const targets = activeTargets.parse(await prometheus.ask('targets')).data.activeTargets
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
function configOf(daemonUrl: string, targets: readonly string[]) {
  const examples = blocksOf(readFileSync(join(root, 'README.md'), 'utf8'))
    .filter(({ language, text }) => language === 'yml' && text.includes('metrics_path: /probe'))
    .map(({ text }) => text.replaceAll('127.0.0.1:10069', new URL(daemonUrl).host))
  expect(examples).toHaveLength(2)
  const jobs = examples.flatMap((text) => scrapeConfigs.parse(parse(text)).scrape_configs)
  return {
    scrape_configs: jobs.map((job) => ({
      ...job,
      // Two jobs probe each tracker here, and a second apart is as close as they get.
      ...{ scrape_interval: '4s', scrape_timeout: '4s' },
      ...(job.static_configs === undefined ? {} : { static_configs: [{ targets }] }),
    })),
  }
}
