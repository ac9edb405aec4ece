import { setImmediate } from 'node:timers/promises'
import { and, asc, desc, eq, gte, isNotNull, lt, sql } from 'drizzle-orm'
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'
import type { StatusChange } from '../../tracker/health.js'
import { addHistogram, addLatency, createHistogram, latencyAt } from '../../tracker/latency-histogram.js'
import type { Rollup } from '../../tracker/rollup.js'
import { DAY_MS, HOUR_MS } from '../../tracker/time.js'
import { quantileOf, type Window } from '../../tracker/uptime.js'
import type { LatencySummary } from '../store.js'
import type { StoredCheck } from '../stored-check.js'
import { toMs } from './check-rows.js'
import { answeredVerdicts, familyOf } from './codes.js'
import type { Ends, Span } from './ends.js'
import { asked, type Rollups } from './rollups.js'
import { checkResult, statusChange, verdict } from './schema.js'
import type { Known } from './states.js'
import { stretchOf } from './stretch.js'
import { saidOf } from './verdict-words.js'

/** The cold reads. Long ones go day by day and leave the event loop free between. */
export interface History {
  changes(id: number, window: Window): readonly StatusChange[]
  checks(id: number, window: Window, limit: number): Promise<readonly StoredCheck[]>
  latency(known: Known, window: Window): Promise<LatencySummary>
  hours(known: Known, window: Window): readonly Rollup[]
  days(known: Known, window: Window): readonly Rollup[]
  /** Nothing of the tracker is older. */
  beganMs(known: Known): number
  /** Nothing of the tracker is later. */
  endedMs(known: Known): number
}

/** Up to here the checks themselves are read, as long as there are all of them. */
const LONGEST_READ_MS = 2 * DAY_MS

export interface HistoryParts {
  readonly db: BetterSQLite3Database
  readonly rollups: Rollups
  readonly ends: Ends
}

export function createHistory({ db, rollups, ends }: HistoryParts): History {
  const select = prepareSelects(db)
  const endedMs = ({ id, state: { health } }: Known): number => {
    const heldUntilMs = health === null ? ends.checks()?.toMs : health.checkedAt.getTime() + health.holdMs
    return Math.max(ends.rollups(id)?.toMs ?? Number.NEGATIVE_INFINITY, heldUntilMs ?? Number.NEGATIVE_INFINITY)
  }
  const rollupsOf = (read: Rollups['hours'], unitMs: number) => (known: Known, window: Window) => {
    const toMs = Math.min(window.to.getTime(), endedMs(known))
    return read(known.id, Math.ceil(window.from.getTime() / unitMs), Math.ceil(toMs / unitMs), window.to)
  }
  const hours = rollupsOf(rollups.hours, HOUR_MS)
  const exactly = async (id: number, window: Window): Promise<LatencySummary> => {
    const samples: number[] = []
    for (const day of ends.days(window)) {
      for (const us of select.latencies(id, day)) samples.push(us)
      await setImmediate()
    }
    samples.sort((a, b) => a - b)
    return summary(samples.length, (quantile) => toMs(quantileOf(samples, quantile)))
  }
  const addedUp = async (id: number, { fromMs, toMs: endMs }: Span, at: Date): Promise<LatencySummary> => {
    const latencies = createHistogram()
    const add = (summed: readonly Rollup[]): void => {
      for (const rollup of summed) addHistogram(latencies, rollup.latencies)
    }
    const [fromHour, toHour] = [Math.ceil(fromMs / HOUR_MS), Math.floor(endMs / HOUR_MS)]
    const { hoursBefore, days, hoursAfter } = stretchOf(fromHour, toHour)
    add(rollups.hours(id, ...hoursBefore, at))
    await setImmediate()
    add(rollups.days(id, ...days, at))
    await setImmediate()
    add(rollups.hours(id, ...hoursAfter, at))
    const edges = [
      { fromMs, toMs: fromHour * HOUR_MS },
      { fromMs: toHour * HOUR_MS, toMs: endMs },
    ]
    for (const us of edges.flatMap((edge) => select.latencies(id, edge))) addLatency(latencies, us / 1000)
    return summary(latencies.total, (quantile) => latencyAt(latencies, quantile))
  }
  return {
    changes: (id, window) => select.changes(id, window),
    async checks(id, window, limit) {
      const checks: StoredCheck[] = []
      for (const day of ends.daysBack(window)) {
        if (checks.length >= limit) break
        checks.push(...select.checks(id, day, limit - checks.length).map(storedCheck))
        await setImmediate()
      }
      return checks
    },
    async latency(known, window) {
      const span = { fromMs: window.from.getTime(), toMs: Math.min(window.to.getTime(), endedMs(known)) }
      const summed = () => addedUp(known.id, span, window.to)
      if (span.toMs - span.fromMs > LONGEST_READ_MS) return summed()
      const exact = await exactly(known.id, window)
      const reachesBack = (ends.checks()?.fromMs ?? Number.POSITIVE_INFINITY) <= span.fromMs
      if (reachesBack || span.toMs - span.fromMs < HOUR_MS) return exact
      // Where checks are gone already, the hours know of more.
      const rough = await summed()
      return rough.samples > exact.samples ? rough : exact
    },
    hours,
    days: rollupsOf(rollups.days, DAY_MS),
    beganMs: ({ id }) =>
      Math.min(ends.rollups(id)?.fromMs ?? Number.POSITIVE_INFINITY, ends.checks()?.fromMs ?? Number.POSITIVE_INFINITY),
    endedMs,
  }
}

