import { z } from 'zod'
import { headerProblems } from '../bittorrent/request-headers.js'
import { scheduleProblem } from './schedule.js'
import { durationProblem, infoHashProblem, trackerProblem } from './values.js'

/** Of one tracker. */
const MAX_ALIASES = 16

/** Fit for a metric label, a path and a query. */
export const GROUP_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/

/** The kinds of values that keys of the configuration have. */

/** A string for which `problemOf` has nothing to say. */
export function text(problemOf: (value: string) => string | null) {
  // A number without quotes is judged by what it says: `timeout: 5` lacks a unit rather than quotes.
  const error: z.core.$ZodErrorMap = ({ input }) => (typeof input === 'number' ? problemOf(String(input)) : undefined)
  return z.string({ error }).superRefine((value, context) => {
    const message = problemOf(value)
    if (message !== null) context.addIssue({ code: 'custom', message })
  })
}

export function duration(min: string, max: string, description: string) {
  return text((value) => durationProblem(value, min, max)).describe(`${description} A duration from ${min} to ${max}.`)
}

export function whole(min: number, max: number, description: string) {
  return z.int().min(min).max(max).describe(`${description} ${min} to ${max}.`)
}

export function cron(description: string) {
  return text(scheduleProblem).describe(description)
}

export const userAgent = z
  .string()
  .regex(/^[\x20-\x7e]{1,256}$/, { error: 'expected 1 to 256 printable ASCII characters' })

/** Values are never repeated in a problem: they may be secrets. */
export const headers = z
  .record(z.string(), z.string({ error: 'no text, expected one, in quotes where it looks like a number' }))
  .superRefine((value, context) => {
    for (const { name, message } of headerProblems(value)) {
      context.addIssue({ code: 'custom', path: [name], message })
    }
  })

/** Lists of announce URLs, by announce URL. */
export const aliases = z
  .record(z.string(), z.array(text(trackerProblem)).min(1).max(MAX_ALIASES))
  .superRefine((value, context) => {
    for (const url of Object.keys(value)) {
      const message = trackerProblem(url)
      if (message !== null) context.addIssue({ code: 'custom', path: [url], message })
    }
  })

/** Without quotes, YAML takes one of digits alone for a number, and then its own digits are lost. */
export const infoHash = z
  .string({
    error: ({ input }) => (typeof input === 'number' ? 'a number, expected the info hash in quotes' : undefined),
  })
  .superRefine((value, context) => {
    const message = infoHashProblem(value)
    if (message !== null) context.addIssue({ code: 'custom', message })
  })
