import { setMaxListeners } from 'node:events'
import type { CheckResult } from '../tracker/outcome.js'
import type { Tracker } from '../tracker/tracker.js'

export interface SubmissionQueueOptions {
  /** Null: it was aborted, or cannot be made any more. Rejects only for a bug. */
  readonly check: (tracker: Tracker, signal: AbortSignal) => Promise<CheckResult | null>
  readonly onCrash: (error: unknown) => void
}

/** First checks of trackers that strangers name: few at a time, beside the rounds. */
export interface SubmissionQueue {
  /** `onResult` is told once, null if there will be no result. Not when `isFull`. */
  add(tracker: Tracker, onResult: (result: CheckResult | null) => void): void
  has(url: string): boolean
  /** Waiting and under way. */
  size(): number
  isFull(): boolean
  /** Nothing more is checked. Resolves when what is under way has ended. Idempotent. */
  stop(): Promise<void>
}

const MAX_AT_ONCE = 4
const MAX_WAITING = 1_000

interface Waiting {
  readonly tracker: Tracker
  readonly onResult: (result: CheckResult | null) => void
}

export function createSubmissionQueue({ check, onCrash }: SubmissionQueueOptions): SubmissionQueue {
  const abort = new AbortController()
  setMaxListeners(0, abort.signal)
  const waiting: Waiting[] = []
  const urls = new Set<string>()
  const running = new Set<Promise<void>>()

  const run = async ({ tracker, onResult }: Waiting): Promise<void> => {
    const result = await resultOf(tracker)
    urls.delete(tracker.url)
    onResult(result)
  }
  const resultOf = async (tracker: Tracker): Promise<CheckResult | null> => {
    try {
      return await check(tracker, abort.signal)
    } catch (error) {
      if (!abort.signal.aborted) onCrash(error)
      return null
    }
  }
  const next = (): void => {
    while (running.size < MAX_AT_ONCE && !abort.signal.aborted) {
      const first = waiting.shift()
      if (first === undefined) return
      const ended = run(first).finally(() => {
        running.delete(ended)
        next()
      })
      running.add(ended)
    }
  }
  return {
    add: (tracker, onResult) => {
      urls.add(tracker.url)
      waiting.push({ tracker, onResult })
      next()
    },
    has: (url) => urls.has(url),
    size: () => urls.size,
    isFull: () => waiting.length >= MAX_WAITING || abort.signal.aborted,
    stop: async () => {
      abort.abort()
      await Promise.all(running)
      for (const { onResult } of waiting.splice(0)) onResult(null)
    },
  }
}
