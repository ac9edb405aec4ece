import { mapInTurns } from '../../metrics/in-turns.js'
import type { UptimeWindow } from '../../tracker/state.js'
import type { StatusLine } from './status-line.js'
import { hrefOf, naturalOrder, orderOf, type SortKey, type StatusQuery, statusWindows } from './status-query.js'
import { SHOWN_CHECKS, StatusRow } from './status-row.js'

interface StatusTableProps {
  readonly lines: readonly StatusLine[]
  /** The ids of all that belong into the table, where `lines` are only those that a reader asked for again. */
  readonly ids?: readonly string[]
  readonly query: StatusQuery
  readonly hasPlaces: boolean
  readonly hasGroups: boolean
  readonly now: Date
}

export function StatusTable({ lines, ids, query, hasPlaces, hasGroups, now }: StatusTableProps) {
  return (
    <div class="card">
      <table class={hasPlaces ? 'fleet placed' : 'fleet'}>
        <caption class="unseen">Trackers; the headers of sortable columns are links</caption>
        <thead id="head">
          <tr>
            <th scope="col" class="state" {...sortedBy('status', query)}>
              <SortLink sort="status" query={query}>
                Status
              </SortLink>{' '}
              <SortLink sort="since" query={query}>
                since
              </SortLink>
            </th>
            <Header sort="name" query={query} kind="url">
              Tracker
            </Header>
            <th scope="col" class="beats">
              Last {SHOWN_CHECKS} checks
            </th>
            {statusWindows.map((window) => (
              <Header sort={window} query={query} kind="num">
                <UptimeTitle window={window} />
              </Header>
            ))}
            <Header sort="latency" query={query} kind="num latency">
              Latency
            </Header>
            <th scope="col" class="num">
              <abbr title="How long the tracker asks clients to wait between announces">Interval</abbr>
            </th>
            <th scope="col" class="families">
              <abbr title="Address families of the last check">IP</abbr>
            </th>
            {hasPlaces && (
              <th scope="col" class="place">
                Location
              </th>
            )}
          </tr>
        </thead>
        <tbody id="rows" data-ids={ids?.join(' ')}>
          <Rows lines={lines} hasPlaces={hasPlaces} hasGroups={hasGroups} now={now} />
        </tbody>
      </table>
    </div>
  )
}

async function Rows({ lines, ...shared }: Pick<StatusTableProps, 'lines' | 'hasPlaces' | 'hasGroups' | 'now'>) {
  return <>{await mapInTurns(lines, (line) => StatusRow({ line, ...shared }))}</>
}

interface SortProps {
  readonly sort: SortKey
  readonly query: StatusQuery
  readonly children: string | ReturnType<typeof UptimeTitle>
}

function Header({ sort, query, kind, children }: SortProps & { readonly kind: string }) {
  return (
    <th scope="col" class={kind} {...sortedBy(sort, query)}>
      <SortLink sort={sort} query={query}>
        {children}
      </SortLink>
    </th>
  )
}

/** Sorts by a column, and the other way round where the table is sorted by it already. */
function SortLink({ sort, query, children }: SortProps) {
  const order = query.sort === sort ? orderOf(query) : null
  const next = order === null ? naturalOrder(sort) : order === 'asc' ? 'desc' : 'asc'
  const href = hrefOf(query, { sort, order: next === naturalOrder(sort) ? undefined : next })
  return (
    <a id={`by-${sort}`} class="view" href={href}>
      {children}
      {order !== null && <span aria-hidden="true">{order === 'asc' ? ' ▲' : ' ▼'}</span>}
    </a>
  )
}

function sortedBy(sort: SortKey, query: StatusQuery): { 'aria-sort'?: 'ascending' | 'descending' } {
  if (query.sort !== sort) return {}
  return { 'aria-sort': orderOf(query) === 'asc' ? 'ascending' : 'descending' }
}

function UptimeTitle({ window }: { window: UptimeWindow }) {
  return <abbr title={`Uptime over ${window}`}>{window}</abbr>
}
