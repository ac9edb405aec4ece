import type { CheckResult, Flag, reasonOf } from '../tracker/outcome.js'

/** A check as read back: one row per address family that was probed, and one without where no probe decided. */
export interface StoredCheck {
  readonly checkedAt: Date
  readonly family: 4 | 6 | null
  readonly outcome: CheckResult['outcome']['kind']
  readonly reason: ReturnType<typeof reasonOf>
  readonly code: string | null
  readonly message: string | null
  readonly flags: readonly Flag[]
  readonly latencyMs: number | null
  readonly attempts: number
  readonly packetsSent: number
  /** Packets that had to be sent again. */
  readonly packetsLost: number
  /** Whether this row is the one that decided the check's outcome. */
  readonly decisive: boolean
}
