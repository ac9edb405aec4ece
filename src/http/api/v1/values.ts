import { z } from '@hono/zod-openapi'
import { statuses } from '../../../tracker/health.js'
import { maskText, maskUrl } from '../../../tracker/mask.js'
import { type Flag, failureReasons, flagDegrades, phaseNames, skipReasons } from '../../../tracker/outcome.js'
import { aliveWhens } from '../../../tracker/policy.js'
import { listNames } from '../../../tracker/select.js'
import { type UptimeWindow, uptimeWindows } from '../../../tracker/state.js'
import { schemes, type Tracker } from '../../../tracker/tracker.js'

/** The values that answers are made of: what each means, in which unit, from where to where. */

export const outcomeKinds = ['ok', 'rejected', 'failed', 'skipped'] as const
export const windowNames = Object.keys(uptimeWindows) as readonly UptimeWindow[]
const flagNames = Object.keys(flagDegrades) as readonly Flag[]

export const status = z.enum(statuses).openapi('Status', {
  description:
    'What a tracker is held to be, after hysteresis. Alive are "up", "degraded" and, in groups where a refusal counts as alive, "rejecting".',
})
export const outcome = z.enum(outcomeKinds).openapi('Outcome', {
  description:
    'What a single check found: an answer, a refusal in protocol, a failure, or nothing at all because it was not carried out.',
})
export const reason = z.enum([...failureReasons, ...skipReasons]).openapi('Reason', {
  description: 'Why a check failed or was skipped, coarse. The list is closed.',
})
export const failureReason = z.enum(failureReasons).openapi('FailureReason', {
  description: 'Why a tracker failed, coarse. The list is closed.',
})
export const flag = z.enum(flagNames).openapi('Flag', { description: 'An observation beside the verdict.' })
export const scheme = z.enum(schemes).openapi('Scheme', { description: 'Protocol of the announce URL.' })
export const aliveWhen = z.enum(aliveWhens).openapi('AliveWhen', {
  description: 'What counts as alive: only an answered announce, or any response, a refusal included.',
})
export const phase = z.enum(phaseNames).openapi('Phase', { description: 'A step of a probe.' })
export const listName = z.enum(listNames).openapi('ListName', { description: 'Name of a list.' })
export const family = z
  .union([z.literal(4), z.literal(6)])
  .openapi({ type: 'integer', enum: [4, 6], description: 'Address family: 4 for IPv4, 6 for IPv6.' })

export const id = z
  .string()
  .regex(/^[0-9a-f]{12}$/)
  .openapi({ description: '12 hex digits, the same in every database and for ever.', example: '0123456789ab' })
export const url = z.string().openapi({
  description: 'Canonical announce URL; passkeys and passwords in it are replaced by ***.',
  example: 'udp://tracker.example:6969/announce',
})
export const code = z.string().openapi({
  description: 'Fine-grained and dotted such as "udp.timeout", or the class of a refusal such as "auth".',
})
export const message = z.string().openapi({
  description: 'What the tracker or the network said, in their words; secrets of the URL are replaced by ***.',
})

/** A schema that has a name, or null: the name goes on to mean the schema without null. */
export function orNull<T extends z.ZodType>(schema: T) {
  return z.union([schema, z.null()])
}

export function moment(description: string) {
  return z.iso.datetime({ precision: 3 }).openapi({ description, example: '2026-11-22T10:00:00.000Z' })
}

export function milliseconds(description: string) {
  return z
    .number()
    .min(0)
    .openapi({ description: `${description} Milliseconds.` })
}

export function ratio(description: string) {
  return z
    .number()
    .min(0)
    .max(1)
    .openapi({ description: `${description} 0 to 1.` })
}

export function count(description: string) {
  return z.int().min(0).openapi({ description })
}

/** To the microsecond: more digits are noise. */
export function roundedMs<T extends number | null>(ms: T): T | number {
  return ms === null ? ms : Math.round(ms * 1000) / 1000
}

export function textOf(at: Date | null): string | null {
  return at === null ? null : at.toISOString()
}

export function shownUrl({ url }: Pick<Tracker, 'url'>): string {
  return maskUrl(url)
}

export function shownMessage(said: string | null, tracker: Tracker): string | null {
  return said === null ? null : maskText(said, tracker)
}
