import { isObservedStatus, type Status, statuses } from '../tracker/health.js'
import { maskUrl } from '../tracker/mask.js'
import type { ProbeResult } from '../tracker/outcome.js'
import type { MetricDetail } from '../tracker/policy.js'
import { cutRatio } from '../tracker/ratios.js'
import { type Entry, type UptimeWindow, uptimeWindows } from '../tracker/state.js'
import { checkFamilies, type PutSample, timestampS } from './check-families.js'
import { type FamilyHead, labelPairs, sampleLine } from './exposition.js'
import { failureLabels, type ProbeCounts } from './probe-counters.js'

/** An entry with what its samples are made from. */
export interface Subject {
  readonly entry: Entry
  /** Text of the label `tracker`, which every sample carries. */
  readonly label: string
  readonly counts: ProbeCounts
  /** See `lastProbes`. */
  readonly probes: readonly ProbeResult[]
}

/** A family with samples for every tracker. To add one: one element of `trackerFamilies`. */
export interface TrackerFamily extends FamilyHead {
  /** Moves with the clock, where everything else stands still from one check to the next. */
  readonly moves: boolean
  /** Whether it is there with little detail too. */
  readonly isBasic: boolean
  readonly putSamples: (subject: Subject, put: PutSample) => void
}

const windows = Object.keys(uptimeWindows) as UptimeWindow[]

/** What alerts and a list of trackers need. */
const basicFamilies: readonly string[] = [
  'tracker_info',
  'tracker_up',
  'tracker_status_change_timestamp_seconds',
  'tracker_uptime_ratio',
  'tracker_certificate_expiry_timestamp_seconds',
  'probe_last_timestamp_seconds',
  'tracker_status_changes_total',
]

/**
 * Counters are there from the first appearance of a tracker, with every reason at zero: `increase()` cannot see the
 * step of a series that starts at 1, and the failure ratio of a healthy tracker has to be 0 and not absent.
 */
export const trackerFamilies: readonly TrackerFamily[] = [
  gauge(
    'tracker_info',
    'A watched tracker; the value is always 1. Trackers are probed on a schedule of their own, not on scrape.',
    ({ entry: { tracker, group } }, put) =>
      put(labelPairs({ url: maskUrl(tracker.url), host: tracker.host, scheme: tracker.scheme, group }), 1),
  ),
  gauge(
    'tracker_up',
    'Whether the tracker is alive by the policy of its group, after hysteresis; absent while that is not known.',
    ({ entry }, put) => put('', isObservedStatus(statusOf(entry)) ? Number(entry.alive) : null),
  ),
  gauge('tracker_status', 'Status after hysteresis: 1 for the present status, 0 for all others.', ({ entry }, put) => {
    for (const status of statuses) put(`status="${status}"`, Number(status === statusOf(entry)))
  }),
  gauge('tracker_status_change_timestamp_seconds', 'When the present status began.', ({ entry }, put) =>
    put('', timestampS(entry.health?.since)),
  ),
  moving(
    'tracker_uptime_ratio',
    'Share of the observed time of the window in which the tracker was alive, 0 to 1; absent if never observed.',
    ({ entry }, put) => {
      for (const window of windows) put(`window="${window}"`, cutRatio(entry.uptime[window]))
    },
  ),
  ...checkFamilies.map(({ name, help, putSamples }) => gauge(name, help, putSamples)),
  gauge(
    'probe_last_timestamp_seconds',
    'When the tracker was last checked, skipped checks included: tells a dead schedule from a dead tracker.',
    ({ entry }, put) => put('', timestampS(entry.last?.checkedAt)),
  ),
  gauge('probe_last_success_timestamp_seconds', 'When the tracker last served an announce.', ({ entry }, put) =>
    put('', timestampS(entry.lastOkAt)),
  ),
  counter('probes_total', 'Probes made; a name that does not resolve counts as one.', ({ counts }, put) =>
    put('', counts.probes),
  ),
  counter(
    'probe_failures_total',
    'Probes that did not get what the policy asks for, by reason; "rejected" is a refusal where an announce is wanted.',
    ({ counts }, put) => {
      for (const reason of failureLabels) put(`reason="${reason}"`, counts.failures[reason])
    },
  ),
  counter('probe_packets_sent_total', 'Datagrams sent, repetitions included (UDP only).', (subject, put) =>
    put('', udpOnly(subject, subject.counts.packetsSent)),
  ),
  counter(
    'probe_packets_lost_total',
    'Datagrams that stayed unanswered and were repeated (UDP only).',
    (subject, put) => put('', udpOnly(subject, subject.counts.packetsLost)),
  ),
  counter('tracker_status_changes_total', 'Changes of the status, the first finding included.', ({ counts }, put) =>
    put('', counts.statusChanges),
  ),
]

export const familiesOf: Readonly<Record<MetricDetail, readonly TrackerFamily[]>> = {
  full: trackerFamilies,
  basic: trackerFamilies.filter(({ isBasic }) => isBasic),
  off: [],
}

/** The lines of one tracker in one family. */
export function trackerSamples(family: TrackerFamily, subject: Subject): string {
  // Joined and not added up: the flat string is kept, and copying a rope into every page would cost twice as much.
  const lines: string[] = []
  family.putSamples(subject, (more, value) => {
    if (value === null) return
    lines.push(sampleLine(family.name, more === '' ? subject.label : `${subject.label},${more}`, value))
  })
  return lines.join('')
}

export function statusOf(entry: Entry): Status {
  return entry.health?.status ?? 'pending'
}

function udpOnly({ entry }: Subject, value: number): number | null {
  return entry.tracker.scheme === 'udp' ? value : null
}

function gauge(name: string, help: string, putSamples: TrackerFamily['putSamples']): TrackerFamily {
  return {
    name: `trackerwatch_${name}`,
    type: 'gauge',
    help,
    moves: false,
    isBasic: basicFamilies.includes(name),
    putSamples,
  }
}

function moving(name: string, help: string, putSamples: TrackerFamily['putSamples']): TrackerFamily {
  return { ...gauge(name, help, putSamples), moves: true }
}

function counter(name: string, help: string, putSamples: TrackerFamily['putSamples']): TrackerFamily {
  return { ...gauge(name, help, putSamples), type: 'counter' }
}
