import type { StatusChange } from '../tracker/health.js'
import type { HealthStep } from '../tracker/health-step.js'
import type { Incident } from '../tracker/incident.js'
import type { ListChange } from '../tracker/membership.js'
import type { CheckResult, Phases } from '../tracker/outcome.js'
import type { Rollup } from '../tracker/rollup.js'
import type { ListName, Membership } from '../tracker/select.js'
import type { Entry, TrackerState, WatchedTracker } from '../tracker/state.js'
import type { Uptime, Window } from '../tracker/uptime.js'
import type { SeenAddress } from './seen-address.js'
import type { StoredCheck } from './stored-check.js'
import type { TransferKind, TransferRow } from './transfer.js'

/**
 * HISTORY. The contract of a store; every store passes `test/store/contract.ts`.
 *
 * Methods are async though the first store's driver is not, so that another store is a driver and not a refactor.
 * A promise that resolved means durable: it survives the death of this process. A rejected write has written nothing
 * (all or nothing per call) and may be repeated as it is. Trackers are named by their canonical URL; one that was never
 * watched is an error everywhere but in `find`. All moments are kept to the millisecond, durations to the microsecond.
 * Errors are `StoreError`, and `RefusedError` where records are what is wrong.
 */
export interface Store {
  /**
   * Declares the complete set of watched trackers. New ones are added; one that is no longer named is archived with
   * its history and picks it up again when it returns. A URL that is named twice counts where it stands first.
   *
   * A tracker takes over the history of an alias, as if it had had its URL from the beginning, unless either is watched
   * under the alias itself or both have a history: two that were watched side by side are not made one, and the alias
   * then stays an archived tracker of its own. A URL that comes back takes its history back in the same way. Joined
   * histories stay joined when the alias is no longer given. Returns what was joined by this call and what cannot be.
   */
  watch(trackers: readonly WatchedTracker[], at: Date): Promise<readonly AliasReport[]>
  /**
   * Keeps checks with the health, status changes and gaps that follow from them, in one transaction. Those of a tracker
   * that has just been archived are kept with it. A check that is already there is left as it is.
   */
  record(records: readonly CheckRecord[]): Promise<void>
  /** All watched trackers, in the order of `watch`. */
  states(): Promise<readonly TrackerState[]>
  /** The same with uptime and latency as of `at`, which is not before the newest check. */
  entries(at: Date): Promise<readonly Entry[]>
  /** One tracker by URL or public id, of today or before (see `watch`), archived ones included; null if never watched. */
  find(urlOrId: string): Promise<TrackerState | null>
  /** Uptime of one tracker in a window. */
  uptime(url: string, window: Window, at: Date): Promise<Uptime>
  /** Status changes in a window, oldest first. */
  changes(url: string, window: Window): Promise<readonly StatusChange[]>
  /**
   * The newest `limit` incidents of all trackers, archived ones included, or of one, that overlap a window, newest first, as
   * of `at`, which is not before the newest check. Never more than 5000. Leaves the event loop free between.
   */
  incidents(window: Window, at: Date, limit: number, url?: string): Promise<readonly LinkedIncident[]>
  /** Who is on each list; null before the first `changeLists`. */
  listMembers(): Promise<Membership | null>
  /** What entered and left one list, or any for null, in a window, newest first; archived trackers included. Kept for ever. */
  listChanges(list: ListName | null, window: Window, limit: number): Promise<readonly ListChange[]>
  /** Keeps what `nextMembership` has decided, the members and what entered and left, in one transaction. */
  changeLists(changes: readonly ListChange[]): Promise<void>
  /** Where a tracker was probed, the address seen last in front. */
  addresses(url: string): Promise<readonly SeenAddress[]>
  /** Trackers at the same host or at an address that this one has had, archived ones included, the closest in front. */
  related(url: string): Promise<readonly RelatedTracker[]>
  /** Checks in a window, newest first, of each the row that decided before the others; at most `limit` rows. */
  checks(url: string, window: Window, limit: number): Promise<readonly StoredCheck[]>
  /**
   * The checks in a window that did not find the tracker alive, by its own policy, newest first, of each the row that
   * decided; at most `limit`. Reads only the hours that have one.
   */
  failures(url: string, window: Window, limit: number): Promise<readonly StoredCheck[]>
  /**
   * Latency of the answered checks in a window, ms, nearest rank; to 4 % where it is added up from whole hours, as it is
   * for a window longer than two days, or than checks are kept.
   */
  latency(url: string, window: Window): Promise<LatencySummary>
  /**
   * The same of every watched tracker at once, by URL, and for the whole days (UTC) that begin in the window and what the
   * hour of its end holds. A check that came late counts once it has been added up.
   */
  latencies(window: Window): Promise<ReadonlyMap<string, LatencySummary>>
  /**
   * The newest checks of every watched tracker, by URL, newest first, at most `limit` each: as far back as all of them
   * would reach if they were checked equally often, so one that is checked more rarely may come short.
   */
  recent(limit: number): Promise<ReadonlyMap<string, readonly RecentCheck[]>>
  /** The days (UTC) that begin in a window, oldest first, of every watched tracker, by URL. The end is the moment of asking. */
  daily(window: Window): Promise<ReadonlyMap<string, readonly DailyUptime[]>>
  /**
   * The hours that begin in a window, oldest first, up to the newest check. One without a check and without observed
   * time is left out, and so is one that was kept for too short a time (see `prune`).
   */
  hours(url: string, window: Window): Promise<readonly Rollup[]>
  /** The days (UTC) that begin in a window, likewise. Kept for ever. */
  days(url: string, window: Window): Promise<readonly Rollup[]>
  /**
   * Where the time of the answered checks went, for the hours that begin in a window, oldest first; those without an answer
   * are left out. Kept as long as checks, in whole days. Written by the hour and made up from nothing else: a process that
   * is killed loses what it holds of the hours that have not been rolled up. Not part of an export.
   */
  phases(url: string, window: Window): Promise<readonly PhaseHour[]>
  /**
   * 64 hex digits that are this installation's own: made on the first call, the same ever after and in every backup.
   * Who we are to trackers comes from them, so they are shown nowhere. A store opened read-only can only tell, not make.
   */
  installSecret(): Promise<string>
  /**
   * Adds up the checks of the hours that have ended by `at`, so that years are read as quickly as days and checks may be
   * deleted. Reads are right with it and without it. `at` is now: what lies more than an hour ahead of it is of a clock
   * that stood wrong, and no check has to wait for that time to come again. Returns the number of hours that were added up for
   * the first time.
   */
  roll(at: Date): Promise<number>
  /**
   * Deletes old checks, once they are added up, and old hours, whole hours and days each, in slices that leave the event
   * loop free between them. Returns the number of checks deleted.
   */
  prune(before: PruneLimits): Promise<number>
  /**
   * A consistent copy while in use, which leaves the event loop free and is read whole before it gets its name. Fails
   * rather than replace an existing file, and leaves nothing behind then; so it does where the store is closed meanwhile.
   */
  backup(file: string): Promise<void>
  /**
   * The rows of a window, of these trackers or of all, archived ones included: checks by time, the rest by URL and then by
   * time. Read in slices as they are asked for, so a million of them take no more memory than a thousand. Of hours and days
   * those that lie in the window as a whole. Two stores with the same history export the same.
   */
  export(kind: TransferKind, window: Window, urls?: readonly string[]): AsyncIterable<TransferRow>
  /**
   * Adds what another store has exported, all of a call or nothing; `at` is now. What is there already stays as it is, so to
   * import the same again changes nothing. A tracker that is unknown here is added as archived; for one that is watched
   * here the configuration goes on to say its group and its policy. The newer health wins. A check opens its hour again. Of
   * an hour or day that several know the one that counts the most checks wins. A former URL that has a history of its own
   * here keeps it. Returns the number of rows that were new.
   */
  import(rows: readonly TransferRow[], at: Date): Promise<number>
  /** Reads the whole store and returns what is wrong with it; empty if nothing is. */
  verify(): Promise<readonly string[]>
  /** For metrics and pages. Cheap. */
  info(): Promise<StoreInfo>
  /** Idempotent. Waits for work in flight. */
  close(): Promise<void>
}

