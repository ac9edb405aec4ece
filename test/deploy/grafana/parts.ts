import { type Status, statuses } from '../../../src/tracker/health.js'

/** What the dashboards are put together from. Classic JSON, which every Grafana of the last years reads. */

export interface Query {
  readonly expr: string
  /** Name of a series; absent where there is one. */
  readonly legend?: string
}

/** A panel before it has its place. */
export interface Panel {
  readonly width: number
  readonly body: Readonly<Record<string, unknown>>
}

export interface Row {
  readonly title: string
  readonly height: number
  readonly panels: readonly Panel[]
}

interface About {
  readonly title: string
  readonly description: string
  /** As Grafana names it. */
  readonly unit: string
  /** Of 24 columns. */
  readonly width: number
  readonly queries: readonly Query[]
  /** The shortest step, where data comes seldom. */
  readonly interval?: string
}

type Step = readonly [from: number | null, color: string]

/** A variable of Grafana, spelled so that it is no template of ours. */
export const variable = (name: string): string => `$\{${name}}`
export const source = { type: 'prometheus', uid: variable('datasource') }
const CHOSEN = 'job=~"$job", instance=~"$instance"'

/** The series of a metric of ours at the chosen instances. */
export function own(name: string, labels = ''): string {
  return any(`trackerwatch_${name}`, labels)
}

export function any(name: string, labels = ''): string {
  return `${name}{${labels === '' ? CHOSEN : `${CHOSEN}, ${labels}`}}`
}

/** One number. */
export function stat({ steps = [[null, 'green']], mappings = [], ...about }: About & StatStyle): Panel {
  return panel('stat', about, {
    instant: true,
    defaults: { thresholds: thresholds(steps), mappings, color: { mode: 'thresholds' }, noValue: '–' },
    options: {
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      colorMode: 'value',
      graphMode: 'none',
      textMode: 'auto',
    },
  })
}

interface StatStyle {
  readonly steps?: readonly Step[]
  readonly mappings?: readonly object[]
}

/** Lines over time, or areas upon each other. */
export function series({ stacked = false, overrides = [], min = 0, ...about }: About & SeriesStyle): Panel {
  const custom = {
    lineWidth: 1,
    fillOpacity: stacked ? 60 : 10,
    showPoints: 'auto',
    spanNulls: false,
    stacking: { mode: stacked ? 'normal' : 'none' },
  }
  return panel('timeseries', about, {
    defaults: { custom, ...(min !== null && { min }) },
    overrides,
    options: {
      legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  })
}

interface SeriesStyle {
  readonly stacked?: boolean
  readonly overrides?: readonly object[]
  /** null where values may be below zero. */
  readonly min?: number | null
}

/** States over time, a line per series. */
export function timeline({ mappings, ...about }: About & { readonly mappings: readonly object[] }): Panel {
  return panel('state-timeline', about, {
    defaults: { mappings, custom: { lineWidth: 0, fillOpacity: 80 }, color: { mode: 'thresholds' } },
    options: { showValue: 'never', mergeValues: true, rowHeight: 0.8, legend: { showLegend: true } },
  })
}

/** One row per series; each query fills a column of that name. `linked`: a column whose values lead elsewhere. */
export function table({ hidden = [], named, linked, sortBy, ...about }: About & TableStyle): Panel {
  const excludeByName = Object.fromEntries(['Time', ...hidden].map((name) => [name, true]))
  const overrides = linked === undefined ? [] : [byName(linked.column, [{ id: 'links', value: [linked.link] }])]
  return panel('table', about, {
    instant: true,
    format: 'table',
    defaults: { decimals: 2, custom: { align: 'auto' } },
    overrides,
    options: { showHeader: true, sortBy: sortBy === undefined ? [] : [{ displayName: sortBy, desc: false }] },
    transformations: [
      { id: 'merge', options: {} },
      { id: 'organize', options: { excludeByName, renameByName: named } },
    ],
  })
}

interface TableStyle {
  /** Columns left out. */
  readonly hidden?: readonly string[]
  /** Columns by the name of their label, `Value` (one query) or `Value #A` (several). */
  readonly named: Readonly<Record<string, string>>
  readonly linked?: { readonly column: string; readonly link: object }
  readonly sortBy?: string
}

interface Look {
  readonly instant?: boolean
  readonly format?: string
  readonly defaults: object
  readonly overrides?: readonly object[]
  readonly options: object
  readonly transformations?: readonly object[]
}

function panel(type: string, about: About, look: Look): Panel {
  const { title, description, unit, width, queries, interval } = about
  const { instant = false, format, defaults, overrides = [], options, transformations } = look
  const targets = queries.map(({ expr, legend = '' }, index) => ({
    refId: String.fromCharCode('A'.charCodeAt(0) + index),
    datasource: source,
    expr,
    legendFormat: legend,
    instant,
    range: !instant,
    ...(format !== undefined && { format }),
  }))
  return {
    width,
    body: {
      ...{ type, title, description, datasource: source },
      ...(interval !== undefined && { interval }),
      targets,
      fieldConfig: { defaults: { unit, ...defaults }, overrides },
      options,
      ...(transformations !== undefined && { transformations }),
    },
  }
}

export function byName(name: string, properties: readonly object[]): object {
  return { matcher: { id: 'byName', options: name }, properties }
}

function thresholds(steps: readonly Step[]): object {
  return { mode: 'absolute', steps: steps.map(([value, color]) => ({ color, value })) }
}

export const yesNo: readonly object[] = [
  {
    type: 'value',
    options: { 0: { text: 'no', color: 'red', index: 0 }, 1: { text: 'yes', color: 'green', index: 1 } },
  },
]

const statusColors: Readonly<Record<Status, string>> = {
  pending: 'light-blue',
  up: 'green',
  degraded: 'yellow',
  rejecting: 'purple',
  down: 'red',
  unknown: 'gray',
  unsupported: '#555555',
  paused: 'blue',
}

export const statusOverrides: readonly object[] = statuses.map((status) =>
  byName(status, [{ id: 'color', value: { mode: 'fixed', fixedColor: statusColors[status] } }]),
)

/** The present status as a number from 1, by tracker. */
export function statusNumber(labels = ''): string {
  const more = labels === '' ? '' : `, ${labels}`
  const terms = statuses.map((status, index) => `${own('tracker_status', `status="${status}"${more}`)} * ${index + 1}`)
  return `max by (tracker) (${terms.join(' or ')})`
}

/** What `statusNumber` means. */
export const statusMappings: readonly object[] = [
  {
    type: 'value',
    options: Object.fromEntries(
      statuses.map((status, index) => [index + 1, { text: status, color: statusColors[status], index }]),
    ),
  },
]
