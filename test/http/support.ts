import { createApp } from '../../src/http/app.js'
import type { AppDeps } from '../../src/http/deps.js'
import type { LatencySummary, RecentCheck } from '../../src/store/store.js'
import type { StoredCheck } from '../../src/store/stored-check.js'
import type { StatusChange } from '../../src/tracker/health.js'
import type { ListChange } from '../../src/tracker/membership.js'
import type { Membership } from '../../src/tracker/select.js'
import type { Entry } from '../../src/tracker/state.js'
import type { Uptime } from '../../src/tracker/uptime.js'
import { ago, DAY_MS, NOW, rules } from '../export/entries.js'

interface MemoryStore {
  readonly entries: readonly Entry[]
  readonly changes?: readonly StatusChange[]
  readonly checks?: readonly StoredCheck[]
  readonly members?: Membership
  readonly listChanges?: readonly ListChange[]
  readonly recent?: ReadonlyMap<string, readonly RecentCheck[]>
}

const closedSubmissions: AppDeps['submissions'] = {
  rules: () => ({ mode: 'off', review: 'hold', token: null }),
  submit: () => ({ id: '', lines: [] }),
  receipt: () => null,
  list: () => [],
  decide: async () => false,
}

/** The environment that node:http gives to a request from this address. */
export function connectionFrom(address: string): object {
  return { incoming: { socket: { remoteAddress: address, remotePort: 50_000, remoteFamily: 'IPv4' } } }
}

/** The app over an in-memory store slice, its declared dependency. */
export function appOver(
  { entries, changes = [], checks = [], members, listChanges = [], recent = new Map() }: MemoryStore,
  deps: Partial<AppDeps> = {},
) {
  const uptime: Uptime = { observedMs: DAY_MS, aliveMs: DAY_MS - 300_000, skippedMs: 0, ratio: 1 - 300_000 / DAY_MS }
  const latency: LatencySummary = { samples: 288, p50Ms: 41.2, p95Ms: 88, p99Ms: 1234 }
  const store: AppDeps['store'] = {
    entries: async () => entries,
    find: async (id) => entries.find((entry) => entry.id === id || entry.tracker.url === id) ?? null,
    changes: async () => changes,
    checks: async (_url, _window, limit) => checks.slice(0, limit),
    failures: async () => [],
    uptime: async () => uptime,
    latency: async () => latency,
    latencies: async () => new Map(),
    recent: async () => recent,
    daily: async () => new Map(),
    hours: async () => [],
    days: async () => [],
    phases: async () => [],
    listMembers: async () => members ?? null,
    listChanges: async (list, _window, limit) => listChanges.filter((one) => one.list === list).slice(0, limit),
    incidents: async () => [],
    addresses: async () => [],
    related: async () => [],
    export: async function* () {},
    info: async () => ({
      ...{ location: 'memory', sizeBytes: 0, freeBytes: null },
      ...{ checks: checks.length, trackers: entries.length, rolledUpTo: null },
    }),
  }
  return createApp({
    store,
    renderMetrics: async () => ({
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      body: new TextEncoder().encode('trackerwatch_up 1\n'),
    }),
    ready: () => ({ ready: true, detail: 'ready' }),
    reload: async () => ({ ok: true }),
    listRules: () => rules,
    healthPolicy: () => ({ downAfter: 2, upAfter: 1 }),
    groupRules: () => ({ schedule: '*/10 * * * *', beatMs: 600_000, intervalFloor: 'min_interval', bep34: 'obey' }),
    placeOf: () => null,
    status: () => ({
      startedAt: ago(DAY_MS),
      lastRoundAt: ago(12_000),
      nextRoundAt: new Date(NOW.getTime() + 588_000),
      version: '1.2.3',
      blind: [],
    }),
    events: { lastId: () => 'run-0', since: () => [], listen: () => () => {} },
    submissions: closedSubmissions,
    probes: { rules: () => null, probe: async () => 'aborted' },
    token: () => null,
    publicUrl: () => null,
    now: () => NOW,
    ...deps,
  })
}
