import type { OkOutcome, ProbeResult } from '../tracker/outcome.js'
import type { MetricDetail } from '../tracker/policy.js'
import type { Entry } from '../tracker/state.js'
import type { Tracker } from '../tracker/tracker.js'
import { lastProbes } from './check-families.js'
import { createProbeCounters } from './probe-counters.js'
import { familiesOf, trackerSamples } from './tracker-families.js'

/**
 * About how many series a tracker will have once it is up and answers over one address family. A second family adds two
 * to five, a certificate one; a tracker that is down has fewer.
 */
export function seriesOf(tracker: Tracker, detail: MetricDetail): number {
  const entry = answering(tracker)
  const counts = createProbeCounters(() => entry.addedAt).of(tracker.url)
  const subject = { entry, label: 'tracker=""', counts, probes: lastProbes(entry) }
  const lines = familiesOf[detail].map((family) => trackerSamples(family, subject))
  return lines.join('').split('\n').length - 1
}

const outcome: OkOutcome = {
  kind: 'ok',
  announce: {
    ...{ intervalS: 1800, minIntervalS: 900, seeders: 0, leechers: 0, peers: [], peers6: null },
    ...{ warningMessage: null, trackerId: null, externalIp: null, extra: {} },
  },
  flags: [],
}

function answering(tracker: Tracker): Entry {
  const at = new Date(0)
  const isUdp = tracker.scheme === 'udp'
  const phases = isUdp
    ? { resolve: 1, udp_connect: 1, udp_announce: 1 }
    : { resolve: 1, connect: 1, processing: 1, transfer: 1 }
  const probe: ProbeResult = {
    ...{ family: 4, address: '', outcome, latencyMs: 1, phases },
    ...{ attempts: 1, packetsSent: 1, packetsLost: 0, certificateExpiresAt: null },
  }
  const health = { status: 'up', since: at, checkedAt: at, streak: null, lastVerdict: null } as const
  return {
    ...{ tracker, group: '', aliveWhen: 'announce', id: '', addedAt: at, archivedAt: null },
    ...{ alive: true, lastOkAt: at, latencyMs: 1 },
    uptime: { '24h': 1, '7d': 1, '30d': 1, '90d': 1, '1y': 1 },
    health: { ...health, unobservedSince: null, holdMs: 0 },
    last: { url: tracker.url, checkedAt: at, outcome, alive: true, latencyMs: 1, probes: [probe] },
  }
}
