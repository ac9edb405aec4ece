import type { CheckRecord } from '../store/store.js'
import type { WatchedTracker } from '../tracker/state.js'
import type { MissedBecause } from './schedule.js'

/** Who is told what happens. None of them may throw: that is a crash. */
export interface MonitorHooks {
  /** A check is durable. Not called for a tracker that is watched no more. */
  onRecorded(record: CheckRecord, watched: WatchedTracker): void
  /** A round is over and, if the store works, durable. Not called for re-checks between beats. */
  onRoundEnd(end: RoundEnd): void
  onBeatMissed(group: string, because: MissedBecause): void
  /** How late a beat came, ms. */
  onLag(lagMs: number): void
  /**
   * Our own way to an address family is up for the first time, or has changed; null where no tracker is checked over it
   * any more. While it is down, failures are recorded
   * as skipped: those of trackers that were alive, and where witnesses tell of it, all.
   */
  onUplink(family: 4 | 6, up: boolean | null, detail: string): void
  /** So many checks are lost: the store took none for so long that their queue was full, or it refuses them. */
  onDropped(checks: number): void
  onDatabaseError(operation: 'record' | 'watch', error: unknown): void
  /** Something is wrong with this program, not with a tracker: the process should end. */
  onCrash(error: unknown): void
}

/** The end of the checks that a beat released, or of those that were due at a start or reload. */
export interface RoundEnd {
  readonly group: string
  readonly result: 'completed' | 'aborted'
  readonly durationMs: number
  /** Checks that came to a result. */
  readonly checked: number
  readonly endedAt: Date
}
