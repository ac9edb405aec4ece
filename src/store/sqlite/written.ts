import type { Phases } from '../../tracker/outcome.js'
import type { CheckRecord } from '../store.js'

/** A record together with the number of its tracker. */
export interface Written {
  readonly id: number
  readonly record: CheckRecord
  /** Of its check. */
  readonly atMs: number
  /** Of the newest check that was answered, as far as is known here. */
  readonly lastOkMs: number | null
  /** Of the probe that decided it, where it was answered. */
  readonly phases: Phases | null
}

/** What a transaction has written. */
export interface Recorded {
  readonly written: readonly Written[]
  /** What is left of it of each tracker, by number, see `newer`. */
  readonly newest: ReadonlyMap<number, Written>
  /** Whether none of the checks was there already. */
  readonly allNew: boolean
}

/** What is left of two of a tracker: the newer check, and when one was last answered. */
export function newer(before: Written | undefined, one: Written): Written {
  if (before === undefined) return one
  if (one.atMs < before.atMs) return before
  return one.lastOkMs === null && before.lastOkMs !== null ? { ...one, lastOkMs: before.lastOkMs } : one
}
