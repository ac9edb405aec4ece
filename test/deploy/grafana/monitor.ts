import { dashboard, pageLink } from './dashboard.js'
import { any, own, type Row, series, stat, table, yesNo } from './parts.js'
import { blindness, roundDuration } from './shared-panels.js'

const now: Row = {
  title: 'Now',
  height: 4,
  panels: [
    stat({
      title: 'Running for',
      description: 'Time since the process started.',
      unit: 's',
      width: 4,
      queries: [{ expr: `time() - min(${any('process_start_time_seconds')})` }],
    }),
    stat({
      title: 'Configuration in force',
      description: 'No: the changed file was refused, and the one before it stays in force.',
      unit: 'short',
      width: 4,
      mappings: yesNo,
      queries: [{ expr: `min(${own('config_last_reload_successful')})` }],
    }),
    stat({
      title: 'Last round',
      description: 'Time since the last round ended.',
      unit: 's',
      width: 4,
      steps: [
        [null, 'green'],
        [1200, 'orange'],
        [1800, 'red'],
      ],
      queries: [{ expr: `time() - max(${own('round_last_timestamp_seconds')})` }],
    }),
    stat({
      title: 'Newest backup',
      description: 'Time since the history was backed up. Empty: never.',
      unit: 's',
      width: 4,
      queries: [{ expr: `time() - max(${own('backup_last_success_timestamp_seconds')})` }],
    }),
    stat({
      title: 'Hours not added up',
      description: 'Up to when hours are added up for long windows: an hour or two behind is right.',
      unit: 's',
      width: 4,
      queries: [{ expr: `time() - max(${own('rollup_last_timestamp_seconds')})` }],
    }),
    stat({
      title: 'Free space',
      description: 'What the file system of the database has left.',
      unit: 'bytes',
      width: 4,
      queries: [{ expr: `min(${own('database_free_bytes')})` }],
    }),
  ],
}

const schedule: Row = {
  title: 'Schedule',
  height: 8,
  panels: [
    roundDuration(8),
    series({
      title: 'Lag',
      description: 'How late the last beat of the schedule came.',
      unit: 's',
      width: 8,
      queries: [{ expr: `max by (instance) (${own('scheduler_lag_seconds')})`, legend: '{{instance}}' }],
    }),
    series({
      title: 'Rounds and missed beats',
      description: 'Rounds by how they ended, and beats that released none because the round before still ran.',
      unit: 'short',
      width: 8,
      interval: '10m',
      queries: [
        { expr: `sum by (result) (increase(${own('rounds_total')}[$__rate_interval]))`, legend: '{{result}}' },
        { expr: `sum(increase(${own('scheduler_beats_missed_total')}[$__rate_interval]))`, legend: 'beats missed' },
      ],
    }),
    blindness(8),
    series({
      title: 'Work under way',
      description: 'Probes in flight and checks that wait to be written to the store.',
      unit: 'short',
      width: 8,
      queries: [
        { expr: `sum(${own('probes_in_flight')})`, legend: 'probes in flight' },
        { expr: `sum(${own('database_write_queue_length')})`, legend: 'write queue' },
      ],
    }),
    series({
      title: 'Submissions',
      description: 'Lines that visitors submitted, by what became of them.',
      unit: 'short',
      width: 8,
      interval: '10m',
      queries: [
        { expr: `sum by (result) (increase(${own('submissions_total')}[$__rate_interval]))`, legend: '{{result}}' },
      ],
    }),
  ],
}

