import { Counter, collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client'
import type { CheckResult } from '../tracker/outcome.js'
import { type LogLevel, logLevels } from '../tracker/policy.js'
import { type Scheme, schemes } from '../tracker/tracker.js'

const roundResults = ['completed', 'aborted', 'failed'] as const
export type RoundResult = (typeof roundResults)[number]

const databaseOperations = ['record', 'watch', 'read', 'prune', 'backup'] as const
export type DatabaseOperation = (typeof databaseOperations)[number]

const submissionResults = ['accepted', 'held', 'refused'] as const
export type SubmissionResult = (typeof submissionResults)[number]

/** A round that ended. `aborted`: cut short by a shutdown or reload. `failed`: an error of ours. */
export interface RoundObservation {
  readonly result: RoundResult
  readonly durationMs: number
  readonly endedAt: Date
}

/** What the store says of itself. */
export interface StoreSize {
  readonly sizeBytes: number
  /** null where its file system does not say. */
  readonly freeBytes: number | null
  /** Up to where hours are added up; null without any check. */
  readonly rolledUpTo: Date | null
}

/** Round trips from a rack away to a satellite, up to a probe that used its whole default deadline. */
const ROUND_TRIP_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 12]

/** Default metrics that break the naming rules (gauges in `_total`) or print 292 years before the first measurement. */
const UNFIT_DEFAULTS = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
  'nodejs_eventloop_lag_min_seconds',
]

export type MonitorMetrics = ReturnType<typeof createMonitorMetrics>

/** The families about the fleet and ourselves, in `registry`. What has no value yet has no sample. */
export function createMonitorMetrics(registry: Registry, version: string) {
  collectDefaultMetrics({ register: registry })
  for (const name of UNFIT_DEFAULTS) registry.removeSingleMetric(name)
  buildInfo(registry, version)
  return {
    probeRoundTrip: roundTripHistogram(registry),
    ...roundMetrics(registry),
    ...schedulerMetrics(registry),
    ...databaseMetrics(registry),
    ...listMetrics(registry),
    ...reloadMetrics(registry),
    submissions: submissionCounter(registry),
  }
}

/** One histogram sample per probe that was answered. */
export function observeRoundTrips(
  histogram: MonitorMetrics['probeRoundTrip'],
  result: CheckResult,
  scheme: Scheme,
): void {
  for (const { family, latencyMs } of result.probes) {
    if (latencyMs !== null) histogram.observe({ scheme, family }, latencyMs / 1000)
  }
}

/** What is not known has no sample. */
export function showStore(monitor: MonitorMetrics, info: StoreSize | null): void {
  showOrHide(monitor.databaseSize, info?.sizeBytes ?? null)
  showOrHide(monitor.databaseFree, info?.freeBytes ?? null)
  const rolledMs = info?.rolledUpTo?.getTime()
  showOrHide(monitor.rollupLast, rolledMs === undefined ? null : rolledMs / 1000)
}

function buildInfo(registry: Registry, version: string): void {
  const build = new Gauge({
    name: 'trackerwatch_build_info',
    help: 'Version of trackerwatch and of the Node it runs on; the value is always 1.',
    labelNames: ['version', 'node_version'] as const,
    registers: [registry],
  })
  build.set({ version, node_version: process.version }, 1)
}

function roundTripHistogram(registry: Registry) {
  const histogram = new Histogram({
    name: 'trackerwatch_probe_round_trip_seconds',
    help: 'Time of the exchange of answered probes, name resolution and lost attempts excluded.',
    labelNames: ['scheme', 'family'] as const,
    buckets: ROUND_TRIP_BUCKETS_S,
    registers: [registry],
  })
  for (const scheme of schemes) {
    histogram.zero({ scheme, family: 4 })
    histogram.zero({ scheme, family: 6 })
  }
  return histogram
}

function roundMetrics(registry: Registry) {
  const rounds = new Counter({
    name: 'trackerwatch_rounds_total',
    help: 'Rounds that ended, by how.',
    labelNames: ['result'] as const,
    registers: [registry],
  })
  for (const result of roundResults) rounds.inc({ result }, 0)
  return {
    rounds,
    roundDuration: laterGauge(registry, 'round_duration_seconds', 'Duration of the last completed round.'),
    roundLast: laterGauge(registry, 'round_last_timestamp_seconds', 'When the last completed round ended.'),
  }
}

