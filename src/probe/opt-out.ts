import { isIP } from 'node:net'
import { type Bep34Verdict, judgeBep34 } from '../bittorrent/bep34.js'
import type { Flag } from '../tracker/outcome.js'
import type { Bep34Mode } from '../tracker/policy.js'
import type { Tracker } from '../tracker/tracker.js'
import type { Refused } from './address-policy.js'
import type { Bep34Answer } from './dns/bep34-lookup.js'
import type { NameResolver } from './dns/resolve.js'

/** The part of a check's options that says whether an opt-out by BEP 34 counts. */
export interface OptOutOptions {
  readonly bep34: Bep34Mode
  readonly resolver: NameResolver
}

/** Asks for the host's record; null where none is asked for. Does not reject, so it may be left unobserved. */
export function askOptOut({ host }: Tracker, { bep34, resolver }: OptOutOptions): Promise<Bep34Answer> | null {
  return bep34 === 'ignore' || isIP(host) !== 0 ? null : resolver.bep34(host)
}

/** Why the tracker is not to be contacted, by what the owner of its name says. Null where it may be. */
export function refuseOptOut(tracker: Tracker, { record }: Bep34Answer): Refused | null {
  const verdict = judgeBep34(record, tracker)
  if (verdict.kind === 'allowed') return null
  return { reason: 'opted_out', code: `bep34.${verdict.kind}`, detail: detailOf(tracker, verdict) }
}

/** What is worth a note on a tracker that was contacted. */
export function optOutFlags(tracker: Tracker, { record, unknown }: Bep34Answer): readonly Flag[] {
  const flags: Flag[] = []
  const { kind } = judgeBep34(record, tracker)
  if (kind !== 'allowed') flags.push(`bep34.${kind}`)
  if (unknown) flags.push('bep34.unknown')
  if (record !== null && record.records > 1) flags.push('bep34.multiple_records')
  return flags
}

function detailOf({ host }: Tracker, verdict: Exclude<Bep34Verdict, { kind: 'allowed' }>): string {
  if (verdict.kind === 'denied') return `${host} says by DNS that it runs no tracker (BEP 34)`
  const ports = verdict.suggested.map(({ protocol, port }) => `${protocol} ${port}`)
  return `${host} lists other ports by DNS (BEP 34): ${ports.join(', ')}`
}
