import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { MonitorStatus } from '../../src/http/deps.js'
import type { RecentCheck } from '../../src/store/store.js'
import type { StatusChange } from '../../src/tracker/health.js'
import type { Outcome } from '../../src/tracker/outcome.js'
import { ago, DAY_MS, entryOf, NOW, probe, timeout } from '../export/entries.js'
import { answeredAt, failedAt } from './checks.js'
import { markupOf, textOf } from './page-text.js'
import { appOver } from './support.js'

type App = ReturnType<typeof appOver>

const hostile = `<script>alert('x')</script>&lt;"><img src=x onerror=alert(1)>`
const escaped = '&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;lt;&quot;&gt;&lt;img src=x onerror=alert(1)&gt;'
const rejected: Outcome = { kind: 'rejected', code: 'not_registered', message: hostile, flags: [], retryAfterS: null }
const secret = '0123456789abcdef0123456789abcdef'

const up = entryOf('udp://up.example:6969/announce', { uptime: 0.99999, latencyMs: 8.31 })
const down = entryOf('udp://down.example:1', {
  status: 'down',
  outcome: timeout,
  uptime: 0.5,
  latencyMs: null,
  probes: [{ ...probe(6, timeout), address: '2001:db8::1' }],
})

/** What a reader sees of each row. */
function rowsOf(markup: string): string[] {
  return [...markup.matchAll(/<tr id=.*?<\/tr>/gs)].map(([row]) => textOf(row))
}

function monitorThat(over: Partial<MonitorStatus>): { status: () => MonitorStatus } {
  return {
    status: () => ({ startedAt: ago(DAY_MS), lastRoundAt: NOW, nextRoundAt: NOW, blind: [], version: '1', ...over }),
  }
}

