import type { Flag, Phase, Phases } from '../tracker/outcome.js'
import type { TlsMode } from '../tracker/policy.js'
import type { AbortSignalLike } from './deadline.js'
import type { Trace } from './trace.js'

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
  /** Whether a certificate that clients refuse ends the exchange. */
  readonly tls: TlsMode
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
  /** The URL that the last redirect led to. */
  redirectedTo: string | null
  /** Told what goes back and forth, where somebody listens. */
  trace: Trace | undefined
}

export function createExchange(
  signal: AbortSignalLike,
  limits: Pick<Exchange, 'attempts' | 'timeoutMs' | 'tls'>,
  firstPhase: Phase,
): Exchange {
  return {
    signal,
    attempts: limits.attempts,
    timeoutMs: limits.timeoutMs,
    tls: limits.tls,
    phase: firstPhase,
    phaseBeganMs: -1,
    phases: {},
    latencyMs: 0,
    packetsSent: 0,
    packetsLost: 0,
    flags: [],
    certificateExpiresAt: null,
    redirectedTo: null,
    trace: undefined,
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

/** Ends the phase under way and forgets its time: it has to begin again. */
export function dropPhase(exchange: Exchange): void {
  exchange.phaseBeganMs = -1
}

/** Notes an observation that is not part of the answer. */
export function addFlag(exchange: Exchange, flag: Flag): void {
  if (!exchange.flags.includes(flag)) exchange.flags.push(flag)
}
