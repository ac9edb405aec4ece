import type { Child } from 'hono/jsx'
import type { StoredCheck } from '../../store/stored-check.js'
import { explain } from '../../tracker/explain.js'
import type { Tracker } from '../../tracker/tracker.js'
import { adviceFor } from './advice.js'
import { Remarks, saidOf } from './history.js'
import { Moment, OutcomeMark, Why } from './parts.js'
import { TableHead } from './table-head.js'
import { milliseconds } from './text.js'

interface ChecksProps {
  readonly checks: readonly StoredCheck[]
  readonly tracker: Tracker
  readonly now: Date
}

export function RecentChecks({ checks, tracker, now }: ChecksProps) {
  return (
    <section id="checks" data-live>
      <h2>Last checks</h2>
      <div class="card">
        {checks.length === 0 ? (
          <p class="empty muted">No check yet.</p>
        ) : (
          <table>
            <TableHead titles={['When', 'Over', 'Outcome']} numbers={['Latency']} />
            <tbody>
              {checks.map((check, index) => (
                <Row check={check} now={now} value={milliseconds(check.latencyMs)}>
                  <Told check={check} before={lastOver(check.family, checks.slice(0, index))} tracker={tracker} />
                </Row>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  )
}

interface FailuresProps extends Omit<ChecksProps, 'checks'> {
  readonly failures: readonly StoredCheck[]
}

/** Also those from before the last checks, with what may be done about each. */
export function LastFailures({ failures, tracker, now }: FailuresProps) {
  return (
    <section id="failures" data-live>
      <h2>Last failures</h2>
      <div class="card">
        {failures.length === 0 ? (
          <p class="empty muted">No check in 90 days has failed.</p>
        ) : (
          <table>
            <TableHead titles={['When', 'Over', 'What happened, and what to look at']} numbers={['Attempts']} />
            <tbody>
              {failures.map((check, index) => (
                <Row check={check} now={now} value={String(check.attempts)}>
                  <Told check={check} before={failures[index - 1]} tracker={tracker} advice={adviceFor(check)} />
                </Row>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  )
}

interface RowProps {
  readonly check: StoredCheck
  readonly now: Date
  readonly value: string
  readonly children?: Child
}

function Row({ check, now, value, children }: RowProps) {
  return (
    <tr>
      <td class="nowrap">
        <Moment at={check.checkedAt} now={now} />
      </td>
      <td>{check.family === null ? '' : `IPv${check.family}`}</td>
      <td>
        <OutcomeMark kind={check.outcome} />
        {children}
      </td>
      <td class="num">{value}</td>
    </tr>
  )
}

interface ToldProps {
  readonly check: StoredCheck
  /** The row above that may have told the same. */
  readonly before: StoredCheck | undefined
  readonly tracker: Tracker
  readonly advice?: string | null
}

/** Why, unless it was told just before: a tracker that is down says the same twenty times. */
function Told({ check, before, tracker, advice = null }: ToldProps) {
  const sentence = explain(check)
  const said = saidOf(check.message, tracker)
  if (before !== undefined && saysSame(check, before)) {
    return sentence === null && check.flags.length === 0 ? null : <span class="why muted"> as above</span>
  }
  return (
    <>
      <Why sentence={sentence} said={said} />
      <Remarks flags={check.flags} />
      {advice !== null && <div class="why advice">{advice}</div>}
    </>
  )
}

function saysSame(one: StoredCheck, other: StoredCheck): boolean {
  const isAlike = one.outcome === other.outcome && one.reason === other.reason && one.code === other.code
  return isAlike && one.message === other.message && one.flags.join() === other.flags.join()
}

function lastOver(family: StoredCheck['family'], checks: readonly StoredCheck[]): StoredCheck | undefined {
  return checks.findLast((check) => check.family === family)
}
