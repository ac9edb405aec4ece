import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CheckRecord, PruneLimits, Store } from '../../src/store/store.js'
import type { Health, HealthPolicy } from '../../src/tracker/health.js'
import { healthStep } from '../../src/tracker/health-step.js'
import type {
  CheckResult,
  FailedOutcome,
  OkOutcome,
  Outcome,
  ProbeResult,
  RejectedOutcome,
} from '../../src/tracker/outcome.js'
import type { WatchedTracker } from '../../src/tracker/state.js'
import { parseTracker } from '../../src/tracker/tracker.js'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const start = Date.parse('2026-03-01T00:00:00Z')

/** The moment `ms` after the start of every test's time. */
export function at(ms: number): Date {
  return new Date(start + ms)
}

/** Limits of `prune` that take only checks. */
export function checksBefore(ms: number): PruneLimits {
  return { checks: at(ms), hours: new Date(0) }
}

export const policy: HealthPolicy = { downAfter: 2, upAfter: 1, aliveWhen: 'announce', holdMs: 10 * MINUTE }

export function url(name: string | number): string {
  return `udp://${name}.example:6969/announce`
}

export function watched(name: string | number, overrides: Partial<WatchedTracker> = {}): WatchedTracker {
  const { tracker } = parseTracker(url(name))
  if (tracker === undefined) throw new Error(`test names no tracker: ${name}`)
  return { tracker, group: 'public', aliveWhen: 'announce', ...overrides }
}

export const ok: OkOutcome = {
  kind: 'ok',
  announce: {
    intervalS: 1800,
    minIntervalS: null,
    seeders: 0,
    leechers: 1,
    peers: [{ ip: '192.0.2.1', port: 6881 }],
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
  detail: 'no answer to 3 connect requests',
}
export const rejected: RejectedOutcome = {
  kind: 'rejected',
  code: 'not_registered',
  message: 'unregistered torrent',
  flags: [],
  retryAfterS: null,
}
export const skipped: Outcome = { kind: 'skipped', reason: 'uplink_down', code: 'net.uplink', detail: 'uplink is down' }

export function probe(outcome: Outcome, overrides: Partial<ProbeResult> = {}): ProbeResult {
  const answered = outcome.kind === 'ok' || outcome.kind === 'rejected'
  return {
    family: 4,
    address: '192.0.2.7',
    outcome,
    latencyMs: answered ? 41.25 : null,
    phases: answered ? { resolve: 3.125, udp_connect: 20, udp_announce: 21.25 } : { resolve: 3.125 },
    attempts: 1,
    packetsSent: 2,
    packetsLost: 0,
    certificateExpiresAt: null,
    ...overrides,
  }
}

/** A check with one IPv4 probe; a skipped one has none. */
export function check(name: string | number, ms: number, outcome: Outcome, latencyMs = 41.25): CheckResult {
  const answered = outcome.kind === 'ok' || outcome.kind === 'rejected'
  const probes = outcome.kind === 'skipped' ? [] : [probe(outcome, answered ? { latencyMs } : {})]
  const alive = outcome.kind === 'ok'
  return { url: url(name), checkedAt: at(ms), outcome, alive, latencyMs: answered ? latencyMs : null, probes }
}

/** The records of checks of one tracker, as the monitor makes them. */
export function records(checks: readonly CheckResult[], rules = policy, previous?: Health): CheckRecord[] {
  let health = previous
  return checks.map((result) => {
    const step = healthStep(health, result, rules)
    health = step.health
    return { result, ...step }
  })
}

/** One check per letter and minute: `+` ok, `-` failed, `r` refused, `s` skipped, `.` none. */
export function checksOf(name: string | number, letters: string, fromMs = 0, stepMs = MINUTE): CheckResult[] {
  const outcomes: Readonly<Record<string, Outcome>> = { '+': ok, '-': timeout, r: rejected, s: skipped }
  return [...letters].flatMap((letter, index) => {
    const outcome = outcomes[letter]
    return outcome === undefined ? [] : check(name, fromMs + index * stepMs, outcome)
  })
}

/** A directory that is gone after `body`, as are the stores opened through `use`. */
export async function inDirectory(
  body: (directory: string, use: (opening: Promise<Store>) => Promise<Store>) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'trackerwatch-store-'))
  const opened: Store[] = []
  const use = async (opening: Promise<Store>): Promise<Store> => {
    const store = await opening
    opened.push(store)
    return store
  }
  try {
    await body(directory, use)
  } finally {
    await Promise.allSettled(opened.map((store) => store.close()))
    rmSync(directory, { recursive: true, force: true })
  }
}
