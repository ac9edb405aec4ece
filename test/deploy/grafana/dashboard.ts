import { own, type Panel, type Row, source, variable } from './parts.js'

/** What a dashboard has of its own. */
export interface Plan {
  /** `trackerwatch-` goes before it. */
  readonly name: string
  readonly title: string
  readonly description: string
  readonly variables?: readonly object[]
  readonly links?: readonly object[]
  /** Labels that tell whose changes of status are marked, and whether they are from the start. */
  readonly changes: { readonly labels: string; readonly shown: boolean }
  readonly rows: readonly Row[]
}

const COLUMNS = 24

/** The dashboard as it is provisioned: nobody edits it, and it knows its data source by a variable only. */
export function dashboard({ name, title, description, variables = [], links = [], changes, rows }: Plan): object {
  return {
    id: null,
    uid: `trackerwatch-${name}`,
    title: `trackerwatch / ${title}`,
    description: `${description} Assumes metrics.per_tracker: full.`,
    tags: ['trackerwatch'],
    editable: false,
    graphTooltip: 1,
    schemaVersion: 39,
    version: 1,
    refresh: '1m',
    time: { from: 'now-24h', to: 'now' },
    timezone: 'browser',
    weekStart: '',
    links: [others, ...links],
    annotations: { list: [statusChanges(changes)] },
    templating: { list: [datasource, queried('job', 'Job'), queried('instance', 'Instance'), ...variables, page] },
    panels: placed(rows),
  }
}

/** Each row of panels below a line with its title; what does not fit goes on below. */
function placed(rows: readonly Row[]): readonly object[] {
  const panels: object[] = []
  let y = 0
  for (const { title, height, panels: inRow } of rows) {
    const gridPos = { x: 0, y, w: COLUMNS, h: 1 }
    panels.push({ id: panels.length + 1, type: 'row', title, collapsed: false, gridPos, panels: [] })
    y += 1
    for (const line of inLines(inRow)) {
      let x = 0
      for (const { width, body } of line) {
        panels.push({ id: panels.length + 1, ...body, gridPos: { x, y, w: width, h: height } })
        x += width
      }
      y += height
    }
  }
  return panels
}

function inLines(panels: readonly Panel[]): readonly (readonly Panel[])[] {
  const lines: Panel[][] = []
  let left = 0
  for (const panel of panels) {
    if (panel.width > left) {
      lines.push([])
      left = COLUMNS
    }
    lines.at(-1)?.push(panel)
    left -= panel.width
  }
  return lines
}

const others = {
  type: 'dashboards',
  title: 'trackerwatch',
  tags: ['trackerwatch'],
  asDropdown: true,
  includeVars: true,
  keepTime: true,
  targetBlank: false,
  icon: 'external link',
  tooltip: '',
  url: '',
}

/** A link to a page of trackerwatch itself. */
export function pageLink(title: string, path: string): object {
  return {
    type: 'link',
    title,
    url: `${variable('page')}${path}`,
    ...{ tags: [], asDropdown: false, includeVars: false, keepTime: false, targetBlank: true },
    icon: 'external link',
    tooltip: 'Where that is, says the variable "trackerwatch" above.',
  }
}

/** At the moment of the change, which is the value of the metric, and not at that of the scrape. */
function statusChanges({ labels, shown }: Plan['changes']): object {
  const moment = own('tracker_status_change_timestamp_seconds', labels)
  const present = own('tracker_status', labels)
  return {
    name: 'Status changes',
    datasource: source,
    enable: shown,
    hide: false,
    iconColor: 'orange',
    expr: `(${moment} * 1000 >= $__from) * on (job, instance, tracker) group_left (status) (${present} == 1)`,
    useValueForTime: true,
    step: '60s',
    titleFormat: '{{tracker}}: {{status}}',
    tagKeys: 'status',
  }
}

const datasource = {
  name: 'datasource',
  label: 'Data Source',
  type: 'datasource',
  query: 'prometheus',
  refresh: 1,
  hide: 0,
  includeAll: false,
  multi: false,
  options: [],
  regex: '',
  skipUrlSync: false,
  current: { selected: true, text: 'Prometheus', value: 'trackerwatch-prometheus' },
}

/** Grafana cannot know where people reach the monitor that Prometheus scrapes: this is what compose publishes. */
const page = {
  name: 'page',
  label: 'trackerwatch',
  type: 'textbox',
  query: 'http://127.0.0.1:10069',
  hide: 0,
  options: [],
  skipUrlSync: false,
  current: { selected: true, text: 'http://127.0.0.1:10069', value: 'http://127.0.0.1:10069' },
}

const BUILD = { job: 'trackerwatch_build_info', instance: 'trackerwatch_build_info{job=~"$job"}' } as const

function queried(name: keyof typeof BUILD, label: string): object {
  const all = { selected: true, text: ['All'], value: ['$__all'] }
  return {
    ...query(name, label, `label_values(${BUILD[name]}, ${name})`),
    multi: true,
    includeAll: true,
    allValue: '.+',
    current: all,
  }
}

/** A variable with the values that a query finds. */
export function query(name: string, label: string, definition: string): object {
  return {
    name,
    label,
    type: 'query',
    datasource: source,
    query: { query: definition, refId: name },
    definition,
    multi: false,
    includeAll: false,
    refresh: 2,
    sort: 1,
    current: {},
    hide: 0,
    options: [],
    regex: '',
    skipUrlSync: false,
  }
}
