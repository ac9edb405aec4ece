import type { AliveWhen } from './policy.js'
import type { Rollup } from './rollup.js'

/** Share of the checks that found the tracker alive, each counted alike; null without any. Skipped ones say nothing. */
export function successRatio(
  { ok, rejected, failed }: Pick<Rollup['checks'], 'ok' | 'rejected' | 'failed'>,
  { aliveWhen }: { readonly aliveWhen: AliveWhen },
): number | null {
  const conclusive = ok + rejected + failed
  const good = aliveWhen === 'response' ? ok + rejected : ok
  return conclusive === 0 ? null : good / conclusive
}

/** Share of the packets that had to be sent again; null without any. */
export function lossRatio({ packetsSent, packetsLost }: Pick<Rollup, 'packetsSent' | 'packetsLost'>): number | null {
  return packetsSent === 0 ? null : packetsLost / packetsSent
}
