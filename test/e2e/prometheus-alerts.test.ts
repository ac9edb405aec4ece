import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished, vi } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { isInstalled } from '../deploy/programs.js'
import { goodTracker, startUdpTracker, type UdpTracker } from '../support/udp-tracker.js'
import { freshFolder, writeConfig } from './folder.js'
import { type Daemon, root, startDaemon } from './program.js'
import { shortened, shortenedRules, startAlertmanager, startPrometheus } from './prometheus.js'

const missing = ['prometheus', 'prometheus-alertmanager'].filter((program) => !isInstalled(program))
const why = missing.length === 0 ? '' : ` (skipped: ${missing.join(' and ')} not installed)`
const patience = { timeout: 30_000, interval: 50 }
/** Of as many hosts that our own network can be suspected. */
const HOSTS = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.6', '127.0.0.7', '127.0.0.8']

const notification = z.object({
  status: z.enum(['firing', 'resolved']),
  alerts: z.array(
    z.object({
      status: z.enum(['firing', 'resolved']),
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()),
    }),
  ),
})
const held = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    status: z.object({ state: z.string(), inhibitedBy: z.array(z.string()) }),
  }),
)

it.skipIf(missing.length > 0)(
  `an outage waits, fires, reaches the webhook and is over, and our own blindness silences it${why}`,
  { timeout: 120_000 },
  async () => {
    const { daemon, ways, urls } = await startFleet()
    const webhook = await startWebhook()
    const alertmanager = await startAlertmanager(webhookConfig(webhook.url))
    const prometheus = await startPrometheus({
      rule_files: shortenedRules(),
      alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
      scrape_configs: [
        { job_name: 'trackerwatch', static_configs: [{ targets: [new URL(daemon.url).host] }] },
        { job_name: 'alertmanager', static_configs: [{ targets: [alertmanager] }] },
      ],
    })
    const isUp = async (count: number) =>
      expect(await prometheus.query('trackerwatch_tracker_up == 1')).toHaveLength(count)
    const fires = () =>
      vi.waitFor(async () => expect(await prometheus.alert('TrackerwatchTrackerDown')).toBe('firing'), patience)
    await vi.waitFor(() => isUp(HOSTS.length), patience)
    expect(await prometheus.alert('TrackerwatchTrackerDown')).toBeNull()

    const [way] = ways
    const [tracker] = urls
    if (way === undefined || tracker === undefined) throw new Error('no tracker')
    way.open = false
    await fires()
    const waited = 'count_over_time(ALERTS{alertname="TrackerwatchTrackerDown",alertstate="pending"}[5m])'
    expect((await prometheus.query(waited)).map(({ labels }) => labels.tracker)).toContain(tracker)
    const ofTracker = () => webhook.told('TrackerwatchTrackerDown').filter(({ labels }) => labels.tracker === tracker)
    const [fired] = await vi.waitUntil(() => nonEmpty(ofTracker()), patience)
    expect(fired).toMatchObject({ path: '/trackerwatch/team', status: 'firing' })
    const runbook = new URL(fired?.annotations.runbook_url ?? '').pathname
    expect(await daemon.get(runbook)).toMatch(/^# TrackerwatchTrackerDown\n/)

    way.open = true
    await vi.waitFor(() => isUp(HOSTS.length), patience)
    await vi.waitFor(() => expect(ofTracker().at(-1)).toMatchObject({ status: 'resolved' }), patience)

    way.open = false
    await fires()
    for (const other of ways) other.open = false
    await daemon.logged(({ msg }) => msg === 'uplink is down')
    const [blind] = await vi.waitUntil(() => nonEmpty(webhook.told('TrackerwatchUplinkDown')), patience)
    expect(blind).toMatchObject({ path: '/trackerwatch/pager', status: 'firing', labels: { family: '4' } })
    await vi.waitFor(async () => {
      const alerts = held.parse(await (await fetch(`http://${alertmanager}/api/v2/alerts`)).json())
      const down = alerts.find(({ labels }) => labels.alertname === 'TrackerwatchTrackerDown')
      expect(down?.status).toMatchObject({ state: 'suppressed', inhibitedBy: [expect.any(String)] })
    }, patience)
    expect(webhook.told('TrackerwatchMassFailure')).toEqual([])

    const counted = await prometheus.query('alertmanager_notifications_failed_total{integration="webhook"}')
    expect(counted.map(({ value }) => value)).toEqual([0])
    expect(await prometheus.alert('TrackerwatchNotificationsFailing')).toBeNull()
  },
)

/** A daemon that checks trackers of several hosts every other second, each of which can be cut off. */
async function startFleet(): Promise<{
  readonly daemon: Daemon
  readonly ways: readonly { open: boolean }[]
  readonly urls: readonly string[]
}> {
  const ways = HOSTS.map(() => ({ open: true }))
  const trackers: readonly UdpTracker[] = await Promise.all(
    HOSTS.map((host, index) =>
      startUdpTracker((...args) => (ways[index]?.open === true ? goodTracker(...args) : undefined), { host }),
    ),
  )
  onTestFinished(async () => void (await Promise.all(trackers.map(({ stop }) => stop()))))
  const urls = trackers.map(({ url }) => url)
  const settings = {
    schedule: '*/2 * * * * *',
    probe: { timeout: '300ms', allow_private: true },
    health: { down_after: 1 },
    groups: [{ name: 'public', trackers: urls }],
  }
  return { daemon: await startDaemon(writeConfig(freshFolder(), settings)), ways, urls }
}

/** The shipped example with our server in the place of its hooks, and no token. */
function webhookConfig(url: string): string {
  const example = readFileSync(join(root, 'config/alertmanager/examples/webhook.yml'), 'utf8')
  const { global: _, ...config } = parse(shortened(example, 1).replaceAll('https://hooks.example', url))
  return stringify(config)
}

type Told = z.infer<typeof notification>['alerts'][number] & { readonly path: string }

/** Takes notifications, and says what it was told of an alert, oldest first. */
async function startWebhook(): Promise<{ readonly url: string; readonly told: (name: string) => readonly Told[] }> {
  const all: Told[] = []
  const server = createServer(async (request, response) => {
    const { alerts } = notification.parse(JSON.parse(await text(request)))
    for (const alert of alerts) all.push({ ...alert, path: request.url ?? '' })
    response.end()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await vi.waitUntil(() => server.listening)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port')
  const told = (name: string) => all.filter(({ labels }) => labels.alertname === name)
  return { url: `http://127.0.0.1:${address.port}`, told }
}

function nonEmpty<T>(items: readonly T[]): readonly T[] | null {
  return items.length > 0 ? items : null
}
