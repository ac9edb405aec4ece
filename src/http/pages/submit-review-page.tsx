import type { Submission } from '../submissions.js'
import { Layout, type Site } from './layout.js'
import { Moment } from './parts.js'
import { TokenField } from './submit-page.js'
import { TableHead } from './table-head.js'
import { milliseconds } from './text.js'

/** Where the operator shows who he is: nothing of the list is on this page. */
export function ReviewDoor({ site, wrong }: { site: Site; wrong: boolean }) {
  return (
    <Layout site={site} title="Review submissions – trackerwatch">
      <h1>Review submissions</h1>
      {wrong && (
        <p class="problem" role="alert">
          The token is wrong, or the configuration has none.
        </p>
      )}
      <form method="post" action="/submit/review" class="submit">
        <TokenField />
        <button type="submit">Show</button>
      </form>
    </Layout>
  )
}

interface ReviewProps {
  readonly site: Site
  readonly submissions: readonly Submission[]
  /** Goes along with the next decision. */
  readonly token: string
  readonly now: Date
}

export function ReviewPage({ site, submissions, token, now }: ReviewProps) {
  return (
    <Layout site={site} title="Review submissions – trackerwatch">
      <h1>Review submissions</h1>
      {submissions.length === 0 ? (
        <p>No tracker has been submitted and answered yet.</p>
      ) : (
        <form method="post" action="/submit/review">
          <input type="hidden" name="token" value={token} />
          <div class="card">
            <table class="submitted">
              <TableHead titles={['Tracker', 'State', 'Submitted']} numbers={['Answered in']} last={['Decide']} />
              <tbody>
                {submissions.map((submission) => (
                  <Row submission={submission} now={now} />
                ))}
              </tbody>
            </table>
          </div>
        </form>
      )}
    </Layout>
  )
}

function Row({ submission: { id, url, state, submittedAt, latencyMs }, now }: { submission: Submission; now: Date }) {
  return (
    <tr>
      <th scope="row" class="url">
        {url}
      </th>
      <td>{state === 'held' ? 'Held' : 'Watched'}</td>
      <td class="nowrap">
        <Moment at={submittedAt} now={now} />
      </td>
      <td class="num">{milliseconds(latencyMs)}</td>
      <td class="nowrap">
        {state === 'held' && (
          <button type="submit" name="accept" value={id} aria-label={`Accept ${url}`}>
            Accept
          </button>
        )}{' '}
        <button type="submit" name="reject" value={id} aria-label={`Reject ${url}`}>
          Reject
        </button>
      </td>
    </tr>
  )
}
