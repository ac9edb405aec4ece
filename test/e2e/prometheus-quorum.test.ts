import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { isInstalled, titleFor } from '../deploy/programs.js'
import { startDnsServer } from '../support/dns-server.js'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'
import { freshFolder, writeConfig } from './folder.js'
import { type Daemon, root, startDaemon } from './program.js'
import { shortenedRules, startPrometheus } from './prometheus.js'

const patience = { timeout: 30_000, interval: 100 }
const example = z.object({
  scrape_configs: z.array(
    z.looseObject({
      job_name: z.string(),
      static_configs: z.array(z.looseObject({ labels: z.object({ vantage: z.string() }).optional() })),
    }),
  ),
})

it.runIf(isInstalled('prometheus'))(
  titleFor('two places decide by majority, and one that has gone has no vote', 'prometheus'),
  { timeout: 120_000 },
  async () => {
    const tracker = await startUdpTracker(goodTracker)
    onTestFinished(tracker.stop)
    // The name leads to the tracker at one place, and at the other to an address where nobody listens.
    const disputed = `udp://tracker.example:${tracker.port}/announce`
    const dead = 'udp://127.0.0.1:1/announce'
    const oslo = await startPlace('127.0.0.1', [disputed, dead])
    const lima = await startPlace('127.0.0.9', [disputed, dead])
    const { query, alert } = await startPrometheus({
      rule_files: shortenedRules(),
      scrape_configs: [jobOf([oslo, lima])],
    })
    const verdicts = async (record: string) =>
      Object.fromEntries((await query(record)).map(({ labels, value }) => [labels.tracker, value]))

    await vi.waitFor(async () => {
      expect(await verdicts('tracker:trackerwatch_tracker_up:votes')).toEqual({ [disputed]: 2, [dead]: 2 })
      expect(await verdicts('tracker:trackerwatch_tracker_up:quorum')).toEqual({ [disputed]: 1, [dead]: 0 })
    }, patience)
    const own = await query(`trackerwatch_tracker_up{tracker="${disputed}"}`)
    expect(Object.fromEntries(own.map(({ labels, value }) => [labels.vantage, value]))).toEqual({ oslo: 1, lima: 0 })

    oslo.kill('SIGTERM')
    await oslo.ended
    await vi.waitFor(async () => {
      expect(await verdicts('tracker:trackerwatch_tracker_up:votes')).toEqual({ [disputed]: 1, [dead]: 1 })
      expect(await verdicts('tracker:trackerwatch_tracker_up:quorum')).toEqual({ [disputed]: 0, [dead]: 0 })
    }, patience)
    await vi.waitFor(async () => {
      expect(await alert('TrackerwatchVantageSilent')).toBe('firing')
      expect(await alert('TrackerwatchTrackerDownByQuorum')).toBe('firing')
    }, patience)
    expect(await alert('TrackerwatchAbsent')).toBeNull()
  },
)

/** A daemon for which every name has this address. */
async function startPlace(address: string, trackers: readonly string[]): Promise<Daemon> {
  const names = await startDnsServer(({ type }) => ({ addresses: type === 'A' ? [address] : [] }))
  onTestFinished(names.stop)
  const settings = {
    probe: { timeout: '2s', allow_private: true, family: 4, dns: { servers: [names.address] } },
    health: { down_after: 1 },
    groups: [{ name: 'public', trackers }],
  }
  const daemon = await startDaemon(writeConfig(freshFolder(), settings))
  await daemon.logged(({ msg }) => msg === 'round ended')
  return daemon
}

/** The job of the shipped example, with these daemons in the place of its targets. */
function jobOf(daemons: readonly Daemon[]): object {
  const text = readFileSync(join(root, 'config/prometheus/examples/two-vantages.yml'), 'utf8')
  const job = example.parse(parse(text)).scrape_configs.find(({ job_name }) => job_name === 'trackerwatch')
  if (job?.static_configs.length !== daemons.length) throw new Error('the example has another number of places')
  const targets = daemons.map(({ url }) => [new URL(url).host])
  return {
    ...job,
    static_configs: job.static_configs.map((config, index) => ({ ...config, targets: targets[index] })),
  }
}
