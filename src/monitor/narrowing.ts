import type { RefusedError } from '../store/errors.js'
import type { CheckRecord } from '../store/store.js'
import { maskUrl } from '../tracker/mask.js'

export interface Refused {
  readonly record: CheckRecord
  readonly error: RefusedError
}

/** So many refused one after the other, and none taken between them, tell of something else than of these records. */
const MOST_ASIDE = 100

/**
 * Looks for the records that the store will never take, from the head of the queue on: of those that are refused together,
 * half is tried next, until one is refused alone. That one stands aside until the store has taken another, and is given up
 * only then: a store that takes none at all throws no history away.
 */
export interface Narrowing {
  /** How many records to try next, `usual` where nothing is wrong. */
  size(usual: number): number
  /** These were taken. Returns the refused that are given up now. */
  taken(records: number): readonly Refused[]
  /** These were refused, 1 or more. Returns those that go back to the head of the queue. */
  refused(batch: readonly CheckRecord[], error: RefusedError): readonly CheckRecord[]
  /** How many stand aside. */
  aside(): number
  /** Whether to go on with those that are still queued. */
  goesOn(queued: number): boolean
  /** Those that stood aside, in order, to be repeated. */
  takeBack(): readonly CheckRecord[]
}

export function createNarrowing(): Narrowing {
  let aside: Refused[] = []
  /** So many at the head of the queue have one among them that is refused. */
  let suspects = 0
  return {
    size(usual) {
      if (aside.length > 0) return 1
      return suspects > 0 ? Math.ceil(suspects / 2) : usual
    },
    taken(records) {
      const givenUp = aside
      aside = []
      suspects = Math.max(0, suspects - records)
      return givenUp
    },
    refused(batch, error) {
      suspects = batch.length
      const [record, ...others] = batch
      if (record === undefined || others.length > 0) return batch
      suspects = 0
      aside.push({ record, error })
      return []
    },
    aside: () => aside.length,
    goesOn: (queued) => queued > 0 && aside.length < MOST_ASIDE,
    takeBack() {
      const records = aside.map(({ record }) => record)
      if (records.length > 0) suspects = 1
      aside = []
      return records
    },
  }
}

/** Whether the store will never take what it was given. An error that nobody knows may pass, and history waits for it. */
export function isRefusal(error: unknown): error is RefusedError {
  return error instanceof Error && 'refused' in error && error.refused === true
}

/** What the log says of a record that is refused: whose it is, and why, without secrets. */
export function refusalFields({ record: { result }, error }: Refused): object {
  const tracker = maskUrl(result.url)
  return { tracker, checkedAt: result.checkedAt, error: error.message.replaceAll(result.url, tracker) }
}
