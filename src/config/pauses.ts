import { z } from 'zod'
import { parseMoment } from '../tracker/moment.js'
import type { Pause } from '../tracker/pause.js'
import { parseTracker } from '../tracker/tracker.js'
import { text } from './fields.js'
import { trackerProblem } from './values.js'

const MAX_PAUSES = 100
const MAX_TRACKERS = 1000
const MAX_REASON = 200
/** Control characters, line ends, and those that turn the direction of what follows. */
const NOT_ON_A_LINE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

const moment = (description: string) => text(momentProblem).optional().describe(description)

const pause = z
  .strictObject({
    trackers: z
      .array(text(trackerProblem))
      .min(1)
      .max(MAX_TRACKERS)
      .optional()
      .describe(`Announce URLs of those that are paused, at most ${MAX_TRACKERS}. Neither trackers nor groups: all.`),
    groups: z.array(z.string()).min(1).optional().describe('Names of groups that are paused.'),
    from: moment('When it begins, with time zone. Absent: it has begun.'),
    until: moment('When checks go on, with time zone. Absent: once it is taken out of the configuration.'),
    reason: text(reasonProblem).optional().describe(`Why, one line for readers, at most ${MAX_REASON} characters.`),
  })
  .superRefine(({ from, until }, context) => {
    if (from === undefined || until === undefined || new Date(until) > new Date(from)) return
    context.addIssue({ code: 'custom', path: ['until'], message: `"${until}", expected a moment after "from"` })
  })
  .describe('A pause.')

/** Times in which trackers are left alone. */
export const pauses = z
  .array(pause)
  .max(MAX_PAUSES)
  .default([])
  .describe(`Trackers that are not checked for a while, and whose time counts neither way. At most ${MAX_PAUSES}.`)

/** With canonical URLs. */
export function toPauses(pauses: z.output<typeof pause>[]): readonly Pause[] {
  return pauses.map(({ trackers = [], groups = [], from, until, reason }) => ({
    trackers: trackers.flatMap((url) => parseTracker(url).tracker?.url ?? []),
    groups,
    from: from === undefined ? null : new Date(from),
    until: until === undefined ? null : new Date(until),
    reason: reason ?? null,
  }))
}

function momentProblem(value: string): string | null {
  const isMoment = value.includes('T') && parseMoment(value) !== null
  return isMoment ? null : `"${value}", expected a moment with its time zone such as 2026-12-01T22:00:00Z`
}

function reasonProblem(value: string): string | null {
  const isLine = value.trim() !== '' && value.length <= MAX_REASON && !NOT_ON_A_LINE.test(value)
  return isLine ? null : `expected one line of 1 to ${MAX_REASON} characters, without control characters`
}
