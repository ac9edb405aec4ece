import type { TrackerList } from '../tracker/list.js'
import type { Tracker } from '../tracker/tracker.js'

/** What is known of a list on the web. Its decisions are pure: all moments come from the arguments. */
export interface SourceState {
  /** The last good copy. */
  readonly trackers: readonly Tracker[]
  readonly lastSuccessAt: Date | null
  readonly lastAttemptAt: Date | null
  /** Why the newest fetch was of no use; null if it was. */
  readonly lastError: string | null
  /** Fetches in a row that brought no list. */
  readonly failures: number
  /** Fetches in a row that were refused because so few trackers were left. */
  readonly shrunk: number
}

export const firstState: SourceState = {
  trackers: [],
  lastSuccessAt: null,
  lastAttemptAt: null,
  lastError: null,
  failures: 0,
  shrunk: 0,
}

/** After a failure a list is fetched again sooner than usual; the wait doubles with each further failure. */
const FIRST_RETRY_MS = 60_000
/** A list that is left with less than this share of its trackers looks like an accident of its publisher … */
const LEAST_SHARE = 0.25
/** … until it has said so this many times in a row. Lists with fewer trackers than that are believed at once. */
const SHRUNK_UNTIL_BELIEVED = 3
const FEW_TRACKERS = 8

export function isDue(state: SourceState, refreshMs: number, now: Date): boolean {
  const since = state.lastAttemptAt ?? state.lastSuccessAt
  if (since === null) return true
  const elapsedMs = now.getTime() - since.getTime()
  const waitMs = state.failures === 0 ? refreshMs : Math.min(refreshMs, FIRST_RETRY_MS * 2 ** (state.failures - 1))
  return elapsedMs >= waitMs || elapsedMs < 0 // the clock was set back
}

/** The state after a list arrived: it is taken, or refused and the last good copy stays. */
export function afterFetch(state: SourceState, list: TrackerList, now: Date): SourceState {
  const [before, found] = [state.trackers.length, list.trackers.length]
  if (found === 0) {
    return afterFailure(state, `no announce URL in it, but ${list.problems.length} other entries`, now)
  }
  const shrunk = before >= FEW_TRACKERS && found < before * LEAST_SHARE ? state.shrunk + 1 : 0
  if (shrunk > 0 && shrunk < SHRUNK_UNTIL_BELIEVED) {
    const message = `${found} trackers where there were ${before}, believed when it says so ${SHRUNK_UNTIL_BELIEVED} times`
    return { ...state, lastAttemptAt: now, lastError: message, failures: 0, shrunk } // no hurry: wait a whole refresh
  }
  const trackers = list.trackers.map(({ tracker }) => tracker)
  return { trackers, lastSuccessAt: now, lastAttemptAt: now, lastError: null, failures: 0, shrunk: 0 }
}

/** The state after a fetch that failed. A failure in between says nothing about a list that shrank. */
export function afterFailure(state: SourceState, message: string, now: Date): SourceState {
  return { ...state, lastAttemptAt: now, lastError: message, failures: state.failures + 1 }
}