function schedulerMetrics(registry: Registry) {
  return {
    beatsMissed: new Counter({
      name: 'trackerwatch_scheduler_beats_missed_total',
      help: 'Beats of the schedule that released no round.',
      registers: [registry],
    }),
    schedulerLag: gauge(registry, 'scheduler_lag_seconds', 'How late the last beat of the schedule came.'),
    probesInFlight: gauge(registry, 'probes_in_flight', 'Probes under way.'),
    uplinkUp: new Gauge({
      name: 'trackerwatch_uplink_up',
      help: 'Whether our own network reaches trackers over the address family: 1 or 0.',
      labelNames: ['family'] as const,
      registers: [registry],
    }),
    resolverUp: laterGauge(registry, 'resolver_up', 'Whether our name servers answer anything at all: 1 or 0.'),
    loopStalls: new Counter({
      name: 'trackerwatch_event_loop_stalls_total',
      help: 'Times that our event loop stood still for 100 ms or longer: probes under way lost their latency.',
      registers: [registry],
    }),
  }
}

function databaseMetrics(registry: Registry) {
  const databaseErrors = new Counter({
    name: 'trackerwatch_database_errors_total',
    help: 'Operations of the store that failed.',
    labelNames: ['operation'] as const,
    registers: [registry],
  })
  for (const operation of databaseOperations) databaseErrors.inc({ operation }, 0)
  return {
    databaseErrors,
    databaseSize: laterGauge(registry, 'database_size_bytes', 'Size of the store on disk.'),
    databaseFree: laterGauge(registry, 'database_free_bytes', 'What the file system of the store has left for it.'),
    rollupLast: laterGauge(registry, 'rollup_last_timestamp_seconds', 'Up to which moment hours are added up.'),
    writeQueue: gauge(registry, 'database_write_queue_length', 'Checks that wait to be written to the store.'),
    rowsDropped: new Counter({
      name: 'trackerwatch_database_rows_dropped_total',
      help: 'Checks that were given up: the store took none for too long, or refused them.',
      registers: [registry],
    }),
    backupLast: laterGauge(registry, 'backup_last_success_timestamp_seconds', 'When the newest backup was made.'),
    backupInterval: laterGauge(
      registry,
      'backup_interval_seconds',
      'Longest time between two backups by their schedule; absent where none are wanted.',
    ),
  }
}

function listMetrics(registry: Registry) {
  return {
    listEntries: new Gauge({
      name: 'trackerwatch_list_entries',
      help: 'Trackers on the list when it was last written.',
      labelNames: ['list'] as const,
      registers: [registry],
    }),
    listLastWrite: new Gauge({
      name: 'trackerwatch_list_last_write_timestamp_seconds',
      help: 'When the list was last written.',
      labelNames: ['list'] as const,
      registers: [registry],
    }),
  }
}

function reloadMetrics(registry: Registry) {
  const successful = 'Whether the last attempt to load the configuration succeeded: 1 or 0.'
  const timestamp = 'When the configuration was last loaded successfully.'
  return {
    reloadSuccessful: gauge(registry, 'config_last_reload_successful', successful),
    reloadTimestamp: laterGauge(registry, 'config_last_reload_success_timestamp_seconds', timestamp),
  }
}

/** The log counts its lines itself: some are written before there are metrics. */
export function countLogLines(registry: Registry, lines?: () => Readonly<Record<LogLevel, number>>): void {
  new Counter({
    name: 'trackerwatch_log_lines_total',
    help: 'Lines written to the log, by level.',
    labelNames: ['level'] as const,
    registers: [registry],
    collect() {
      this.reset()
      const counts = lines?.()
      for (const level of logLevels) this.inc({ level }, counts?.[level] ?? 0)
    },
  })
}

function submissionCounter(registry: Registry) {
  const submissions = new Counter({
    name: 'trackerwatch_submissions_total',
    help: 'Lines that visitors submitted, by what became of them.',
    labelNames: ['result'] as const,
    registers: [registry],
  })
  for (const result of submissionResults) submissions.inc({ result }, 0)
  return submissions
}

function gauge(registry: Registry, name: string, help: string): Gauge {
  return new Gauge({ name: `trackerwatch_${name}`, help, registers: [registry] })
}

function showOrHide(shown: Gauge, value: number | null): void {
  if (value === null) shown.remove()
  else shown.set(value)
}

/** Without the sample 0 that prom-client gives a new gauge: a moment that has not come is not 1970. */
function laterGauge(registry: Registry, name: string, help: string): Gauge {
  const created = gauge(registry, name, help)
  created.remove()
  return created
}
