import { causeOf, explain } from '../../tracker/explain.js'
import { flagWords } from '../../tracker/flag-words.js'
import type { StatusChange } from '../../tracker/health.js'
import { maskText } from '../../tracker/mask.js'
import { type Flag, flagsOf, messageOf, type ProbeResult } from '../../tracker/outcome.js'
import type { TrackerState } from '../../tracker/state.js'
import type { Tracker } from '../../tracker/tracker.js'
import { Moment, OutcomeMark, StatusMark, Why } from './parts.js'
import { PhaseBar } from './phase-bar.js'
import { TableHead } from './table-head.js'
import { counted, milliseconds } from './text.js'

/** The probes of the last check, one row per address. */
export function LastCheck({ state, now }: { state: TrackerState; now: Date }) {
  const { last, tracker } = state
  if (last === null) return null
  return (
    <section id="last-check" data-live>
      <h2>
        Last check, <Moment at={last.checkedAt} now={now} />
      </h2>
      <div class="card">
        {last.probes.length === 0 ? (
          <p class="empty muted">No address was probed.</p>
        ) : (
          <table class="probes">
            <TableHead titles={['Address', 'Outcome']} numbers={['Latency', 'Attempts']} />
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
  return (
    <tr>
      <th scope="row">
        <div>IPv{probe.family}</div>
        <div class="why muted">{probe.address}</div>
      </th>
      <td class="wide">
        <OutcomeMark kind={outcome.kind} />
        <Why sentence={explain(causeOf(outcome))} said={saidOf(messageOf(outcome), tracker)} />
        <Remarks flags={flagsOf(outcome)} />
        <PhaseBar phases={phases} />
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

const CHANGES_SHOWN = 100

/** `changes` newest first. Those that made no incident are of interest now and then. */
export function StatusChanges({ changes, tracker, now }: ChangesProps) {
  return (
    <section id="changes" data-live>
      <details id="all-changes">
        <summary>
          <h2>Changes in 30 days ({changes.length})</h2>
        </summary>
        <div class="card">
          {changes.length === 0 ? (
            <p class="empty muted">No change of status.</p>
          ) : (
            <table>
              <TableHead titles={['When', 'Change']} numbers={[]} />
              <tbody>
                {changes.slice(0, CHANGES_SHOWN).map((change) => (
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
        {changes.length > CHANGES_SHOWN && (
          <p class="muted">And {counted(changes.length - CHANGES_SHOWN, 'older one')}.</p>
        )}
      </details>
    </section>
  )
}

export function Remarks({ flags }: { flags: readonly Flag[] }) {
  return (
    <>
      {flags.map((flag) => (
        <div class="why">{flagWords[flag]}</div>
      ))}
    </>
  )
}

export function saidOf(message: string | null, tracker: Tracker): string | null {
  return message === null ? null : maskText(message, tracker)
}
