import { isIP } from 'node:net'
import { statuses } from '../tracker/health.js'
import { addLatency, createHistogram, type LatencyHistogram, latenciesOf } from '../tracker/latency-histogram.js'
import { type Flag, failureReasons, flagDegrades, skipReasons } from '../tracker/outcome.js'
import { aliveWhens } from '../tracker/policy.js'
import type { Reasons } from '../tracker/rollup.js'
import { parseTracker } from '../tracker/tracker.js'

/** One value of an exported row, as JSON has it. */
export interface Field<T> {
  /** What a value has to be, for the one that is not. */
  readonly expected: string
  /** Whether a CSV cell is the text itself; others hold JSON. */
  readonly isText: boolean
  readonly toJson: (value: T) => unknown
  /** Undefined for what it cannot be. */
  readonly fromJson: (json: unknown) => T | undefined
}

/** A field of whatever values. */
export interface AnyField extends Pick<Field<unknown>, 'expected' | 'isText'> {
  readonly toJson: (value: never) => unknown
  readonly fromJson: (json: unknown) => unknown
}

const MAX_TEXT = 10_000

function field<T>(expected: string, fromJson: Field<T>['fromJson'], toJson: Field<T>['toJson'] = (it) => it): Field<T> {
  return { expected, isText: false, toJson, fromJson }
}

function textField<T>(
  expected: string,
  fromText: (text: string) => T | undefined,
  toJson: Field<T>['toJson'] = (it) => it,
): Field<T> {
  return { expected, isText: true, toJson, fromJson: (json) => (typeof json === 'string' ? fromText(json) : undefined) }
}

export function orNull<T>({ expected, isText, toJson, fromJson }: Field<T>): Field<T | null> {
  return {
    expected: `${expected}, or nothing`,
    isText,
    toJson: (value) => (value === null ? null : toJson(value)),
    fromJson: (json) => (json === null ? null : fromJson(json)),
  }
}

export function oneOf<const T extends string>(words: readonly T[]): Field<T> {
  return textField(`one of ${words.join(', ')}`, (text) => words.find((word) => word === text))
}

export const url = textField('a canonical announce URL', (text) =>
  parseTracker(text).tracker?.url === text ? text : undefined,
)
export const text = textField(`text of at most ${MAX_TEXT} characters`, (it) =>
  it.length <= MAX_TEXT ? it : undefined,
)
export const ip = textField('an IP address', (it) => (isIP(it) === 0 ? undefined : it))
export const moment = textField(
  'a moment such as 2026-11-22T10:00:00.000Z',
  (it) => {
    const at = new Date(it)
    return !Number.isNaN(at.getTime()) && at.toISOString() === it && it.length === 24 ? at : undefined
  },
  (at) => at.toISOString(),
)
export const status = oneOf(statuses)
export const aliveWhen = oneOf(aliveWhens)
export const failureReason = oneOf(failureReasons)
export const reason = oneOf([...failureReasons, ...skipReasons])

export const bool = field('true or false', (json) => (typeof json === 'boolean' ? json : undefined))
export const count = field('a whole number, 0 or more', (json) => (isCount(json) ? json : undefined))
export const wholeMs = field('whole ms, 0 or more', (json) => (isCount(json) ? json : undefined))
export const ms = field('ms, 0 or more', (json) =>
  typeof json === 'number' && json >= 0 && json <= Number.MAX_SAFE_INTEGER ? json : undefined,
)
export const family = field<4 | 6>('4 or 6', (json) => (json === 4 || json === 6 ? json : undefined))
export const flags = field<readonly Flag[]>('a list of flags', (json) =>
  Array.isArray(json) && json.every(isFlag) ? json : undefined,
)
/** Derived from other fields: for whoever looks at the file, and not read again. */
export const derivedMs = orNull(ms)

export const reasons = field<Readonly<Reasons>>(`counts by reason, each ${reason.expected}`, (json) => {
  if (!isRecord(json)) return undefined
  const counts: Reasons = {}
  for (const [name, value] of Object.entries(json)) {
    const known = reason.fromJson(name)
    if (known === undefined || !isCount(value)) return undefined
    counts[known] = value
  }
  return counts
})

export const latencies = field<LatencyHistogram>(
  'a list of pairs of ms and count',
  (json) => {
    if (!Array.isArray(json)) return undefined
    const histogram = createHistogram()
    for (const pair of json as readonly unknown[]) {
      if (!Array.isArray(pair) || pair.length !== 2) return undefined
      const [latencyMs, times]: readonly unknown[] = pair
      if (typeof latencyMs !== 'number' || !(latencyMs > 0) || !isCount(times)) return undefined
      addLatency(histogram, latencyMs, times)
    }
    return histogram
  },
  latenciesOf,
)

export function isRecord(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function isCount(json: unknown): json is number {
  return typeof json === 'number' && Number.isSafeInteger(json) && json >= 0
}

function isFlag(json: unknown): json is Flag {
  return typeof json === 'string' && Object.hasOwn(flagDegrades, json)
}
