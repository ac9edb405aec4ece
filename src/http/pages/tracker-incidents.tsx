import type { LinkedIncident } from '../../store/store.js'
import { explain } from '../../tracker/explain.js'
import type { Tracker } from '../../tracker/tracker.js'
import { saidOf } from './history.js'
import { incidentsHref } from './incidents-query.js'
import { Moment, StatusMark, Why } from './parts.js'
import { TableHead } from './table-head.js'
import { duration } from './text.js'
import { INCIDENTS_SHOWN } from './tracker-read.js'

interface IncidentsProps {
  /** Of the tracker. */
  readonly id: string
  readonly incidents: readonly LinkedIncident[]
  readonly tracker: Tracker
  readonly now: Date
}

export function IncidentsSection({ id, incidents, tracker, now }: IncidentsProps) {
  return (
    <section id="incidents" data-live>
      <h2>Incidents in a year</h2>
      <div class="card">
        {incidents.length === 0 ? (
          <p class="empty muted">None: it was not seen down.</p>
        ) : (
          <table>
            <TableHead titles={['Began', 'Worst status, and why']} numbers={['Lasted', 'Observed bad time']} />
            <tbody>
              {incidents.map((incident, index) => (
                <IncidentRow incident={incident} before={incidents[index - 1]} tracker={tracker} now={now} />
              ))}
            </tbody>
          </table>
        )}
      </div>
      {incidents.length === INCIDENTS_SHOWN && (
        <p class="why">
          These are the newest {INCIDENTS_SHOWN}; there is{' '}
          <a href={incidentsHref({ tracker: id })}>a page of its incidents</a>.
        </p>
      )}
    </section>
  )
}

interface RowProps {
  readonly incident: LinkedIncident
  /** The row above, which may have told the same. */
  readonly before: LinkedIncident | undefined
  readonly tracker: Tracker
  readonly now: Date
}

function IncidentRow({ incident, before, tracker, now }: RowProps) {
  const { from, to, recovered, worst, durationMs, linked } = incident
  const day = from.toISOString().slice(0, 10)
  return (
    <tr>
      <td class="nowrap">
        <Moment at={from} now={now} />
      </td>
      <td class="wide">
        <StatusMark status={worst} />
        {before !== undefined && saysSame(incident, before) ? (
          <span class="why muted"> as above</span>
        ) : (
          <Why sentence={explain(incident)} said={saidOf(incident.message, tracker)} />
        )}
        {linked !== null && (
          <div class="why">
            <a href={incidentsHref({ day })}>Others failed with it</a>
          </div>
        )}
      </td>
      <td class="num">
        {to === null ? (
          <>{duration(now.getTime() - from.getTime())}, and still does</>
        ) : (
          <>
            {duration(to.getTime() - from.getTime())}
            {!recovered && <div class="why muted">until it was watched no more</div>}
          </>
        )}
      </td>
      <td class="num">{duration(durationMs)}</td>
    </tr>
  )
}

function saysSame(one: LinkedIncident, other: LinkedIncident): boolean {
  return one.worst === other.worst && one.message === other.message && explain(one) === explain(other)
}
