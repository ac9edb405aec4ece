import { Registry } from 'prom-client'
import type { StatusChange } from '../tracker/health.js'
import type { CheckResult } from '../tracker/outcome.js'
import type { LogLevel, MetricDetail } from '../tracker/policy.js'
import type { Entry, WatchedTracker } from '../tracker/state.js'
import { contentType, encodePage } from './exposition.js'
import {
  countLogLines,
  createMonitorMetrics,
  type DatabaseOperation,
  type MonitorMetrics,
  observeRoundTrips,
  type RoundObservation,
  type StoreSize,
  type SubmissionResult,
  showStore,
} from './monitor-metrics.js'
import { createProbeCounters } from './probe-counters.js'
import { familiesOf } from './tracker-families.js'
import { createTrackerPage, trackersText } from './tracker-page.js'

/** What the daemon tells Prometheus. Cheap, synchronous calls that never throw; `render` makes the page. */
export interface Metrics {
  /** After a check is durable. */
  observeCheck(
    record: { readonly result: CheckResult; readonly change: StatusChange | null },
    watched: WatchedTracker,
  ): void
  observeRound(round: RoundObservation): void
  /** A beat of the schedule released no round, because it came too late or the previous round still ran. */
  observeBeatMissed(): void
  setProbesInFlight(count: number): void
  /** How late the last beat came, ms. */
  setSchedulerLag(lagMs: number): void
  /** Whether our own way to an address family works. No sample before the first call for that family, nor for null. */
  setUplink(family: 4 | 6, up: boolean | null): void
  /** Our event loop stood still for longer than a probe can overlook. */
  observeLoopStall(): void
  /** Whether our name servers answer anything at all. No sample before the first call. */
  setResolver(up: boolean): void
  observeDatabaseError(operation: DatabaseOperation): void
  /** Number of checks that wait for the store. */
  setWriteQueue(length: number): void
  /** So many checks were lost, because the store took none and their queue was full, or refused them. */
  observeDropped(checks: number): void
  /** There is a backup of this moment. No sample before the first call. */
  observeBackup(at: Date): void
  /** The longest time between two backups by their schedule, ms; null, and no sample, where none are wanted. */
  setBackupInterval(longestMs: number | null): void
  /** A list file was brought up to date, also if its content stayed the same. */
  observeListWritten(list: string, entries: number, at: Date): void
  /** An attempt to load the configuration again. The load at start-up counts as a success already. */
  observeReload(ok: boolean, at: Date): void
  /** What became of a line that a visitor submitted. */
  observeSubmission(result: SubmissionResult): void
  /** The page for `/metrics`. May run several times at once. */
  render(input: MetricsInput): Promise<MetricsPage>
}

export interface MetricsInput {
  /** All watched trackers: one that is missing here loses its series and its counters. */
  readonly entries: readonly Entry[]
  /** null where the store could not tell. */
  readonly info: StoreSize | null
  /** When `entries` was read. */
  readonly at: Date
}

export interface MetricsPage {
  readonly contentType: string
  readonly body: Buffer<ArrayBuffer>
}

export interface MetricsOptions {
  readonly version: string
  readonly now?: () => Date
  /** Asked at every scrape; `full` by default. */
  readonly detail?: () => MetricDetail
  /** Lines of the log so far, by level; asked at every scrape. */
  readonly logLines?: () => Readonly<Record<LogLevel, number>>
}

/** Metrics in a registry of their own, so that several daemons can live in one process. */
export function createMetrics(options: MetricsOptions): Metrics {
  const { now = () => new Date(), detail = () => 'full' } = options
  const registry = new Registry()
  const monitor = createMonitorMetrics(registry, options.version)
  const counters = createProbeCounters(now)
  const renderTrackers = createTrackerPage(counters, () => familiesOf[detail()])
  countLogLines(registry, options.logLines)
  observeReload(monitor, true, now())
  return {
    ...observers(monitor),
    observeCheck(record, watched) {
      counters.observe(record, watched)
      observeRoundTrips(monitor.probeRoundTrip, record.result, watched.tracker.scheme)
    },
    async render({ entries, info, at }) {
      counters.keepOnly(new Set(entries.map((entry) => entry.tracker.url)), at)
      showStore(monitor, info)
      const trackers = await renderTrackers(entries)
      const own = withoutNaN(await registry.metrics()) + trackersText(entries)
      return { contentType, body: await encodePage([own, ...trackers]) }
    },
  }
}

function observers(monitor: MonitorMetrics): Omit<Metrics, 'observeCheck' | 'render'> {
  return {
    observeRound({ result, durationMs, endedAt }) {
      monitor.rounds.inc({ result })
      if (result !== 'completed') return
      monitor.roundDuration.set(durationMs / 1000)
      monitor.roundLast.set(endedAt.getTime() / 1000)
    },
    observeBeatMissed: () => monitor.beatsMissed.inc(),
    setProbesInFlight: (count) => monitor.probesInFlight.set(count),
    setSchedulerLag: (lagMs) => monitor.schedulerLag.set(lagMs / 1000),
    setUplink(family, up) {
      if (up === null) monitor.uplinkUp.remove({ family })
      else monitor.uplinkUp.set({ family }, up ? 1 : 0)
    },
    observeLoopStall: () => monitor.loopStalls.inc(),
    setResolver: (up) => monitor.resolverUp.set(up ? 1 : 0),
    observeDatabaseError: (operation) => monitor.databaseErrors.inc({ operation }),
    setWriteQueue: (length) => monitor.writeQueue.set(length),
    observeDropped: (checks) => monitor.rowsDropped.inc(checks),
    observeBackup: (at) => monitor.backupLast.set(at.getTime() / 1000),
    setBackupInterval(longestMs) {
      if (longestMs === null) monitor.backupInterval.remove()
      else monitor.backupInterval.set(longestMs / 1000)
    },
    observeListWritten(list, entries, at) {
      monitor.listEntries.set({ list }, entries)
      monitor.listLastWrite.set({ list }, at.getTime() / 1000)
    },
    observeReload: (ok, at) => observeReload(monitor, ok, at),
    observeSubmission: (result) => monitor.submissions.inc({ result }),
  }
}

function observeReload(monitor: MonitorMetrics, ok: boolean, at: Date): void {
  monitor.reloadSuccessful.set(ok ? 1 : 0)
  if (ok) monitor.reloadTimestamp.set(at.getTime() / 1000)
}

/** prom-client prints the mean of no measurement as `Nan`: an unknown value has no sample. */
function withoutNaN(text: string): string {
  return text.replaceAll(/^[^#\n]* Nan\n/gm, '')
}
