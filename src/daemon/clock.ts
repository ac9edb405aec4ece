import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../monitor/log.js'

/** No clock that is right shows less: this program was not there yet. */
const EARLIEST = new Date('2026-01-01T00:00:00Z')
const LOOK_EVERY_MS = 1_000

export interface ClockOptions {
  readonly now: () => Date
  readonly log: Logger
  readonly signal?: AbortSignal | undefined
  readonly lookEveryMs?: number
}

/**
 * Waits until the clock may be right, and says so where it has to: a board without a battery begins in 1970, or when its
 * system was built, until the network tells it the time. What was noted until then, checks, trackers that are new or gone,
 * members of lists, would stand in the history for ever. `onWait` is told what is being waited for. Rejects with
 * `signal.reason`.
 */
export async function untilClockIsRight(
  { now, log, signal, lookEveryMs = LOOK_EVERY_MS }: ClockOptions,
  onWait: (sentence: string) => void,
): Promise<void> {
  if (isRight(now())) return
  const clock = now().toISOString()
  onWait(`This monitor’s own clock shows ${clock}, so nothing is checked until it is set`)
  log.warn({ clock, earliest: EARLIEST.toISOString() }, 'clock is wrong: waiting until it is set, by NTP or by hand')
  while (!isRight(now())) {
    await delay(lookEveryMs, undefined, { signal }).catch(() => signal?.throwIfAborted())
  }
  log.info({ clock: now().toISOString() }, 'clock is set')
}

function isRight(at: Date): boolean {
  return at >= EARLIEST
}
