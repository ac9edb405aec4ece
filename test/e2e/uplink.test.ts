import { describe, expect, it, onTestFinished } from 'vitest'
import { using } from '../support/check-local.js'
import { startHttpTracker } from '../support/http-tracker.js'
import { startStalled } from '../support/stalled-server.js'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'
import { freshFolder, writeConfig } from './folder.js'
import { type Daemon, startDaemon, trackerwatch } from './program.js'
import { sample, statusOf } from './samples.js'

/** One tracker at each, all of loopback. */
const HOSTS = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.6', '127.0.0.7']

describe('a daemon whose own network fails', () => {
  it('says so, holds no tracker to be down, and goes on when answers come again', { timeout: 30_000 }, async () => {
    const way = { open: true }
    const trackers = await Promise.all(
      HOSTS.map((host) => startUdpTracker((...args) => (way.open ? goodTracker(...args) : undefined), { host })),
    )
    onTestFinished(async () => void (await Promise.all(trackers.map(({ stop }) => stop()))))
    const urls = trackers.map(({ url }) => url)
    const configFile = writeConfig(freshFolder(), {
      schedule: '*/2 * * * * *',
      probe: { timeout: '300ms', allow_private: true },
      health: { down_after: 1 },
      groups: [{ name: 'public', trackers: urls }],
    })
    const daemon = await startDaemon(configFile)
    const page = () => daemon.get('/metrics')
    await daemon.logged(({ msg }) => msg === 'uplink is up')
    await roundEnd(daemon)
    expect(sample(await page(), 'trackerwatch_uplink_up{family="4"}')).toBe(1)

    await roundEnd(daemon)
    way.open = false
    const down = await daemon.logged(({ msg }) => msg === 'uplink is down')
    expect(down).toMatchObject({
      level: 'warn',
      family: 4,
      detail: expect.stringMatching(/^6 of 6 trackers that were fine failed at once over IPv4/),
    })
    const blind = await page()
    expect(sample(blind, 'trackerwatch_uplink_up{family="4"}')).toBe(0)
    expect(urls.map((url) => statusOf(blind, url))).toEqual(urls.map(() => 'up'))

    await roundEnd(daemon)
    way.open = true
    await daemon.logged((line) => line.msg === 'uplink is up' && daemon.log.indexOf(line) > daemon.log.indexOf(down))
    const after = await page()
    expect(sample(after, 'trackerwatch_uplink_up{family="4"}')).toBe(1)
    expect(urls.map((url) => statusOf(after, url))).toEqual(urls.map(() => 'up'))
    expect(daemon.log.filter(({ to }) => to === 'down')).toEqual([])
  })
})

describe('a daemon with a witness', () => {
  const cases = [
    ['counts what fails while the witness answers, though all fail at once', startWitness, 'down'],
    ['holds no tracker to be down while the witness is silent, be it the only one', startStalled, 'up'],
  ] as const
  it.each(cases)('%s', { timeout: 60_000 }, (_title, start, status) =>
    using(start(), async (witness) => {
      const way = { open: true }
      const tracker = await startUdpTracker((...args) => (way.open ? goodTracker(...args) : undefined))
      onTestFinished(tracker.stop)
      const configFile = writeConfig(freshFolder(), {
        schedule: '* * * * * *',
        probe: { timeout: '300ms', allow_private: true },
        health: { down_after: 1 },
        uplink: { witnesses: [new URL(witness.url).host] },
        groups: [{ name: 'public', trackers: [tracker.url] }],
      })
      const daemon = await startDaemon(configFile)
      await daemon.logged(({ msg, to }) => msg === 'status changed' && to === 'up')
      const isUp = status === 'down'
      await daemon.logged(({ msg }) => msg === (isUp ? 'uplink is up' : 'uplink is down'))
      way.open = false
      if (isUp) await daemon.logged(({ msg, to }) => msg === 'status changed' && to === 'down')
      // The first may have begun before the way was closed.
      else for (let round = 0; round < 2; round += 1) await roundEnd(daemon, 1)
      const page = await daemon.get('/metrics')
      expect(statusOf(page, tracker.url)).toBe(status)
      expect(sample(page, 'trackerwatch_uplink_up{family="4"}')).toBe(isUp ? 1 : 0)
      const { stdout } = await trackerwatch(['history', tracker.url, '--json', '--config', configFile])
      expect(JSON.parse(stdout).checks[0]).toMatchObject(
        isUp ? { outcome: 'failed', reason: 'timeout' } : { outcome: 'skipped', reason: 'uplink_down' },
      )
    }),
  )
})

async function startWitness() {
  const { url, stop } = await startHttpTracker(() => {})
  return { url, stop }
}

/** The end of a full round from now on: long before the next one begins, so that the way does not change within one. */
async function roundEnd(daemon: Daemon, checked = 6): Promise<void> {
  const before = daemon.log.length
  await daemon.logged(
    (line) => line.msg === 'round ended' && line.checked === checked && daemon.log.indexOf(line) >= before,
  )
}
