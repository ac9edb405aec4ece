import type { Entry } from '../tracker/state.js'

/** How a list is written for its readers. To add one: one file, one name in `formats.ts`. */
export interface ListFormat {
  readonly contentType: string
  /** File name extension with its dot, such as `.txt`. */
  readonly extension: string
  /** What the format is for, for help texts. */
  readonly title: string
  /** Entries → text. Entries come in the order of the list; the empty list is a valid, empty document. */
  readonly render: (entries: readonly Entry[]) => string
}
