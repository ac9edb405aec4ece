import type { CheckResult } from '../tracker/outcome.js'
import type { WatchedTracker } from '../tracker/state.js'
import type { PlannedCheck } from './due.js'
import type { Gate } from './gate.js'

/** One check. Null: it was aborted, which says nothing and is never recorded. Rejects only for a bug. */
export type CheckFn = (watched: WatchedTracker, signal: AbortSignal) => Promise<CheckResult | null>

export interface RoundOptions<T extends WatchedTracker> {
  /** In the order of `startMs`. */
  readonly plan: readonly PlannedCheck<T>[]
  readonly check: (watched: T, signal: AbortSignal) => Promise<CheckResult | null>
  readonly gate: Gate
  /** Ends the round at once: pending starts are dropped, running checks are told and waited for. */
  readonly signal: AbortSignal
}

/** A timer that fires so late tells of a process that was stopped, or blocked. */
const SLEPT_MS = 1_000

/**
 * Starts every planned check at its time, or when the gate has room, and resolves with the number of results when
 * the last one has ended. A check that rejects is a bug: no further ones start, and the round rejects with the first
 * such error after those under way have ended. After a sleep of the process the starts keep their distances: what is
 * overdue does not start all at once.
 */
export async function runRound<T extends WatchedTracker>(options: RoundOptions<T>): Promise<number> {
  const { plan, gate, signal } = options
  let beganAt = performance.now()
  const halt = new AbortController()
  const onAbort = (): void => halt.abort()
  if (signal.aborted) halt.abort()
  signal.addEventListener('abort', onAbort, { once: true })
  const running = new Set<Promise<void>>()
  const bugs: unknown[] = []
  let results = 0

  const run = async (watched: T): Promise<void> => {
    try {
      if ((await checkUnlessAborted(watched, options)) !== null) results += 1
    } catch (error) {
      bugs.push(error)
      halt.abort()
    }
    gate.leave()
  }

  for (const { watched, startMs } of plan) {
    const lateMs = await waitUntil(beganAt + startMs, halt.signal)
    if (lateMs > SLEPT_MS) beganAt += lateMs
    if (!(await gate.enter(halt.signal))) break
    const ended = run(watched).then(() => void running.delete(ended))
    running.add(ended)
  }
  await Promise.all(running)
  signal.removeEventListener('abort', onAbort)
  if (bugs.length > 0) throw bugs[0]
  return results
}

async function checkUnlessAborted<T extends WatchedTracker>(
  watched: T,
  { check, signal }: RoundOptions<T>,
): Promise<CheckResult | null> {
  try {
    return await check(watched, signal)
  } catch (error) {
    if (signal.aborted && error === signal.reason) return null
    throw error
  }
}

/**
 * Resolves at a `performance.now()` moment, or at once when the signal aborts, with how late its timer was, ms: 0 for a
 * moment that had passed before, as it does when the gate is full.
 */
function waitUntil(moment: number, signal: AbortSignal): Promise<number> {
  const waitMs = moment - performance.now()
  if (waitMs <= 0 || signal.aborted) return Promise.resolve(0)
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve(Math.max(0, performance.now() - moment))
    }
    const timer = setTimeout(end, waitMs)
    signal.addEventListener('abort', end, { once: true })
  })
}
