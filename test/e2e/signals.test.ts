import { describe, expect, it, onTestFinished } from 'vitest'
import { goodTracker, type Respond, startUdpTracker, type UdpTracker } from '../support/udp-tracker.js'
import { freshFolder, type Settings, writeConfig } from './folder.js'
import { type Daemon, startDaemon, trackerwatch } from './program.js'
import { sample } from './samples.js'

const silent: Respond = () => []
const STOPPED = 3

describe('stopping', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    '%s ends it in ten seconds with code 0, and loses no check',
    async (signal) => {
      const { daemon, configFile, good } = await startBusy()
      // Checked, but not yet written: writing waits a second for company.
      await Promise.all(good.map(({ hasEnded }) => hasEnded))
      const askedAt = performance.now()
      daemon.kill(signal)
      expect(await daemon.ended).toBe(0)
      expect(performance.now() - askedAt).toBeLessThan(10_000)
      expect(daemon.log.at(-1)).toMatchObject({ msg: 'stopped' })

      const { stdout } = await trackerwatch(['export', 'alive', '--config', configFile])
      expect(stdout.trim().split('\n').toSorted()).toEqual(good.map(({ tracker }) => tracker.url).toSorted())
      expect(await trackerwatch(['db', 'verify', '--config', configFile])).toMatchObject({ code: 0, stderr: '' })
    },
  )

  it('npm passes Ctrl-C on although the terminal sent it already: the second is none to end at once', async () => {
    const { daemon } = await startBusy()
    daemon.kill('SIGINT')
    await daemon.logged(({ msg }) => msg === 'stopping')
    daemon.kill('SIGINT')
    expect(await daemon.ended).toBe(0)
    expect(daemon.log.at(-1)).toMatchObject({ msg: 'stopped' })
  })

  it('a SIGHUP in the middle of it does not cut it short', async () => {
    const { daemon } = await startBusy()
    daemon.kill('SIGTERM')
    await daemon.logged(({ msg }) => msg === 'stopping')
    daemon.kill('SIGHUP')
    expect(await daemon.ended).toBe(0)
    expect(daemon.log.at(-1)).toMatchObject({ msg: 'stopped' })
    expect(daemon.log.map(({ msg }) => msg)).not.toContain('configuration reloaded')
  })
})

describe('reloading', () => {
  it.each([
    ['SIGHUP', async (daemon: Daemon) => daemon.kill('SIGHUP')],
    ['POST /-/reload', async (daemon: Daemon) => expect((await postReload(daemon)).status).toBe(200)],
  ])('%s takes up trackers that were added and lets go of those removed', async (_, reload) => {
    const [kept, removed, added] = await Promise.all([start(goodTracker), start(goodTracker), start(goodTracker)])
    const folder = freshFolder()
    const daemon = await startDaemon(writeConfig(folder, watching(kept, removed)))
    await daemon.logged(({ msg }) => msg === 'round ended')
    const checkedBefore = kept.received.length

    writeConfig(folder, watching(kept, added))
    await reload(daemon)
    await daemon.logged(({ msg }) => msg === 'configuration reloaded')
    await daemon.logged(({ msg, tracker }) => msg === 'status changed' && tracker === added.url)

    const page = await daemon.get('/metrics')
    expect(urlsOf(await daemon.get('/api/live'))).toEqual([kept.url, added.url].toSorted())
    expect(page).not.toContain(removed.url)
    expect(sample(page, `trackerwatch_tracker_up{tracker="${added.url}"}`)).toBe(1)
    expect(sample(page, 'trackerwatch_config_last_reload_successful')).toBe(1)
    expect(kept.received).toHaveLength(checkedBefore)
  })

  it('keeps the old configuration where the new one is bad, and says why', async () => {
    const tracker = await start(goodTracker)
    const folder = freshFolder()
    const configFile = writeConfig(folder, watching(tracker))
    const daemon = await startDaemon(configFile)
    await daemon.logged(({ msg }) => msg === 'round ended')

    writeConfig(folder, { ...watching(tracker), health: { down_after: 0 }, colour: 'blue' })
    const answer = await postReload(daemon)
    const text = await answer.text()
    expect(answer.status).toBe(500)
    expect(text).toMatch(/:\d+:\d+: health\.down_after: 0, expected at least 1\n/)
    expect(text).toMatch(/:\d+:\d+: colour: unknown key/)
    daemon.kill('SIGHUP')
    await daemon.logged(
      ({ msg, problems }) => /not reloaded/.test(msg) && Array.isArray(problems) && problems.length === 2,
    )
    const page = await daemon.get('/metrics')
    expect(sample(page, 'trackerwatch_config_last_reload_successful')).toBe(0)
    expect(sample(page, `trackerwatch_tracker_up{tracker="${tracker.url}"}`)).toBe(1)

    writeConfig(folder, watching(tracker))
    expect((await postReload(daemon)).status).toBe(200)
    expect(sample(await daemon.get('/metrics'), 'trackerwatch_config_last_reload_successful')).toBe(1)
  })
})

/** A daemon with checks that have ended and one that takes as long as it may. */
async function startBusy() {
  const good = await Promise.all(Array.from({ length: 5 }, startNoticing))
  const slow = await start(silent)
  const folder = freshFolder()
  const configFile = writeConfig(folder, watching(...good.map(({ tracker }) => tracker), slow))
  return { daemon: await startDaemon(configFile), configFile, good }
}

/** A tracker that notices when its check ends, which is when we take leave. */
async function startNoticing() {
  let notice = (): void => {}
  const hasEnded = new Promise<void>((resolve) => {
    notice = resolve
  })
  const tracker = await start((packet, from, send) => {
    const isLeave = packet.length >= 84 && packet.readUInt32BE(8) === 1 && packet.readUInt32BE(80) === STOPPED
    if (isLeave) notice()
    return goodTracker(packet, from, send)
  })
  return { tracker, hasEnded }
}

async function start(respond: Respond): Promise<UdpTracker> {
  const tracker = await startUdpTracker(respond)
  onTestFinished(tracker.stop)
  return tracker
}

function watching(...trackers: readonly UdpTracker[]): Settings {
  return { groups: [{ name: 'public', trackers: trackers.map(({ url }) => url) }] }
}

function postReload({ url }: Daemon): Promise<Response> {
  return fetch(`${url}/-/reload`, { method: 'POST' })
}

function urlsOf(text: string): string[] {
  return text.split('\n').filter(Boolean).toSorted()
}
