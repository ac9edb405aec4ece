import { setMaxListeners } from 'node:events'
import type { CheckResult } from '../tracker/outcome.js'
import type { Known, PlannedCheck } from './due.js'
import type { Gate } from './gate.js'
import { type CheckFn, runRound } from './round.js'

export interface RoundsOptions {
  readonly check: CheckFn
  readonly gate: Gate
  /** Whether the tracker is still watched when its turn comes. */
  isWatched(url: string): boolean
}

/** Everything that is being checked, so that no tracker is checked twice at a time, whatever asked for it. */
export interface Rounds {
  /** Runs planned checks of trackers that are not taken; otherwise like `runRound`. */
  run(plan: readonly PlannedCheck<Known>[], onResult: (result: CheckResult) => void): Promise<number>
  /** Planned or under way. */
  isTaken(known: Known): boolean
  /** Aborts what is under way and waits for its end. */
  stop(): Promise<void>
}

export function createRounds({ check, gate, isWatched }: RoundsOptions): Rounds {
  const abort = new AbortController()
  setMaxListeners(0, abort.signal) // every check under way listens
  const taken = new Set<string>()
  const running = new Set<Promise<number>>()

  const run: Rounds['run'] = async (plan, onResult) => {
    const waiting = new Set(plan.map(({ watched }) => watched.tracker.url))
    for (const url of waiting) taken.add(url)
    const checkOne = async (known: Known, signal: AbortSignal): Promise<CheckResult | null> => {
      const { url } = known.tracker
      waiting.delete(url)
      try {
        const result = isWatched(url) ? await check(known, signal) : null
        if (result !== null) onResult(result) // before the tracker is free again: its next check is due by this one
        return result
      } finally {
        taken.delete(url)
      }
    }
    try {
      return await runRound({ plan, check: checkOne, gate, signal: abort.signal })
    } finally {
      for (const url of waiting) taken.delete(url)
    }
  }

  return {
    run: (plan, onResult) => {
      const round = run(plan, onResult)
      running.add(round)
      return round.finally(() => running.delete(round))
    },
    isTaken: ({ tracker }) => taken.has(tracker.url),
    stop: async () => {
      abort.abort()
      await Promise.allSettled(running)
    },
  }
}
