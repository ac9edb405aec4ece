import { describe, expect, it } from 'vitest'
import { freshFolder, writeConfig } from '../e2e/folder.js'
import { sample, statusOf } from '../e2e/samples.js'
import type { DaemonTask } from './daemon-run.js'
import type { LostRouteReport, LostRouteTask } from './lost-route.js'
import { canLose, inNetwork, LOSE_TENTH, obstacle, titleFor } from './network.js'

const LOOPBACK = 'ip link set lo up'
const EVERY_2_S = '*/2 * * * * *'
const DEFAULT_ROUTE = 'ip route add default via 10.77.0.2'

/** The values of all samples of a metric. */
function samplesOf(page: string, name: string): readonly number[] {
  const lines = page.split('\n').filter((line) => line.startsWith(`${name}{`))
  return lines.map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

describe.skipIf(obstacle !== null)(titleFor('a daemon'), { timeout: 60_000 }, () => {
  const hosts = [1, 2, 3, 4, 5, 6].map((last) => `198.51.100.${last}`)
  const port = 6969
  const urls = hosts.map((host) => `udp://${host}:${port}/announce`)

  it.each([
    ['whose cable is pulled', 'ip link set near down', `ip link set near up && ${DEFAULT_ROUTE}`],
    ['whose route goes', 'ip route del default', DEFAULT_ROUTE],
  ])('%s says so, and writes no downtime', async (_, cut, mend) => {
    const configFile = writeConfig(freshFolder(), {
      schedule: EVERY_2_S,
      probe: { timeout: '500ms', allow_private: true },
      health: { down_after: 1 },
      groups: [{ name: 'public', trackers: urls }],
    })
    const task: LostRouteTask = { configFile, hosts, port, cut, mend }
    const { log, blind, after } = await inNetwork<LostRouteReport>([LOOPBACK], 'lost-route.ts', task)
    expect(log.filter(({ to }) => to !== undefined && to !== 'up')).toEqual([])
    expect(sample(blind, 'trackerwatch_uplink_up{family="4"}')).toBe(0)
    expect(sample(after, 'trackerwatch_uplink_up{family="4"}')).toBe(1)
    for (const page of [blind, after]) {
      expect(urls.map((url) => statusOf(page, url))).toEqual(urls.map(() => 'up'))
      expect(new Set(samplesOf(page, 'trackerwatch_tracker_uptime_ratio'))).toEqual(new Set([1]))
    }
  })

  it('that starts without any route holds no tracker to be down', async () => {
    const nowhere = [
      'udp://198.51.100.1:6969/announce',
      'http://198.51.100.2:8080/announce',
      'udp://[2001:db8::1]:6969/announce',
    ]
    const configFile = writeConfig(freshFolder(), {
      schedule: EVERY_2_S,
      probe: { timeout: '500ms', allow_private: true },
      health: { down_after: 1 },
      groups: [{ name: 'public', trackers: nowhere }],
    })
    const task: DaemonTask = { configFile, ports: [], checks: 6 }
    const page = await inNetwork<string>([LOOPBACK], 'daemon-run.ts', task)
    expect(nowhere.map((url) => statusOf(page, url))).toEqual(nowhere.map(() => 'unknown'))
    expect(samplesOf(page, 'trackerwatch_tracker_uptime_ratio')).toEqual([])
    expect(sum(samplesOf(page, 'trackerwatch_probe_failures_total'))).toBe(0)
    expect(sample(page, 'trackerwatch_uplink_up{family="4"}') ?? 0).toBe(0)
  })
})

/*
 * 300 checks are two rounds of 150 trackers, with what `loss.test.ts` says of each: 135 datagrams sent again, with a
 * standard deviation of 12.1, and 0.03 trackers called down. Outside of 8 standard deviations, or with more than 5 down,
 * a product that is right is found with a probability of less than 1e-6.
 */
const title = canLose() ? 'a daemon' : 'a daemon (skipped: no iptables with its statistic match)'
describe.skipIf(!canLose())(title, { timeout: 90_000 }, () => {
  it('behind a loss of 10 % each way counts what is lost, and no downtime', async () => {
    const ports = Array.from({ length: 150 }, (_, index) => 7000 + index)
    const urls = ports.map((port) => `udp://127.0.0.1:${port}/announce`)
    const configFile = writeConfig(freshFolder(), {
      schedule: '*/8 * * * * *',
      probe: { timeout: '7s', attempts: 3, allow_private: true },
      health: { down_after: 2 },
      groups: [{ name: 'public', trackers: urls }],
    })
    const task: DaemonTask = { configFile, ports, checks: 300 }
    const page = await inNetwork<string>([LOOPBACK, LOSE_TENTH], 'daemon-run.ts', task)
    const checks = sum(samplesOf(page, 'trackerwatch_probes_total'))
    const lost = sum(samplesOf(page, 'trackerwatch_probe_packets_lost_total'))
    expect(checks).toBeGreaterThanOrEqual(300)
    expect(Math.abs(lost - 0.45065 * checks)).toBeLessThan(8 * Math.sqrt(0.4875 * checks))
    expect(urls.filter((url) => statusOf(page, url) === 'down').length).toBeLessThan(6)
    const uptimes = samplesOf(page, 'trackerwatch_tracker_uptime_ratio')
    expect(sum(uptimes) / uptimes.length).toBeGreaterThan(0.95)
  })
})
