import type { StatusChange } from '../tracker/health.js'
import { type CheckResult, type FailureReason, failureReasons, isAlive, type Outcome } from '../tracker/outcome.js'
import type { WatchedTracker } from '../tracker/state.js'

/**
 * Why a probe counts as failed: the reason of the failure, or `rejected` for a refusal by a tracker whose policy
 * (`aliveWhen`) wants an announce served.
 */
export const failureLabels = [...failureReasons, 'rejected'] as const
export type FailureLabel = FailureReason | 'rejected'

/** What happened to one tracker since this process knows it. Only ever grows. */
export interface ProbeCounts {
  readonly probes: number
  readonly failures: Readonly<Record<FailureLabel, number>>
  readonly packetsSent: number
  readonly packetsLost: number
  readonly statusChanges: number
  /** Number of checks counted: equal revisions, equal counts. */
  readonly revision: number
}

export interface ProbeCounters {
  observe(record: { readonly result: CheckResult; readonly change: StatusChange | null }, watched: WatchedTracker): void
  /** The counts of one tracker by canonical URL, all zero where nothing happened yet. */
  of(url: string): ProbeCounts
  /** Drops the counters of trackers not among `urls`, a set read at `at`: those that came later stay. */
  keepOnly(urls: ReadonlySet<string>, at: Date): void
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }
interface Counters extends Writable<ProbeCounts> {
  readonly failures: Record<FailureLabel, number>
  readonly since: Date
}

/** Counters per tracker, kept here and not in prom-client, whose `remove` needs every label set by name. */
export function createProbeCounters(now: () => Date): ProbeCounters {
  const byUrl = new Map<string, Counters>()

  const ensure = (url: string): Counters => {
    const known = byUrl.get(url)
    if (known !== undefined) return known
    const created = zeroCounters(now())
    byUrl.set(url, created)
    return created
  }

  return {
    observe({ result, change }, watched) {
      const counters = ensure(watched.tracker.url)
      counters.revision += 1
      if (change !== null) counters.statusChanges += 1
      for (const outcome of countedOutcomes(result)) {
        counters.probes += 1
        const label = failureLabel(outcome, watched)
        if (label !== null) counters.failures[label] += 1
      }
      for (const probe of result.probes) {
        counters.packetsSent += probe.packetsSent
        counters.packetsLost += probe.packetsLost
      }
    },
    of: ensure,
    keepOnly(urls, at) {
      for (const [url, counters] of byUrl) {
        if (!urls.has(url) && counters.since <= at) byUrl.delete(url)
      }
    },
  }
}

/** Skipped probes taught us nothing. A check that failed before its first probe (no such name) counts as one. */
function countedOutcomes(result: CheckResult): readonly Outcome[] {
  const probed = result.probes.map((probe) => probe.outcome).filter((outcome) => outcome.kind !== 'skipped')
  return probed.length > 0 || result.outcome.kind === 'skipped' ? probed : [result.outcome]
}

function failureLabel(outcome: Outcome, { aliveWhen }: WatchedTracker): FailureLabel | null {
  if (outcome.kind === 'failed') return outcome.reason
  return outcome.kind === 'rejected' && !isAlive(outcome, aliveWhen) ? 'rejected' : null
}

function zeroCounters(since: Date): Counters {
  return {
    since,
    probes: 0,
    failures: {
      dns: 0,
      unreachable: 0,
      refused: 0,
      timeout: 0,
      reset: 0,
      tls: 0,
      http_status: 0,
      redirected: 0,
      not_a_tracker: 0,
      malformed: 0,
      rejected: 0,
    },
    packetsSent: 0,
    packetsLost: 0,
    statusChanges: 0,
    revision: 0,
  }
}
