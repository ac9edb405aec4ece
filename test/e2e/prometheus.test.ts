import { expect, it, onTestFinished, vi } from 'vitest'
import { isInstalled, run, titleFor } from '../deploy/programs.js'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'
import { freshFolder, writeConfig } from './folder.js'
import { type Daemon, startDaemon } from './program.js'
import { startPrometheus } from './prometheus.js'

const patience = { timeout: 20_000, interval: 50 }

it.runIf(isInstalled('prometheus'))(
  titleFor('Prometheus scrapes a running daemon and knows its trackers', 'prometheus'),
  { timeout: 40_000 },
  async () => {
    const { daemon, alive, closed } = await startWatching()
    const job = { job_name: 'trackerwatch', static_configs: [{ targets: [new URL(daemon.url).host] }] }
    const { query } = await startPrometheus({ scrape_configs: [job] })
    const ask = async (expression: string) =>
      new Map((await query(expression)).map(({ labels, value }) => [labels.tracker, value]))
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
