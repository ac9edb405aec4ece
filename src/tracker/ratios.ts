import type { AliveWhen } from './policy.js'
import type { Rollup } from './rollup.js'

type Conclusive = Pick<Rollup['checks'], 'ok' | 'rejected' | 'failed'>

/** How many checks said anything about the tracker: all but the skipped ones. */
export function conclusiveChecks({ ok, rejected, failed }: Conclusive): number {
  return ok + rejected + failed
}

/** Share of the checks that found the tracker alive, each counted alike; null without any. Skipped ones say nothing. */
export function successRatio(counts: Conclusive, { aliveWhen }: { readonly aliveWhen: AliveWhen }): number | null {
  const conclusive = conclusiveChecks(counts)
  const good = aliveWhen === 'response' ? counts.ok + counts.rejected : counts.ok
  return conclusive === 0 ? null : good / conclusive
}

/** Share of the packets that had to be sent again; null without any. */
export function lossRatio({ packetsSent, packetsLost }: Pick<Rollup, 'packetsSent' | 'packetsLost'>): number | null {
  return packetsSent === 0 ? null : packetsLost / packetsSent
}

/**
 * A share for programs, to a millionth, which is half a minute of a year. Cut, not rounded: only an uptime without any
 * downtime says 1. The tiny addend is for shares such as 41/80, of which a float has a little less.
 */
export function cutRatio<T extends number | null>(share: T): T | number {
  return share === null ? share : Math.floor(share * 1e6 + 1e-6) / 1e6
}
