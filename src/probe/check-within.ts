import type { CheckResult, Outcome, ProbeResult } from '../tracker/outcome.js'
import type { Tracker } from '../tracker/tracker.js'
import { type CheckOptions, check, resultOf } from './check.js'
import { classify } from './classify.js'
import { type AbortSignalLike, DeadlineError, withDeadline } from './deadline.js'
import { merge } from './merge.js'
import { firstPhase } from './redirects.js'
import type { TraceEvent } from './trace.js'

export interface Within {
  /** For all of the check, its waiting included, ms. An exchange has a little less, so that it can say what it came to. */
  readonly withinMs: number
  /** Waits until the check may start, on its own time. */
  readonly waitTurn: (signal: AbortSignalLike) => Promise<void> | undefined
}

const MOST_RESERVED_MS = 500

/** How far a check has come. */
interface Progress {
  /** Names that are asked for and not answered. */
  asked: number
  /** Exchanges that began. */
  began: number
  readonly settled: ProbeResult[]
}

/**
 * A check that has a result in time, for somebody who waits no longer: what is not over by then has failed, or is
 * skipped where it had not begun. Rejects like `check`.
 */
export async function checkWithin(
  tracker: Tracker,
  options: Omit<CheckOptions, 'timeoutMs'>,
  { withinMs, waitTurn }: Within,
  signal: AbortSignalLike,
): Promise<CheckResult> {
  const progress: Progress = { asked: 0, began: 0, settled: [] }
  const onTrace = (event: TraceEvent): void => {
    note(event, progress)
    options.onTrace?.(event)
  }
  const timeoutMs = withinMs - Math.min(MOST_RESERVED_MS, withinMs / 10)
  try {
    return await withDeadline(withinMs, signal, async (ended) => {
      await waitTurn(ended)
      return check(tracker, { ...options, timeoutMs, onTrace }, ended)
    })
  } catch (error) {
    if (!(error instanceof DeadlineError) || signal.aborted) throw error
    const late = lateOutcome(error, tracker, progress)
    const outcome = merge([...progress.settled.map((probe) => probe.outcome), late])
    return resultOf(tracker, outcome, progress.settled, options.aliveWhen)
  }
}

function note(event: TraceEvent, progress: Progress): void {
  if (event.kind === 'name_asked' && event.record !== 'TXT') progress.asked += 1
  if (event.kind === 'name_answered' || event.kind === 'name_unanswered') progress.asked -= 1
  if (event.kind === 'probe_began') progress.began += 1
  if (event.kind === 'probe_settled') progress.settled.push(event.result)
}

function lateOutcome(error: DeadlineError, tracker: Tracker, { asked, began, settled }: Progress): Outcome {
  if (began === settled.length && asked === 0) {
    const detail = `others came first for all of the ${error.timeoutMs} ms that this check had`
    return { kind: 'skipped', reason: 'too_soon', code: 'local.too_soon', detail }
  }
  const outcome = classify(error, began > settled.length ? firstPhase(tracker) : 'resolve')
  if (outcome === null) throw error
  return outcome
}
