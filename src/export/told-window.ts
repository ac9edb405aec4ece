import type { TransferKind } from '../store/transfer.js'
import type { Window } from '../tracker/uptime.js'

/**
 * The part of a window of which rows are told at `now`: hours and days have ended by then, while a check or an event may be
 * of a clock that stood ahead.
 */
export function toldWindow(kind: TransferKind, { from, to }: Window, now: Date): Window {
  const isOfUnits = kind === 'hours' || kind === 'days'
  return { from, to: isOfUnits && to > now ? now : to }
}
