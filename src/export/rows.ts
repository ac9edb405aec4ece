import { isIP } from 'node:net'
import {
  type AddressRow,
  type AliasRow,
  type ChangeRow,
  type CheckTransferRow,
  type GapRow,
  type RollupRow,
  type TrackerRow,
  type TransferRow,
  type TransferType,
  transferTypes,
} from '../store/transfer.js'
import type { Health } from '../tracker/health.js'
import { latencyAt } from '../tracker/latency-histogram.js'
import { failureReasons, skipReasons } from '../tracker/outcome.js'
import { DAY_MS, HOUR_MS } from '../tracker/time.js'
import * as fields from './row-fields.js'
import { type AnyField, type Field, isRecord, oneOf, orNull } from './row-fields.js'

/** The rows of an exported history as flat objects of JSON values, and back. */

type Fields = Readonly<Record<string, AnyField>>
type Values<F> = { readonly [Key in keyof F]: F[Key] extends Field<infer T> ? T : never }

interface Codec {
  readonly fields: Fields
  readonly encode: (row: never) => Readonly<Record<string, unknown>>
  /** @throws {RangeError} what does not go together */
  readonly decode: (json: Readonly<Record<string, unknown>>) => TransferRow
}

const { bool, count, family, ip, latencies, moment, ms, reason, reasons, status, text, url, wholeMs } = fields

const trackerFields = {
  url,
  group: text,
  aliveWhen: fields.aliveWhen,
  addedAt: moment,
  lastOkAt: orNull(moment),
  status: orNull(status),
  since: orNull(moment),
  checkedAt: orNull(moment),
  streakGood: orNull(bool),
  streakCount: orNull(count),
  streakSince: orNull(moment),
  lastVerdict: orNull(oneOf(['up', 'degraded', 'rejecting', 'down'])),
  unobservedSince: orNull(moment),
  holdMs: orNull(wholeMs),
} as const

const aliasFields = { url, alias: url } as const

const addressFields = { url, address: ip, family, firstSeen: moment, lastSeen: moment } as const

const changeFields = {
  url,
  at: moment,
  from: status,
  to: status,
  reason: orNull(fields.failureReason),
  code: orNull(text),
  message: orNull(text),
  confirmedAt: moment,
} as const

const gapFields = { url, from: moment, to: moment } as const

const checkFields = {
  url,
  checkedAt: moment,
  family: orNull(family),
  outcome: oneOf(['ok', 'rejected', 'failed', 'skipped']),
  reason: orNull(reason),
  code: orNull(text),
  message: orNull(text),
  flags: fields.flags,
  latencyMs: orNull(ms),
  attempts: count,
  packetsSent: count,
  packetsLost: count,
  decisive: bool,
} as const

const rollupFields = {
  url,
  from: moment,
  ok: count,
  rejected: count,
  failed: count,
  skipped: count,
  reasons,
  packetsSent: count,
  packetsLost: count,
  observedMs: wholeMs,
  aliveMs: wholeMs,
  skippedMs: wholeMs,
  p50Ms: fields.derivedMs,
  p95Ms: fields.derivedMs,
  p99Ms: fields.derivedMs,
  latencies,
} as const

const codecs: Readonly<Record<TransferType, Codec>> = {
  tracker: codec(trackerFields, flatTracker, trackerRow),
  alias: codec(aliasFields, (row: AliasRow) => row, aliasRow),
  address: codec(addressFields, (row: AddressRow) => row, addressRow),
  change: codec(changeFields, (row: ChangeRow) => row, changeRow),
  gap: codec(gapFields, (row: GapRow) => row, gapRow),
  check: codec(checkFields, (row: CheckTransferRow) => row, checkRow),
  hour: codec(rollupFields, flatRollup, (values) => rollupRow('hour', HOUR_MS, values)),
  day: codec(rollupFields, flatRollup, (values) => rollupRow('day', DAY_MS, values)),
}

/** The names of the values of these rows, each once. */
export function columnsOf(types: readonly TransferType[]): readonly string[] {
  return [...new Set(['type', ...types.flatMap((type) => Object.keys(codecs[type].fields))])]
}

/** Whether a cell of this column holds text and not JSON. */
export function isTextCell(type: string, column: string): boolean {
  return column === 'type' || (isTransferType(type) && codecs[type].fields[column]?.isText === true)
}

export function encodeRow(row: TransferRow): Readonly<Record<string, unknown>> {
  return { type: row.type, ...codecs[row.type].encode(row as never) }
}

/** @throws {RangeError} with the value, its name and what was expected */
export function decodeRow(json: unknown): TransferRow {
  if (!isRecord(json)) throw new RangeError(`${shown(json)} is no row, expected a JSON object`)
  const { type, ...values } = json
  if (!isTransferType(type))
    throw new RangeError(`type is ${shown(type)}, expected one of ${Object.keys(codecs).join(', ')}`)
  const known = codecs[type]
  const stranger = Object.keys(values).find((name) => !Object.hasOwn(known.fields, name))
  if (stranger === undefined) return known.decode(values)
  throw new RangeError(`${shown(stranger)} is no part of a ${type}, expected ${Object.keys(known.fields).join(', ')}`)
}

