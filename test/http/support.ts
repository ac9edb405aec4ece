import { createApp } from '../../src/http/app.js'
import type { AppDeps } from '../../src/http/deps.js'
import type { LatencySummary } from '../../src/store/store.js'
import type { StoredCheck } from '../../src/store/stored-check.js'
import type { StatusChange } from '../../src/tracker/health.js'
import type { Entry } from '../../src/tracker/state.js'
import type { Uptime } from '../../src/tracker/uptime.js'
import { ago, DAY_MS, NOW, rules } from '../export/entries.js'

interface MemoryStore {
  readonly entries: readonly Entry[]
  readonly changes?: readonly StatusChange[]
  readonly checks?: readonly StoredCheck[]
}

/** The app over an in-memory store slice, its declared dependency. */
export function appOver({ entries, changes = [], checks = [] }: MemoryStore, deps: Partial<AppDeps> = {}) {
  const uptime: Uptime = { observedMs: DAY_MS, aliveMs: DAY_MS - 300_000, skippedMs: 0, ratio: 1 - 300_000 / DAY_MS }
  const latency: LatencySummary = { samples: 288, p50Ms: 41.2, p95Ms: 88, p99Ms: 1234 }
  const store: AppDeps['store'] = {
    entries: async () => entries,
    find: async (id) => entries.find((entry) => entry.id === id || entry.tracker.url === id) ?? null,
    changes: async () => changes,
    checks: async (_url, _window, limit) => checks.slice(0, limit),
    uptime: async () => uptime,
    latency: async () => latency,
    latencies: async () => new Map(),
    recent: async () => new Map(),
    daily: async () => new Map(),
    hours: async () => [],
    days: async () => [],
    incidents: async () => [],
    addresses: async () => [],
    related: async () => [],
    export: async function* () {},
    info: async () => ({ location: 'memory', sizeBytes: 0, checks: checks.length, trackers: entries.length }),
  }
  return createApp({
    store,
    renderMetrics: async () => ({
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      body: 'trackerwatch_up 1\n',
    }),
    ready: () => ({ ready: true, detail: 'ready' }),
    reload: async () => ({ ok: true }),
    listRules: () => rules,
    status: () => ({
      startedAt: ago(DAY_MS),
      lastRoundAt: ago(12_000),
      nextRoundAt: new Date(NOW.getTime() + 588_000),
      version: '1.2.3',
      blind: [],
    }),
    now: () => NOW,
    ...deps,
  })
}
