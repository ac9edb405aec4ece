import type { Child } from 'hono/jsx'
import { statusWords } from '../../tracker/explain.js'
import { type Status, statuses } from '../../tracker/health.js'
import { schemes } from '../../tracker/tracker.js'
import { StatusMark } from './parts.js'
import { hrefOf, type SortKey, type StatusQuery, sortKeys } from './status-query.js'

const sortTitles: Readonly<Record<SortKey, string>> = {
  name: 'Name',
  status: 'Status',
  since: 'Since',
  '24h': 'Uptime 24h',
  '7d': 'Uptime 7d',
  '30d': 'Uptime 30d',
  '90d': 'Uptime 90d',
  '1y': 'Uptime 1y',
  latency: 'Latency',
}

/** A plain form, so that it works by itself; the script sends it while the reader types. */
export function StatusFilters({ query, groups }: { query: StatusQuery; groups: readonly string[] }) {
  return (
    <search>
      <form id="filters" class="filters" method="get" action="/">
        <label class="search">
          <span>Search</span>
          <input type="search" name="q" value={query.q ?? ''} placeholder="URL, host or reason" maxlength={200} />
        </label>
        <Choice
          name="status"
          title="Status"
          chosen={query.status}
          options={statuses.map((one) => [one, statusWords[one]])}
        />
        <Choice name="scheme" title="Scheme" chosen={query.scheme} options={schemes.map((one) => [one, one])} />
        {groups.length > 1 && (
          <Choice name="group" title="Group" chosen={query.group} options={groups.map((one) => [one, one])} />
        )}
        <Choice
          name="family"
          title="Works over"
          chosen={query.family}
          options={[
            ['4', 'IPv4'],
            ['6', 'IPv6'],
          ]}
        />
        <Choice
          name="sort"
          title="Sort by"
          none="Configuration"
          chosen={query.sort}
          options={sortKeys.map((one) => [one, sortTitles[one]])}
        />
        <Choice
          name="order"
          title="Order"
          none="Usual"
          chosen={query.order}
          options={[
            ['asc', 'Ascending'],
            ['desc', 'Descending'],
          ]}
        />
        <button type="submit">Show</button>
      </form>
    </search>
  )
}

interface ChoiceProps {
  readonly name: keyof StatusQuery
  readonly title: string
  readonly none?: string
  readonly chosen: string | number | undefined
  readonly options: readonly (readonly [value: string, title: string])[]
}

function Choice({ name, title, none = 'Any', chosen, options }: ChoiceProps) {
  return (
    <label class={`choice by-${name}`}>
      <span>{title}</span>
      <select name={name}>
        <option value="">{none}</option>
        {options.map(([value, text]) => (
          <option value={value} selected={value === String(chosen)}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}

/** How many there are of each status, as links to just these. */
export function StatusCounts({ query, counts }: { query: StatusQuery; counts: ReadonlyMap<Status, number> }) {
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const present = statuses.filter((status) => counts.has(status) || query.status === status)
  return (
    <ul id="counts" class="counts" aria-label="Trackers by status">
      <li>
        <CountLink id="count-all" href={hrefOf(query, { status: undefined })} isShown={query.status === undefined}>
          All {all}
        </CountLink>
      </li>
      {present.map((status) => (
        <li>
          <CountLink id={`count-${status}`} href={hrefOf(query, { status })} isShown={query.status === status}>
            <StatusMark status={status} /> {counts.get(status) ?? 0}
          </CountLink>
        </li>
      ))}
    </ul>
  )
}

interface CountLinkProps {
  readonly id: string
  readonly href: string
  readonly isShown: boolean
  readonly children?: Child
}

function CountLink({ id, href, isShown, children }: CountLinkProps) {
  return (
    <a id={id} class="view" href={href} {...(isShown && { 'aria-current': 'true' as const })}>
      {children}
    </a>
  )
}
