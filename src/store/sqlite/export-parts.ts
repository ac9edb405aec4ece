import type Database from 'better-sqlite3'
import type { Window } from '../../tracker/uptime.js'
import type { TransferRow } from '../transfer.js'
import type { Addresses } from './addresses.js'
import type { Ends } from './ends.js'
import type { History } from './history.js'
import type { NextContent } from './next-content.js'
import type { Known } from './states.js'

/** Rows per turn of the event loop: some ms, some 100 kB. */
export const ROWS_PER_SLICE = 1000

export interface ExportParts {
  readonly client: Database.Database
  readonly addresses: Addresses
  readonly history: History
  readonly ends: Ends
  readonly nextContent: NextContent
  /** All trackers that there are, by URL. */
  readonly urls: () => readonly string[]
  readonly known: (url: string) => Known
  /** Runs one slice as a call to the store, which waits for it before it closes. */
  readonly run: <T>(slice: () => T) => Promise<T>
}

/** The slices of one kind of rows, of these trackers or of all. */
export type Slices = (window: Window, urls: readonly string[] | null) => Rows
export type Rows = Generator<readonly TransferRow[]>
