import type { StoredCheck } from '../../store/stored-check.js'
import { causeOf, explain } from '../../tracker/explain.js'
import { flagWords } from '../../tracker/flag-words.js'
import type { StatusChange } from '../../tracker/health.js'
import { maskText } from '../../tracker/mask.js'
import { type Flag, flagsOf, messageOf, type Phase, type ProbeResult, phaseNames } from '../../tracker/outcome.js'
import type { TrackerState } from '../../tracker/state.js'
import type { Tracker } from '../../tracker/tracker.js'
import { Moment, OutcomeMark, StatusMark, Why } from './parts.js'
import { milliseconds } from './text.js'

const phaseWords: Readonly<Record<Phase, string>> = {
  resolve: 'name',
  connect: 'connect',
  tls: 'TLS',
  send: 'send',
  processing: 'wait',
  transfer: 'receive',
  udp_connect: 'UDP connect',
  udp_announce: 'UDP announce',
  udp_scrape: 'UDP scrape',
  ws_upgrade: 'WebSocket upgrade',
  ws_reply: 'WebSocket reply',
}

/** The probes of the last check, one row per address. */
export function LastCheck({ state, now }: { state: TrackerState; now: Date }) {
  const { last, tracker } = state
  if (last === null) return null
  return (
    <section>
      <h2>
        Last check, <Moment at={last.checkedAt} now={now} />
      </h2>
      <div class="card">
        {last.probes.length === 0 ? (
          <p class="empty muted">No address was probed.</p>
        ) : (
          <table>
            <Head titles={['Address', 'Outcome']} numbers={['Latency', 'Attempts']} />
            <tbody>
              {last.probes.map((probe) => (
                <ProbeRow probe={probe} tracker={tracker} />
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  )
}

function ProbeRow({ probe, tracker }: { probe: ProbeResult; tracker: Tracker }) {
  const { outcome, phases } = probe
  const spent = phaseNames.flatMap((phase) =>
    phases[phase] === undefined ? [] : [`${phaseWords[phase]} ${milliseconds(phases[phase])}`],
  )
  return (
    <tr>
      <th scope="row">
        <div>IPv{probe.family}</div>
        <div class="why muted nowrap">{probe.address}</div>
      </th>
      <td>
        <OutcomeMark kind={outcome.kind} />
        <Why sentence={explain(causeOf(outcome))} said={saidOf(messageOf(outcome), tracker)} />
        <Remarks flags={flagsOf(outcome)} />
        <div class="why muted">{spent.join(' · ')}</div>
      </td>
      <td class="num">{milliseconds(probe.latencyMs)}</td>
      <td class="num">{probe.attempts}</td>
    </tr>
  )
}

interface ChangesProps {
  readonly changes: readonly StatusChange[]
  readonly tracker: Tracker
  readonly now: Date
}

/** `changes` newest first. */
export function StatusChanges({ changes, tracker, now }: ChangesProps) {
  return (
    <section>
      <h2>Changes in 30 days</h2>
      <div class="card">
        {changes.length === 0 ? (
          <p class="empty muted">No change of status.</p>
        ) : (
          <table>
            <Head titles={['When', 'Change']} numbers={[]} />
            <tbody>
              {changes.map((change) => (
                <tr>
                  <td class="nowrap">
                    <Moment at={change.at} now={now} />
                  </td>
                  <td>
                    <StatusMark status={change.from} /> → <StatusMark status={change.to} />
                    <Why sentence={explain(change)} said={saidOf(change.message, tracker)} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  )
}

interface ChecksProps {
  readonly checks: readonly StoredCheck[]
  readonly tracker: Tracker
  readonly now: Date
}

export function RecentChecks({ checks, tracker, now }: ChecksProps) {
  return (
    <section>
      <h2>Last checks</h2>
      <div class="card">
        {checks.length === 0 ? (
          <p class="empty muted">No check yet.</p>
        ) : (
          <table>
            <Head titles={['When', 'Over', 'Outcome']} numbers={['Latency']} />
            <tbody>
              {checks.map((check) => (
                <tr>
                  <td class="nowrap">
                    <Moment at={check.checkedAt} now={now} />
                  </td>
                  <td>{check.family === null ? '' : `IPv${check.family}`}</td>
                  <td>
                    <OutcomeMark kind={check.outcome} />
                    <Why sentence={explain(check)} said={saidOf(check.message, tracker)} />
                    <Remarks flags={check.flags} />
                  </td>
                  <td class="num">{milliseconds(check.latencyMs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  )
}

function Remarks({ flags }: { flags: readonly Flag[] }) {
  return (
    <>
      {flags.map((flag) => (
        <div class="why">{flagWords[flag]}</div>
      ))}
    </>
  )
}

function Head({ titles, numbers }: { titles: readonly string[]; numbers: readonly string[] }) {
  return (
    <thead>
      <tr>
        {titles.map((title) => (
          <th scope="col">{title}</th>
        ))}
        {numbers.map((title) => (
          <th scope="col" class="num">
            {title}
          </th>
        ))}
      </tr>
    </thead>
  )
}

function saidOf(message: string | null, tracker: Tracker): string | null {
  return message === null ? null : maskText(message, tracker)
}
