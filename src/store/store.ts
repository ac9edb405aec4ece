import type { Gap, Health, StatusChange } from '../tracker/health.js'
import type { CheckResult, Flag, Phases } from '../tracker/outcome.js'
import type { Entry, TrackerState, WatchedTracker } from '../tracker/state.js'
import type { Uptime, Window } from '../tracker/uptime.js'

/**
 * HISTORY. The contract of a store; every store passes `test/store/contract.ts`.
 *
 * Methods are async though the first store's driver is not, so that another store is a driver and not a refactor.
 * A promise that resolved means durable: it survives the death of this process. A rejected write has written nothing
 * (all or nothing per call) and may be repeated as it is. Trackers are named by their canonical URL; one that was never
 * watched is an error everywhere but in `find`. All moments are kept to the millisecond, durations to the microsecond.
 * Errors are `StoreError`.
 */
export interface Store {
  /**
   * Declares the complete set of watched trackers. New ones are added; one that is no longer named is archived with
   * its history and picks it up again when it returns. A URL that is named twice counts where it stands first.
   */
  watch(trackers: readonly WatchedTracker[], at: Date): Promise<void>
  /**
   * Keeps checks with the health, status changes and gaps that follow from them, in one transaction. Those of a tracker
   * that has just been archived are kept with it. A check that is already there is left as it is.
   */
  record(records: readonly CheckRecord[]): Promise<void>
  /** All watched trackers, in the order of `watch`. */
  states(): Promise<readonly TrackerState[]>
  /** The same with uptime and latency as of `at`, which is not before the newest check. */
  entries(at: Date): Promise<readonly Entry[]>
  /** One tracker by URL or public id, archived ones included; null if never watched. */
  find(urlOrId: string): Promise<TrackerState | null>
  /** Uptime of one tracker in a window. */
  uptime(url: string, window: Window, at: Date): Promise<Uptime>
  /** Status changes in a window, oldest first. */
  changes(url: string, window: Window): Promise<readonly StatusChange[]>
  /** Checks in a window, newest first, at most `limit`. */
  checks(url: string, window: Window, limit: number): Promise<readonly StoredCheck[]>
  /** Latency of the answered checks in a window, ms, nearest rank. */
  latency(url: string, window: Window): Promise<LatencySummary>
  /**
   * 64 hex digits that are this installation's own: made on the first call, the same ever after and in every backup.
   * Who we are to trackers comes from them, so they are shown nowhere. A store opened read-only can only tell, not make.
   */
  installSecret(): Promise<string>
  /** Deletes checks before `before` in slices that leave the event loop free between them. Returns the number deleted. */
  prune(before: Date): Promise<number>
  /** A consistent copy while in use. Fails rather than replace an existing file. */
  backup(file: string): Promise<void>
  /** Reads the whole store and returns what is wrong with it; empty if nothing is. */
  verify(): Promise<readonly string[]>
  /** For metrics and pages. Cheap. */
  info(): Promise<StoreInfo>
  /** Idempotent. Waits for work in flight. */
  close(): Promise<void>
}

/** A check together with what it did to the tracker's health. */
export interface CheckRecord {
  readonly result: CheckResult
  readonly health: Health
  readonly change: StatusChange | null
  readonly gap: Gap | null
}

/** A check as read back: one row per address family that was probed, and one without where no probe decided. */
export interface StoredCheck {
  readonly checkedAt: Date
  readonly family: 4 | 6 | null
  readonly outcome: CheckResult['outcome']['kind']
  readonly reason: string | null
  readonly code: string | null
  readonly message: string | null
  readonly flags: readonly Flag[]
  readonly latencyMs: number | null
  readonly phases: Phases
  readonly attempts: number
  /** Whether this row is the one that decided the check's outcome. */
  readonly decisive: boolean
}

export interface LatencySummary {
  readonly samples: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
}

/** What `migrateStore` did. A schema is numbered by the migrations it has had; 0 is a new store. */
export interface MigrationReport {
  readonly from: number
  readonly to: number
  /** Names of the migrations that were applied, in order. */
  readonly applied: readonly string[]
  /** The copy that was made before; null where there was nothing to copy or to apply. */
  readonly backup: string | null
}

export interface StoreInfo {
  /** Where the data is, for people. */
  readonly location: string
  readonly sizeBytes: number
  /** Checks that are kept. */
  readonly checks: number
  /** Trackers that are watched. */
  readonly trackers: number
}
