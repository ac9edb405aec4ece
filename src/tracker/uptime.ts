import { type Gap, isAliveStatus, isObservedStatus, type Status, type StatusChange } from './health.js'
import type { AliveWhen } from './policy.js'

/** Half-open stretch of time `[from, to)`. */
export interface Window {
  readonly from: Date
  readonly to: Date
}

/** How the time of a window divides; `observedMs + skippedMs` is less than the window before the first check. */
export interface Uptime {
  readonly observedMs: number
  readonly aliveMs: number
  /** Known tracker, but not observed: checks skipped, monitor stopped. */
  readonly skippedMs: number
  /** `aliveMs / observedMs`, 0 to 1; null where nothing was observed. */
  readonly ratio: number | null
}

/** What uptime is computed from. `changes` and `gaps` ascend in time and cover at least the window. */
export interface UptimeInput {
  /** Status before the first of `changes`. */
  readonly statusBefore: Status
  readonly changes: readonly Pick<StatusChange, 'at' | 'to'>[]
  readonly gaps: readonly Gap[]
  readonly aliveWhen: AliveWhen
}

/** Time-weighted uptime of one tracker. Unobserved time counts neither way. Pure. */
export function uptime(input: UptimeInput, window: Window): Uptime {
  const windowFrom = window.from.getTime()
  const windowTo = window.to.getTime()
  let observedMs = 0
  let aliveMs = 0
  let skippedMs = 0
  let status = input.statusBefore
  let from = windowFrom
  const gapsUntil = walkGaps(input.gaps)
  const account = (to: number): void => {
    if (to <= from) return
    if (isObservedStatus(status)) {
      const skipped = gapsUntil(from, to)
      const observed = to - from - skipped
      skippedMs += skipped
      observedMs += observed
      if (isAliveStatus(status, input.aliveWhen)) aliveMs += observed
    } else {
      skippedMs += status === 'pending' ? 0 : to - from
    }
    from = to
  }
  for (const change of input.changes) {
    account(Math.min(Math.max(change.at.getTime(), windowFrom), windowTo))
    status = change.to
  }
  account(windowTo)
  return { observedMs, aliveMs, skippedMs, ratio: observedMs > 0 ? aliveMs / observedMs : null }
}

/** Sums the time of gaps in stretches that ascend: a walk along the gaps, for a flapping tracker has hundreds. */
function walkGaps(gaps: readonly Gap[]): (from: number, to: number) => number {
  let next = 0
  return (from, to) => {
    let total = 0
    for (let gap = gaps[next]; gap !== undefined && gap.from.getTime() < to; gap = gaps[next]) {
      total += Math.max(0, Math.min(gap.to.getTime(), to) - Math.max(gap.from.getTime(), from))
      if (gap.to.getTime() > to) break
      next += 1
    }
    return total
  }
}

/** Value at `quantile` (0 to 1) of ascending samples, nearest rank; null of none. */
export function quantileOf(ascending: readonly number[], quantile: number): number | null {
  if (ascending.length === 0) return null
  const rank = Math.ceil(quantile * ascending.length) - 1
  return ascending[Math.min(Math.max(rank, 0), ascending.length - 1)] ?? null
}
