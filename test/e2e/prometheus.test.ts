import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { isInstalled, run, titleFor } from '../deploy/programs.js'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'
import { freshFolder, writeConfig } from './folder.js'
import { type Daemon, startDaemon } from './program.js'

const patience = { timeout: 20_000, interval: 50 }

it.runIf(isInstalled('prometheus'))(
  titleFor('Prometheus scrapes a running daemon and knows its trackers', 'prometheus'),
  { timeout: 40_000 },
  async () => {
    const { daemon, alive, closed } = await startWatching()
    const ask = await startPrometheus(new URL(daemon.url).host)
    await vi.waitFor(async () => {
      expect(await ask('trackerwatch_tracker_up')).toEqual(
        new Map([
          [alive, 1],
          [closed, 0],
        ]),
      )
    }, patience)
    expect(await ask('increase(trackerwatch_tracker_up[1m]) < 0')).toEqual(new Map())
    expect(await ask('trackerwatch_probe_failures_total{reason="refused"} > 0')).toEqual(new Map([[closed, 1]]))
  },
)

it.runIf(isInstalled('promtool'))(
  titleFor('promtool finds nothing wrong with the metrics page', 'promtool'),
  async () => {
    const { daemon } = await startWatching()
    expect(run('promtool', ['check', 'metrics'], await daemon.get('/metrics'))).toEqual({ status: 0, output: '' })
  },
)

/** A daemon that has checked a tracker that works and one where nobody listens. */
async function startWatching(): Promise<{ daemon: Daemon; alive: string; closed: string }> {
  const tracker = await startUdpTracker(goodTracker)
  onTestFinished(tracker.stop)
  const closed = 'udp://127.0.0.1:1/announce'
  const groups = [{ name: 'public', trackers: [tracker.url, closed] }]
  const daemon = await startDaemon(writeConfig(freshFolder(), { groups, health: { down_after: 1 } }))
  await daemon.logged(({ msg }) => msg === 'round ended')
  return { daemon, alive: tracker.url, closed }
}

/** Starts Prometheus with one target; what it returns asks it for values by tracker. */
async function startPrometheus(target: string): Promise<(query: string) => Promise<ReadonlyMap<string, number>>> {
  const folder = freshFolder()
  const config = join(folder, 'prometheus.yml')
  const job = { job_name: 'trackerwatch', static_configs: [{ targets: [target] }] }
  writeFileSync(config, JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs: [job] }))
  const address = `127.0.0.1:${await freePort()}`
  const args = ['--config.file', config, '--storage.tsdb.path', join(folder, 'data'), '--web.listen-address', address]
  endWithTest(spawn('prometheus', args, { stdio: 'ignore' }))
  return async (query) => {
    const answer = await fetch(`http://${address}/api/v1/query?${new URLSearchParams({ query })}`)
    const { data } = (await answer.json()) as Answer
    return new Map(data.result.map(({ metric, value }) => [metric.tracker, Number(value[1])]))
  }
}

interface Answer {
  readonly data: {
    readonly result: readonly {
      readonly metric: { readonly tracker: string }
      readonly value: readonly [number, string]
    }[]
  }
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
