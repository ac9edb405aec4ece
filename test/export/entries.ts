import type { Health, Status } from '../../src/tracker/health.js'
import type { ListRules } from '../../src/tracker/list-rules.js'
import type { CheckResult, FailedOutcome, OkOutcome, Outcome, ProbeResult } from '../../src/tracker/outcome.js'
import { type Entry, trackerId } from '../../src/tracker/state.js'
import { parseTracker, type Tracker } from '../../src/tracker/tracker.js'

export const NOW = new Date('2026-11-22T10:00:00.000Z')
export const DAY_MS = 86_400_000

export const rules: ListRules = {
  stable: { minUptime: 0.95, window: '30d', minAgeMs: 10 * DAY_MS, margin: 0.01, graceMs: 900_000 },
  best: { limit: 20 },
}

export function ago(ms: number): Date {
  return new Date(NOW.getTime() - ms)
}

export function trackerOf(url: string): Tracker {
  const { tracker, problem } = parseTracker(url)
  if (tracker === undefined) throw new Error(`${url}: ${problem.message}`)
  return tracker
}

export const ok: OkOutcome = {
  kind: 'ok',
  announce: {
    intervalS: 1800,
    minIntervalS: 900,
    seeders: 3,
    leechers: 1,
    peers: [],
    peers6: null,
    warningMessage: null,
    trackerId: null,
    externalIp: null,
    extra: {},
  },
  flags: [],
}

export const timeout: FailedOutcome = {
  kind: 'failed',
  reason: 'timeout',
  code: 'udp.timeout',
  phase: 'udp_connect',
  detail: 'no answer to 3 packets in 10 s',
}

export function probe(family: 4 | 6, outcome: Outcome = ok): ProbeResult {
  return {
    family,
    address: family === 4 ? '192.0.2.7' : '2001:db8::7',
    outcome,
    latencyMs: outcome.kind === 'ok' ? 41.2 : null,
    phases: { resolve: 3.1, udp_connect: 20.4, udp_announce: 20.8 },
    attempts: 1,
    packetsSent: 2,
    packetsLost: 0,
    certificateExpiresAt: null,
  }
}

interface EntryOptions {
  readonly status?: Status
  readonly outcome?: Outcome
  readonly probes?: readonly ProbeResult[]
  readonly uptime?: number | null
  readonly latencyMs?: number | null
  readonly ageDays?: number
  readonly group?: string
  readonly unchecked?: boolean
}

/** An entry that is up, 60 days old and has an uptime of 1, unless said otherwise. */
export function entryOf(url: string, options: EntryOptions = {}): Entry {
  const { status = 'up', outcome = ok, uptime = 1, latencyMs = 41.2, ageDays = 60, group = 'public' } = options
  const tracker = trackerOf(url)
  const { probes = [probe(4, outcome)], unchecked = false } = options
  const alive = status === 'up' || status === 'degraded'
  const last: CheckResult = {
    url: tracker.url,
    checkedAt: ago(60_000),
    outcome,
    alive: outcome.kind === 'ok',
    latencyMs,
    probes,
  }
  return {
    tracker,
    group,
    aliveWhen: 'announce',
    id: trackerId(tracker.url),
    addedAt: ago(ageDays * DAY_MS),
    archivedAt: null,
    health: unchecked ? null : healthOf(status),
    last: unchecked ? null : last,
    lastOkAt: alive ? ago(60_000) : null,
    alive: alive && !unchecked,
    uptime: { '24h': uptime, '7d': uptime, '30d': uptime, '90d': uptime, '1y': uptime },
    latencyMs,
  }
}

function healthOf(status: Status): Health {
  return {
    status,
    since: ago(3 * 3_600_000),
    checkedAt: ago(60_000),
    streak: null,
    lastVerdict: null,
    unobservedSince: null,
    holdMs: 900_000,
  }
}