function codec<F extends Fields, Row extends TransferRow>(
  known: F,
  flat: (row: Row) => Values<F>,
  rowOf: (values: Values<F>) => TransferRow,
): Codec {
  return {
    fields: known,
    encode: (row) => {
      const values: Readonly<Record<string, unknown>> = flat(row)
      return Object.fromEntries(Object.entries(known).map(([name, it]) => [name, it.toJson(values[name] as never)]))
    },
    decode: (json) => rowOf(Object.fromEntries(entriesOf(known, json)) as Values<F>),
  }
}

function entriesOf(known: Fields, json: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(known).map(([name, { expected, fromJson }]) => {
    const value: unknown = fromJson(json[name])
    if (value === undefined) throw new RangeError(`${name} is ${shown(json[name])}, expected ${expected}`)
    return [name, value]
  })
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value !== 'string') return JSON.stringify(value).slice(0, 80)
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
}

export function isTransferType(text: unknown): text is TransferType {
  return (
    typeof text === 'string' &&
    Object.values(transferTypes).some((types) => (types as readonly string[]).includes(text))
  )
}

function require(holds: boolean, problem: string): void {
  if (!holds) throw new RangeError(problem)
}

function flatTracker({ health, ...row }: TrackerRow): Values<typeof trackerFields> {
  return {
    ...row,
    status: health?.status ?? null,
    since: health?.since ?? null,
    checkedAt: health?.checkedAt ?? null,
    streakGood: health?.streak?.good ?? null,
    streakCount: health?.streak?.count ?? null,
    streakSince: health?.streak?.since ?? null,
    lastVerdict: health?.lastVerdict ?? null,
    unobservedSince: health?.unobservedSince ?? null,
    holdMs: health?.holdMs ?? null,
  }
}

function trackerRow(values: Values<typeof trackerFields>): TrackerRow {
  const { url, group, aliveWhen, addedAt, lastOkAt } = values
  return { type: 'tracker', url, group, aliveWhen, addedAt, lastOkAt, health: healthOf(values) }
}

function healthOf(values: Values<typeof trackerFields>): Health | null {
  const { status, since, checkedAt, holdMs, lastVerdict, unobservedSince } = values
  const { streakGood: good, streakCount, streakSince } = values
  if (status === null) return null
  if (since === null || checkedAt === null || holdMs === null) {
    throw new RangeError(`status is "${status}" without since, checkedAt and holdMs, expected all four or none`)
  }
  const streak =
    good === null || streakCount === null || streakSince === null
      ? null
      : { good, count: streakCount, since: streakSince }
  return { status, since, checkedAt, streak, lastVerdict, unobservedSince, holdMs }
}

function aliasRow(values: Values<typeof aliasFields>): AliasRow {
  require(values.alias !== values.url, 'alias is the url itself, expected another')
  return { type: 'alias', ...values }
}

function addressRow(values: Values<typeof addressFields>): AddressRow {
  const { address, family, firstSeen, lastSeen } = values
  require(isIP(address) === family, `family is ${family} of ${address}, expected ${isIP(address)}`)
  require(lastSeen >= firstSeen, 'lastSeen is before firstSeen, expected the same moment or later')
  return { type: 'address', ...values }
}

function changeRow(values: Values<typeof changeFields>): ChangeRow {
  require(values.confirmedAt >= values.at, 'confirmedAt is before at, expected the same moment or later')
  return { type: 'change', ...values }
}

function gapRow(values: Values<typeof gapFields>): GapRow {
  require(values.to > values.from, 'to is not after from, expected a later moment')
  return { type: 'gap', ...values }
}

const reasonsOfOutcome: Readonly<Record<string, readonly string[]>> = { failed: failureReasons, skipped: skipReasons }

function checkRow(values: Values<typeof checkFields>): CheckTransferRow {
  const { outcome, reason } = values
  const possible = reasonsOfOutcome[outcome]
  require(possible === undefined
    ? reason === null
    : reason !== null &&
        possible.includes(
          reason,
        ), `reason is ${shown(reason)} of a check that was ${outcome}, expected ${possible === undefined ? 'nothing' : `one of ${possible.join(', ')}`}`)
  return { type: 'check', ...values }
}

function flatRollup({ url, from, checks, uptime, latencies, ...rest }: RollupRow): Values<typeof rollupFields> {
  const at = (quantile: number): number | null => {
    const found = latencyAt(latencies, quantile)
    return found === null ? null : Number(found.toPrecision(3))
  }
  const derived = { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) }
  return { url, from, ...checks, ...rest, ...uptime, ...derived, latencies }
}

function rollupRow(type: RollupRow['type'], unitMs: number, values: Values<typeof rollupFields>): RollupRow {
  const { url, from, ok, rejected, failed, skipped, reasons, packetsSent, packetsLost, latencies } = values
  const { observedMs, aliveMs, skippedMs } = values
  require(from.getTime() % unitMs === 0, `from is ${from.toISOString()}, expected the beginning of a ${type} (UTC)`)
  require(aliveMs <= observedMs, `aliveMs is ${aliveMs}, expected at most observedMs, ${observedMs}`)
  require(observedMs + skippedMs <=
    unitMs, `observedMs and skippedMs are ${observedMs + skippedMs} together, expected at most ${unitMs} in a ${type}`)
  require(latencies.total <=
    ok + rejected, `latencies are ${latencies.total}, expected at most one for each of ${ok + rejected} answers`)
  return {
    type,
    url,
    from,
    to: new Date(from.getTime() + unitMs),
    checks: { ok, rejected, failed, skipped },
    reasons,
    packetsSent,
    packetsLost,
    uptime: { observedMs, aliveMs, skippedMs },
    latencies,
  }
}
