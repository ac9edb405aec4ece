import uPlot from './uplot.js'

/** What `/tracker/:id/latency.json` answers, column by column; null where nothing was answered. */
interface ChartData {
  /** Where each hour or day begins, s. */
  readonly at: readonly number[]
  readonly p50Ms: readonly (number | null)[]
  readonly p95Ms: readonly (number | null)[]
  readonly phases: readonly {
    readonly title: string
    readonly colour: string
    readonly ms: readonly (number | null)[]
  }[]
}

const HEIGHT = 220
const PHASES_HEIGHT = 160
const AXIS_WIDTH = 64

/** Puts charts with a cursor in the place of the drawings of the server; `renew` fetches their numbers again. */
export function showCharts(): { renew(): void } {
  const place = document.querySelector<HTMLElement>('[data-chart]')
  const source = place?.dataset.chart
  if (place === null || source === undefined) return { renew: () => {} }
  let charts: readonly uPlot[] = []
  const renew = async (): Promise<void> => {
    const data = await fetchData(source)
    if (data === null || data.p50Ms.every((ms) => ms === null)) return
    const before = charts
    charts = draw(place, data)
    for (const chart of before) chart.destroy()
  }
  const redraw = (): void => {
    for (const chart of charts) chart.redraw(false)
  }
  new ResizeObserver(() => {
    for (const chart of charts) chart.setSize({ width: widthOf(place), height: chart.height })
  }).observe(place)
  // Light and dark: by the system, and by the button of the page.
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw)
  new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ['data-theme'] })
  void renew()
  return { renew: () => void renew() }
}

async function fetchData(source: string): Promise<ChartData | null> {
  try {
    const response = await fetch(source)
    return response.ok ? await response.json() : null
  } catch {
    return null // the drawing of the server stays
  }
}

function draw(place: HTMLElement, data: ChartData): readonly uPlot[] {
  const fresh = document.createElement('div')
  place.replaceChildren(fresh)
  const latencies = new uPlot(
    options(widthOf(place), HEIGHT, [line('p50', '--p50'), line('p95', '--p95')]),
    [[...data.at], [...data.p50Ms], [...data.p95Ms]],
    fresh,
  )
  if (data.phases.length === 0) return [latencies]
  const areas = data.phases.map(area)
  const stacked = new uPlot(
    options(widthOf(place), PHASES_HEIGHT, [...areas].reverse()),
    [[...data.at], ...sumsOf(data).reverse()],
    fresh,
  )
  return [latencies, stacked]
}

function options(width: number, height: number, series: readonly uPlot.Series[]): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: () => colour('--muted'),
    grid: { stroke: () => colour('--line'), width: 1 },
    ticks: { stroke: () => colour('--line'), width: 1 },
  }
  return {
    width,
    height,
    cursor: { sync: { key: 'latency' }, y: false, drag: { x: false, y: false } },
    scales: { y: { range: (_, __, highest) => [0, Math.max(highest * 1.05, 1)] } },
    axes: [
      { ...axis, values: (_, ticks, __, ___, stepS) => ticks.map((atS) => tickText(atS, stepS)) },
      { ...axis, size: AXIS_WIDTH, values: (_, ticks) => ticks.map(milliseconds) },
    ],
    series: [{ label: 'Time', value: (_, atS) => (atS === null ? '–' : clock.format(atS * 1000)) }, ...series],
  }
}

const clock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const hours = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const days = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const DAY_S = 86_400

/** In the reader's zone; a midnight is named by its day. */
function tickText(atS: number, stepS: number): string {
  const at = new Date(atS * 1000)
  const isDay = stepS >= DAY_S || (at.getHours() === 0 && at.getMinutes() === 0)
  return (isDay ? days : hours).format(at)
}

/** One answer between two gaps is no line, and no area. */
const lonely: uPlot.Series.Points = { show: (chart, index) => isLonely(chart.data[index] ?? []), size: 6 }

function line(label: string, name: string): uPlot.Series {
  return {
    label,
    stroke: () => colour(name),
    width: 2,
    value: (_, ms) => milliseconds(ms),
    points: lonely,
  }
}

/** The value of the legend is the phase's own, not the sum that is drawn. */
function area({ title, colour: name, ms }: ChartData['phases'][number]): uPlot.Series {
  const paths = uPlot.paths.stepped?.({ align: 1 })
  return {
    label: title,
    stroke: () => colour(`--${name}`),
    fill: () => colour(`--${name}`),
    width: 0,
    points: lonely,
    value: (_, __, ___, index) => milliseconds(index === null ? null : (ms[index] ?? null)),
    ...(paths !== undefined && { paths }),
  }
}

/** Each phase on top of those before it. */
function sumsOf({ at, phases }: ChartData): (number | null)[][] {
  const below = at.map(() => 0)
  return phases.map(({ ms }) =>
    ms.map((value, index) => {
      if (value === null) return null
      below[index] = (below[index] ?? 0) + value
      return below[index] ?? null
    }),
  )
}

function isLonely(values: ArrayLike<number | null | undefined>): boolean {
  const isThere = (index: number): boolean => typeof values[index] === 'number'
  return Array.from(values).some((_, index) => isThere(index) && !isThere(index - 1) && !isThere(index + 1))
}

function milliseconds(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–'
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`
  return `${ms < 9.95 && ms !== Math.round(ms) ? ms.toFixed(1) : Math.round(ms)} ms`
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name)
}

/** Inside the padding. */
function widthOf(place: HTMLElement): number {
  const { paddingLeft, paddingRight } = getComputedStyle(place)
  return place.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight)
}