describe('the status page', () => {
  it('sums up in its heading, and in its title without what changes every second', async () => {
    const page = await markupOf(appOver({ entries: [up, down] }), '/')
    expect(textOf(/<h1>.*?<\/h1>/s.exec(page)?.[0] ?? '')).toBe(
      '1 of 2 trackers up · stable list 1 · last round 12 s ago',
    )
    expect(page).toContain('<title>1 of 2 trackers up · stable list 1 – trackerwatch</title>')
    expect(textOf(page)).toContain('Next round in 9 min · running for 24 h')
  })

  it('says first that the monitor itself is blind', async () => {
    const blind = ['This monitor’s own IPv6 network is down: <b>', 'This monitor’s own name servers answer nothing']
    const page = await markupOf(appOver({ entries: [up] }, monitorThat({ blind })), '/')
    const main = textOf(page.slice(page.indexOf('<main>')))
    expect(main).toMatch(
      /^This monitor’s own IPv6 network is down: &lt;b&gt;\. This monitor’s own name servers answer nothing\. /,
    )
    expect(page).toContain('<div class="blind" role="alert">')
    expect(await markupOf(appOver({ entries: [up] }), '/')).not.toContain('class="blind"')
  })

  it('is a whole document that names its language, with no script but files of its own', async () => {
    const page = await markupOf(appOver({ entries: [up, down] }), '/')
    expect(page).toMatch(/^<!doctype html><html lang="en"><head><meta charset="utf-8"\/>/)
    expect(page).toMatch(/<\/html>$/)
    expect(page).not.toMatch(/<script(?! (?:type="module" )?src="\/assets\/)|<style| style=| on[a-z]+=|javascript:/)
  })

  it('has a row for each tracker: status since when, why, uptimes, latency, interval and address families', async () => {
    const page = await markupOf(appOver({ entries: [up, down] }), '/')
    expect(rowsOf(page)).toEqual([
      '● Up 3 h ago udp://up.example:6969/announce 99.99 % 99.99 % 99.99 % 99.99 % 99.99 % 8.3 ms 30 min v4',
      '■ Down 3 h ago udp://down.example:1 No answer to the connect request no answer to 3 packets in 10 s 50.0 % 50.0 % 50.0 % 50.0 % 50.0 % – – v6',
    ])
    expect(page).toContain('<time datetime="2026-11-22T07:00:00.000Z" title="2026-11-22 07:00:00 UTC">3 h ago</time>')
    expect(page).toContain(`<a href="/tracker/${up.id}">`)
    expect(page).toContain('title="IPv4 answers: 192.0.2.7"')
    expect(page).toContain('<span class="family failed" role="img" aria-label="IPv6 does not answer: 2001:db8::1"')
    expect(page.match(/<th scope="col"/g)).toHaveLength(11)
    expect(page.match(/<th scope="row"/g)).toHaveLength(2)
  })

  it('names the group of a tracker where there are several', async () => {
    const other = entryOf('udp://other.example:1', { group: 'mine', probes: [] })
    const [first, second] = rowsOf(await markupOf(appOver({ entries: [up, other] }), '/'))
    expect(first).toContain('udp://up.example:6969/announce public 99.99 %')
    expect(second).toContain('udp://other.example:1 mine 100 %')
  })

  it('says where a tracker is as soon as a database knows of one', async () => {
    const placeOf = (address: string) =>
      address === '192.0.2.7' ? { country: 'DE', network: 'AS64496 <Example>' } : null
    const page = await markupOf(appOver({ entries: [up, down] }, { placeOf }), '/')
    expect(page.match(/<th scope="col"/g)).toHaveLength(12)
    expect(rowsOf(page)[0]).toMatch(/ v4 DE AS64496 &lt;Example&gt;$/)
    expect(rowsOf(page)[1]).toMatch(/ v6$/)
  })

  it('links a tracker to those at its host or address', async () => {
    const sameHost = entryOf('http://up.example/announce', { probes: [] })
    const sameAddress = entryOf('udp://third.example:1')
    const page = await markupOf(appOver({ entries: [up, down, sameHost, sameAddress] }), '/')
    expect(rowsOf(page).map((row) => /\d+ related/.exec(row)?.[0])).toEqual([
      '2 related',
      undefined,
      '1 related',
      '1 related',
    ])
    expect(page).toContain(
      `<a href="/tracker/${sameHost.id}#related" title="Same host or address: udp://up.example:6969/announce">`,
    )
  })

  it('shows what a tracker says as text, whatever it says', async () => {
    const evil = entryOf('http://evil.example/announce', { status: 'rejecting', outcome: rejected, group: '<b>g</b>' })
    const page = await markupOf(appOver({ entries: [evil, up] }), '/')
    expect(page).toContain(escaped)
    expect(page).toContain('<span>&lt;b&gt;g&lt;/b&gt;</span>')
    expect(page).not.toMatch(/<script>|<img|<b>g/)
  })

  it('masks the passkey in the URL and where the tracker repeats it', async () => {
    const message = `passkey ${secret} is unknown`
    const outcome: Outcome = { kind: 'rejected', code: 'auth', message, flags: [], retryAfterS: null }
    const entry = entryOf(`http://private.example/${secret}/announce`, { status: 'rejecting', outcome })
    const change: StatusChange = { at: ago(1000), from: 'up', to: 'rejecting', reason: null, code: 'auth', message }
    const page = await markupOf(appOver({ entries: [entry, up], changes: [change] }), '/')
    expect(page).toContain('http://private.example:80/***/announce')
    expect(page).toContain('passkey *** is unknown')
    expect(page).not.toContain(secret)
  })

  it.each([
    ['paused', '‖ Paused'],
    ['unknown', '? Unknown'],
    ['unsupported', '– Not checkable'],
    ['rejecting', '▲ Rejecting'],
    ['degraded', '◐ Degraded'],
  ] as const)('shows a tracker that is %s', async (status, seen) => {
    const [row] = rowsOf(await markupOf(appOver({ entries: [entryOf('udp://a.example:1', { status })] }), '/'))
    expect(row).toMatch(new RegExp(`^${seen.replace('?', '\\?')} 3 h ago `))
  })

  it('says what to do while no tracker is watched', async () => {
    const page = await markupOf(appOver({ entries: [] }), '/')
    expect(textOf(page)).toContain('No trackers are watched.')
    expect(page).not.toContain('<form')
  })

  it('says when the first round starts', async () => {
    const entry = entryOf('udp://new.example:1', { unchecked: true, uptime: null, latencyMs: null })
    const nextRoundAt = new Date(NOW.getTime() + 30_000)
    const page = await markupOf(
      appOver({ entries: [entry] }, monitorThat({ startedAt: NOW, lastRoundAt: null, nextRoundAt })),
      '/',
    )
    expect(textOf(page)).toContain('No round has ended yet; the first one starts in 30 s ·')
    expect(rowsOf(page)).toEqual(['○ Not checked yet udp://new.example:1 – – – – – – –'])
  })

  it('answers 304 to a browser that has this very page already', async () => {
    const app = appOver({ entries: [up] })
    const first = await app.request('/')
    const again = await app.request('/', { headers: { 'If-None-Match': first.headers.get('ETag') ?? '' } })
    expect(again.status).toBe(304)
  })

  it('takes no more than 150 kB, compressed, for 200 trackers with all it loads', async () => {
    const entries = Array.from({ length: 200 }, (_, i) =>
      entryOf(`udp://tracker-${i * i}.example:${1000 + i}/announce`),
    )
    const recent = new Map(entries.map(({ tracker }, i) => [tracker.url, checksOf(i)]))
    const app = appOver({ entries, recent })
    const page = await markupOf(app, '/')
    const assets = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path)
    const sizes = await Promise.all(
      ['/', ...assets, ...(await importsOf(app, assets))].map((path) => sizeOf(app, path)),
    )
    expect(sizes.length).toBeGreaterThan(8)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000)
  })
})

/** Thirty checks; one in nine failed. */
function checksOf(seed: number): readonly RecentCheck[] {
  return Array.from({ length: 30 }, (_, i) => {
    const checkedAt = ago(i * 600_000 + ((seed * 7919) % 600_000))
    return (seed + i * 5) % 9 === 0
      ? failedAt(checkedAt)
      : answeredAt(checkedAt, { latencyMs: 20 + ((seed * 31 + i * 17) % 400) })
  })
}

/** The scripts that these scripts import, and so on. */
async function importsOf(app: App, paths: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>()
  const queue = paths.filter((path) => path.endsWith('.js'))
  for (const path of queue) {
    const text = await (await app.request(path)).text()
    for (const [, name] of text.matchAll(/from '\.\/([^']+)'/g)) {
      const imported = `${path.slice(0, path.lastIndexOf('/'))}/${name}`
      if (found.has(imported)) continue
      found.add(imported)
      queue.push(imported)
    }
  }
  return [...found]
}

async function sizeOf(app: App, path: string): Promise<number> {
  const response = await app.request(path)
  expect([path, response.status]).toEqual([path, 200])
  return gzipSync(await response.text()).length
}
