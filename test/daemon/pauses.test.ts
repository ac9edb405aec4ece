import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { toConfig } from '../../src/config/config.js'
import { settingsSchema } from '../../src/config/schema.js'
import { createChecker } from '../../src/daemon/plan.js'
import { whyOf } from '../../src/http/pages/why.js'
import { createIdentity } from '../../src/probe/identity.js'
import { openStore } from '../../src/store/open.js'
import type { Store } from '../../src/store/store.js'
import { select } from '../../src/tracker/select.js'
import type { WatchedTracker } from '../../src/tracker/state.js'
import { parseTracker } from '../../src/tracker/tracker.js'
import { at, MINUTE, records } from '../store/support.js'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'

let store: Store
beforeEach(async () => {
  store = await openStore('sqlite::memory:')
})
afterEach(() => store.close())

/**
 * A tracker on loopback with a check every ten minutes, `+` while it answers, `-` while it is silent, `=` while it is silent
 * and paused. What is known afterwards, as of ten minutes after the last check.
 */
async function watchThrough(history: string) {
  const way = { open: true }
  const server = await startUdpTracker((...args) => (way.open ? goodTracker(...args) : undefined))
  onTestFinished(server.stop)
  const { tracker } = parseTracker(server.url)
  if (tracker === undefined) throw new Error(`${server.url} does not parse`)
  const watched: WatchedTracker = { tracker, group: 'public', aliveWhen: 'announce' }
  const config = (pauses: readonly object[]) =>
    toConfig(
      settingsSchema.parse({
        groups: [{ name: 'public' }],
        probe: { allow_private: true, timeout: '100ms', attempts: 1 },
        pauses,
      }),
      [],
    )
  const checker = createChecker(config([]), createIdentity())
  onTestFinished(checker.close)
  await store.watch([watched], at(0))
  const results = []
  for (const [index, letter] of [...history].entries()) {
    way.open = letter === '+'
    checker.use(config(letter === '=' ? [{ trackers: [tracker.url], reason: 'new rack' }] : []))
    const result = await checker.check(watched, new AbortController().signal)
    if (result === null) throw new Error('no result')
    results.push({ ...result, checkedAt: at(index * 10 * MINUTE) })
  }
  await store.record(records(results, { downAfter: 2, upAfter: 1, aliveWhen: 'announce', holdMs: 25 * MINUTE }))
  const now = at(history.length * 10 * MINUTE)
  const window = { from: at(0), to: now }
  const [entry] = await store.entries(now)
  if (entry === undefined) throw new Error('no entry')
  const { observedMs, aliveMs, skippedMs } = await store.uptime(tracker.url, window, now)
  return {
    entry,
    status: entry.health?.status,
    minutes: [aliveMs, observedMs - aliveMs, skippedMs].map((ms) => ms / MINUTE),
    changes: (await store.changes(tracker.url, window)).map(
      (one) => `${(one.at.getTime() - at(0).getTime()) / MINUTE} ${one.to}`,
    ),
    incidents: (await store.incidents(window, now, 10)).map((one) => ({ ...one, minutes: one.durationMs / MINUTE })),
    listed: select([entry], { list: 'alive', order: 'uptime' }, { at: now, rules: config([]).lists }).length,
  }
}

describe('the history of a tracker that was paused', () => {
  it('has neither downtime nor an incident of the pause, though it did not answer then', async () => {
    const { status, minutes, changes, incidents, listed } = await watchThrough('+===+')
    expect(changes).toEqual(['0 up', '10 paused', '40 up'])
    expect([status, minutes, incidents, listed]).toEqual(['up', [20, 0, 30], [], 1])
  })

  it('says so while the pause lasts, and has it on no list of those alive', async () => {
    const { entry, status, minutes, incidents, listed } = await watchThrough('+==')
    expect([status, minutes, incidents, listed]).toEqual(['paused', [10, 0, 20], [], 0])
    expect(entry.uptime['24h']).toBe(1)
    expect(whyOf(entry)).toEqual({ sentence: 'Paused by the operator', said: 'paused by the configuration: new rack' })
  })

  it('counts no part of the pause into an incident that was going on', async () => {
    const { minutes, incidents } = await watchThrough('+--==+')
    expect(minutes).toEqual([20, 20, 20])
    expect(incidents).toMatchObject([{ from: at(10 * MINUTE), to: at(50 * MINUTE), minutes: 20, recovered: true }])
  })

  it('has an incident that begins after the pause with the first check that failed then', async () => {
    const { status, changes, incidents } = await watchThrough('+=--')
    expect([status, changes]).toEqual(['down', ['0 up', '10 paused', '20 down']])
    expect(incidents).toMatchObject([{ from: at(20 * MINUTE), to: null }])
  })
})
