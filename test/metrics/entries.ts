import type { Status } from '../../src/tracker/health.js'
import type { AnnounceAnswer, CheckResult, Outcome, ProbeResult } from '../../src/tracker/outcome.js'
import type { AliveWhen } from '../../src/tracker/policy.js'
import { type Entry, trackerId, type WatchedTracker } from '../../src/tracker/state.js'
import { parseTracker } from '../../src/tracker/tracker.js'

export const checkedAt = new Date('2026-11-22T10:00:00.500Z')

export const answer: AnnounceAnswer = {
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
}

export const ok: Outcome = { kind: 'ok', announce: answer, flags: [] }
export const timedOut: Outcome = {
  kind: 'failed',
  reason: 'timeout',
  code: 'udp.timeout',
  phase: 'udp_connect',
  detail: 'no answer within 10 s',
}
export const unresolved: Outcome = {
  kind: 'failed',
  reason: 'dns',
  code: 'dns.not_found',
  phase: 'resolve',
  detail: 'no such name',
}
export const refusal: Outcome = {
  kind: 'rejected',
  code: 'not_registered',
  message: 'unregistered torrent',
  flags: [],
  retryAfterS: null,
}
export const noIpv6: Outcome = { kind: 'skipped', reason: 'no_ipv6', code: 'net.no_ipv6', detail: 'no IPv6 here' }

export function watched(url: string, more: { group?: string; aliveWhen?: AliveWhen } = {}): WatchedTracker {
  const { tracker } = parseTracker(url)
  if (tracker === undefined) throw new Error(`${url} is no tracker URL`)
  return { tracker, group: more.group ?? 'public', aliveWhen: more.aliveWhen ?? 'announce' }
}

export function probe(outcome: Outcome, more: Partial<ProbeResult> = {}): ProbeResult {
  return {
    family: 4,
    address: '192.0.2.7',
    outcome,
    latencyMs: outcome.kind === 'ok' || outcome.kind === 'rejected' ? 41.5 : null,
    phases: { resolve: 3, udp_connect: 20.5, udp_announce: 21 },
    attempts: 1,
    packetsSent: 2,
    packetsLost: 0,
    certificateExpiresAt: null,
    ...more,
  }
}

export function check(url: string, outcome: Outcome, probes: readonly ProbeResult[] = [probe(outcome)]): CheckResult {
  return { url, checkedAt, outcome, alive: outcome.kind === 'ok', latencyMs: probes[0]?.latencyMs ?? null, probes }
}

/** An entry as the store gives it; `status` null is a tracker that was never checked. */
export function entry(
  url: string,
  status: Status | null = 'up',
  more: Partial<Entry> & { aliveWhen?: AliveWhen } = {},
): Entry {
  const alive = status === 'up' || status === 'degraded'
  const last = status === null ? null : check(url, alive ? ok : timedOut)
  return {
    ...watched(url, more),
    id: trackerId(url),
    addedAt: new Date('2026-11-01T00:00:00Z'),
    archivedAt: null,
    health: status === null ? null : healthOf(status),
    last,
    lastOkAt: alive ? checkedAt : null,
    alive,
    uptime: { '24h': alive ? 1 : 0, '7d': 0.75, '30d': null, '90d': null, '1y': null },
    latencyMs: alive ? 41.5 : null,
    ...more,
  }
}

function healthOf(status: Status): Entry['health'] {
  const since = new Date('2026-11-20T08:00:00Z')
  return { status, since, checkedAt, streak: null, lastVerdict: null, unobservedSince: null, holdMs: 1_800_000 }
}
