/** What an operator may decide about a check and its verdict. Closed lists: configuration, flags and docs follow them. */

/** When a tracker counts as alive: only if it serves an announce, or also if it answers with a refusal. */
export const aliveWhens = ['announce', 'response'] as const
export type AliveWhen = (typeof aliveWhens)[number]

/**
 * What the TXT record of a host (BEP 34) does to a check: an opt-out is obeyed, or reported by a flag beside the verdict,
 * or not asked for at all.
 */
export const bep34Modes = ['obey', 'report', 'ignore'] as const
export type Bep34Mode = (typeof bep34Modes)[number]

/**
 * What a certificate that clients refuse does to a check: it has failed, as it would for most clients, or it goes on
 * over the connection that nobody vouches for and reports the fault by a flag of the same name beside the verdict.
 */
export const tlsModes = ['strict', 'report'] as const
export type TlsMode = (typeof tlsModes)[number]

/** A redirect is followed, as clients do, with a flag; or it has failed, `http.redirected`, and the place is named. */
export const redirectModes = ['follow', 'report'] as const
export type RedirectMode = (typeof redirectModes)[number]

/**
 * Which wishes of a tracker hold its next check back: the shortest time between two announces that it allows
 * (`min interval`), the time that it recommends to clients (`interval`), or none of them. But for `none`, also what it
 * says beside a refusal (`retry in`, BEP 31) or an HTTP error (`Retry-After`).
 */
export const intervalFloors = ['min_interval', 'interval', 'none'] as const
export type IntervalFloor = (typeof intervalFloors)[number]

/**
 * How many series there are per tracker: all, those that alerts and lists of trackers need, or none, so that only the
 * numbers of the whole fleet are left.
 */
export const metricDetails = ['full', 'basic', 'off'] as const
export type MetricDetail = (typeof metricDetails)[number]

/** From the least severe on; each is a choice of the log and a label of its lines. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]
