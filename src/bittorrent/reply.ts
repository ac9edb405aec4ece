import type { AnnounceAnswer, Flag, RejectClass } from '../tracker/outcome.js'

/** A decoded answer to an announce, whatever carried it. */
export interface AnnounceReply {
  readonly kind: 'announce'
  readonly announce: AnnounceAnswer
  readonly flags: readonly Flag[]
}

/** Numbers of one info hash (BEP 15, 48). */
export interface ScrapeRow {
  readonly seeders: number
  readonly leechers: number
  /** Null where the tracker does not say. */
  readonly downloads: number | null
}

/** A decoded answer to a scrape: `entries[i]` belongs to the i-th info hash asked for, null where it is unknown. */
export interface ScrapeReply {
  readonly kind: 'scrape'
  readonly entries: readonly (ScrapeRow | null)[]
  readonly flags: readonly Flag[]
}

/** The tracker answered in protocol and said no. */
export interface RefusedReply {
  readonly kind: 'refused'
  readonly code: RejectClass
  /** Sanitised, at most 200 characters. */
  readonly message: string
  /** See `RejectedOutcome`. */
  readonly rawMessageHex?: string
  readonly flags: readonly Flag[]
  /** Seconds before the tracker wants to hear from us again, where it said so. */
  readonly retryAfterS: number | null
}

/** An announce answer in which the tracker said nothing. */
export const silentAnnounce: AnnounceAnswer = {
  intervalS: null,
  minIntervalS: null,
  seeders: null,
  leechers: null,
  peers: null,
  peers6: null,
  warningMessage: null,
  trackerId: null,
  externalIp: null,
  extra: {},
}

const LIMIT = 2 ** 31
const LOW_INTERVAL_S = 60
const HIGH_INTERVAL_S = 86_400

/** An announced interval, or null with a flag where it cannot be meant: negative or 2^31 s and more. */
export function plausibleInterval(seconds: number | bigint, flags: Flag[]): number | null {
  if (seconds < 0 || seconds >= LIMIT) {
    flags.push('interval_invalid')
    return null
  }
  if (seconds === 0) flags.push('interval_zero')
  else if (seconds < LOW_INTERVAL_S) flags.push('interval_low')
  else if (seconds > HIGH_INTERVAL_S) flags.push('interval_high')
  return Number(seconds)
}

/** Notes a minimum that is longer than the interval: who announces as often as asked comes too early. */
export function compareIntervals(intervalS: number | null, minIntervalS: number | null, flags: Flag[]): void {
  if (intervalS !== null && minIntervalS !== null && minIntervalS > intervalS) flags.push('min_interval_high')
}

/** A number of peers, or null with a flag where it cannot be meant: negative or 2^31 and more. */
export function plausibleCount(count: number | bigint, flags: Flag[]): number | null {
  if (count >= 0 && count < LIMIT) return Number(count)
  addFlag(flags, 'counts_invalid')
  return null
}

/** Notes an observation once, however often it is made. */
export function addFlag(flags: Flag[], flag: Flag): void {
  if (!flags.includes(flag)) flags.push(flag)
}
