import type { TrackerState } from '../../tracker/state.js'
import { explainVerdict, type Hysteresis } from '../../tracker/verdict-rules.js'
import { StatusMark } from './parts.js'

/** "Why this verdict": each rule that led to the present status, in order. */
export function VerdictSection({ state, policy }: { state: TrackerState; policy: Hysteresis }) {
  const { status, steps } = explainVerdict(state, policy)
  return (
    <section id="verdict" data-live>
      <h2>Why this verdict</h2>
      <div class="card">
        <ol class="steps">
          {steps.map(({ sentence, decides }) => (
            <li class={decides ? 'decides' : undefined}>
              {sentence}
              {decides && (
                <>
                  {' '}
                  <StatusMark status={status} />
                </>
              )}
            </li>
          ))}
        </ol>
        <p class="footnote muted">
          A tracker is down after {times(policy.downAfter, 'bad')}, and up again after {times(policy.upAfter, 'good')}.
        </p>
      </div>
    </section>
  )
}

function times(count: number, word: string): string {
  return count === 1 ? `one ${word} check` : `${count} ${word} checks in a row`
}
