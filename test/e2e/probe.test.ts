import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { goodTracker, kindOf, startUdpTracker } from '../support/udp-tracker.js'
import { freshFolder, writeConfig } from './folder.js'
import { type Daemon, startDaemon } from './program.js'
import { sample } from './samples.js'

const patience = { timeout: 20_000, interval: 50 }

/** A daemon that has checked a tracker that works; `endpoint` are keys of `probe_endpoint`. */
async function startWatching(endpoint: Readonly<Record<string, unknown>>) {
  const tracker = await startUdpTracker(goodTracker)
  onTestFinished(tracker.stop)
  const silent = await startUdpTracker(() => [])
  onTestFinished(silent.stop)
  const modules = { default: { allow_private: true, timeout: '5m' } }
  const settings = { groups: [{ name: 'public', trackers: [tracker.url] }] }
  const daemon = await startDaemon(
    writeConfig(freshFolder(), { ...settings, probe_endpoint: { modules, ...endpoint } }),
  )
  await daemon.logged(({ msg }) => msg === 'round ended')
  return { daemon, tracker, silent }
}

function ask(daemon: Daemon, url: string, options: RequestInit = {}): Promise<Response> {
  return fetch(`${daemon.url}/probe?${new URLSearchParams({ target: url })}`, options)
}

describe('/probe of a running daemon', () => {
  it('is off by default', async () => {
    const { daemon, tracker } = await startWatching({})
    expect((await ask(daemon, tracker.url)).status).toBe(404)
  })

  it('checks a tracker each time it is asked, and leaves no trace in history and metrics', async () => {
    const { daemon, tracker } = await startWatching({ enabled: true })
    const label = `{tracker="${tracker.url}"}`
    const before = sample(await daemon.get('/metrics'), `trackerwatch_probes_total${label}`)
    const page = await (await ask(daemon, tracker.url)).text()
    expect(sample(page, 'probe_success')).toBe(1)
    expect(sample(await (await ask(daemon, tracker.url)).text(), 'probe_success')).toBe(1)
    expect(tracker.received.filter((packet) => kindOf(packet) === 'connect')).toHaveLength(3)
    expect(before).toBe(1)
    expect(sample(await daemon.get('/metrics'), `trackerwatch_probes_total${label}`)).toBe(before)
  })

  it('ends a check when its client goes away, and at the time that Prometheus waits', { timeout: 40_000 }, async () => {
    const { daemon, tracker, silent } = await startWatching({ enabled: true, targets: 'any', concurrency: 1 })
    const gone = new AbortController()
    const probing = ask(daemon, silent.url, { signal: gone.signal }).catch(() => 'gone')
    await vi.waitFor(async () => expect((await ask(daemon, tracker.url)).status).toBe(503), patience)
    gone.abort()
    expect(await probing).toBe('gone')
    await vi.waitFor(async () => expect((await ask(daemon, tracker.url)).status).toBe(200), patience)
    const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': '2' }
    const page = await (await ask(daemon, silent.url, { headers })).text()
    expect(sample(page, 'probe_success')).toBe(0)
    expect(sample(page, 'trackerwatch_probe_reason{reason="timeout"}')).toBe(1)
  })

  it('does not keep the daemon from stopping', { timeout: 30_000 }, async () => {
    const { daemon, silent } = await startWatching({ enabled: true, targets: 'any' })
    const probing = ask(daemon, silent.url)
    await vi.waitFor(() => expect(silent.received.length).toBeGreaterThan(0), patience)
    daemon.kill('SIGTERM')
    expect(await daemon.ended).toBe(0)
    expect((await probing).status).toBe(503)
  })
})
