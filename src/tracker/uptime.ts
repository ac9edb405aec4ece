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

/** What uptime is computed from. `changes` ascend in time, and with `gaps` they cover at least the window. */
export interface UptimeInput {
  /** Status before the first of `changes`. */
  readonly statusBefore: Status
  readonly changes: readonly Pick<StatusChange, 'at' | 'to'>[]
  readonly gaps: readonly Gap[]
  readonly aliveWhen: AliveWhen
}

/** The time of one tracker added up from turn to turn, so that any window takes two searches. */
export interface UptimeTrack {
  /** Moments, ascending; the time from one to the next is of one kind, as is that before the first. */
  readonly turns: readonly Turn[]
  readonly before: TimeKind
}

/** How time counts; `none` is that before the first status. */
type TimeKind = 'none' | 'skipped' | 'dead' | 'alive'

interface Turn extends Sums {
  readonly atMs: number
  /** Of the time that begins here. */
  readonly kind: TimeKind
}

/** What lies between the first turn and a moment, ms; negative for a moment before. */
interface Sums {
  readonly observedMs: number
  readonly aliveMs: number
  readonly skippedMs: number
}

export function uptimeTrack({ statusBefore, changes, gaps, aliveWhen }: UptimeInput): UptimeTrack {
  const moments: { readonly atMs: number; readonly status?: Status; readonly inGap?: boolean }[] = [
    ...changes.map(({ at, to }) => ({ atMs: at.getTime(), status: to })),
    ...joined(gaps).flatMap(({ fromMs, toMs }) => [
      { atMs: fromMs, inGap: true },
      { atMs: toMs, inGap: false },
    ]),
  ].sort((a, b) => a.atMs - b.atMs)
  let status = statusBefore
  let inGap = false
  const before = kindOf(status, inGap, aliveWhen)
  const turns: Turn[] = []
  for (const moment of moments) {
    status = moment.status ?? status
    inGap = moment.inGap ?? inGap
    const { atMs } = moment
    const last = turns.at(-1)
    const sums = last === undefined ? { observedMs: 0, aliveMs: 0, skippedMs: 0 } : sumsAfter(last, atMs)
    turns.push({ atMs, kind: kindOf(status, inGap, aliveWhen), ...sums })
  }
  return { turns, before }
}

/** Time-weighted uptime in a window. Unobserved time counts neither way, and from `unobservedMs` on all is. Pure. */
export function uptimeIn(track: UptimeTrack, { from, to }: Window, unobservedMs: number): Uptime {
  const fromMs = from.getTime()
  const toMs = Math.max(fromMs, to.getTime())
  const heldMs = Math.min(Math.max(fromMs, unobservedMs), toMs)
  const began = sumsAt(track, fromMs)
  const held = sumsAt(track, heldMs)
  const ended = heldMs === toMs ? held : sumsAt(track, toMs)
  const observedMs = held.observedMs - began.observedMs
  const aliveMs = held.aliveMs - began.aliveMs
  const skippedMs = ended.skippedMs - began.skippedMs + (ended.observedMs - held.observedMs)
  return { observedMs, aliveMs, skippedMs, ratio: observedMs > 0 ? aliveMs / observedMs : null }
}

function sumsAt({ turns, before }: UptimeTrack, atMs: number): Sums {
  let low = 0
  let high = turns.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((turns[middle]?.atMs ?? 0) <= atMs) low = middle + 1
    else high = middle
  }
  const turn = turns[low - 1]
  if (turn !== undefined) return sumsAfter(turn, atMs)
  return sumsAfter({ atMs: turns[0]?.atMs ?? 0, kind: before, observedMs: 0, aliveMs: 0, skippedMs: 0 }, atMs)
}

function sumsAfter(turn: Turn, atMs: number): Sums {
  const { kind, observedMs, aliveMs, skippedMs } = turn
  const passedMs = atMs - turn.atMs
  return {
    observedMs: kind === 'alive' || kind === 'dead' ? observedMs + passedMs : observedMs,
    aliveMs: kind === 'alive' ? aliveMs + passedMs : aliveMs,
    skippedMs: kind === 'skipped' ? skippedMs + passedMs : skippedMs,
  }
}

function kindOf(status: Status, inGap: boolean, aliveWhen: AliveWhen): TimeKind {
  if (status === 'pending') return 'none'
  if (inGap || !isObservedStatus(status)) return 'skipped'
  return isAliveStatus(status, aliveWhen) ? 'alive' : 'dead'
}

/** Gaps as stretches that ascend and do not touch: where the clock was set back, they may overlap. */
function joined(gaps: readonly Gap[]): readonly { fromMs: number; toMs: number }[] {
  const spans = gaps.map(({ from, to }) => ({ fromMs: from.getTime(), toMs: to.getTime() }))
  const apart: { fromMs: number; toMs: number }[] = []
  for (const span of spans.sort((a, b) => a.fromMs - b.fromMs)) {
    const last = apart.at(-1)
    if (span.toMs <= span.fromMs) continue
    if (last !== undefined && span.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, span.toMs)
    else apart.push(span)
  }
  return apart
}

/** Sums the time of gaps in stretches that ascend: a walk along the gaps, for a flapping tracker has hundreds. */
export function walkGaps(gaps: readonly Gap[]): (fromMs: number, toMs: number) => number {
  const apart = joined(gaps)
  let next = 0
  return (fromMs, toMs) => {
    let total = 0
    for (let gap = apart[next]; gap !== undefined && gap.fromMs < toMs; gap = apart[next]) {
      total += Math.max(0, Math.min(gap.toMs, toMs) - Math.max(gap.fromMs, fromMs))
      if (gap.toMs > toMs) break
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
