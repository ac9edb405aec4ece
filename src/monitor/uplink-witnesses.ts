import { setTimeout as delay } from 'node:timers/promises'
import type { Family } from './uplink.js'

/** Places that are always there. Where a family has some, they alone say whether our way to it is up. */
export interface Witnesses {
  /** How many there are of a family. Asked anew each time, so that a reload can change it. */
  count(family: Family): number
  /** How many of them answer. Bounded in time. Rejects with the signal's reason when it aborts. */
  ask(family: Family, signal: AbortSignal): Promise<number>
}

export const noWitnesses: Witnesses = { count: () => 0, ask: async () => 0 }

/**
 * Resolves with true when `ask` has been called after this call, and has ended; with false when the signal aborts.
 * Calls that come while one waits share its answer.
 */
export type Inquiry = () => Promise<boolean>

/** `ask` is called at most every `everyMs`, never beside itself, and told to end by `signal`. */
export function createInquiry(ask: () => Promise<void>, everyMs: number, signal: AbortSignal): Inquiry {
  let askedMs = Number.NEGATIVE_INFINITY
  let running: Promise<unknown> = Promise.resolve()
  let next: Promise<boolean> | null = null

  const begin = async (): Promise<boolean> => {
    await running
    const waitMs = askedMs + everyMs - performance.now()
    if (waitMs > 0) await delay(waitMs, undefined, { signal }).catch(() => {}) // aborted, which the next lines see
    next = null
    if (signal.aborted) return false
    askedMs = performance.now()
    try {
      await ask()
    } catch (error) {
      if (!signal.aborted) throw error
    }
    return !signal.aborted
  }
  return () => {
    if (next === null) {
      next = begin()
      running = next.catch(() => {}) // told to whoever called
    }
    return next
  }
}
