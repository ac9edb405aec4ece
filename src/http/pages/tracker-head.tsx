import { maskUrl } from '../../tracker/mask.js'
import type { TrackerState } from '../../tracker/state.js'
import { adviceFor } from './advice.js'
import { StatusMark, Why } from './parts.js'
import { duration, utc } from './text.js'
import { whyOf } from './why.js'

interface HeadProps {
  readonly state: TrackerState
  readonly now: Date
}

/** Which tracker, how it is, since when and why. */
export function TrackerHead({ state, now }: HeadProps) {
  const { health, archivedAt } = state
  const why = whyOf(state)
  return (
    <section id="head" data-live aria-label="Status">
      <h1>{maskUrl(state.tracker.url)}</h1>
      {archivedAt === null ? null : (
        <p class="archived">
          Not watched since {utc(archivedAt)}; its history is kept. What follows is what it was then.
        </p>
      )}
      <p>
        <StatusMark status={health?.status ?? 'pending'} />
        {health !== null && archivedAt === null && (
          <>
            {' '}
            for {duration(now.getTime() - health.since.getTime())}, since {utc(health.since)}
          </>
        )}
      </p>
      {why !== null && <Why {...why} />}
      <Failure state={state} />
    </section>
  )
}

function Failure({ state }: Pick<HeadProps, 'state'>) {
  const outcome = state.last?.outcome
  if (outcome?.kind !== 'failed') return null
  const advice = adviceFor(outcome)
  return (
    <>
      <p class="why muted">
        Code <code>{outcome.code}</code>, in phase <code>{outcome.phase}</code>
      </p>
      {advice !== null && <p class="why">{advice}.</p>}
    </>
  )
}
