import { statuses } from '../../tracker/health.js'
import { maskUrl } from '../../tracker/mask.js'
import { type Entry, type UptimeWindow, uptimeWindows } from '../../tracker/state.js'
import type { MonitorStatus } from '../deps.js'
import { Layout, type Site } from './layout.js'
import { Moment, StatusMark, Why } from './parts.js'
import { counted, duration, milliseconds, percent } from './text.js'
import { whyOf } from './why.js'

interface StatusPageProps {
  readonly site: Site
  readonly entries: readonly Entry[]
  readonly stable: number
  readonly monitor: MonitorStatus
  readonly now: Date
}

const windows = Object.keys(uptimeWindows) as readonly UptimeWindow[]

export function StatusPage(props: StatusPageProps) {
  const { site, entries, now } = props
  return (
    <Layout site={site} title={`${banner(props)} – trackerwatch`}>
      <h1>{banner(props)}</h1>
      <RoundLine {...props} />
      {entries.length === 0 ? (
        <div class="card empty">No trackers are watched. Name some in the configuration, then reload it.</div>
      ) : (
        <>
          <Counts entries={entries} />
          <TrackerTable entries={entries} now={now} />
        </>
      )}
    </Layout>
  )
}

function banner({ entries, stable }: StatusPageProps): string {
  const alive = entries.filter((entry) => entry.alive).length
  return `${alive} of ${counted(entries.length, 'tracker')} up · stable list ${stable}`
}

function RoundLine({ monitor, now }: StatusPageProps) {
  const { lastRoundAt, nextRoundAt, startedAt } = monitor
  const next = nextRoundAt === null ? null : <Moment at={nextRoundAt} now={now} />
  if (lastRoundAt === null) {
    return <p class="muted">No round has ended yet{next !== null && <>; the first one starts {next}</>}.</p>
  }
  return (
    <p class="muted">
      Last round <Moment at={lastRoundAt} now={now} />
      {next !== null && <> · next one {next}</>} · running for {duration(now.getTime() - startedAt.getTime())}
    </p>
  )
}

function Counts({ entries }: { entries: readonly Entry[] }) {
  const present = statuses
    .map((status) => ({
      status,
      count: entries.filter(({ health }) => (health?.status ?? 'pending') === status).length,
    }))
    .filter(({ count }) => count > 0)
  return (
    <ul class="counts" aria-label="Trackers by status">
      {present.map(({ status, count }) => (
        <li>
          <StatusMark status={status} /> {count}
        </li>
      ))}
    </ul>
  )
}

function TrackerTable({ entries, now }: { entries: readonly Entry[]; now: Date }) {
  return (
    <div class="card">
      <table class="trackers">
        <thead>
          <tr>
            {['Status', 'Tracker', 'Group', 'Since'].map((title) => (
              <th scope="col">{title}</th>
            ))}
            {windows.map((window) => (
              <th scope="col" class="num">
                {window === '24h' ? 'Uptime 24h' : <abbr title={`Uptime over ${window}`}>{window}</abbr>}
              </th>
            ))}
            <th scope="col" class="num">
              Latency
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <TrackerRow entry={entry} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** `data-label` stands in for the column's header where a narrow screen stacks the cells. */
function TrackerRow({ entry, now }: { entry: Entry; now: Date }) {
  const why = whyOf(entry)
  return (
    <tr>
      <td class="state">
        <StatusMark status={entry.health?.status ?? 'pending'} />
      </td>
      <th scope="row" class="url">
        <a href={`/tracker/${entry.id}`}>{maskUrl(entry.tracker.url)}</a>
        {why !== null && <Why {...why} />}
      </th>
      <td class="group">{entry.group}</td>
      <td class="since nowrap">{entry.health !== null && <Moment at={entry.health.since} now={now} />}</td>
      {windows.map((window) => (
        <td class="num" data-label={window}>
          {percent(entry.uptime[window])}
        </td>
      ))}
      <td class="num" data-label="Latency">
        {milliseconds(entry.latencyMs)}
      </td>
    </tr>
  )
}
