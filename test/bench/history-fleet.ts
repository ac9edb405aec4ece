/** The trackers of the history benches, what they answer and what the monitor makes of it: the same in every run. */
import type { CheckRecord } from '../../dist/store/store.js'
import type { Health } from '../../dist/tracker/health.js'
import { healthStep } from '../../dist/tracker/health-step.js'
import type { CheckResult, Outcome, ProbeResult } from '../../dist/tracker/outcome.js'
import type { WatchedTracker } from '../../dist/tracker/state.js'
import { parseTracker } from '../../dist/tracker/tracker.js'

export const ROUND_MS = 600_000
const SPREAD_MS = 480_000
const POLICY = { downAfter: 2, upAfter: 1, aliveWhen: 'announce', holdMs: 2.5 * ROUND_MS + SPREAD_MS } as const

/** On loopback, which is not probed unless it is allowed: a daemon that is started on them sends nothing. */
export function watchedTracker(index: number): WatchedTracker {
  const { tracker } = parseTracker(`udp://127.0.0.1:${10_000 + index}/announce`)
  if (tracker === undefined) throw new Error(`bench names no tracker: ${index}`)
  return { tracker, group: 'public', aliveWhen: 'announce' }
}

/**
 * Three in ten are dead, fewer than on any public list, one in fifty flaps by the hour, the others are away for half a day
 * at a time, one day in ten.
 */
export function answers(index: number, round: number): boolean {
  if (index % 10 < 3) return false
  return index % 50 === 7 ? shuffle(index, round / 6) % 10 > 2 : shuffle(index, round / 72) % 20 > 0
}

export function checkedAtMs(startMs: number, index: number, round: number, trackers: number): number {
  return startMs + round * ROUND_MS + Math.floor((index / trackers) * SPREAD_MS) + (shuffle(round, index) % 50)
}

/** Microseconds. */
export function latencyUs(index: number, round: number): number {
  const base = 15_000 + (shuffle(index, 1) % 180_000)
  return base + (shuffle(index, round) % Math.floor(base / 3))
}

/** The records of one round. `healths` is that of each tracker, brought up to date. */
export function roundOf(
  trackers: readonly WatchedTracker[],
  healths: Map<number, Health>,
  startMs: number,
  round: number,
): CheckRecord[] {
  return trackers.map(({ tracker }, index) => {
    const at = new Date(checkedAtMs(startMs, index, round, trackers.length))
    const result = checkOf(tracker.url, at, answers(index, round) ? latencyUs(index, round) / 1000 : null, index)
    const step = healthStep(healths.get(index), result, POLICY)
    healths.set(index, step.health)
    return { result, ...step }
  })
}

function checkOf(url: string, checkedAt: Date, latencyMs: number | null, index: number): CheckResult {
  const outcome = latencyMs === null ? silence : answer(index)
  const probe: ProbeResult = {
    family: 4,
    address: `192.0.2.${index % 250}`,
    outcome,
    latencyMs,
    phases:
      latencyMs === null
        ? { resolve: 3.125 }
        : { resolve: 3.125, udp_connect: latencyMs / 2, udp_announce: latencyMs / 2 },
    attempts: latencyMs === null ? 3 : 1,
    packetsSent: latencyMs === null ? 3 : 2,
    packetsLost: latencyMs === null ? 3 : 0,
    certificateExpiresAt: null,
  }
  return { url, checkedAt, outcome, alive: latencyMs !== null, latencyMs, probes: [probe] }
}

const silence: Outcome = {
  kind: 'failed',
  reason: 'timeout',
  code: 'udp.timeout',
  phase: 'udp_connect',
  detail: 'no answer to 3 connect requests',
}

function answer(index: number): Outcome {
  const counts = { intervalS: 1800, minIntervalS: null, seeders: 0, leechers: 1 + (index % 3) }
  const texts = { warningMessage: null, trackerId: null, externalIp: null }
  return { kind: 'ok', announce: { ...counts, ...texts, peers: [], peers6: null, extra: {} }, flags: [] }
}

/** A number below 2³² that looks random and is not. */
function shuffle(one: number, other: number): number {
  let state = (Math.imul(one + 1, 0x9e3779b1) ^ Math.imul(Math.floor(other) + 1, 0x85ebca6b)) >>> 0
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) >>> 0
  return (state ^ (state >>> 13)) >>> 0
}
