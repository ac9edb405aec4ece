import type { Flag, Phase, Phases } from '../tracker/outcome.js'
import type { Exchange } from './prober.js'

/** What was noted down during one exchange, complete also when it failed. */
export interface ExchangeNotes {
  /** The phase under way; after a failure the one it failed in. */
  readonly phase: () => Phase
  readonly phases: Phases
  readonly attempts: () => number
  readonly packetsSent: () => number
  readonly packetsLost: () => number
  readonly certificateExpiresAt: () => Date | null
  readonly flags: readonly Flag[]
  /** Sum of the phases of the exchange, ms; 0 if none ended. */
  readonly latencyMs: () => number
}

/** The exchange handed to a prober, and the notes that it takes. */
export function createExchange(
  signal: AbortSignal,
  limits: { readonly attempts: number; readonly timeoutMs: number },
  firstPhase: Phase,
): { exchange: Exchange; notes: ExchangeNotes } {
  const phases: Partial<Record<Phase, number>> = {}
  const flags: Flag[] = []
  let phase = firstPhase
  let startedAt: number | null = null
  let latencyMs = 0
  let sends = 0
  let repeats = 0
  let certificateExpiresAt: Date | null = null

  const end = (ms: number): void => {
    phases[phase] = (phases[phase] ?? 0) + ms
    latencyMs += ms
    startedAt = null
  }
  const exchange: Exchange = {
    signal,
    attempts: limits.attempts,
    timeoutMs: limits.timeoutMs,
    enter: (next, at = performance.now()) => {
      if (startedAt !== null) end(at - startedAt)
      phase = next
      startedAt = at
    },
    leave: (ms) => {
      if (startedAt !== null) end(ms ?? performance.now() - startedAt)
    },
    sent: (again) => {
      sends++
      if (again) repeats++
    },
    certificate: (expiresAt) => {
      certificateExpiresAt = expiresAt
    },
    flag: (flag) => {
      if (!flags.includes(flag)) flags.push(flag)
    },
  }
  const notes: ExchangeNotes = {
    phase: () => phase,
    phases,
    attempts: () => 1 + repeats,
    packetsSent: () => sends,
    packetsLost: () => repeats,
    certificateExpiresAt: () => certificateExpiresAt,
    flags,
    latencyMs: () => latencyMs,
  }
  return { exchange, notes }
}
