import type { LineState, Receipt, SubmissionRules } from '../submissions.js'
import { Layout, type Site } from './layout.js'
import { TableHead } from './table-head.js'
import { counted } from './text.js'

interface SubmitProps {
  readonly site: Site
  readonly rules: SubmissionRules
  /** What was wrong with what was sent, as a sentence without a full stop. */
  readonly problem?: string
}

/** The form. It is sent as it is by any browser. */
export function SubmitPage({ site, rules, problem }: SubmitProps) {
  const { mode, review } = rules
  return (
    <Layout site={site} title="Submit trackers – trackerwatch">
      <h1>Submit trackers</h1>
      {problem !== undefined && (
        <p class="problem" role="alert">
          Nothing was submitted: {problem}.
        </p>
      )}
      {mode === 'off' ? (
        <p>This monitor takes no submissions.</p>
      ) : (
        <>
          <p>
            Each tracker is checked once, right away. One that serves an announce is{' '}
            {review === 'accept' ? 'watched from then on' : 'held until the operator has looked at it'}. Trackers with a
            passkey, and those of local or overlay networks, are not taken.
          </p>
          <form method="post" action="/submit" class="submit">
            <label for="new_trackers">Announce URLs, one per line</label>
            <textarea id="new_trackers" name="new_trackers" rows={10} required spellcheck={false}></textarea>
            {mode === 'token' && <TokenField />}
            <button type="submit">Submit</button>
          </form>
        </>
      )}
    </Layout>
  )
}

export function TokenField() {
  return (
    <>
      <label for="token">Token</label>
      <input id="token" name="token" type="password" required autocomplete="off" />
    </>
  )
}

/** What became of each line. */
export function ReceiptPage({ site, receipt: { lines } }: { site: Site; receipt: Receipt }) {
  const waiting = lines.filter(({ state }) => state.kind === 'waiting').length
  return (
    <Layout site={site} title="Submitted trackers – trackerwatch">
      <h1>Submitted trackers</h1>
      <p role="status">
        {waiting === 0
          ? `${counted(lines.length, 'line')}, all done.`
          : `${waiting} of ${counted(lines.length, 'line')} being checked; this page looks again every few seconds.`}
      </p>
      {lines.length > 0 && (
        <div class="card">
          <table class="submitted">
            <TableHead titles={['Tracker', 'Result']} numbers={[]} />
            <tbody>
              {lines.map(({ text, state }) => (
                <tr>
                  <th scope="row" class="url">
                    {text}
                  </th>
                  <td>
                    <LineResult state={state} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p>
        <a href="/submit">Submit more</a>
      </p>
    </Layout>
  )
}

const results = {
  waiting: { kind: 'pending', shape: '○', word: 'Being checked' },
  accepted: { kind: 'up', shape: '●', word: 'Accepted, watched from now on' },
  held: { kind: 'degraded', shape: '◐', word: 'Answers, waits for the operator' },
  refused: { kind: 'down', shape: '■', word: 'Not taken' },
} as const satisfies Record<LineState['kind'], { kind: string; shape: string; word: string }>

function LineResult({ state }: { state: LineState }) {
  const { kind, shape, word } = results[state.kind]
  return (
    <>
      <span class={`status ${kind}`}>
        <span class="shape" aria-hidden="true">
          {shape}
        </span>
        {word}
      </span>
      {state.kind === 'refused' && <div class="why">{state.because}</div>}
    </>
  )
}
