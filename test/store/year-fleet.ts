import type { CheckResult, Outcome } from '../../src/tracker/outcome.js'
import { check, HOUR, MINUTE, ok, rejected, skipped, timeout } from './support.js'

export const ROUND_MS = 10 * MINUTE
/** How long a status holds after a check. */
export const HOLD_MS = 30 * MINUTE
const SPREAD_MS = 5 * MINUTE

/** A moment of the simulated time at which trackers are checked, or the monitor starts anew. */
export type Step = { readonly kind: 'round'; readonly results: readonly CheckResult[] } | { readonly kind: 'restart' }

/**
 * What a monitor meets in a year: trackers that are away for minutes or weeks, lost packets, refusals, days on which the
 * uplink is down, restarts, a machine that sleeps, a clock that is set forward by hours and back by minutes. In the order
 * of the simulated time; the same for the same seed.
 */
export function* simulatedSteps(seed: number, trackers: number, lengthMs: number): Generator<Step> {
  const random = randomOf(seed)
  const fleet = Array.from({ length: trackers }, () => ({
    baseMs: 10 + random() ** 3 * 400,
    /** Rounds left in the present course of things. */
    left: 1 + Math.floor(random() * 500),
    outcome: ok as Outcome,
  }))
  const course = (tracker: (typeof fleet)[number]): Outcome => {
    tracker.left -= 1
    if (tracker.left <= 0) {
      const isAlive = tracker.outcome.kind === 'ok'
      tracker.outcome = isAlive ? (random() < 0.2 ? rejected : timeout) : ok
      tracker.left = 1 + Math.floor(isAlive ? random() ** 4 * 1000 : random() * 1500)
    }
    return tracker.outcome.kind === 'ok' && random() < 0.01 ? timeout : tracker.outcome
  }
  let uplinkDownFor = 0
  let isFirst = true
  for (let clockMs = 0; clockMs < lengthMs; clockMs += ROUND_MS) {
    uplinkDownFor = uplinkDownFor > 0 ? uplinkDownFor - 1 : random() < 0.001 ? Math.floor(random() * 30) : 0
    yield {
      kind: 'round',
      results: fleet.map((tracker, index) => {
        const ms = Math.floor(clockMs + (index / trackers) * SPREAD_MS + random() * 1000)
        const outcome = isFirst ? ok : uplinkDownFor > 0 ? skipped : course(tracker)
        // To the microsecond, as it is stored.
        const latencyMs = Math.round(tracker.baseMs * (1 + random() ** 4) * 1000) / 1000
        return check(index, ms, outcome, latencyMs)
      }),
    }
    isFirst = false
    if (random() < 0.002) yield { kind: 'restart' }
    clockMs += jumpMs(random)
  }
}

/** The monitor stops or the machine sleeps, or the clock is set. */
function jumpMs(random: () => number): number {
  const kind = random()
  if (kind < 0.002) return Math.floor(random() * 12 * HOUR)
  return kind < 0.004 ? -Math.floor(random() * 3 * MINUTE) : 0
}

function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
