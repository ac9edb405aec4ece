import { type LatencyPoint, type LatencySeries, latencyRanges } from './latency-series.js'
import { markup } from './markup.js'
import { phaseColours, phasesIn, phaseWords } from './phase-words.js'
import { TableHead } from './table-head.js'
import { milliseconds, utcMinute } from './text.js'

/** Units of the drawings; the browser stretches them, so lines keep their width and labels stand beside them as text. */
const WIDTH = 1000
const HEIGHT = 200
const TICKS = 4

const ranges = Object.keys(latencyRanges)

interface LatencyProps {
  readonly id: string
  readonly series: LatencySeries
}

/** Works as it is; `chart.ts` puts charts with a cursor in its place. */
export function LatencySection({ id, series }: LatencyProps) {
  const { range, points } = series
  const answered = points.filter(({ p50Ms }) => p50Ms !== null)
  return (
    <section id="latency">
      <div class="beside">
        <h2>Latency</h2>
        <nav aria-label="Range of the chart" class="ranges">
          {ranges.map((one) => (
            <a href={`/tracker/${id}?range=${one}#latency`} aria-current={one === range ? 'true' : undefined}>
              {one}
            </a>
          ))}
        </nav>
      </div>
      <div class="card chart" data-chart={`/tracker/${id}/latency.json?range=${range}`}>
        {answered.length === 0 ? (
          <p class="empty muted">No answer in this time.</p>
        ) : (
          <>
            <Latencies points={points} range={range} />
            <PhaseAreas points={points} range={range} />
          </>
        )}
      </div>
      <div id="latency-numbers" data-live>
        {answered.length > 0 && <AsTable series={series} answered={answered} />}
      </div>
    </section>
  )
}

type ChartProps = Pick<LatencySeries, 'range' | 'points'>

function Latencies({ points, range }: ChartProps) {
  const top = niceTop(Math.max(...points.map(({ p95Ms }) => p95Ms ?? 0)))
  const line = (of: (point: LatencyPoint) => number | null) => linePath(points.map(of), top)
  const label = `${summaryOf(points)} The table below has the same numbers.`
  return (
    <figure>
      <figcaption>
        Per {latencyRanges[range].unit} (UTC): <span class="key p50">median (p50)</span>{' '}
        <span class="key p95">p95</span>
      </figcaption>
      <Frame top={top} points={points} range={range}>
        {markup`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}"><path class="p95" d="${line(({ p95Ms }) => p95Ms)}"></path><path class="p50" d="${line(({ p50Ms }) => p50Ms)}"></path></svg>`}
      </Frame>
    </figure>
  )
}

/** Where the time went, one phase on top of the other. Nothing where that is not known. */
function PhaseAreas({ points, range }: ChartProps) {
  const names = phasesIn(points.map(({ phases }) => phases))
  if (names.length === 0) return null
  const top = niceTop(Math.max(...points.map(({ phases }) => sumOf(Object.values(phases)))))
  // The highest sum first, so that each lower one covers its part of it.
  const areas = names.map((name, index) => {
    const below = names.slice(0, index + 1)
    const sums = points.map(({ phases }) =>
      Object.keys(phases).length === 0 ? null : sumOf(below.map((phase) => phases[phase] ?? 0)),
    )
    return markup`<path class="area ${phaseColours[name]}" d="${stepPath(sums, top)}"></path>`
  })
  const label = `Mean time of each phase: ${names.map((name) => phaseWords[name]).join(', ')}. The table below has the numbers.`
  return (
    <figure class="small">
      <figcaption>
        Where the time went, on average:{' '}
        {names.map((name) => (
          <>
            <span class={`key ${phaseColours[name]}`}>{phaseWords[name]}</span>{' '}
          </>
        ))}
      </figcaption>
      <Frame top={top} points={points} range={range}>
        {markup`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">${areas.toReversed()}</svg>`}
      </Frame>
    </figure>
  )
}