function summary(samples: number, at: (quantile: number) => number | null): LatencySummary {
  return { samples, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) }
}

/** The statements, prepared once. */
function prepareSelects(db: BetterSQLite3Database) {
  const { at, from, to, reason, code, message, confirmedAt } = statusChange
  const within = and(
    gte(checkResult.atMs, asked.from),
    lt(checkResult.atMs, asked.to),
    eq(checkResult.trackerId, asked.id),
  )
  const answered = sql`${checkResult.verdictId} IN (${sql.raw(answeredVerdicts)})`
  const changes = db
    .select({ at, from, to, reason, code, message })
    .from(statusChange)
    .where(and(eq(statusChange.trackerId, asked.id), gte(at, asked.from), lt(at, asked.to)))
    .orderBy(asc(at), asc(confirmedAt))
    .prepare()
  const latencies = db
    .select({ us: checkResult.latencyUs })
    .from(checkResult)
    .where(and(within, answered, isNotNull(checkResult.latencyUs)))
    .prepare()
  const checks = db
    .select()
    .from(checkResult)
    .innerJoin(verdict, eq(verdict.id, checkResult.verdictId))
    .where(within)
    // Of one check, the row that decided comes first.
    .orderBy(desc(checkResult.atMs), desc(verdict.decisive), asc(checkResult.family))
    .limit(sql.placeholder('limit'))
    .prepare()
  return {
    changes: (id: number, window: Window): readonly StatusChange[] =>
      changes.all({ id, from: window.from.getTime(), to: window.to.getTime() }),
    latencies: (id: number, { fromMs, toMs }: Span): readonly number[] =>
      latencies.all({ id, from: fromMs, to: toMs }).flatMap(({ us }) => us ?? []),
    checks: (id: number, { fromMs, toMs }: Span, limit: number): readonly CheckColumns[] =>
      checks.all({ id, from: fromMs, to: toMs, limit }),
  }
}

interface CheckColumns {
  readonly check_result: typeof checkResult.$inferSelect
  readonly verdict: typeof verdict.$inferSelect
}

/** A row with its words. */
export function storedCheck({ check_result: row, verdict: said }: CheckColumns): StoredCheck {
  return {
    checkedAt: new Date(row.atMs),
    family: familyOf(row.family),
    ...saidOf(said),
    latencyMs: toMs(row.latencyUs),
    attempts: said.attempts,
    packetsSent: said.packetsSent,
    packetsLost: said.packetsLost,
    decisive: said.decisive === 1,
  }
}
