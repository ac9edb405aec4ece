import { createHash } from 'node:crypto'
import type { Known, Pace } from '../../src/monitor/due.js'
import type { Logger } from '../../src/monitor/log.js'
import { type HealthPolicy, nextHealth } from '../../src/tracker/health.js'
import type {
  AnnounceAnswer,
  CheckResult,
  FailedOutcome,
  Flag,
  Outcome,
  ProbeResult,
  RejectedOutcome,
} from '../../src/tracker/outcome.js'
import type { WatchedTracker } from '../../src/tracker/state.js'
import { parseTracker, type Tracker } from '../../src/tracker/tracker.js'

export const SECOND = 1_000
export const MINUTE = 60_000
export const HOUR = 3_600_000

export const noon = new Date('2026-11-22T12:00:00.000Z')

export function later(ms: number, from: Date = noon): Date {
  return new Date(from.getTime() + ms)
}

export interface Logged {
  readonly level: keyof Logger
  readonly fields: object
  readonly message: string
}

export function logTo(logged: Logged[]): Logger {
  const at = (level: keyof Logger) => (fields: object, message: string) => void logged.push({ level, fields, message })
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

export function trackerOf(name: string): Tracker {
  const { tracker } = parseTracker(`udp://${name}.example:6969/announce`)
  if (tracker === undefined) throw new Error(`test tracker ${name} does not parse`)
  return tracker
}

export function watch(name: string, overrides: Partial<WatchedTracker> = {}): WatchedTracker {
  return { tracker: trackerOf(name), group: 'public', aliveWhen: 'announce', ...overrides }
}

/** The place of a tracker in every spread, computed here a second time: 48 bits of its URL's hash, 0 to 1. */
export function placeOf({ tracker }: WatchedTracker): number {
  return createHash('sha256').update(tracker.url).digest().readUIntBE(0, 6) / 2 ** 48
}

export function ok(announce: Partial<AnnounceAnswer> = {}, flags: readonly Flag[] = []): Outcome {
  const nothing = { seeders: null, leechers: null, peers: null, peers6: null, warningMessage: null }
  return {
    kind: 'ok',
    flags,
    announce: {
      ...nothing,
      intervalS: 1800,
      minIntervalS: null,
      trackerId: null,
      externalIp: null,
      extra: {},
      ...announce,
    },
  }
}

export function flagged(...flags: Flag[]): Outcome {
  return ok({}, flags)
}

export function rejected(retryAfterS: number | null = null): RejectedOutcome {
  return { kind: 'rejected', code: 'not_registered', message: 'unregistered torrent', flags: [], retryAfterS }
}

export const failed: FailedOutcome = {
  kind: 'failed',
  reason: 'timeout',
  code: 'udp.timeout',
  phase: 'udp_connect',
  detail: 'no answer in 10 s',
}

export const skipped: Outcome = {
  kind: 'skipped',
  reason: 'uplink_down',
  code: 'net.uplink_down',
  detail: 'no way out',
}

export const paused: Outcome = {
  kind: 'skipped',
  reason: 'paused',
  code: 'local.paused',
  detail: 'paused by the configuration',
}

export function resultOf({ tracker }: WatchedTracker, outcome: Outcome, checkedAt: Date = new Date()): CheckResult {
  return { url: tracker.url, checkedAt, outcome, alive: outcome.kind === 'ok', latencyMs: null, probes: [] }
}

const symbols: Readonly<Record<string, Outcome>> = {
  '+': ok(),
  '-': failed,
  '!': rejected(),
  '?': skipped,
  '=': paused,
}

/** What is known of a tracker after a history such as `++-`, one check in ten minutes, the last one at noon. */
export function known(history: string, policy: Partial<HealthPolicy> = {}, last?: Outcome): Known {
  const watched = watch('t')
  const full = { downAfter: 2, upAfter: 1, aliveWhen: watched.aliveWhen, holdMs: HOUR, ...policy }
  let state: Known = { ...watched, aliveWhen: full.aliveWhen, health: null, last: null }
  for (const [index, symbol] of [...history].entries()) {
    const isLast = index === history.length - 1
    const outcome = (isLast ? last : undefined) ?? symbols[symbol]
    if (outcome === undefined) throw new Error(`no outcome is written "${symbol}"`)
    const result = resultOf(watched, outcome, later((index - history.length + 1) * 10 * MINUTE))
    state = { ...state, health: nextHealth(state.health ?? undefined, result, full), last: result }
  }
  return state
}

/** The default pace: a beat in ten minutes, starts spread over one. */
export const pace: Pace = {
  beat: { shortestMs: 10 * MINUTE, longestMs: 10 * MINUTE },
  spreadMs: MINUTE,
  recheckMs: MINUTE,
  timeoutMs: 10 * SECOND,
  intervalFloor: 'min_interval',
}

export function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve: (value: T) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}

/** A check that probed one address of each family named: the best outcome is that of the check. */
export function probed(
  { tracker }: WatchedTracker,
  outcomes: Partial<Record<4 | 6, Outcome>>,
  checkedAt: Date = new Date(),
  outcome: Outcome = outcomes[4] ?? outcomes[6] ?? failed,
): CheckResult {
  const probes = ([4, 6] as const).flatMap((family) => {
    const own = outcomes[family]
    return own === undefined ? [] : [probeOf(family, own)]
  })
  return { url: tracker.url, checkedAt, outcome, alive: outcome.kind === 'ok', latencyMs: null, probes }
}

function probeOf(family: 4 | 6, outcome: Outcome): ProbeResult {
  return {
    family,
    address: family === 4 ? '192.0.2.7' : '2001:db8::7',
    outcome,
    latencyMs: null,
    phases: {},
    attempts: 1,
    packetsSent: 0,
    packetsLost: 0,
    certificateExpiresAt: null,
  }
}
