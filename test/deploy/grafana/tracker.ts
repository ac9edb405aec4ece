import { dashboard, pageLink, query } from './dashboard.js'
import { own, type Row, series, stat, statusMappings, statusNumber, table, timeline, variable, yesNo } from './parts.js'

const ONE = 'tracker="$tracker"'
const its = (name: string, labels = ''): string => own(name, labels === '' ? ONE : `${ONE}, ${labels}`)

const now: Row = {
  title: 'Now',
  height: 4,
  panels: [
    stat({
      title: 'Status',
      description: 'After hysteresis: one failed check does not make a tracker down.',
      unit: 'short',
      width: 4,
      mappings: statusMappings,
      queries: [{ expr: statusNumber(ONE) }],
    }),
    stat({
      title: 'For',
      description: 'How long it has had this status.',
      unit: 's',
      width: 4,
      queries: [{ expr: `time() - max(${its('tracker_status_change_timestamp_seconds')})` }],
    }),
    stat({
      title: 'Last check',
      description: 'How long ago it was checked, skipped checks included.',
      unit: 's',
      width: 4,
      queries: [{ expr: `time() - max(${its('probe_last_timestamp_seconds')})` }],
    }),
    stat({
      title: 'Last success',
      description: 'How long ago it served an announce. Empty: never.',
      unit: 's',
      width: 4,
      queries: [{ expr: `time() - max(${its('probe_last_success_timestamp_seconds')})` }],
    }),
    stat({
      title: 'Certificate',
      description: 'Time until the certificate ends, negative once it has. Empty: none was seen, or no TLS.',
      unit: 's',
      width: 4,
      steps: [
        [null, 'red'],
        [0, 'orange'],
        [14 * 86_400, 'green'],
      ],
      queries: [{ expr: `min(${its('tracker_certificate_expiry_timestamp_seconds')}) - time()` }],
    }),
    stat({
      title: 'Changes',
      description: 'Changes of the status in this time range.',
      unit: 'short',
      width: 4,
      queries: [{ expr: `max(changes(${its('tracker_status_change_timestamp_seconds')}[$__range]))` }],
    }),
  ],
}

const health: Row = {
  title: 'Health',
  height: 8,
  panels: [
    timeline({
      title: 'Status',
      description: 'The status over time, after hysteresis.',
      unit: 'short',
      width: 12,
      mappings: statusMappings,
      queries: [{ expr: statusNumber(ONE), legend: 'status' }],
    }),
    timeline({
      title: 'Probes',
      description: 'Whether the last probe over each address family got what the policy asks for, before hysteresis.',
      unit: 'short',
      width: 12,
      mappings: yesNo,
      queries: [{ expr: `min by (family) (${its('probe_success')})`, legend: 'IPv{{family}}' }],
    }),
    series({
      title: 'Uptime',
      description: 'Share of the observed time with an alive status, in each window up to the moment.',
      unit: 'percentunit',
      width: 12,
      queries: [{ expr: `min by (window) (${its('tracker_uptime_ratio')})`, legend: '{{window}}' }],
    }),
    series({
      title: 'Failed probes by reason',
      description: 'Probes that did not get what the policy asks for.',
      unit: 'short',
      width: 12,
      stacked: true,
      interval: '10m',
      queries: [
        { expr: `sum by (reason) (increase(${its('probe_failures_total')}[$__rate_interval]))`, legend: '{{reason}}' },
      ],
    }),
  ],
}

const phase = (family: number) =>
  series({
    title: `Latency over IPv${family}`,
    description:
      'How long each phase of the last probe took, upon each other. A phase that did not happen is not there.',
    unit: 's',
    width: 8,
    stacked: true,
    queries: [{ expr: `max by (phase) (${its('probe_duration_seconds', `family="${family}"`)})`, legend: '{{phase}}' }],
  })

const network: Row = {
  title: 'Network',
  height: 8,
  panels: [
    phase(4),
    phase(6),
    series({
      title: 'Lost packets',
      description: 'Share of the datagrams that stayed unanswered and were sent again. UDP only.',
      unit: 'percentunit',
      width: 8,
      interval: '10m',
      queries: [
        {
          expr: `sum(rate(${its('probe_packets_lost_total')}[$__rate_interval])) / (sum(rate(${its('probe_packets_sent_total')}[$__rate_interval])) > 0)`,
          legend: 'lost',
        },
      ],
    }),
  ],
}

const answers: Row = {
  title: 'Answers',
  height: 8,
  panels: [
    series({
      title: 'Swarm',
      description:
        'What the tracker says of the info hash that it is probed with, which nobody shares: more than a few are made up.',
      unit: 'short',
      width: 8,
      queries: [
        { expr: `max(${its('tracker_seeders')})`, legend: 'seeders' },
        { expr: `max(${its('tracker_leechers')})`, legend: 'leechers' },
      ],
    }),
    series({
      title: 'Intervals',
      description: 'How long the tracker asks its clients to wait between two announces.',
      unit: 's',
      width: 8,
      queries: [
        { expr: `max(${its('tracker_announce_interval_seconds')})`, legend: 'interval' },
        { expr: `max(${its('tracker_min_announce_interval_seconds')})`, legend: 'min interval' },
      ],
    }),
    table({
      title: 'What it is',
      description: 'The facts of the configuration, secrets masked.',
      unit: 'short',
      width: 8,
      queries: [{ expr: `group by (url, host, scheme, group) (${its('tracker_info')})` }],
      hidden: ['Value'],
      named: { url: 'URL', host: 'Host', scheme: 'Scheme', group: 'Group' },
    }),
  ],
}

export const tracker = dashboard({
  name: 'tracker',
  title: 'Tracker',
  description: 'One tracker: whether it works, how fast it answers, and what it says.',
  variables: [
    query('tracker', 'Tracker', 'label_values(trackerwatch_tracker_info{job=~"$job", instance=~"$instance"}, tracker)'),
  ],
  links: [pageLink('Its line on the status page', `/?q=${variable('tracker:percentencode')}`)],
  changes: { labels: ONE, shown: true },
  rows: [now, health, network, answers],
})
