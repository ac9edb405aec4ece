import type { Known } from './due.js'
import { type Family, FEWEST_HOSTS, familiesOf, type UplinkCounts } from './uplink.js'

/** Counts those trackers of a round that were fine over a family. */
export interface Tally {
  /** Trackers that were not fine do not count. Each is checked once in a round. */
  add(url: string, sight: 'good' | 'failed'): void
  /** Against all that the round checks. */
  expected(): UplinkCounts
  /** Against those whose result is known. */
  soFar(): UplinkCounts
  /** Whether there are enough for a verdict when all results are in. */
  canDecide(): boolean
}

export function createTally(fine: readonly Known[], family: Family): Tally {
  const reached = fine.filter((known) => familiesOf(known).includes(family))
  const hostOf = new Map(reached.map(({ tracker }) => [tracker.url, tracker.host]))
  const hosts = new Set(hostOf.values()).size
  const seen = { hosts: new Set<string>(), good: 0, failed: 0 }
  return {
    add: (url, sight) => {
      const host = hostOf.get(url)
      if (host === undefined) return
      seen.hosts.add(host)
      seen[sight] += 1
    },
    expected: () => ({ fine: hostOf.size, hosts, good: seen.good, failed: seen.failed }),
    soFar: () => ({ ...seen, fine: seen.good + seen.failed, hosts: seen.hosts.size }),
    canDecide: () => hosts >= FEWEST_HOSTS,
  }
}
