import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AppDeps } from '../../src/http/deps.js'
import { openStore } from '../../src/store/open.js'
import type { Store } from '../../src/store/store.js'
import type { Health } from '../../src/tracker/health.js'
import { healthStep } from '../../src/tracker/health-step.js'
import { isAlive, type Outcome, type ProbeResult } from '../../src/tracker/outcome.js'
import { trackerId, type WatchedTracker } from '../../src/tracker/state.js'
import { ago, DAY_MS, NOW, ok, probe, timeout, trackerOf } from '../export/entries.js'
import { textOf } from './page-text.js'
import { appOver } from './support.js'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const hostile = `<script>alert('x')</script>&lt;"><img src=x onerror=alert(1)>`
const escaped = '&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;lt;&quot;&gt;&lt;img src=x onerror=alert(1)&gt;'
const secret = '0123456789abcdef0123456789abcdef'
const refusal = (message: string): Outcome => {
  return { kind: 'rejected', code: 'not_registered', message, flags: [], retryAfterS: null }
}

let store: Store

beforeEach(async () => {
  store = await openStore('sqlite::memory:')
})

afterEach(() => store.close())

function watched(url: string, overrides: Partial<WatchedTracker> = {}): WatchedTracker {
  return { tracker: trackerOf(url), group: 'public', aliveWhen: 'announce', ...overrides }
}

interface Recorded {
  readonly outcome: Outcome
  /** Before now, ms. */
  readonly agoMs: number
  readonly probes?: readonly ProbeResult[]
}

async function record({ tracker, aliveWhen }: WatchedTracker, checks: readonly Recorded[]): Promise<void> {
  const policy = { downAfter: 2, upAfter: 1, aliveWhen, holdMs: 15 * MINUTE_MS }
  let health: Health | undefined
  const records = checks.map(({ outcome, agoMs, probes = [probe(4, outcome)] }) => {
    const latencyMs = probes.find((one) => one.latencyMs !== null)?.latencyMs ?? null
    const alive = isAlive(outcome, aliveWhen)
    const result = { url: tracker.url, checkedAt: ago(agoMs), outcome, alive, latencyMs, probes }
    const step = healthStep(health, result, policy)
    health = step.health
    return { result, ...step }
  })
  await store.record(records)
}

/** One check per letter, the last one a minute ago: `+` ok, `-` failed, `r` refused. */
function everyTenMinutes(letters: string): readonly Recorded[] {
  const outcomes: Readonly<Record<string, Outcome>> = { '+': ok, '-': timeout, r: refusal(hostile) }
  return [...letters].map((letter, index) => {
    return { outcome: outcomes[letter] ?? ok, agoMs: MINUTE_MS + (letters.length - 1 - index) * 10 * MINUTE_MS }
  })
}

const plain = watched('udp://t.example:6969/announce')
const idOf = ({ tracker }: WatchedTracker) => trackerId(tracker.url)

async function pageOf(one: WatchedTracker, query = '', deps: Partial<AppDeps> = {}): Promise<string> {
  const response = await appOver({ entries: [] }, { store, ...deps }).request(`/tracker/${idOf(one)}${query}`)
  expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'text/html; charset=UTF-8'])
  return response.text()
}

/** The text of one section, which its id names. */
function section(page: string, id: string): string {
  const from = page.indexOf(`<section id="${id}"`)
  expect(from).toBeGreaterThan(0)
  return textOf(page.slice(from, page.indexOf('</section>', from)))
}

async function sectionOf(one: WatchedTracker, id: string, deps: Partial<AppDeps> = {}): Promise<string> {
  return section(await pageOf(one, '', deps), id)
}

