import { describe, expect, it } from 'vitest'
import type { StoredCheck } from '../../src/store/stored-check.js'
import type { StatusChange } from '../../src/tracker/health.js'
import type { Outcome } from '../../src/tracker/outcome.js'
import { ago, DAY_MS, entryOf, NOW, ok, probe, timeout } from '../export/entries.js'
import { appOver } from './support.js'

const hostile = `<script>alert('x')</script>&lt;"><img src=x onerror=alert(1)>`
const escaped = '&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;lt;&quot;&gt;&lt;img src=x onerror=alert(1)&gt;'
const rejected: Outcome = { kind: 'rejected', code: 'not_registered', message: hostile, flags: [], retryAfterS: null }

const up = entryOf('udp://up.example:6969/announce', { uptime: 0.99999, latencyMs: 8.31 })
const down = entryOf('udp://down.example:1', { status: 'down', outcome: timeout, uptime: 0.5, latencyMs: null })
const secret = '0123456789abcdef0123456789abcdef'

async function html(app: ReturnType<typeof appOver>, path: string): Promise<string> {
  const response = await app.request(path)
  expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'text/html; charset=UTF-8'])
  return response.text()
}

/** What a reader sees of the markup, one space between the pieces. */
function textOf(markup: string): string {
  return markup
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

describe('the status page', () => {
  it('sums up in its title and heading', async () => {
    const page = await html(appOver({ entries: [up, down] }), '/')
    expect(page).toContain('<h1>1 of 2 trackers up · stable list 1</h1>')
    expect(page).toContain('<title>1 of 2 trackers up · stable list 1 – trackerwatch</title>')
    expect(textOf(page)).toContain('Last round 12 s ago · next one in 9 min · running for 24 h')
    expect(textOf(page)).toMatch(/● Up 1 ■ Down 1/)
  })

  it('is a whole document that names its language, with no script but files of its own', async () => {
    const page = await html(appOver({ entries: [up, down] }), '/')
    expect(page).toMatch(/^<!doctype html><html lang="en"><head><meta charset="utf-8"\/>/)
    expect(page).toMatch(/<\/html>$/)
    expect(page).not.toMatch(/<script(?! (?:type="module" )?src="\/assets\/)|<style| style=| on[a-z]+=|javascript:/)
  })

  it('has a row for each tracker: status in words, since when, why, uptimes and latency', async () => {
    const page = await html(appOver({ entries: [up, down] }), '/')
    const rows = [...page.matchAll(/<tr>.*?<\/tr>/gs)].slice(1).map(([row]) => textOf(row))
    expect(rows).toEqual([
      '● Up udp://up.example:6969/announce public 3 h ago 99.99 % 99.99 % 99.99 % 99.99 % 99.99 % 8.3 ms',
      '■ Down udp://down.example:1 No answer to the connect request no answer to 3 packets in 10 s public 3 h ago 50.0 % 50.0 % 50.0 % 50.0 % 50.0 % –',
    ])
    expect(page).toContain('<time datetime="2026-11-22T07:00:00.000Z" title="2026-11-22 07:00:00 UTC">3 h ago</time>')
    expect(page).toContain(`<a href="/tracker/${up.id}">`)
    expect(page.match(/<th scope="col"/g)).toHaveLength(10)
    expect(page.match(/<th scope="row"/g)).toHaveLength(2)
  })

  it('shows what a tracker says as text, whatever it says', async () => {
    const entry = entryOf('http://evil.example/announce', { status: 'rejecting', outcome: rejected, group: '<b>g</b>' })
    const page = await html(appOver({ entries: [entry] }), '/')
    expect(page).toContain(escaped)
    expect(page).toContain('&lt;b&gt;g&lt;/b&gt;')
    expect(page).not.toContain('<script>')
    expect(page).not.toContain('<img')
  })

  it('masks the passkey in the URL and where the tracker repeats it', async () => {
    const message = `passkey ${secret} is unknown`
    const outcome: Outcome = { kind: 'rejected', code: 'auth', message, flags: [], retryAfterS: null }
    const entry = entryOf(`http://private.example/${secret}/announce`, {
      status: 'rejecting',
      outcome,
      probes: [probe(4, outcome)],
    })
    const change: StatusChange = { at: ago(1000), from: 'up', to: 'rejecting', reason: null, code: 'auth', message }
    const check = { ...storedCheck(ago(1000)), outcome: 'rejected' as const, message }
    const app = appOver({ entries: [entry], changes: [change], checks: [check] })
    const pages = [await html(app, '/'), await html(app, `/tracker/${entry.id}`)]
    for (const page of pages) {
      expect(page).toContain('http://private.example:80/***/announce')
      expect(page).toContain('passkey *** is unknown')
      expect(page).not.toContain(secret)
    }
  })

  it('says what to do while no tracker is watched', async () => {
    expect(textOf(await html(appOver({ entries: [] }), '/'))).toContain('No trackers are watched.')
  })

  it('says when the first round starts', async () => {
    const entry = entryOf('udp://new.example:1', { unchecked: true, uptime: null, latencyMs: null })
    const nextRoundAt = new Date(NOW.getTime() + 30_000)
    const status = () => ({ startedAt: NOW, lastRoundAt: null, nextRoundAt, blind: [], version: '1' })
    const text = textOf(await html(appOver({ entries: [entry] }, { status }), '/'))
    expect(text).toContain('No round has ended yet; the first one starts in 30 s .')
    expect(text).toContain('○ Not checked yet udp://new.example:1 public – – – – –')
  })

  it('answers 304 to a browser that has this very page already', async () => {
    const app = appOver({ entries: [up] })
    const first = await app.request('/')
    const again = await app.request('/', { headers: { 'If-None-Match': first.headers.get('ETag') ?? '' } })
    expect(again.status).toBe(304)
  })
})

function storedCheck(checkedAt: Date): StoredCheck {
  return {
    checkedAt,
    family: 4,
    outcome: 'ok',
    reason: null,
    code: null,
    message: null,
    latencyMs: 40,
    attempts: 1,
    packetsSent: 2,
    packetsLost: 0,
    decisive: true,
    flags: [],
  }
}

describe('the page of a tracker', () => {
  it('says what is known about it', async () => {
    const changes: StatusChange[] = [
      { at: ago(2 * DAY_MS), from: 'pending', to: 'up', reason: null, code: null, message: null },
      { at: ago(DAY_MS), from: 'up', to: 'down', reason: 'dns', code: 'dns.nxdomain', message: hostile },
    ]
    const check = {
      ...storedCheck(ago(60_000)),
      outcome: 'failed' as const,
      reason: 'reset' as const,
      code: 'net.reset',
    }
    const entry = entryOf('udp://t.example:1', { probes: [probe(4), probe(6, timeout)] })
    const page = await html(appOver({ entries: [entry], changes, checks: [check] }), `/tracker/${entry.id}`)
    const text = textOf(page)
    expect(page).toContain('<h1>udp://t.example:1</h1>')
    for (const piece of [
      '● Up for 3 h, since 2026-11-22 07:00:00 UTC',
      '24h 99.65 % 5 min 24 h',
      '7d 41 ms 88 ms 1234 ms 288',
      'Announce interval 30 min Minimum interval 15 min Seeders, leechers, peers 3, 1, 0',
      'First watched 60 d ago',
      'IPv4 192.0.2.7 ● Answered name 3.1 ms · UDP connect 20 ms · UDP announce 21 ms 41 ms 1',
      'IPv6 2001:db8::7 ■ Failed No answer to the connect request no answer to 3 packets in 10 s',
      '24 h ago ● Up → ■ Down The name does not exist',
      '2 d ago ○ Not checked yet → ● Up',
      '60 s ago IPv4 ■ Failed The connection was cut 40 ms',
    ]) {
      expect(text).toContain(piece)
    }
    expect(text.indexOf('24 h ago ●')).toBeLessThan(text.indexOf('2 d ago ○'))
    expect(page).toContain(escaped)
  })

  it('names code and phase of a failure', async () => {
    const text = textOf(await html(appOver({ entries: [down] }), `/tracker/${down.id}`))
    expect(text).toContain('Code udp.timeout , in phase udp_connect')
  })

  it('puts its remarks into words', async () => {
    const outcome = { ...ok, flags: ['fake_peers', 'packet_loss'] as const }
    const entry = entryOf('udp://t.example:1', { status: 'degraded', outcome })
    const text = textOf(await html(appOver({ entries: [entry] }), `/tracker/${entry.id}`))
    expect(text).toContain('◐ Degraded for 3 h')
    expect(text).toContain(
      'Remarks Returned peers for a torrent that nobody shares: its peers are made up Packets were lost',
    )
  })

  it('shows the last 20 checks, both families of each', async () => {
    const checks = Array.from({ length: 50 }, (_, i) => ({
      ...storedCheck(ago(Math.floor(i / 2) * 600_000)),
      family: i % 2 === 0 ? (4 as const) : (6 as const),
    }))
    const page = await html(appOver({ entries: [up], checks }), `/tracker/${up.id}`)
    const section = page.slice(page.indexOf('<h2>Last checks</h2>'))
    expect(section.match(/<tr>/g)).toHaveLength(1 + 40)
    const single = checks.filter(({ family }) => family === 4)
    const other = await html(appOver({ entries: [up], checks: single }), `/tracker/${up.id}`)
    expect(other.slice(other.indexOf('<h2>Last checks</h2>')).match(/<tr>/g)).toHaveLength(1 + 20)
  })

  it('works before the first check', async () => {
    const entry = entryOf('udp://new.example:1', { unchecked: true, uptime: null, latencyMs: null })
    const text = textOf(await html(appOver({ entries: [entry] }), `/tracker/${entry.id}`))
    expect(text).toContain('○ Not checked yet')
    expect(text).toContain('No check yet.')
  })

  it.each(['0123456789ab', 'zz', encodeURIComponent('udp://up.example:6969/announce')])(
    'does not exist for the id %s',
    async (id) => {
      const response = await appOver({ entries: [up] }).request(`/tracker/${id}`)
      expect(response.status).toBe(404)
      expect(textOf(await response.text())).toContain('Not found')
    },
  )
})
