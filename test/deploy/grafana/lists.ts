import { dashboard, pageLink } from './dashboard.js'
import { own, type Row, series, stat, table } from './parts.js'
import { listEntries, toTracker } from './shared-panels.js'

const entries = (labels = ''): string => `max by (list) (${own('list_entries', labels)})`
const written = `max by (list) (${own('list_last_write_timestamp_seconds')})`
const stable = `max(${own('list_entries', 'list="stable"')})`

const size = (list: string, description: string) =>
  stat({
    title: `On ${list}`,
    description,
    unit: 'short',
    width: 4,
    queries: [{ expr: `max(${own('list_entries', `list="${list}"`)})` }],
  })

const now: Row = {
  title: 'Now',
  height: 4,
  panels: [
    size('stable', 'Trackers whose uptime and age are those of a tracker to rely on.'),
    size('best', 'The first of them, and of those that are alive.'),
    size('alive', 'Trackers that are alive now.'),
    size('all', 'Every watched tracker that may be shown.'),
    stat({
      title: 'Stable share',
      description: 'Part of all listed trackers that are on the stable list.',
      unit: 'percentunit',
      width: 4,
      queries: [{ expr: `${stable} / (max(${own('list_entries', 'list="all"')}) > 0)` }],
    }),
    stat({
      title: 'Age of the oldest file',
      description: 'Files are written at every change of a status and at the end of every round.',
      unit: 's',
      width: 4,
      steps: [
        [null, 'green'],
        [1800, 'orange'],
        [3600, 'red'],
      ],
      queries: [{ expr: `time() - min(${own('list_last_write_timestamp_seconds')})` }],
    }),
  ],
}

const time: Row = {
  title: 'Over time',
  height: 9,
  panels: [
    listEntries(12),
    series({
      title: 'Changes',
      description:
        'How many more entries a list has than a moment before. As many that come as go are not seen here: the lists page names each.',
      unit: 'short',
      width: 12,
      min: null,
      interval: '10m',
      queries: [
        { expr: `${entries()} - max by (list) (${own('list_entries')} offset $__rate_interval)`, legend: '{{list}}' },
      ],
    }),
    series({
      title: 'Age of the files',
      description: 'Time since each file was written, also where its content stayed the same.',
      unit: 's',
      width: 12,
      queries: [{ expr: `time() - ${written}`, legend: '{{list}}' }],
    }),
    series({
      title: 'Stable share',
      description: 'Part of all listed trackers that are on the stable list. It falls long before the list is empty.',
      unit: 'percentunit',
      width: 12,
      queries: [{ expr: `${stable} / (max(${own('list_entries', 'list="all"')}) > 0)`, legend: 'stable' }],
    }),
  ],
}

const uptime = `min by (tracker) (${own('tracker_uptime_ratio', 'window="30d"')})`

const candidates: Row = {
  title: 'Who is near the edge',
  height: 9,
  panels: [
    table({
      title: 'Just good enough',
      description: 'The lowest uptime over 30 days of at least 95 %, the default of lists.stable: the next to leave.',
      unit: 'percentunit',
      width: 12,
      queries: [{ expr: `bottomk(10, ${uptime} >= 0.95)` }],
      named: { tracker: 'Tracker', Value: '30 days' },
      linked: { column: 'Tracker', link: toTracker },
      sortBy: '30 days',
    }),
    table({
      title: 'Not quite',
      description: 'The highest uptime over 30 days of less than 95 %, the default of lists.stable: the next to come.',
      unit: 'percentunit',
      width: 12,
      queries: [{ expr: `topk(10, ${uptime} < 0.95)` }],
      named: { tracker: 'Tracker', Value: '30 days' },
      linked: { column: 'Tracker', link: toTracker },
      sortBy: '30 days',
    }),
  ],
}

export const lists = dashboard({
  name: 'lists',
  title: 'Lists',
  description: 'How long the lists are, how they change, and whether their files are fresh.',
  links: [pageLink('Lists', '/lists/')],
  changes: { labels: '', shown: false },
  rows: [now, time, candidates],
})
