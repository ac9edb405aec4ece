import { formatNames, formats } from '../../export/formats.js'
import { type ListName, type ListRules, listNames, lists } from '../../tracker/select.js'
import { listParameters } from '../query.js'
import { Layout, type Site } from './layout.js'
import { duration, percent } from './text.js'

interface ListsPageProps {
  readonly site: Site
  readonly rules: ListRules
  readonly sizeOf: (list: ListName) => number
}

export function ListsPage({ site, rules, sizeOf }: ListsPageProps) {
  const { stable, best } = rules
  return (
    <Layout site={site} title="Lists – trackerwatch">
      <h1>Lists</h1>
      <p>
        A tracker is <b>stable</b> if it is alive now, was up at least {percent(stable.minUptime)} of the time observed
        in {stable.window} and has been watched for {duration(stable.minAgeMs)} or longer. <b>Best</b> are at most{' '}
        {best.limit} of those alive: stable ones first, then by uptime over {stable.window}, then by latency. URLs that
        carry a passkey or password are on no list, and trackers that make up peers only on <b>all</b>.
      </p>
      <div class="card">
        <table>
          <thead>
            <tr>
              <th scope="col">List</th>
              <th scope="col" class="num">
                Trackers
              </th>
              <th scope="col">Files</th>
            </tr>
          </thead>
          <tbody>
            {listNames.map((list) => (
              <tr>
                <th scope="row">
                  <b>{list}</b>
                  <div class="why muted">{lists[list].title}</div>
                </th>
                <td class="num">{sizeOf(list)}</td>
                <td>
                  {formatNames.map((name) => (
                    <>
                      <a href={`/lists/${list}${formats[name].extension}`}>{formats[name].extension}</a>{' '}
                    </>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h2>Formats</h2>
      <Definitions terms={formatNames.map((name) => [formats[name].extension, formats[name].title])} />
      <h2>Filters</h2>
      <p>
        Each is a query parameter of a list, as in{' '}
        <code>/lists/alive.txt?scheme=udp&amp;limit=20&amp;order=shuffle</code>.
      </p>
      <Definitions terms={Object.entries(listParameters).map(([name, { expected }]) => [name, expected])} />
    </Layout>
  )
}

function Definitions({ terms }: { terms: readonly (readonly [string, string])[] }) {
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
