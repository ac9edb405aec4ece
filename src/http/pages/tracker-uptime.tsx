import { latencyAt } from '../../tracker/latency-histogram.js'
import { conclusiveChecks, lossRatio, successRatio } from '../../tracker/ratios.js'
import type { Rollup } from '../../tracker/rollup.js'
import type { TrackerState } from '../../tracker/state.js'
import { DAY_MS } from '../../tracker/time.js'
import { type Bar, Bars } from './bars.js'
import { incidentsHref } from './incidents-query.js'
import { TableHead } from './table-head.js'
import { counted, duration, milliseconds, orUnknown, percent } from './text.js'
import { DAYS_SHOWN, startOfDay, type TrackerHistory, type WindowFigures } from './tracker-read.js'

interface UptimeProps {
  readonly state: TrackerState
  readonly history: Pick<TrackerHistory, 'windows' | 'days'>
  readonly now: Date
}

/** How much of the time, how many of the checks, how many of the packets; and the last 90 days. */
export function UptimeSection({ state, history, now }: UptimeProps) {
  return (
    <section id="uptime" data-live>
      <h2>Uptime</h2>
      <div class="card">
        <table class="figures">
          <TableHead
            titles={['Window']}
            numbers={['Uptime', 'Not alive', 'Success', 'Packet loss', 'p50', 'p95', 'p99', 'Checks', 'Observed']}
          />
          <tbody>
            {history.windows.map((figures) => (
              <WindowRow figures={figures} state={state} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="why muted">
        Uptime is the share of the observed time in which the tracker was alive; success the share of the checks that
        found it so, skipped ones left out; packet loss the share of packets that had to be sent again. Checks and
        latency are those of whole hours, from 30 days on of whole days (UTC).
      </p>
      <Days id={state.id} days={history.days} now={now} />
    </section>
  )
}

function WindowRow({ figures, state }: { figures: WindowFigures; state: TrackerState }) {
  const { window, uptime, sum } = figures
  const { ratio, observedMs, aliveMs } = uptime
  const latency = (quantile: number) => (sum === null ? null : latencyAt(sum.latencies, quantile))
  const cells = [
    percent(ratio),
    ratio === null ? orUnknown(null) : duration(observedMs - aliveMs),
    percent(sum === null ? null : successRatio(sum.checks, state)),
    percent(sum === null ? null : lossRatio(sum)),
    ...[0.5, 0.95, 0.99].map((quantile) => milliseconds(latency(quantile))),
    orUnknown(sum === null ? null : conclusiveChecks(sum.checks)),
    duration(observedMs),
  ]
  return (
    <tr>
      <th scope="row">{window}</th>
      {cells.map((cell) => (
        <td class="num">{cell}</td>
      ))}
    </tr>
  )
}

/** One bar a day, and the same as a table for those who do not see them; each day leads to its incidents. */
function Days({ id, days, now }: { id: string; days: readonly Rollup[]; now: Date }) {
  const firstMs = startOfDay(now) - (DAYS_SHOWN - 1) * DAY_MS
  const known = new Map(days.map((day) => [day.from.getTime(), day]))
  const all = Array.from({ length: DAYS_SHOWN }, (_, place) => new Date(firstMs + place * DAY_MS))
  const bars = all.map((day) => barOf(day, known.get(day.getTime())))
  return (
    <div class="days" data-days-from={dayOf(all[0] ?? now)} data-days-href={`/incidents?tracker=${id}&day=`}>
      <h3>Last {DAYS_SHOWN} days</h3>
      <Bars bars={bars} label={summaryOf(days)} />
      <p class="ends muted">
        <span>{DAYS_SHOWN} days ago</span>
        <span>{summaryOf(days)}</span>
        <span>today</span>
      </p>
      <details id="day-by-day">
        <summary>Day by day</summary>
        <div class="card">
          <table>
            <TableHead titles={['Day (UTC)']} numbers={['Uptime', 'Not alive', 'Checks']} />
            <tbody>
              {days.toReversed().map((day) => (
                <DayRow id={id} day={day} />
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </div>
  )
}

function DayRow({ id, day }: { id: string; day: Rollup }) {
  const { observedMs, aliveMs } = day.uptime
  const date = dayOf(day.from)
  return (
    <tr>
      <th scope="row">
        <a href={incidentsHref({ tracker: id, day: date })}>{date}</a>
      </th>
      <td class="num">{percent(observedMs === 0 ? null : aliveMs / observedMs)}</td>
      <td class="num">{minutes(observedMs - aliveMs)}</td>
      <td class="num">{conclusiveChecks(day.checks)}</td>
    </tr>
  )
}

function barOf(at: Date, day: Rollup | undefined): Bar {
  const observedMs = day?.uptime.observedMs ?? 0
  if (day === undefined || observedMs === 0) return { kind: 'none', title: `${dayOf(at)} · not observed` }
  const downMs = observedMs - day.uptime.aliveMs
  const ratio = day.uptime.aliveMs / observedMs
  const kind = downMs === 0 ? 'ok' : ratio >= GOOD_DAY ? 'degraded' : 'failed'
  const title = `${dayOf(at)} · ${percent(ratio)}${downMs === 0 ? '' : ` · ${minutes(downMs)} not alive`}`
  return { kind, height: downMs === 0 ? 1 : Math.max(ratio * HIGHEST_BAD_DAY, LOWEST_DAY), title }
}

/** From here on a day is not called bad. */
const GOOD_DAY = 0.95
/** A day with any downtime is told from one without by its height too. */
const HIGHEST_BAD_DAY = 0.85
const LOWEST_DAY = 0.15

/** `88 of 90 days without downtime, 2 with downtime, 0 not observed` */
function summaryOf(days: readonly Rollup[]): string {
  const observed = days.filter(({ uptime }) => uptime.observedMs > 0)
  const bad = observed.filter(({ uptime }) => uptime.aliveMs < uptime.observedMs).length
  const parts = [`${counted(observed.length - bad, 'day')} without downtime`, `${bad} with`]
  if (observed.length < DAYS_SHOWN) parts.push(`${DAYS_SHOWN - observed.length} not observed`)
  return parts.join(', ')
}

function minutes(ms: number): string {
  return ms > 0 && ms < 60_000 ? '< 1 min' : `${Math.floor(ms / 60_000)} min`
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10)
}
