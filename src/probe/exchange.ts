import type { Flag, Phase, Phases } from '../tracker/outcome.js'
import type { AbortSignalLike } from './deadline.js'

/**
 * The part of a probe that `check` owns and a prober writes into through the functions below: limits, phases, counts.
 * Complete also when the exchange failed. Plain data: ten thousand of them are made per sweep.
 */
export interface Exchange {
  readonly signal: AbortSignalLike
  /** Sends per phase for protocols that retransmit, 1 or more. */
  readonly attempts: number
  /** The time the whole exchange has, ms: retransmissions are spread over it. */
  readonly timeoutMs: number
  /** The phase under way; after a failure the one it failed in. */
  phase: Phase
  /** `performance.now()` at which the phase under way began; −1 between phases. */
  phaseBeganMs: number
  /** Durations of the phases that ended, ms. */
  readonly phases: { -readonly [P in keyof Phases]: Phases[P] }
  /** Their sum: the latency, once all is over. */
  latencyMs: number
  packetsSent: number
  /** Packets that had to be sent again. */
  packetsLost: number
  /** Without duplicates. */
  readonly flags: Flag[]
  /** Of the first TLS connection. */
  certificateExpiresAt: Date | null
}

export function createExchange(
  signal: AbortSignalLike,
  limits: { readonly attempts: number; readonly timeoutMs: number },
  firstPhase: Phase,
): Exchange {
  return {
    signal,
    attempts: limits.attempts,
    timeoutMs: limits.timeoutMs,
    phase: firstPhase,
    phaseBeganMs: -1,
    phases: {},
    latencyMs: 0,
    packetsSent: 0,
    packetsLost: 0,
    flags: [],
    certificateExpiresAt: null,
  }
}

/** Ends the phase under way and begins another. */
export function enterPhase(exchange: Exchange, phase: Phase): void {
  const now = performance.now()
  if (exchange.phaseBeganMs >= 0) endPhase(exchange, now - exchange.phaseBeganMs)
  exchange.phase = phase
  exchange.phaseBeganMs = now
}

/** Ends the phase under way. `durationMs` replaces the measured time: a retransmission knows better. */
export function endPhase(exchange: Exchange, durationMs = performance.now() - exchange.phaseBeganMs): void {
  if (exchange.phaseBeganMs < 0) return
  exchange.phases[exchange.phase] = (exchange.phases[exchange.phase] ?? 0) + durationMs
  exchange.latencyMs += durationMs
  exchange.phaseBeganMs = -1
}

/** Notes an observation that is not part of the answer. */
export function addFlag(exchange: Exchange, flag: Flag): void {
  if (!exchange.flags.includes(flag)) exchange.flags.push(flag)
}
