import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startDnsServer } from '../support/dns-server.js'
import { goodTracker, startUdpTracker, type UdpTracker } from '../support/udp-tracker.js'
import { freshFolder, writeConfig } from './folder.js'
import { type Daemon, startDaemon } from './program.js'

const TOKEN = 'operator-0123456789'

async function living(): Promise<UdpTracker> {
  const tracker = await startUdpTracker(goodTracker)
  onTestFinished(tracker.stop)
  return tracker
}

/** Server-sent events as they come, from one that is named on. */
async function listen({ url }: Daemon, lastEventId: string) {
  const call = get(`${url}/events`, { headers: { 'Last-Event-ID': lastEventId, 'Accept-Encoding': 'gzip' } })
  const [response]: IncomingMessage[] = await once(call, 'response')
  if (response === undefined) throw new Error('no response')
  let text = ''
  response.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  const ended = once(response, 'end')
  const until = async (wanted: RegExp): Promise<string> => {
    while (!wanted.test(text)) await once(response, 'data')
    return text
  }
  return { until, ended, read: () => text }
}

describe('live events of the daemon', () => {
  it('tell each change and each round, and end with it at once', async () => {
    const [one, two] = await Promise.all([living(), living()])
    const folder = freshFolder()
    const watching = (...trackers: UdpTracker[]) => ({
      groups: [{ name: 'local', trackers: trackers.map(({ url }) => url) }],
    })
    const daemon = await startDaemon(writeConfig(folder, watching(one)))
    const events = await listen(daemon, 'earlier-7')
    await events.until(/^event: reset$/m)
    writeConfig(folder, watching(one, two))
    daemon.kill('SIGHUP')
    const text = await events.until(new RegExp(`^event: status\\ndata: \\{.*"url":"${two.url}".*"to":"up".*\\}$`, 'm'))
    expect(text).toMatch(/^id: [0-9a-f]{12}-\d+\nevent: status$/m)
    const rounds = await events.until(/^event: round\ndata: \{"group":"local",.*"checked":1,"alive":2,"trackers":2\}$/m)
    expect(rounds).not.toMatch(/undefined|NaN/)
    daemon.kill('SIGTERM')
    expect(await daemon.ended).toBe(0)
    await events.ended
  })
})

describe('submissions to the daemon', () => {
  it('are closed by default, and a reload over HTTP is for this machine alone', async () => {
    const tracker = await living()
    const folder = freshFolder()
    const groups = [{ name: 'local', trackers: [tracker.url] }]
    const daemon = await startDaemon(writeConfig(folder, { groups }))
    const body = new URLSearchParams({ new_trackers: 'udp://t.content-network.org:1/announce' })
    expect((await fetch(`${daemon.url}/api/add`, { method: 'POST', body })).status).toBe(403)
    expect((await fetch(`${daemon.url}/-/reload`, { method: 'POST' })).status).toBe(200)
    writeConfig(folder, { groups, token: TOKEN })
    expect((await fetch(`${daemon.url}/-/reload`, { method: 'POST' })).status).toBe(200)
    expect((await fetch(`${daemon.url}/-/reload`, { method: 'POST' })).status).toBe(401)
    const headers = { Authorization: `Bearer ${TOKEN}` }
    expect((await fetch(`${daemon.url}/-/reload`, { method: 'POST', headers })).status).toBe(200)
  })

  it('never reach a private address, though the configuration allows its own trackers there', async () => {
    const [own, submitted] = await Promise.all([living(), living()])
    const dns = await startDnsServer(({ type }) => ({ addresses: type === 'A' ? ['127.0.0.1'] : [] }))
    onTestFinished(dns.stop)
    const folder = freshFolder()
    const daemon = await startDaemon(
      writeConfig(folder, {
        groups: [{ name: 'local', trackers: [own.url] }],
        probe: { timeout: '5s', allow_private: true, dns: { servers: [dns.address] } },
        submissions: { mode: 'open', review: 'accept', file: join(folder, 'submissions.json') },
      }),
    )
    await daemon.logged(({ msg }) => msg === 'round ended')
    const lines = [submitted.url, `udp://rebound.content-network.org:${submitted.port}/announce`]
    const body = new URLSearchParams({ new_trackers: lines.join('\n') })
    const page = await fetch(`${daemon.url}/submit`, { method: 'POST', body })
    expect(page.url).toMatch(/\/submit\/[0-9a-f]{32}$/)
    const text = async () => (await fetch(page.url)).text()
    await expect.poll(text, { timeout: 20_000 }).toContain('2 lines, all done.')
    expect(await text()).toContain('127.0.0.1 is a loopback address')
    expect(await text()).toContain('cannot be checked: Has a private address, which is not probed')
    expect(submitted.received).toEqual([])
    expect(await daemon.get('/metrics')).toContain('trackerwatch_submissions_total{result="refused"} 2')
    expect(await daemon.get('/api/all')).toBe(`${own.url}\n\n`)
  })

  it('that were accepted are watched in a group of their own after a restart', async () => {
    const own = await living()
    const folder = freshFolder()
    const file = join(folder, 'submissions.json')
    const url = 'udp://t.content-network.org:1/announce'
    const row = { url, state: 'accepted', submittedAt: new Date(), checkedAt: new Date(), latencyMs: 1 }
    writeFileSync(file, JSON.stringify({ submissions: [row] }))
    const dns = await startDnsServer(() => 'nxdomain')
    onTestFinished(dns.stop)
    const daemon = await startDaemon(
      writeConfig(folder, {
        groups: [{ name: 'local', trackers: [own.url] }],
        probe: { timeout: '5s', allow_private: true, dns: { servers: [dns.address] } },
        token: TOKEN,
        submissions: { file },
      }),
    )
    await daemon.logged(({ msg, group }) => msg === 'round ended' && group === 'submitted')
    expect(await daemon.get('/metrics')).toMatch(
      new RegExp(`trackerwatch_tracker_info\\{[^}]*url="${url}"[^}]*group="submitted"`),
    )
    const review = await fetch(`${daemon.url}/submit/review.json`, { headers: { Authorization: `Bearer ${TOKEN}` } })
    const { submissions } = JSON.parse(await review.text())
    expect(submissions).toMatchObject([{ url, state: 'accepted' }])
    const body = new URLSearchParams({ token: TOKEN, reject: submissions[0].id })
    expect((await fetch(`${daemon.url}/submit/review`, { method: 'POST', body })).status).toBe(200)
    await expect.poll(() => daemon.get('/metrics'), { timeout: 20_000 }).not.toContain(url)
  })
})