const database: Row = {
  title: 'Database',
  height: 8,
  panels: [
    series({
      title: 'Size',
      description: 'Size of the store on disk, and what its file system has left.',
      unit: 'bytes',
      width: 8,
      queries: [
        { expr: `sum(${own('database_size_bytes')})`, legend: 'store' },
        { expr: `min(${own('database_free_bytes')})`, legend: 'free' },
      ],
    }),
    series({
      title: 'Failures',
      description: 'Operations of the store that failed, and checks that were given up because it took none.',
      unit: 'short',
      width: 8,
      interval: '10m',
      queries: [
        {
          expr: `sum by (operation) (increase(${own('database_errors_total')}[$__rate_interval]))`,
          legend: '{{operation}}',
        },
        { expr: `sum(increase(${own('database_rows_dropped_total')}[$__rate_interval]))`, legend: 'checks lost' },
      ],
    }),
    series({
      title: 'Age of backup and sums',
      description:
        'Time since the newest backup, beside the longest that its schedule allows, and since the last hour that was added up.',
      unit: 's',
      width: 8,
      queries: [
        { expr: `time() - max(${own('backup_last_success_timestamp_seconds')})`, legend: 'backup' },
        { expr: `max(${own('backup_interval_seconds')})`, legend: 'backup at the latest' },
        { expr: `time() - max(${own('rollup_last_timestamp_seconds')})`, legend: 'sums' },
      ],
    }),
  ],
}

const machine: Row = {
  title: 'Process',
  height: 8,
  panels: [
    series({
      title: 'Event loop',
      description: 'How late the event loop is, median and 99th percentile. Probes share it.',
      unit: 's',
      width: 8,
      queries: [
        { expr: `max(${any('nodejs_eventloop_lag_p50_seconds')})`, legend: 'p50' },
        { expr: `max(${any('nodejs_eventloop_lag_p99_seconds')})`, legend: 'p99' },
      ],
    }),
    series({
      title: 'Stalls',
      description: 'Times that the event loop stood still for 100 ms or longer: probes under way lost their latency.',
      unit: 'short',
      width: 8,
      interval: '10m',
      queries: [{ expr: `sum(increase(${own('event_loop_stalls_total')}[$__rate_interval]))`, legend: 'stalls' }],
    }),
    series({
      title: 'Processor',
      description: 'Seconds of a core per second.',
      unit: 'percentunit',
      width: 8,
      queries: [
        { expr: `sum(rate(${any('process_cpu_user_seconds_total')}[$__rate_interval]))`, legend: 'user' },
        { expr: `sum(rate(${any('process_cpu_system_seconds_total')}[$__rate_interval]))`, legend: 'system' },
      ],
    }),
    series({
      title: 'Memory',
      description: 'Resident memory of the process, and the part that is the heap in use.',
      unit: 'bytes',
      width: 8,
      queries: [
        { expr: `sum(${any('process_resident_memory_bytes')})`, legend: 'resident' },
        { expr: `sum(${any('nodejs_heap_size_used_bytes')})`, legend: 'heap' },
      ],
    }),
    series({
      title: 'Log lines',
      description: 'Lines of the log by level. Errors are faults of ours, never of a tracker.',
      unit: 'short',
      width: 8,
      interval: '10m',
      queries: [
        { expr: `sum by (level) (increase(${own('log_lines_total')}[$__rate_interval]))`, legend: '{{level}}' },
      ],
    }),
    table({
      title: 'Versions',
      description: 'What runs at each instance.',
      unit: 'short',
      width: 8,
      queries: [{ expr: `group by (instance, version, node_version) (${own('build_info')})` }],
      hidden: ['Value'],
      named: { instance: 'Instance', version: 'trackerwatch', node_version: 'Node' },
    }),
  ],
}

const scrape: Row = {
  title: 'Scrapes, as Prometheus sees them',
  height: 8,
  panels: [
    series({
      title: 'Scrape duration',
      description: 'How long Prometheus waited for the metrics page.',
      unit: 's',
      width: 12,
      queries: [{ expr: `max by (instance) (${any('scrape_duration_seconds')})`, legend: '{{instance}}' }],
    }),
    series({
      title: 'Samples per scrape',
      description: 'How many samples the page has. metrics.per_tracker has fewer.',
      unit: 'short',
      width: 12,
      queries: [{ expr: `max by (instance) (${any('scrape_samples_scraped')})`, legend: '{{instance}}' }],
    }),
  ],
}

export const monitor = dashboard({
  name: 'monitor',
  title: 'Monitor itself',
  description: 'Whether trackerwatch does its work: schedule, database, process, scrapes.',
  links: [pageLink('Metrics', '/metrics')],
  changes: { labels: '', shown: false },
  rows: [now, schedule, database, machine, scrape],
})