describe('the page of a tracker', () => {
  it('says its status, since when and why, in words and in codes, and what to look at', async () => {
    await store.watch([plain], ago(DAY_MS))
    await record(plain, everyTenMinutes('+++---'))
    expect(await sectionOf(plain, 'head')).toBe(
      'udp://t.example:6969/announce ■ Down for 21 min, since 2026-11-22 09:39:00 UTC No answer to the connect request no answer to 3 packets in 10 s Code udp.timeout , in phase udp_connect Look whether the tracker runs, and whether a firewall drops what comes to its port.',
    )
  })

  it('is a whole document with no script but files of its own, and names its feed', async () => {
    await store.watch([plain], ago(DAY_MS))
    await record(plain, everyTenMinutes('+--+'))
    const page = await pageOf(plain)
    expect(page).toMatch(/^<!doctype html><html lang="en">/)
    expect(page).not.toMatch(/<script(?! (?:type="module" )?src="\/assets\/)|<style| style=| on[a-z]+=|javascript:/)
    expect(page).toContain(
      `type="application/atom+xml" title="Incidents of udp://t.example:6969/announce" href="/feed.atom?tracker=${idOf(plain)}"`,
    )
    expect(page).toMatch(/<script type="module" src="\/assets\/[0-9a-f]+\/tracker\.js">/)
  })

  it('has each section under an id of its own, so that it can be swapped alone', async () => {
    await store.watch([plain], ago(DAY_MS))
    await record(plain, everyTenMinutes('+-+'))
    const page = await pageOf(plain)
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const live = [...page.matchAll(/<(?:section|div) ([^>]*)data-live/g)].map(([, attributes]) => attributes)
    expect(live.length).toBeGreaterThan(10)
    for (const attributes of live) expect(attributes).toMatch(/id="[a-z-]+"/)
  })

  it('works before the first check', async () => {
    await store.watch([plain], NOW)
    const page = await pageOf(plain)
    expect(section(page, 'head')).toContain('○ Not checked yet')
    expect(section(page, 'verdict')).toContain('No check has been made yet ○ Not checked yet')
    expect(section(page, 'checks')).toContain('No check yet.')
    expect(section(page, 'failures')).toContain('No check in 90 days has failed.')
    expect(section(page, 'incidents')).toContain('None: it was not seen down.')
    expect(section(page, 'latency')).toContain('No answer in this time.')
    expect(section(page, 'addresses')).toContain('No address has been probed yet.')
    expect(section(page, 'uptime')).toContain('24h – – – – – – – – 0 s')
  })

  it('of one that is watched no more says since when, and keeps what it knew', async () => {
    await store.watch([plain], ago(DAY_MS))
    await record(plain, everyTenMinutes('+++'))
    await store.watch([], ago(30_000))
    expect(await sectionOf(plain, 'head')).toBe(
      'udp://t.example:6969/announce Not watched since 2026-11-22 09:59:30 UTC; its history is kept. What follows is what it was then. ● Up',
    )
    expect(await sectionOf(plain, 'checks')).toContain('60 s ago IPv4 ● Answered 41 ms')
    expect(await sectionOf(plain, 'manners', { groupRules: () => null })).toContain(
      'its group is not configured any more',
    )
  })

  it('states uptime, success and packet loss apart, of each window', async () => {
    await store.watch([plain], ago(2 * DAY_MS))
    await record(plain, everyTenMinutes('+++-++++--++'))
    // Twelve checks with two packets each, none of them lost.
    expect(await sectionOf(plain, 'uptime')).toContain('24h 81.9 % 20 min 75.0 % 0 % 41 ms 41 ms 41 ms 12 111 min')
    const lossy = { ...probe(4), packetsSent: 4, packetsLost: 1 }
    const other = watched('udp://lossy.example:1')
    await store.watch([plain, other], ago(DAY_MS))
    await record(other, [{ outcome: ok, agoMs: MINUTE_MS, probes: [lossy] }])
    expect(await sectionOf(other, 'uptime')).toContain('24h 100 % 0 s 100 % 25.0 % 41 ms')
  })

  it('leaves skipped checks out of the number of checks, of a window as of a day', async () => {
    const skipped: Outcome = { kind: 'skipped', reason: 'paused', code: 'monitor.paused', detail: 'paused' }
    await store.watch([plain], ago(DAY_MS))
    const pauses = [3, 2, 1].map((minutes) => ({ outcome: skipped, agoMs: minutes * 10_000, probes: [] }))
    await record(plain, [...everyTenMinutes('+r--'), ...pauses])
    const uptime = await sectionOf(plain, 'uptime')
    expect(uptime).toMatch(/24h .* 41 ms 41 ms 41 ms 4 \d+ min/)
    expect(uptime).toMatch(/2026-11-22 [\d.]+ % \d+ min 4/)
  })

  it('draws a bar for each of 90 days, sums them up, and links each day to its incidents', async () => {
    await store.watch([plain], ago(3 * DAY_MS))
    const checks = [
      ...everyTenMinutes('+'.repeat(6)).map((one) => ({ ...one, agoMs: one.agoMs + 2 * DAY_MS })),
      ...everyTenMinutes('+--+'),
    ]
    await record(plain, checks)
    const page = await pageOf(plain)
    const bars = page.slice(page.indexOf('data-days-from="2026-08-25"'))
    expect(bars.slice(0, bars.indexOf('</svg>')).match(/<path /g)).toHaveLength(90)
    expect(bars).toContain('aria-label="1 day without downtime, 1 with, 88 not observed"')
    expect(bars).toContain('<title>2026-11-22 · 35.4 % · 20 min not alive</title>')
    expect(bars).toContain('<title>2026-11-20 · 100 %</title>')
    expect(bars).toContain('<title>2026-11-21 · not observed</title>')
    expect(bars).toContain(`<a href="/incidents?day=2026-11-22&amp;tracker=${idOf(plain)}">2026-11-22</a>`)
    expect(section(page, 'uptime')).toContain('2026-11-22 35.4 % 20 min 4')
  })

  it('gives each rule that led to the status, and marks the one that decided', async () => {
    const members = watched('http://m.example/announce', { group: 'private', aliveWhen: 'response' })
    await store.watch([plain, members], ago(DAY_MS))
    await record(plain, everyTenMinutes('++-'))
    await record(members, everyTenMinutes('rr'))
    const page = await pageOf(plain)
    expect(section(page, 'verdict')).toContain(
      'The last check failed: No answer to the connect request It is the first bad check in a row It takes 2 bad checks in a row to be down, so it stays up ● Up',
    )
    expect(page.match(/<li class="decides">/g)).toHaveLength(1)
    expect(await sectionOf(members, 'verdict')).toContain(
      'A refusal counts as alive in this group (alive_when: response)',
    )
    const patient = await sectionOf(plain, 'verdict', { healthPolicy: () => ({ downAfter: 4, upAfter: 2 }) })
    expect(patient).toContain('It takes 4 bad checks in a row to be down, so it stays up')
    expect(patient).toContain(
      'A tracker is down after 4 bad checks in a row, and up again after 2 good checks in a row.',
    )
  })

  it('shows the last failures, also those from before the last checks, and what to look at once for all alike', async () => {
    await store.watch([plain], ago(DAY_MS))
    await record(plain, everyTenMinutes(`--${'+'.repeat(25)}`))
    const page = await pageOf(plain)
    expect(section(page, 'checks')).not.toContain('Failed')
    expect(section(page, 'failures')).toBe(
      'Last failures When Over What happened, and what to look at Attempts 4 h ago IPv4 ■ Failed No answer to UDP packets no answer to 3 packets in 10 s Look whether the tracker runs, and whether a firewall drops what comes to its port 1 4 h ago IPv4 ■ Failed as above 1',
    )
  })

  it('shows the last 20 checks, both families of each', async () => {
    await store.watch([plain], ago(DAY_MS))
    const both = [probe(4), probe(6)]
    await record(
      plain,
      everyTenMinutes('+'.repeat(30)).map((one) => ({ ...one, probes: both })),
    )
    const page = await pageOf(plain)
    const from = page.indexOf('<section id="checks"')
    expect(page.slice(from, page.indexOf('</section>', from)).match(/<tr>/g)).toHaveLength(1 + 40)
  })

  it('shows them however long ago they were', async () => {
    await store.watch([plain], ago(40 * DAY_MS))
    const daily = Array.from({ length: 25 }, (_, index) => ({ outcome: ok, agoMs: (24 - index) * DAY_MS + MINUTE_MS }))
    await record(plain, daily)
    const told = await sectionOf(plain, 'checks')
    expect(told.match(/Answered/g)).toHaveLength(20)
    expect(told).toContain('19 d ago')
  })

  it('lists incidents with how long each lasted, and their cause where the one above has another', async () => {
    await store.watch([plain], ago(DAY_MS))
    await record(plain, everyTenMinutes('+--++--'))
    expect(await sectionOf(plain, 'incidents')).toContain(
      '11 min ago ■ Down No answer to UDP packets no answer to 3 packets in 10 s 11 min, and still does 11 min 51 min ago ■ Down as above 20 min 20 min',
    )
  })

  it('lists every change of the status with its reason, the newest first', async () => {
    await store.watch([plain], ago(DAY_MS))
    await record(plain, everyTenMinutes('+--+'))
    expect(await sectionOf(plain, 'changes')).toBe(
      'Changes in 30 days (3) When Change 60 s ago ■ Down → ● Up 21 min ago ● Up → ■ Down No answer to UDP packets no answer to 3 packets in 10 s 31 min ago ○ Not checked yet → ● Up',
    )
  })

  it('says what the tracker asks for and whether we keep to it', async () => {
    await store.watch([plain], ago(DAY_MS))
    await record(plain, everyTenMinutes('+'.repeat(12)))
    const said = await sectionOf(plain, 'manners')
    // Ten hours have passed: a minimum of 15 minutes leaves room for 41 announces, an interval of 30 for 21.
    expect(said).toContain(
      '12 checks, 12 answered; its interval asks for at most 21; its minimum interval allows 41 We keep to it',
    )
    expect(said).toContain('Our beat every 10 min (*/10 * * * *)')
    expect(said).toContain('Opt-out (BEP 34) no objection')
    expect(said).not.toContain('Certificate')
  })

  it('says how long the tracker asks us to stay away', async () => {
    const later: Outcome = { kind: 'rejected', code: 'rate_limited', message: '', flags: [], retryAfterS: 7200 }
    await store.watch([plain], ago(DAY_MS))
    await record(plain, [{ outcome: later, agoMs: MINUTE_MS }])
    expect(await sectionOf(plain, 'manners')).toContain('Asks to come back after 2 h')
  })

  it('says so where we ask more often than the tracker allows', async () => {
    const strict: Outcome = { ...ok, announce: { ...ok.announce, intervalS: 7200, minIntervalS: 3600 } }
    await store.watch([plain], ago(DAY_MS))
    await record(
      plain,
      Array.from({ length: 15 }, (_, index) => ({ outcome: strict, agoMs: (15 - index) * MINUTE_MS })),
    )
    expect(await sectionOf(plain, 'manners')).toContain(
      '15 answered; its interval asks for at most 6; its minimum interval allows 11 That is more than it allows',
    )
  })

  it.each([
    [
      { ...ok, flags: ['bep34.denied'] as const },
      'report',
      'says that it runs no tracker; reported only (bep34: report)',
    ],
    [
      { kind: 'skipped', reason: 'opted_out', code: 'bep34.denied', detail: '' },
      'obey',
      'asks not to be contacted, which we obey',
    ],
    [ok, 'ignore', 'not asked for (bep34: ignore)'],
  ] as const)('tells an opt-out from none (%#)', async (outcome, bep34, words) => {
    await store.watch([plain], ago(DAY_MS))
    await record(plain, [{ outcome, agoMs: MINUTE_MS, probes: outcome.kind === 'ok' ? [probe(4, outcome)] : [] }])
    const groupRules = () => ({ schedule: '* * * * *', beatMs: MINUTE_MS, intervalFloor: 'none', bep34 }) as const
    expect(await sectionOf(plain, 'manners', { groupRules })).toContain(words)
  })

  it('tells when the first of its certificates ends', async () => {
    const tls = watched('https://t.example/announce')
    await store.watch([tls], ago(DAY_MS))
    const ends = [20, 9].map((days, index) => {
      return { ...probe(index === 0 ? 4 : 6), certificateExpiresAt: ago(-days * DAY_MS) }
    })
    await record(tls, [{ outcome: ok, agoMs: MINUTE_MS, probes: ends }])
    expect(await sectionOf(tls, 'manners')).toContain('Certificate valid until 2026-12-01 10:00:00 UTC, in 9 d')
  })

  it('names the addresses it was seen at, where they are, and trackers that share them or its host', async () => {
    const twin = watched(`http://t.example/${secret}/announce`)
    const sharer = watched('udp://other.example:1')
    await store.watch([plain, twin, sharer], ago(DAY_MS))
    const at = (address: string) => [{ ...probe(4), address }]
    await record(plain, [
      { outcome: ok, agoMs: 5 * HOUR_MS, probes: at('192.0.2.1') },
      { outcome: ok, agoMs: MINUTE_MS, probes: at('192.0.2.2') },
    ])
    await record(sharer, [{ outcome: ok, agoMs: MINUTE_MS, probes: at('192.0.2.1') }])
    const placeOf = (address: string) =>
      address === '192.0.2.2' ? { country: 'DE', network: 'AS64496 Example' } : null
    const page = await pageOf(plain, '', { placeOf })
    expect(section(page, 'addresses')).toContain(
      '192.0.2.2 DE · AS64496 Example 60 s ago 60 s ago 192.0.2.1 5 h ago 5 h ago',
    )
    expect(section(page, 'related')).toBe(
      'Related trackers http://t.example:80/***/announce Same host udp://other.example:1 Shares 192.0.2.1',
    )
    expect(page).toContain(`<a href="/tracker/${idOf(sharer)}">`)
  })

  it('shows what a tracker says as text, whatever it says, and masks its secrets wherever they are', async () => {
    const one = watched(`http://private.example/${secret}/announce`, { group: '<b>g</b>' })
    await store.watch([one], ago(DAY_MS))
    const outcome = refusal(`${hostile} ${secret}`)
    const warned: Outcome = { ...ok, announce: { ...ok.announce, warningMessage: `${hostile} ${secret}` } }
    await record(one, [
      { outcome: warned, agoMs: 3 * MINUTE_MS },
      { outcome, agoMs: 2 * MINUTE_MS },
      { outcome, agoMs: MINUTE_MS },
    ])
    const page = await pageOf(one)
    expect(page.match(new RegExp(`${escaped.replace(/[()[\]]/g, '\\$&')} \\*\\*\\*`, 'g'))?.length).toBeGreaterThan(4)
    expect(page).toContain('&lt;b&gt;g&lt;/b&gt;')
    expect(page).not.toContain(secret)
    expect(page).not.toMatch(/<img(?! src="\/badge\/)/)
    expect(page).not.toContain('<script>')
    expect(section(page, 'share')).toContain('The URL carries a secret, so no command is shown.')
    const json = await appOver({ entries: [] }, { store }).request(`/tracker/${idOf(one)}/latency.json`)
    expect(await json.text()).not.toContain(secret)
  })

  it('offers a badge, feeds and the command that checks it, quoted for a shell', async () => {
    const odd = watched("http://t.example/announce?a=1&b='$(x)'")
    await store.watch([plain, odd], ago(DAY_MS))
    const id = idOf(plain)
    const share = await sectionOf(plain, 'share', { publicUrl: () => 'https://watch.example' })
    expect(share).toContain(
      `[![Tracker status](https://watch.example/badge/${id}/status.svg)](https://watch.example/tracker/${id})`,
    )
    expect(share).toContain('trackerwatch check --explain udp://t.example:6969/announce')
    expect(await sectionOf(odd, 'share')).toContain(
      `trackerwatch check --explain &#39;http://t.example:80/announce?a=1&amp;b=&#39;\\&#39;&#39;$(x)&#39;\\&#39;&#39;&#39;`,
    )
  })

  it('tells its scripts which events it knows of', async () => {
    await store.watch([plain], NOW)
    expect(await pageOf(plain)).toContain(`<div id="tracker" data-tracker="${idOf(plain)}" data-last-event-id="run-0">`)
  })

  it.each(['0123456789ab', 'zz', encodeURIComponent('udp://t.example:6969/announce')])(
    'does not exist for the id %s',
    async (id) => {
      const response = await appOver({ entries: [] }, { store }).request(`/tracker/${id}`)
      expect(response.status).toBe(404)
      expect(textOf(await response.text())).toContain('Not found')
    },
  )
})
