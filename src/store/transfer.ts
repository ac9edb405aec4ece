import type { Gap, Health, StatusChange } from '../tracker/health.js'
import type { AliveWhen } from '../tracker/policy.js'
import type { Rollup } from '../tracker/rollup.js'
import type { SeenAddress } from './seen-address.js'
import type { StoredCheck } from './stored-check.js'

/**
 * The rows by which a history moves from one store to another: `Store.export` gives them, `Store.import` takes them.
 * `events` say what a tracker is and where it was probed, and are what uptime is computed from, so without them only
 * counts and latencies arrive.
 */
export const transferKinds = ['checks', 'hours', 'days', 'events'] as const
export type TransferKind = (typeof transferKinds)[number]

export type TransferRow = TrackerRow | AliasRow | AddressRow | ChangeRow | GapRow | CheckTransferRow | RollupRow
export type TransferType = TransferRow['type']

/** Which rows each kind has. */
export const transferTypes = {
  checks: ['check'],
  hours: ['hour'],
  days: ['day'],
  events: ['tracker', 'alias', 'address', 'change', 'gap'],
} as const satisfies Record<TransferKind, readonly TransferType[]>

/** `url` is the canonical announce URL, passkeys included: it is the identity of the tracker. */
interface OfTracker {
  readonly url: string
}

/** A tracker and its newest health; whether it is watched is a matter of each store and not told. */
export interface TrackerRow extends OfTracker {
  readonly type: 'tracker'
  readonly group: string
  readonly aliveWhen: AliveWhen
  readonly addedAt: Date
  readonly health: Health | null
  readonly lastOkAt: Date | null
}

/** A former URL of the tracker, under which it is found too, see `Store.watch`. */
export interface AliasRow extends OfTracker {
  readonly type: 'alias'
  /** Canonical. */
  readonly alias: string
}

/** Where the tracker was probed. */
export interface AddressRow extends OfTracker, SeenAddress {
  readonly type: 'address'
}

export interface ChangeRow extends OfTracker, StatusChange {
  readonly type: 'change'
  /** The check that confirmed the change, at `at` or later. */
  readonly confirmedAt: Date
}

export interface GapRow extends OfTracker, Gap {
  readonly type: 'gap'
}

export interface CheckTransferRow extends OfTracker, StoredCheck {
  readonly type: 'check'
}

/** An hour or a day (UTC) that has ended. */
export interface RollupRow extends OfTracker, Rollup {
  readonly type: 'hour' | 'day'
}
