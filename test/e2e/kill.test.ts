import { expect, it, onTestFinished } from 'vitest'
import { goodTracker, kindOf, startUdpTracker, type UdpTracker } from '../support/udp-tracker.js'
import { freshFolder, writeConfig } from './folder.js'
import { startDaemon, trackerwatch } from './program.js'

const TRACKERS = 60
const ENOUGH = 20

it('loses nothing that it had recorded when it is killed in a round, and goes on where it was', {
  timeout: 40_000,
}, async () => {
  const trackers = await startTrackers()
  const folder = freshFolder()
  const config = {
    groups: [{ name: 'public', trackers: trackers.map(({ url }) => url) }],
    round: { spread: '4s' },
    probe: { timeout: '5s', attempts: 1, allow_private: true },
  }
  const configFile = writeConfig(folder, config)

  const first = await startDaemon(configFile)
  const told = (): string[] => first.log.filter(isChange).map(({ tracker }) => String(tracker))
  await first.logged((line) => isChange(line) && told().length >= ENOUGH)
  first.kill('SIGKILL')
  expect(await first.ended).toBe('SIGKILL')
  expect(told().length).toBeLessThan(TRACKERS)

  const verified = await trackerwatch(['db', 'verify', '--config', configFile])
  expect(verified).toMatchObject({ code: 0, stderr: '' })
  const recorded = await aliveUrls(configFile)
  expect(recorded).toEqual(expect.arrayContaining(told()))

  const before = new Map(trackers.map((tracker) => [tracker.url, checksOf(tracker)]))
  const second = await startDaemon(configFile)
  await second.logged(({ msg }) => msg === 'round ended')
  const again = trackers.map((tracker) => [tracker.url, checksOf(tracker) - (before.get(tracker.url) ?? 0)])
  expect(again).toEqual(trackers.map(({ url }) => [url, recorded.includes(url) ? 0 : 1]))
  expect(await aliveUrls(configFile)).toHaveLength(TRACKERS)
})

async function startTrackers(): Promise<readonly UdpTracker[]> {
  const trackers = await Promise.all(Array.from({ length: TRACKERS }, () => startUdpTracker(goodTracker)))
  onTestFinished(async () => {
    await Promise.all(trackers.map((tracker) => tracker.stop()))
  })
  return trackers
}

function isChange({ msg }: { readonly msg: string }): boolean {
  return msg === 'status changed'
}

async function aliveUrls(configFile: string): Promise<readonly string[]> {
  const { stdout } = await trackerwatch(['export', 'alive', '--format', 'json', '--config', configFile])
  return JSON.parse(stdout)
}

/** A check begins with one connect request where no packet is repeated. */
function checksOf({ received }: UdpTracker): number {
  return received.filter((packet) => kindOf(packet) === 'connect').length
}
