import type { ListCriteria } from '../tracker/select.js'
import type { Entry } from '../tracker/state.js'
import { type Scheme, schemes } from '../tracker/tracker.js'

/** How a list is written for its readers. To add one: one file, one name in `formats.ts`. */
export interface ListFormat {
  readonly contentType: string
  /** File name extension with its dot, such as `.txt`. */
  readonly extension: string
  /** What the format is for, for help texts. */
  readonly title: string
  /** What its readers speak, where that is not everything: others are left out before a limit counts. */
  readonly schemes?: readonly Scheme[]
  /** Entries → text. Entries come in the order of the list; the empty list is a valid, empty document. */
  readonly render: (entries: readonly Entry[]) => string
}

/** The same choice of what the readers of a format can use. */
export function usableIn(format: ListFormat, criteria: ListCriteria): ListCriteria {
  const { schemes: spoken } = format
  if (spoken === undefined) return criteria
  return { ...criteria, schemes: (criteria.schemes ?? schemes).filter((scheme) => spoken.includes(scheme)) }
}
