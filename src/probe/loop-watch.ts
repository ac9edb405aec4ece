import type { Outcome, ProbeResult } from '../tracker/outcome.js'

/**
 * Knows when our own event loop stood still. What was measured meanwhile measures us: an answer lies in the socket's
 * buffer, a deadline passes without anybody having looked.
 */
export interface LoopWatch {
  /**
   * How much of the time between two moments (`performance.now()`) the event loop stood still, ms. `toMs` is at most
   * the present; stalls shorter than `STALL_MS` do not count.
   */
  stalledMs(fromMs: number, toMs: number): number
  stop(): void
}

interface Stall {
  readonly fromMs: number
  readonly toMs: number
}

/**
 * A timer that comes so late tells of a stall: longer than our own batches and garbage collections take, so that a
 * round does not void its own samples; no longer than round trips differ from one check to the next anyway.
 */
export const STALL_MS = 100
const TICK_MS = 25
/** Enough for the longest probe of a loop that hardly ever moves. */
const MAX_KEPT = 256

/** Looks every 25 ms; keeps no process alive. `onStall` hears of each stall when it is over. */
export function startLoopWatch(onStall: (lengthMs: number) => void = () => {}): LoopWatch {
  const stalls: Stall[] = []
  let dueMs = performance.now() + TICK_MS
  const tick = (): void => {
    const nowMs = performance.now()
    const lengthMs = nowMs - dueMs
    if (lengthMs >= STALL_MS) {
      stalls.push({ fromMs: dueMs, toMs: nowMs })
      if (stalls.length > MAX_KEPT) stalls.shift()
      onStall(lengthMs)
    }
    dueMs = nowMs + TICK_MS
  }
  const timer = setInterval(tick, TICK_MS)
  timer.unref()
  return {
    stalledMs: (fromMs, toMs) => {
      // The stall that ends in this very turn: its answers are read before its late tick comes.
      let sumMs = toMs - dueMs >= STALL_MS ? toMs - Math.max(fromMs, dueMs) : 0
      for (let index = stalls.length - 1; index >= 0; index--) {
        const stall = stalls[index]
        if (stall === undefined || stall.toMs <= fromMs) break
        sumMs += Math.max(0, Math.min(toMs, stall.toMs) - Math.max(fromMs, stall.fromMs))
      }
      return sumMs
    },
    stop: () => clearInterval(timer),
  }
}

/** A result as it counts after a look at the loop: between `fromMs` and now the probe was made. */
export function discountStalls(result: ProbeResult, loop: LoopWatch, fromMs: number): ProbeResult {
  const nowMs = performance.now()
  const stalledMs = loop.stalledMs(fromMs, nowMs)
  if (stalledMs < STALL_MS) return result
  const { resolve } = result.phases
  return {
    ...result,
    outcome: excused(result.outcome, stalledMs, nowMs - fromMs),
    latencyMs: null,
    phases: resolve === undefined ? {} : { resolve },
    // Sent again because nobody read the answer: not a loss.
    packetsLost: 0,
  }
}

/** The time since `fromMs`, ms; null where we stood still meanwhile. */
export function tookSince(fromMs: number, loop: LoopWatch | undefined): number | null {
  const nowMs = performance.now()
  return loop !== undefined && loop.stalledMs(fromMs, nowMs) >= STALL_MS ? null : nowMs - fromMs
}

/** Whether a wait that ended without an answer says nothing: its time was mostly ours. */
export function isMostlyStalled(stalledMs: number, tookMs: number): boolean {
  return stalledMs >= STALL_MS && stalledMs > tookMs / 2
}

/** The verdict stays, but for one that we brought about: somebody who waits for us goes away, like a deadline. */
function excused(outcome: Outcome, stalledMs: number, tookMs: number): Outcome {
  switch (outcome.kind) {
    case 'ok':
    case 'rejected':
      return { ...outcome, flags: [...outcome.flags.filter((flag) => flag !== 'packet_loss'), 'clock_skew'] }
    case 'failed': {
      const isOurs = outcome.reason === 'timeout' || outcome.reason === 'reset'
      if (!isOurs || !isMostlyStalled(stalledMs, tookMs)) return outcome
      const detail = `we ourselves stood still for ${Math.round(stalledMs)} of ${Math.round(tookMs)} ms`
      return { kind: 'skipped', reason: 'local_error', code: 'local.stalled', detail }
    }
    case 'skipped':
      return outcome
  }
}
