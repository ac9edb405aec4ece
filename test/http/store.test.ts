import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import type { Store } from '../../src/store/store.js'
import type { Health } from '../../src/tracker/health.js'
import { healthStep } from '../../src/tracker/health-step.js'
import { isAlive, type Outcome } from '../../src/tracker/outcome.js'
import { trackerId, type WatchedTracker } from '../../src/tracker/state.js'
import { ago, NOW, ok, probe, timeout, trackerOf } from '../export/entries.js'
import { textOf } from './page-text.js'
import { appOver } from './support.js'

const MINUTE_MS = 60_000
const policy = { downAfter: 2, upAfter: 1, aliveWhen: 'announce', holdMs: 15 * MINUTE_MS } as const

let store: Store

beforeEach(async () => {
  store = await openStore('sqlite::memory:')
})

afterEach(() => store.close())

function watched(url: string): WatchedTracker {
  return { tracker: trackerOf(url), group: 'public', aliveWhen: 'announce' }
}

/** Records a check every ten minutes, the last one a minute ago. */
async function recordChecks({ tracker }: WatchedTracker, outcomes: readonly Outcome[]): Promise<void> {
  let health: Health | undefined
  for (const [i, outcome] of outcomes.entries()) {
    const result = {
      url: tracker.url,
      checkedAt: ago(MINUTE_MS + (outcomes.length - 1 - i) * 10 * MINUTE_MS),
      outcome,
      alive: isAlive(outcome, 'announce'),
      latencyMs: outcome.kind === 'ok' ? 41.2 : null,
      probes: [probe(4, outcome)],
    }
    const step = healthStep(health, result, policy)
    await store.record([{ result, ...step }])
    health = step.health
  }
}

describe('the app over the SQLite store', () => {
  const good = watched('udp://good.example:6969/announce')
  const bad = watched('udp://bad.example:6969/announce')

  beforeEach(async () => {
    await store.watch([good, bad], ago(11 * 24 * 60 * MINUTE_MS))
    await recordChecks(good, [ok, ok, ok, ok, ok, ok])
    await recordChecks(bad, [ok, ok, ok, ok, timeout, timeout])
  })

  it('puts on its lists what the history says', async () => {
    const app = appOver({ entries: [] }, { store })
    const list = async (path: string) => (await app.request(path)).text()
    expect(await list('/lists/stable.txt')).toBe('udp://good.example:6969/announce\n')
    expect(await list('/api/live')).toBe('udp://good.example:6969/announce\n\n')
    expect(await list('/api/50')).toBe('udp://good.example:6969/announce\n\nudp://bad.example:6969/announce\n\n')
  })

  it('shows the same on its pages', async () => {
    const app = appOver({ entries: [] }, { store })
    const index = await (await app.request('/')).text()
    expect(textOf(/<h1>.*?<\/h1>/s.exec(index)?.[0] ?? '')).toMatch(/^1 of 2 trackers up · stable list 1/)
    const page = await (await app.request(`/tracker/${trackerId(bad.tracker.url)}`)).text()
    expect(page).toContain('No answer to the connect request')
    expect(
      page.slice(page.indexOf('<section id="checks"'), page.indexOf('<section id="changes"')).match(/<tr>/g),
    ).toHaveLength(1 + 6)
    expect(page.slice(0, page.indexOf('<section id="uptime"'))).toContain('<span class="status down">')
  })

  it('does not show a tracker by its URL in place of its id', async () => {
    const app = appOver({ entries: [] }, { store, now: () => NOW })
    expect((await app.request(`/tracker/${encodeURIComponent(good.tracker.url)}`)).status).toBe(404)
  })
})
