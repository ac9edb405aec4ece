import type { LinkedIncident } from '../../store/store.js'
import { explain } from '../../tracker/explain.js'
import { maskText, maskUrl } from '../../tracker/mask.js'
import { trackerId } from '../../tracker/state.js'
import { parseTracker } from '../../tracker/tracker.js'
import { type IncidentDay, type IncidentGroup, type Shared, sharedBy } from './incidents-days.js'
import { StatusMark, Why } from './parts.js'
import { TableHead } from './table-head.js'
import { counted, duration, utc } from './text.js'

interface DayProps {
  readonly day: IncidentDay
  readonly addressesOf: (url: string) => readonly string[]
  readonly now: Date
}

/** The incidents of one day; those that seem to have one cause stand together. */
export function IncidentsOfDay({ day: { day, groups }, addressesOf, now }: DayProps) {
  return (
    <section>
      <h2 id={`day-${day}`}>
        <time datetime={day}>{dayName(day)}</time>
      </h2>
      <div class="card">
        <table class="incidents">
          <colgroup>
            <col class="began" />
            <col />
            <col class="ended" />
            <col class="lasted" />
          </colgroup>
          <TableHead titles={['Began, UTC', 'Tracker and cause', 'Ended, UTC']} numbers={['Lasted']} />
          {groups.map((group) => (
            <tbody class={group.isLinked ? 'linked' : ''}>
              {group.isLinked && <GroupRow group={group} addressesOf={addressesOf} />}
              {group.incidents.map((incident) => (
                <IncidentRow incident={incident} day={day} now={now} />
              ))}
            </tbody>
          ))}
        </table>
      </div>
    </section>
  )
}

function GroupRow({ group: { incidents }, addressesOf }: { group: IncidentGroup } & Pick<DayProps, 'addressesOf'>) {
  return (
    <tr class="together">
      <th scope="rowgroup" colspan={4}>
        {incidents.length === 1
          ? 'Others failed with it'
          : sentenceOf(incidents.length, sharedBy(incidents, addressesOf))}
      </th>
    </tr>
  )
}

function sentenceOf(count: number, { minutes, inMinutes, addresses }: Shared): string {
  const who = inMinutes === count ? '' : `${inMinutes} of them `
  const reasons = [
    minutes.length === 0
      ? []
      : [`${who}began in the same minute (${minutes.map((minute) => clock(minute)).join(', ')})`],
    addresses.length === 0
      ? []
      : [
          `their trackers share ${counted(addresses.length, 'address', 'addresses')} (${addresses.slice(0, 4).join(', ')}${addresses.length > 4 ? ', …' : ''})`,
        ],
  ].flat()
  const why = reasons.length === 0 ? 'linked by others that are not shown' : reasons.join('; ')
  return `${count} together: ${why}`
}

function IncidentRow({ incident, day, now }: { incident: LinkedIncident; day: string; now: Date }) {
  const { id, url, from, to, recovered, worst, message } = incident
  const { tracker } = parseTracker(url)
  const said = message === null || tracker === undefined ? null : maskText(message, tracker)
  return (
    <tr id={`incident-${id}`}>
      <td class="nowrap began">
        <Clock at={from} day={day} />
      </td>
      <td class="what">
        <div class="url">
          <a href={`/tracker/${trackerId(url)}`}>{maskUrl(url)}</a>
        </div>
        <div class="why">
          <StatusMark status={worst} /> {explain(incident) ?? 'No reason is known'}
        </div>
        <Why sentence={null} said={said} />
      </td>
      <td class="nowrap ended">
        {to === null ? <span class="status down">going on</span> : <Clock at={to} day={day} />}
        {to !== null && !recovered && <div class="why muted">watched no more</div>}
      </td>
      <td class="num lasted">{duration((to ?? now).getTime() - from.getTime())}</td>
    </tr>
  )
}

/** The time of a day, with the date where that is another. */
function Clock({ at, day }: { at: Date; day: string }) {
  const date = at.toISOString().slice(0, 10)
  return (
    <time datetime={at.toISOString()} title={utc(at)}>
      {date === day ? clock(at) : `${date} ${clock(at)}`}
    </time>
  )
}

function clock(at: Date): string {
  return at.toISOString().slice(11, 16)
}

const dayWords = new Intl.DateTimeFormat('en', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
})

/** `Sunday, 22 November 2026`. The parts are put together here, for the commas are not the same in every version of ICU. */
function dayName(day: string): string {
  const parts = dayWords.formatToParts(new Date(`${day}T00:00:00Z`))
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((one) => one.type === type)?.value ?? ''
  return `${part('weekday')}, ${part('day')} ${part('month')} ${part('year')}`
}
