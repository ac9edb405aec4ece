import { describe, expect, it, onTestFinished } from 'vitest'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'
import { freshFolder, writeConfig } from './folder.js'
import { type Daemon, startDaemon } from './program.js'
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

/** The end of a full round from now on: long before the next one begins, so that the way does not change within one. */
async function roundEnd(daemon: Daemon): Promise<void> {
  const before = daemon.log.length
  await daemon.logged((line) => line.msg === 'round ended' && line.checked === 6 && daemon.log.indexOf(line) >= before)
}
