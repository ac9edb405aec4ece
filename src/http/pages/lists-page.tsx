import type { Child } from 'hono/jsx'
import { formatNames, formats } from '../../export/formats.js'
import type { ListRules } from '../../tracker/list-rules.js'
import type { ListChange } from '../../tracker/membership.js'
import { type ListName, listNames, lists } from '../../tracker/select.js'
import type { Entry } from '../../tracker/state.js'
import { listParameters } from '../query.js'
import { Layout, type Site } from './layout.js'
import { ListChanges } from './lists-changes.js'
import { ClientSettings } from './lists-clients.js'
import { ListForm } from './lists-form.js'
import { type ListChoice, listPath } from './lists-query.js'
import { ListResult } from './lists-result.js'
import { ListRulesText } from './lists-rules.js'
import { TableHead } from './table-head.js'

export interface ListsPageProps {
  readonly site: Site
  /** Where we are, without a trailing slash. */
  readonly siteUrl: string
  readonly rules: ListRules
  readonly choice: ListChoice
  readonly chosen: readonly Entry[]
  readonly sizeOf: (list: ListName) => number
  /** Of the chosen list, newest first. */
  readonly changes: readonly ListChange[]
  readonly now: Date
}

export function ListsPage({ site, siteUrl, rules, choice, chosen, sizeOf, changes, now }: ListsPageProps) {
  const { list, format, filters, problem } = choice
  const path = listPath(choice, format)
  const feed = { title: `What entered and left the list ${list}`, href: `/lists/${list}/changes.atom` }
  return (
    <Layout site={site} title="Lists – trackerwatch" place="/lists/" scripts={['lists.js']} feeds={[feed]}>
      <h1>Lists</h1>
      <p>Trackers to subscribe a client to. Choose here, then copy the URL: it gives the same choice as it is then.</p>
      <ListForm choice={choice} />
      <div id="chosen">
        <ListResult
          chosen={chosen}
          format={format}
          window={filters.window ?? rules.stable.window}
          url={path === null ? null : `${siteUrl}${path}`}
          problem={problem}
        />
        <ClientSettings choice={choice} site={siteUrl} />
        <ListChanges list={list} changes={changes} now={now} />
      </div>
      <ListRulesText rules={rules} />
      <AllLists sizeOf={sizeOf} />
      <h2>Formats</h2>
      <Definitions terms={formatNames.map((name) => [formats[name].extension, formats[name].title])} />
      <h2>Filters</h2>
      <p>
        Each is a query parameter of a list, as in{' '}
        <code>/lists/alive.txt?scheme=udp&amp;limit=20&amp;order=shuffle</code>.
      </p>
      <Definitions terms={Object.entries(listParameters).map(([name, { expected }]) => [name, expected])} />
      <h2>For programs that read newTrackon</h2>
      <p>
        <code>/api/stable</code>, <code>/api/live</code>, <code>/api/all</code>, <code>/api/udp</code>,{' '}
        <code>/api/http</code> and <code>/api/95</code> answer as newTrackon’s own do, with its parameters. There the
        uptime alone decides, and nothing stays for having been on the list before.
      </p>
    </Layout>
  )
}

function AllLists({ sizeOf }: Pick<ListsPageProps, 'sizeOf'>) {
  return (
    <section>
      <h2>All lists</h2>
      <div class="card">
        <table>
          <TableHead titles={['List']} numbers={['Trackers']} last={['Files']} />
          <tbody>
            {listNames.map((list) => (
              <tr>
                <th scope="row">
                  <a href={`/lists/?list=${list}`}>
                    <b>{list}</b>
                  </a>
                  <div class="why muted">{lists[list].title}</div>
                </th>
                <td class="num">{sizeOf(list)}</td>
                <td class="files">
                  {formatNames.map((name) => (
                    <a
                      href={`/lists/${list}${formats[name].extension}`}
                      aria-label={`${list}${formats[name].extension}`}
                    >
                      {formats[name].extension}
                    </a>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Definitions({ terms }: { terms: readonly (readonly [string, Child])[] }) {
  return (
    <div class="card">
      <dl>
        {terms.map(([term, meaning]) => (
          <>
            <dt>
              <code>{term}</code>
            </dt>
            <dd>{meaning}</dd>
          </>
        ))}
      </dl>
    </div>
  )
}
