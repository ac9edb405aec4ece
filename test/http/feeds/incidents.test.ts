import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '../../../src/store/open.js'
import type { Store } from '../../../src/store/store.js'
import type { Health } from '../../../src/tracker/health.js'
import { healthStep } from '../../../src/tracker/health-step.js'
import type { Outcome } from '../../../src/tracker/outcome.js'
import { trackerId, type WatchedTracker } from '../../../src/tracker/state.js'
import { ago, DAY_MS, NOW, ok, probe, timeout, trackerOf } from '../../export/entries.js'
import { wellFormed } from '../../support/xml.js'
import { appOver } from '../support.js'

const MINUTE_MS = 60_000
const policy = { downAfter: 1, upAfter: 1, aliveWhen: 'announce', holdMs: 100 * DAY_MS } as const
const secret = '0123456789abcdef0123'
const hostile: Outcome = { ...timeout, detail: `</summary><script>alert("${secret}")</script>\u0000]]>` }

let store: Store

beforeEach(async () => {
  store = await openStore('sqlite::memory:')
})

afterEach(() => store.close())

function watched(url: string, group = 'public'): WatchedTracker {
  return { tracker: trackerOf(url), group, aliveWhen: 'announce' }
}

const good = watched('udp://good.example:1')
const flapping = watched('udp://flapping.example:1')
const dead = watched(`https://dead.example/${secret}/announce`, 'private')

/** Outcomes of checks with their age, oldest first. */
async function record({ tracker: { url } }: WatchedTracker, checks: readonly (readonly [number, Outcome])[]) {
  let health: Health | undefined
  for (const [ageMs, outcome] of checks) {
    const checkedAt = ago(ageMs)
    const result = {
      url,
      checkedAt,
      outcome,
      alive: outcome.kind === 'ok',
      latencyMs: null,
      probes: [probe(4, outcome)],
    }
    const step = healthStep(health, result, policy)
    await store.record([{ result, ...step, gap: null }])
    health = step.health
  }
}

beforeEach(async () => {
  await store.watch([good, flapping, dead], ago(80 * DAY_MS))
  await record(good, [[70 * DAY_MS, ok]])
  await record(flapping, [
    [3 * 60 * MINUTE_MS, ok],
    [2 * 60 * MINUTE_MS, timeout],
    [60 * MINUTE_MS, ok],
  ])
  await record(dead, [
    [100 * MINUTE_MS, ok],
    [90 * MINUTE_MS, hostile],
  ])
})

interface Item {
  readonly id: string
  readonly title: string
  readonly url: string
  readonly content_text: string
  readonly date_published: string
  readonly date_modified: string
}

async function itemsOf(path: string, publicUrl: string | null = null): Promise<readonly Item[]> {
  const response = await appOver({ entries: [] }, { store, publicUrl: () => publicUrl }).request(path)
  expect(response.status).toBe(200)
  return JSON.parse(await response.text()).items
}

