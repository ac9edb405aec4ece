import type { StatusEvent } from '../http/events.js'
import type { RoundEnd } from '../monitor/hooks.js'
import type { Logger } from '../monitor/log.js'
import type { Store } from '../store/store.js'
import { isAliveStatus, type StatusChange } from '../tracker/health.js'
import { maskText, maskUrl } from '../tracker/mask.js'
import { type TrackerState, trackerId } from '../tracker/state.js'
import type { Tracker } from '../tracker/tracker.js'
import type { EventHub } from './events.js'

/** A status change as it may leave this machine. */
export function statusEvent(tracker: Tracker, { at, from, to, reason, code, message }: StatusChange): StatusEvent {
  const masked = message === null ? null : maskText(message, tracker)
  return { id: trackerId(tracker.url), url: maskUrl(tracker.url), from, to, at, reason, code, message: masked }
}

export interface RoundTeller {
  readonly store: Pick<Store, 'states'>
  readonly events: EventHub
  readonly log: Logger
}

/** Tells the end of a round once the store has said how many are alive. Never rejects. */
export async function tellRound({ group, result, checked, endedAt }: RoundEnd, teller: RoundTeller): Promise<void> {
  if (result !== 'completed') return
  try {
    const states = await teller.store.states()
    const alive = states.filter(isAlive).length
    teller.events.publish({ event: 'round', data: { group, endedAt, checked, alive, trackers: states.length } })
  } catch (err) {
    teller.log.error({ err, group }, 'end of a round not told to live readers')
  }
}

function isAlive({ health, aliveWhen }: TrackerState): boolean {
  return health !== null && isAliveStatus(health.status, aliveWhen)
}
