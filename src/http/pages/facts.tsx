import { flagWords } from '../../tracker/flag-words.js'
import { flagsOf } from '../../tracker/outcome.js'
import type { TrackerState } from '../../tracker/state.js'
import { Moment } from './parts.js'
import { counted } from './text.js'

/** How and since when we watch, and what the last answer said of the swarm. */
export function FactsSection({ state, now }: { state: TrackerState; now: Date }) {
  const { last, lastOkAt } = state
  const flags = last === null ? [] : flagsOf(last.outcome)
  return (
    <section id="facts" data-live>
      <h2>Watched</h2>
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
          <dd>{last === null ? 'none yet' : <Moment at={last.checkedAt} now={now} />}</dd>
          <dt>Last good answer</dt>
          <dd>{lastOkAt === null ? 'none yet' : <Moment at={lastOkAt} now={now} />}</dd>
          <dt>Swarm of our torrent</dt>
          <dd>{swarmOf(state)}</dd>
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
    </section>
  )
}

function swarmOf({ last }: TrackerState): string {
  if (last?.outcome.kind !== 'ok') return 'the last check brought no announce answer'
  const { seeders, leechers, peers, peers6 } = last.outcome.announce
  const sent = peers === null && peers6 === null ? null : (peers?.length ?? 0) + (peers6?.length ?? 0)
  const peersSent = sent === null ? 'no list of peers' : counted(sent, 'peer')
  return `${said(seeders, 'seeder')}, ${said(leechers, 'leecher')}, ${peersSent}`
}

function said(count: number | null, singular: string): string {
  return count === null ? `${singular}s not said` : counted(count, singular)
}
