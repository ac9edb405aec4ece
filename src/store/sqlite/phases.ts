import type Database from 'better-sqlite3'
import { type CheckResult, type Phase, type Phases, phaseNames } from '../../tracker/outcome.js'
import { HOUR_MS } from '../../tracker/time.js'
import type { Window } from '../../tracker/uptime.js'
import type { PhaseHour } from '../store.js'
import { toMs, toUs } from './check-rows.js'
import { HERE } from './codes.js'
import { hourOf } from './hours.js'
import { prepareInsert, replacing } from './insert.js'
import { hourPhase } from './schema.js'
import type { Written } from './written.js'

/** Rows at a time: a ms or two, however many hours are waiting. */
const ROWS_PER_SLICE = 300

/** What the answered checks of one tracker in one hour have spent on each phase, µs. */
interface Sums {
  /** Since 1970. */
  readonly hour: number
  answered: number
  readonly us: Partial<Record<Phase, number>>
}

/**
 * Where the time of checks went, by the hour. A row of a check has no room for its phases, so they are added up here in
 * memory and written once per tracker and hour; of the hours that are not written yet a killed process loses its part.
 */
export interface HourPhases {
  /** Adds checks that have just been written for the first time. */
  note(written: readonly Written[]): void
  /** Writes some of the hours before this one, in one transaction. Returns whether there are more of them. */
  flush(beforeHour: number): boolean
  /** The hours that begin in a window, oldest first, those that are not written yet included. */
  of(trackerId: number, window: Window): readonly PhaseHour[]
}

export function createHourPhases(client: Database.Database): HourPhases {
  /** By tracker, for its hours lie side by side in the file; the one that began last comes last. */
  const pending = new Map<number, Sums[]>()
  const rows = prepareRows(client)
  // By hand and not from the schema: of every check a ninth.
  const add = client.prepare<[number, number, number, string]>(
    `INSERT INTO hour_phase (tracker_id, vantage_id, hour, answered, phases_us) VALUES (?, ${HERE}, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  )
  const put = prepareInsert(client, hourPhase, replacing(hourPhase))
  const sumsOf = (trackerId: number, hour: number): Sums => {
    const known = pending.get(trackerId) ?? []
    for (let index = known.length - 1; index >= 0; index--) {
      const sums = known[index]
      if (sums?.hour === hour) return sums
    }
    const sums = { hour, answered: 0, us: {} }
    if (known.push(sums) === 1) pending.set(trackerId, known)
    return sums
  }
  const write = client.transaction((slice: readonly Waiting[]) => {
    for (const { trackerId, sums } of slice) {
      const { hour, answered, us } = sums
      if (add.run(trackerId, hour, answered, JSON.stringify(us)).changes > 0) continue
      const stored = rows(trackerId, hour, hour + 1).get(hour)
      put(rowOf(trackerId, stored === undefined ? sums : sumOf(stored, sums)))
    }
  })
  return {
    note(written) {
      for (const { id, phases, atMs } of written) {
        if (phases === null) continue
        const sums = sumsOf(id, hourOf(atMs))
        sums.answered += 1
        addPhases(sums.us, phases)
      }
    },
    flush(beforeHour) {
      const slice = sliceOf(pending, beforeHour)
      if (slice.length === 0) return false
      write.immediate(slice)
      for (const { trackerId, sums } of slice) {
        const left = (pending.get(trackerId) ?? []).filter((one) => one !== sums)
        if (left.length === 0) pending.delete(trackerId)
        else pending.set(trackerId, left)
      }
      return slice.length === ROWS_PER_SLICE
    },
    of(trackerId, { from, to }) {
      const [first, end] = [from, to].map((moment) => Math.ceil(moment.getTime() / HOUR_MS))
      if (first === undefined || end === undefined) return []
      const found = rows(trackerId, first, end)
      for (const sums of pending.get(trackerId) ?? []) {
        const { hour } = sums
        if (hour < first || hour >= end) continue
        const stored = found.get(hour)
        found.set(hour, stored === undefined ? sums : sumOf(stored, sums))
      }
      return [...found.values()].toSorted((one, other) => one.hour - other.hour).map(phaseHour)
    },
  }
}

/** What is to be written of one tracker and hour. */
interface Waiting {
  readonly trackerId: number
  readonly sums: Sums
}

function rowOf(trackerId: number, { hour, answered, us }: Sums): typeof hourPhase.$inferInsert {
  return { trackerId, vantageId: HERE, hour, answered, phasesUs: JSON.stringify(us) }
}

function sliceOf(pending: ReadonlyMap<number, readonly Sums[]>, beforeHour: number): readonly Waiting[] {
  const slice: Waiting[] = []
  for (const [trackerId, all] of pending) {
    for (const sums of all) {
      if (slice.length === ROWS_PER_SLICE) return slice
      if (sums.hour < beforeHour) slice.push({ trackerId, sums })
    }
  }
  return slice
}

/** The phases of the probe that decided an answered check; null of any other check. */
export function phasesOf({ outcome, probes, latencyMs }: CheckResult): Phases | null {
  if (outcome.kind !== 'ok' && outcome.kind !== 'rejected') return null
  const [only] = probes
  if (only?.outcome === outcome && probes.length === 1) return only.phases
  const decisive = probes.find((probe) => probe.outcome.kind === outcome.kind && probe.latencyMs === latencyMs)
  return decisive?.phases ?? null
}

function addPhases(us: Record<string, number>, phases: Readonly<Record<string, number | undefined>>): void {
  for (const name in phases) {
    const spent = toUs(phases[name])
    if (spent !== null) us[name] = (us[name] ?? 0) + spent
  }
}

function sumOf(one: Sums, other: Sums): Sums {
  const us: Sums['us'] = { ...one.us }
  for (const phase of phaseNames) {
    const spent = other.us[phase]
    if (spent !== undefined) us[phase] = (us[phase] ?? 0) + spent
  }
  return { hour: one.hour, answered: one.answered + other.answered, us }
}

function phaseHour({ hour, answered, us }: Sums): PhaseHour {
  const phases: Partial<Record<Phase, number>> = {}
  for (const phase of phaseNames) {
    const sumMs = toMs(us[phase] ?? null)
    if (sumMs !== null) phases[phase] = sumMs / answered
  }
  return { from: new Date(hour * HOUR_MS), answered, phases }
}

function prepareRows(client: Database.Database): (id: number, from: number, to: number) => Map<number, Sums> {
  const select = client
    .prepare<[number, number, number], [number, number, string]>(
      `SELECT hour, answered, phases_us FROM hour_phase
       WHERE tracker_id = ? AND vantage_id = ${HERE} AND hour >= ? AND hour < ?`,
    )
    .raw()
  return (id, from, to) =>
    new Map(select.all(id, from, to).map(([hour, answered, us]) => [hour, { hour, answered, us: JSON.parse(us) }]))
}
