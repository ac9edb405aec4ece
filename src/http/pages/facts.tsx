import { flagWords } from '../../tracker/flag-words.js'
import { flagsOf } from '../../tracker/outcome.js'
import type { TrackerState } from '../../tracker/state.js'
import { Moment } from './parts.js'
import { duration, orUnknown } from './text.js'

/** What the last announce answer says. */
export function AnnounceFacts({ state }: { state: TrackerState }) {
  const outcome = state.last?.outcome
  const announce = outcome?.kind === 'ok' ? outcome.announce : null
  if (outcome === undefined || announce === null) {
    return <div class="card empty muted">The last check brought no announce answer.</div>
  }
  const peers =
    announce.peers === null && announce.peers6 === null
      ? null
      : (announce.peers?.length ?? 0) + (announce.peers6?.length ?? 0)
  const flags = flagsOf(outcome)
  return (
    <div class="card">
      <dl>
        <dt>Announce interval</dt>
        <dd>{seconds(announce.intervalS)}</dd>
        <dt>Minimum interval</dt>
        <dd>{seconds(announce.minIntervalS)}</dd>
        <dt>Seeders, leechers, peers</dt>
        <dd>
          {orUnknown(announce.seeders)}, {orUnknown(announce.leechers)}, {orUnknown(peers)}
        </dd>
        {flags.length > 0 && (
          <>
            <dt>Remarks</dt>
            {flags.map((flag) => (
              <dd>{flagWords[flag]}</dd>
            ))}
          </>
        )}
      </dl>
    </div>
  )
}

/** How and since when we watch. */
export function WatchFacts({ state, now }: { state: TrackerState; now: Date }) {
  return (
    <div class="card">
      <dl>
        <dt>Group</dt>
        <dd>{state.group}</dd>
        <dt>Counts as alive</dt>
        <dd>{state.aliveWhen === 'announce' ? 'if it answers an announce' : 'if it answers, a refusal included'}</dd>
        <dt>First watched</dt>
        <dd>
          <Moment at={state.addedAt} now={now} />
        </dd>
        <dt>Last check</dt>
        <dd>{state.last === null ? 'none yet' : <Moment at={state.last.checkedAt} now={now} />}</dd>
        <dt>Last good answer</dt>
        <dd>{state.lastOkAt === null ? 'none yet' : <Moment at={state.lastOkAt} now={now} />}</dd>
      </dl>
    </div>
  )
}

function seconds(value: number | null): string {
  return value === null ? 'not said' : duration(value * 1000)
}