interface FrameProps extends ChartProps {
  readonly top: number
  readonly children?: unknown
}

function Frame({ top, points, range, children }: FrameProps) {
  const ticks = Array.from({ length: TICKS + 1 }, (_, index) => top - (top * index) / TICKS)
  const labelled = [0, 1, 2, 3, 4].flatMap((index) => points[Math.round(((points.length - 1) * index) / 4)] ?? [])
  return (
    <div class="frame">
      <div class="ticks" aria-hidden="true">
        {ticks.map((ms) => (
          <span>{ms === 0 ? '0' : milliseconds(ms)}</span>
        ))}
      </div>
      <div class="plot">{children}</div>
      <div class="times" aria-hidden="true">
        {labelled.map(({ from }) => (
          <span>{timeOf(from, range)}</span>
        ))}
      </div>
    </div>
  )
}

/** A line that breaks where there is no value; one alone becomes a dot. */
function linePath(values: readonly (number | null)[], top: number): string {
  const step = WIDTH / Math.max(values.length, 1)
  let path = ''
  let isDrawing = false
  for (const [place, value] of values.entries()) {
    if (value !== null) {
      const point = `${round((place + 0.5) * step)} ${heightOf(value, top)}`
      path += isDrawing ? `L${point}` : `M${point}h.1`
    }
    isDrawing = value !== null
  }
  return path
}

/** The area under steps, one for each value. */
function stepPath(values: readonly (number | null)[], top: number): string {
  const step = WIDTH / Math.max(values.length, 1)
  let path = ''
  let isDrawing = false
  for (const [place, value] of [...values, null].entries()) {
    if (value === null) {
      if (isDrawing) path += `V${HEIGHT}Z`
    } else {
      const begin = isDrawing ? '' : `M${round(place * step)} ${HEIGHT}`
      path += `${begin}V${heightOf(value, top)}H${round((place + 1) * step)}`
    }
    isDrawing = value !== null
  }
  return path
}

function AsTable({
  series: { range, points },
  answered,
}: {
  series: LatencySeries
  answered: readonly LatencyPoint[]
}) {
  const names = phasesIn(points.map(({ phases }) => phases))
  return (
    <details id="latency-table">
      <summary>The same as a table</summary>
      <section class="card tall" tabindex={0} aria-label="Latencies">
        <table>
          <TableHead
            titles={[range === '1y' ? 'Day (UTC)' : 'Hour from']}
            numbers={['Answers', 'p50', 'p95', ...names.map((name) => phaseWords[name])]}
          />
          <tbody>
            {answered.toReversed().map(({ from, answers, p50Ms, p95Ms, phases }) => (
              <tr>
                <th scope="row">{range === '1y' ? from.toISOString().slice(0, 10) : utcMinute(from)}</th>
                {[answers, milliseconds(p50Ms), milliseconds(p95Ms)].map((cell) => (
                  <td class="num">{cell}</td>
                ))}
                {names.map((name) => (
                  <td class="num">{milliseconds(phases[name])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  )
}

function summaryOf(points: readonly LatencyPoint[]): string {
  const medians = points.flatMap(({ p50Ms }) => p50Ms ?? [])
  const highest = Math.max(...points.flatMap(({ p95Ms }) => p95Ms ?? []))
  const range = `${milliseconds(Math.min(...medians))} to ${milliseconds(Math.max(...medians))}`
  return `Latency: medians from ${range}, p95 up to ${milliseconds(highest)}.`
}

/** The end of the scale: a round number whose quarters are round too. */
function niceTop(highest: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(highest, 1)))
  return power * ([1, 2, 4, 6, 8, 10].find((factor) => factor * power >= highest) ?? 10)
}

function timeOf(at: Date, range: LatencySeries['range']): string {
  const iso = at.toISOString()
  if (range === '24h') return iso.slice(11, 16)
  return iso.slice(range === '1y' ? 0 : 5, 10)
}

function heightOf(value: number, top: number): number {
  return round(HEIGHT * (1 - value / top))
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