/** What became of the alias of a tracker. */
export interface AliasReport {
  readonly url: string
  readonly alias: string
  /** Whether the history of the alias is that of the tracker now; if not, both have one. */
  readonly joined: boolean
}

export interface LinkedIncident extends Incident {
  /** See `incidentId`. */
  readonly id: string
  readonly url: string
  /**
   * Names the incidents that seem to have one cause, see `linkIncidents`; null if this one stands alone. Those that begin
   * within an hour of one of the answer count too, so that the name is the same in every answer.
   */
  readonly linked: string | null
}

/** Another tracker that may be the same service, or run by the same people. */
export interface RelatedTracker {
  readonly url: string
  /** Whether it is watched now. */
  readonly watched: boolean
  /** The same host under another scheme, port or path. */
  readonly sameHost: boolean
  /** At which both were seen, at the same time or not. */
  readonly addresses: readonly string[]
}

/** Older than this is deleted; days and status changes are kept for ever. */
export interface PruneLimits {
  readonly checks: Date
  readonly hours: Date
}

/** A check together with what it did to the tracker's health. */
export interface CheckRecord extends HealthStep {
  readonly result: CheckResult
}

/** A check in short: what decided it. */
export type RecentCheck = Pick<
  StoredCheck,
  'checkedAt' | 'outcome' | 'reason' | 'code' | 'message' | 'flags' | 'latencyMs'
>

/** How the time of a day divides, as in `Uptime`. */
export interface DailyUptime extends Pick<Uptime, 'observedMs' | 'aliveMs' | 'skippedMs'> {
  readonly from: Date
}

/** The phases of the answered checks of an hour. */
export interface PhaseHour {
  readonly from: Date
  /** Checks that were answered, 1 or more. */
  readonly answered: number
  /** Mean over all of them, ms: one that did without a phase counts as 0 there, so that the phases add up. */
  readonly phases: Phases
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
  /** What the file system of the data has left for us; null where the data is on none, or it does not say. */
  readonly freeBytes: number | null
  /** Checks that are kept. */
  readonly checks: number
  /** Trackers that are watched. */
  readonly trackers: number
  /** Up to where hours are added up, see `roll`: before the first time the oldest check; null without any. */
  readonly rolledUpTo: Date | null
}
