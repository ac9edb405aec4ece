import type { IncomingHttpHeaders } from 'node:http'

/** A stranger must not silence us for longer, by fault or by malice: a week, as in BEP 31. */
const LONGEST_S = 604_800

/**
 * Seconds that `Retry-After` (RFC 9110, 10.2.3) asks to wait, from 1 to a week; null where there is none or it cannot be
 * meant. It is a number of seconds or a moment, and that is by the clock of the server, which may be wrong: `Date` tells.
 */
export function readRetryAfter(headers: IncomingHttpHeaders, now: number): number | null {
  const given = headers['retry-after']?.trim() ?? ''
  const seconds = /^\d+$/.test(given) ? Number(given) : secondsUntil(given, serverTime(headers, now))
  return seconds >= 1 ? Math.min(Math.round(seconds), LONGEST_S) : null
}

function secondsUntil(moment: string, fromMs: number): number {
  // Only the form that RFC 9110 lets servers send: Date.parse makes a year of "+5" and of much else.
  return /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} /.test(moment) ? (Date.parse(moment) - fromMs) / 1000 : Number.NaN
}

function serverTime({ date = '' }: IncomingHttpHeaders, now: number): number {
  const told = Date.parse(date)
  return Number.isNaN(told) ? now : told
}
