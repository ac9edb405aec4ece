import { causeOf, explain } from '../../tracker/explain.js'
import { flagWords } from '../../tracker/flag-words.js'
import { maskText } from '../../tracker/mask.js'
import { flagDegrades, flagsOf, isAlive, messageOf } from '../../tracker/outcome.js'
import type { TrackerState } from '../../tracker/state.js'

export interface Reason {
  readonly sentence: string
  /** The tracker's or the network's own words, secrets of the URL masked; null if there are none. */
  readonly said: string | null
}

/** Why a tracker has the status it has; null where "up" says it all. */
export function whyOf(state: Pick<TrackerState, 'tracker' | 'health' | 'last' | 'aliveWhen'>): Reason | null {
  const { health, last } = state
  if (health === null || last === null) return null
  const { outcome } = last
  const message = messageOf(outcome)
  const said = message === null ? null : maskText(message, state.tracker)
  const good = isAlive(outcome, state.aliveWhen)
  if (health.status === 'up') {
    if (good || outcome.kind === 'skipped') return null
    return { sentence: `Last check only: ${explain(causeOf(outcome))}`, said }
  }
  if (outcome.kind !== 'ok') return { sentence: explain(causeOf(outcome)) ?? 'No reason is known', said }
  if (health.status !== 'degraded') return { sentence: 'The last check was good, not confirmed yet', said: null }
  const faults = flagsOf(outcome).filter((flag) => flagDegrades[flag])
  return {
    sentence: faults.map((flag) => flagWords[flag]).join('. ') || 'The last check was good, not confirmed yet',
    said,
  }
}
