import type { CheckRecord } from '../store.js'

/** A record together with the number of its tracker and the moment of its check. */
export interface Written {
  readonly id: number
  readonly record: CheckRecord
  readonly atMs: number
}

/** What a transaction has written. */
export interface Recorded {
  readonly written: readonly Written[]
  /** Whether none of the checks was there already. */
  readonly allNew: boolean
}
