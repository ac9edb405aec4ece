import { parseDuration } from '../config/duration.js'
import { parseMoment } from '../tracker/moment.js'
import { HOUR_MS } from '../tracker/time.js'
import { quoted, UsageError } from './usage.js'

/** Texts of flags → values. Each throws a `UsageError` that names the flag, the value and what was expected. */

export function duration(flag: string, min: string, max: string): (text: string) => number {
  return (text) => {
    const ms = parseValue(`${flag} is`, () => parseDuration(text))
    if (ms >= parseDuration(min) && ms <= parseDuration(max)) return ms
    throw new UsageError(`${flag} is ${quoted(text)}, expected ${min} to ${max}`)
  }
}

export function whole(flag: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new UsageError(`${flag} is ${quoted(text)}, expected a whole number from ${min} to ${max}`)
  }
}

/** A number of bytes, as wide as the wire carries. */
export function byteCount(flag: string): (text: string) => bigint {
  return (text) => {
    const value = /^\d{1,19}$/.test(text) ? BigInt(text) : -1n
    if (value >= 0n && value < 2n ** 63n) return value
    throw new UsageError(`${flag} is ${quoted(text)}, expected a whole number of bytes from 0 to 2^63 - 1`)
  }
}

/** `30d`: as long ago, on the full hour, so that hours are whole. `2026-11-22`, `2026-11-22T10:00:00Z`: that moment, UTC. */
export function moment(flag: string): (text: string) => (now: Date) => Date {
  return (text) => {
    const fixed = parseMoment(text)
    if (fixed !== null) return () => fixed
    const ms = parseValue(`${flag} is`, () => parseDuration(text), ', or a date such as 2026-11-22')
    return (now) => new Date(Math.floor((now.getTime() - ms) / HOUR_MS) * HOUR_MS)
  }
}

/** One of the keys of `values`. */
export function oneOf<T>(flag: string, values: Readonly<Record<string, T>>): (text: string) => T {
  const byName = new Map(Object.entries(values))
  return (text) => {
    const value = byName.get(text)
    if (value !== undefined) return value
    throw new UsageError(`${flag} is ${quoted(text)}, expected one of ${[...byName.keys()].join(', ')}`)
  }
}

/** Each use of the flag adds one. */
export function several(text: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, text]
}

/**
 * What `parse` makes of a value; its `RangeError` goes on from `subject` with the value and what was expected, `or` what
 * the caller takes as well.
 */
export function parseValue<T>(subject: string, parse: () => T, or = ''): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${subject} ${error.message}${or}`, { cause: error })
    throw error
  }
}
