import { dashboard, pageLink } from './dashboard.js'
import { own, type Row, series, stat, statusMappings, statusNumber, statusOverrides, table, timeline } from './parts.js'
import { blindness, listEntries, roundDuration, toTracker } from './shared-panels.js'

const now: Row = {
  title: 'Now',
  height: 4,
  panels: [
    stat({
      title: 'Trackers up',
      description: 'Trackers that are alive by the policy of their group.',
      unit: 'short',
      width: 4,
      queries: [{ expr: `sum(${own('tracker_up')})` }],
    }),
    stat({
      title: 'Trackers down',
      description: 'Trackers that are known and not alive, refusals included where an announce is wanted.',
      unit: 'short',
      width: 4,
      queries: [{ expr: `count(${own('tracker_up')} == 0) or vector(0)` }],
      steps: [
        [null, 'green'],
        [1, 'orange'],
      ],
    }),
    stat({
      title: 'Trackers watched',
      description: 'All trackers of the configuration, whatever their status.',
      unit: 'short',
      width: 4,
      queries: [{ expr: `sum(${own('trackers')})` }],
    }),
    stat({
      title: 'Stable list',
      description: 'Trackers on the list that most readers follow.',
      unit: 'short',
      width: 4,
      queries: [{ expr: `max(${own('list_entries', 'list="stable"')})` }],
    }),
    stat({
      title: 'Age of the newest check',
      description: 'Older than three beats of the schedule: nothing is probed any more.',
      unit: 's',
      width: 4,
      queries: [{ expr: `time() - max(${own('probe_last_timestamp_seconds')})` }],
      steps: [
        [null, 'green'],
        [1200, 'orange'],
        [1800, 'red'],
      ],
    }),
    stat({
      title: 'Failed probes',
      description: 'Share of the probes of the last hour that did not get what the policy asks for.',
      unit: 'percentunit',
      width: 4,
      queries: [
        {
          expr: `sum(instance:${own('probe_failures:rate1h')}) / (sum(instance:${own('probes:rate1h')}) > 0)`,
        },
      ],
    }),
  ],
}

const changed = `max by (tracker) (changes(${own('tracker_status_change_timestamp_seconds')}[$__range])) > 0`
const uptime = (window: string): string => `min by (tracker) (${own('tracker_uptime_ratio', `window="${window}"`)})`
const worst = `bottomk(20, ${uptime('7d')})`

const trackers: Row = {
  title: 'Trackers',
  height: 9,
  panels: [
    series({
      title: 'Trackers by status',
      description: 'Status after hysteresis.',
      unit: 'short',
      width: 12,
      stacked: true,
      overrides: statusOverrides,
      queries: [{ expr: `sum by (status) (${own('trackers')})`, legend: '{{status}}' }],
    }),
    listEntries(12),
    series({
      title: 'Failed probes by reason',
      description: 'Probes that failed, by reason. Several reasons rising together point at our own network.',
      unit: 'short',
      width: 12,
      stacked: true,
      interval: '10m',
      queries: [
        {
          expr: `sum by (reason) (increase(${own('probe_failures_total')}[$__rate_interval])) > 0`,
          legend: '{{reason}}',
        },
      ],
    }),
    series({
      title: 'Round trip',
      description: 'Median and 90th percentile of the answered probes, name resolution and lost attempts excluded.',
      unit: 's',
      width: 12,
      interval: '10m',
      queries: [0.5, 0.9].map((quantile) => ({
        expr: `histogram_quantile(${quantile}, sum by (le, scheme) (rate(${own('probe_round_trip_seconds_bucket')}[$__rate_interval])))`,
        legend: `{{scheme}} p${quantile * 100}`,
      })),
    }),
    timeline({
      title: 'Trackers that changed',
      description: 'The status of those trackers whose status changed in this time range.',
      unit: 'short',
      width: 14,
      mappings: statusMappings,
      queries: [{ expr: `${statusNumber()} and on (tracker) ${changed}`, legend: '{{tracker}}' }],
    }),
    table({
      title: 'Worst trackers',
      description: 'The lowest uptime over 7 days among the trackers that were observed, beside that of other windows.',
      unit: 'percentunit',
      width: 10,
      queries: [
        { expr: worst },
        { expr: `${uptime('24h')} and on (tracker) ${worst}` },
        { expr: `${uptime('30d')} and on (tracker) ${worst}` },
      ],
      named: { tracker: 'Tracker', 'Value #A': '7 days', 'Value #B': '24 hours', 'Value #C': '30 days' },
      linked: { column: 'Tracker', link: toTracker },
      sortBy: '7 days',
    }),
  ],
}

export const overview = dashboard({
  name: 'overview',
  title: 'Overview',
  description: 'How many trackers work, which do not, and whether we can see them at all.',
  links: [pageLink('Status page', '/')],
  changes: { labels: '', shown: false },
  rows: [now, trackers, { title: 'Monitor', height: 8, panels: [roundDuration(12), blindness(12)] }],
})
