import type { ProbeResult } from '../tracker/outcome.js'
import type { AbortSignalLike } from './deadline.js'
import type { TakeTurn } from './endpoint-gate.js'
import { type ProbeOptions, probe } from './probe.js'
import type { Target } from './prober.js'

/**
 * A probe that waits for its endpoint's turn first, on its own time: its deadline begins with the turn. Skipped,
 * `too_soon`, where the turn does not come in time. A redirect is followed without a turn at the place it leads to.
 */
export async function probeInTurn(
  takeTurn: TakeTurn,
  target: Target,
  resolveMs: number | null,
  options: ProbeOptions,
  signal: AbortSignalLike,
): Promise<ProbeResult> {
  const endTurn = await takeTurn(target.address, target.tracker.port, signal)
  if (endTurn === null) return tooSoon(target, resolveMs)
  try {
    return await probe(target, resolveMs, options, signal)
  } finally {
    endTurn()
  }
}

function tooSoon({ family, address, tracker }: Target, resolveMs: number | null): ProbeResult {
  const detail = `others at ${address} port ${tracker.port} came first, one probe at a time and one per second`
  return {
    family,
    address,
    outcome: { kind: 'skipped', reason: 'too_soon', code: 'local.too_soon', detail },
    latencyMs: null,
    phases: resolveMs === null ? {} : { resolve: resolveMs },
    attempts: 0,
    packetsSent: 0,
    packetsLost: 0,
    certificateExpiresAt: null,
  }
}