describe('the feed of incidents', () => {
  it('has one entry for each, the one that changed last in front', async () => {
    const items = await itemsOf('/feed.json')
    expect(items.map(({ title }) => title)).toEqual([
      'udp://flapping.example:1 is up again, was down for 60 min',
      'https://dead.example:443/***/announce is down',
    ])
    expect(items[0]).toMatchObject({
      url: `http://localhost/tracker/${trackerId(flapping.tracker.url)}`,
      content_text: 'No answer to UDP packets: no answer to 3 packets in 10 s',
      date_published: ago(120 * MINUTE_MS).toISOString(),
      date_modified: ago(60 * MINUTE_MS).toISOString(),
    })
  })

  it('keeps the id of an entry when the tracker recovers, and moves its date', async () => {
    const before = (await itemsOf(`/feed.json?tracker=${trackerId(dead.tracker.url)}`))[0]
    await record(dead, [
      [100 * MINUTE_MS, ok],
      [90 * MINUTE_MS, hostile],
      [MINUTE_MS, ok],
    ])
    const after = (await itemsOf(`/feed.json?tracker=${trackerId(dead.tracker.url)}`))[0]
    expect(after?.id).toBe(before?.id)
    expect([before?.date_modified, after?.date_modified]).toEqual([
      ago(90 * MINUTE_MS).toISOString(),
      ago(MINUTE_MS).toISOString(),
    ])
  })

  it.each([
    ['?group=private', ['dead']],
    ['?group=public', ['flapping']],
    ['?status=down', ['dead']],
    ['?status=up', ['flapping']],
    ['?status=up&group=private', []],
    [`?tracker=${trackerId(flapping.tracker.url)}`, ['flapping']],
    [`?tracker=${trackerId(good.tracker.url)}`, []],
  ])('of %s is about %j alone', async (query, expected) => {
    const hosts = (await itemsOf(`/feed.json${query}`)).map(({ title }) => /\/\/(\w+)\./.exec(title)?.[1])
    expect(hosts).toEqual(expected)
  })

  it('is Atom too, well-formed whatever a tracker says, and without its secrets', async () => {
    const response = await appOver({ entries: [] }, { store }).request('/feed.atom')
    const text = await response.text()
    wellFormed(text)
    expect(response.headers.get('Content-Type')).toBe('application/atom+xml; charset=utf-8')
    expect(text.match(/<entry>/g)).toHaveLength(2)
    expect(text).not.toContain('<script')
    expect(text).not.toContain(secret)
    expect(await (await appOver({ entries: [] }, { store }).request('/feed.json')).text()).not.toContain(secret)
  })

  it('names the site as the operator says, or else as it was asked for', async () => {
    const text = async (publicUrl: string | null) =>
      (
        await appOver({ entries: [] }, { store, publicUrl: () => publicUrl }).request(
          'http://asked.example:81/feed.atom?status=up',
        )
      ).text()
    expect(await text(null)).toContain('href="http://asked.example:81/feed.atom?status=up"')
    const configured = await text('https://public.example')
    expect(configured).toContain('href="https://public.example/feed.atom?status=up"')
    expect(configured).toContain(`href="https://public.example/tracker/${trackerId(flapping.tracker.url)}"`)
    expect(configured).not.toContain('asked.example')
  })

  it('is the same bytes while nothing changes, so a reader gets 304', async () => {
    const app = appOver({ entries: [] }, { store })
    const etag = (await app.request('/feed.atom')).headers.get('ETag') ?? ''
    const later = appOver({ entries: [] }, { store, now: () => new Date(NOW.getTime() + MINUTE_MS) })
    const again = await later.request('/feed.atom', { headers: { 'If-None-Match': etag } })
    expect([again.status, await again.text()]).toEqual([304, ''])
    expect(again.headers.get('X-Content-Type-Options')).toBe('nosniff')
  })

  it.each([
    ['?tracker=000000000000', 404, 'no such tracker or group is watched\n'],
    [`?tracker=${encodeURIComponent(good.tracker.url)}`, 404, 'no such tracker or group is watched\n'],
    ['?group=none', 404, 'no such tracker or group is watched\n'],
    ['?status=bad', 400, 'parameter "status" is "bad", expected down or up\n'],
    ['?grup=x', 400, 'unknown parameter "grup", expected tracker, group, status\n'],
  ])('answers %s with %i', async (query, status, message) => {
    const response = await appOver({ entries: [] }, { store }).request(`/feed.atom${query}`)
    expect([response.status, await response.text()]).toEqual([status, message])
  })

  it('holds the hundred that changed last', async () => {
    const checks: [number, Outcome][] = []
    for (let hour = 300; hour > 0; hour -= 1) checks.push([hour * 60 * MINUTE_MS, hour % 2 === 0 ? ok : timeout])
    await record(good, checks)
    const items = await itemsOf('/feed.json')
    expect(items).toHaveLength(100)
    expect(items.map(({ date_modified }) => date_modified)).toEqual(
      items
        .map(({ date_modified }) => date_modified)
        .toSorted()
        .reverse(),
    )
  })

  it('is empty, and valid, where nothing ever happened', async () => {
    await store.watch([good], NOW)
    const response = await appOver({ entries: [] }, { store }).request(
      `/feed.atom?tracker=${trackerId(good.tracker.url)}`,
    )
    const text = await response.text()
    wellFormed(text)
    expect(text).toContain('<updated>1970-01-01T00:00:00.000Z</updated>')
  })
})
