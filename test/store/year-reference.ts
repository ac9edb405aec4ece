import type { CheckResult } from '../../src/tracker/outcome.js'
import { HOLD_MS } from './year-fleet.js'

/**
 * The naive reference: keeps every check of a tracker and looks at all of them for every answer. It knows two rules, that
 * two bad checks in a row make bad time from the first of them on, and that a check holds for half an hour; of healths,
 * status changes, gaps, rollups and histograms it knows nothing.
 */
export interface Seen {
  readonly atMs: number
  readonly kind: CheckResult['outcome']['kind']
  readonly latencyMs: number | null
}

export interface Expected {
  readonly observedMs: number
  readonly aliveMs: number
}

export interface ExpectedIncident {
  readonly fromMs: number
  readonly toMs: number | null
  readonly durationMs: number
}

interface Judged extends Seen {
  /** Whether the time after it is bad; null if nothing is known of it. */
  readonly bad: boolean | null
}

/** The bad ones among checks in a row, skipped ones left out, are bad where there are two or more. */
export function judged(checks: readonly Seen[]): readonly Judged[] {
  const conclusive = checks.filter(({ kind }) => kind !== 'skipped')
  const bad = new Set<Seen>()
  let run: Seen[] = []
  for (const one of conclusive) {
    if (one.kind === 'ok') run = []
    else run.push(one)
    if (run.length >= 2) for (const each of run) bad.add(each)
  }
  return checks.map((one) => ({ ...one, bad: one.kind === 'skipped' ? null : bad.has(one) }))
}

export function expectedUptime(checks: readonly Judged[], fromMs: number, toMs: number): Expected {
  let observedMs = 0
  let aliveMs = 0
  for (const [index, { atMs, bad }] of checks.entries()) {
    if (bad === null) continue
    const until = Math.min(checks[index + 1]?.atMs ?? Number.POSITIVE_INFINITY, atMs + HOLD_MS, toMs)
    const heldMs = Math.max(0, until - Math.max(atMs, fromMs))
    observedMs += heldMs
    if (!bad) aliveMs += heldMs
  }
  return { observedMs, aliveMs }
}

/** Bad time from its first check to the next good one. */
export function expectedIncidents(checks: readonly Judged[], atMs: number): readonly ExpectedIncident[] {
  const incidents: ExpectedIncident[] = []
  const observedBadMs = (some: readonly Judged[], toMs: number): number => {
    const { observedMs, aliveMs } = expectedUptime(some, 0, toMs)
    return observedMs - aliveMs
  }
  let first: number | null = null
  for (const [index, one] of checks.entries()) {
    if (one.bad === true) first ??= index
    if (one.bad !== false || first === null) continue
    const some = checks.slice(first, index + 1)
    incidents.push({ fromMs: some[0]?.atMs ?? Number.NaN, toMs: one.atMs, durationMs: observedBadMs(some, one.atMs) })
    first = null
  }
  if (first !== null) {
    const rest = checks.slice(first)
    incidents.push({ fromMs: rest[0]?.atMs ?? Number.NaN, toMs: null, durationMs: observedBadMs(rest, atMs) })
  }
  return incidents
}

/** Nearest rank. */
export function expectedQuantiles(checks: readonly Seen[], fromMs: number, toMs: number): readonly (number | null)[] {
  const latencies = checks
    .filter(({ atMs, kind }) => atMs >= fromMs && atMs < toMs && (kind === 'ok' || kind === 'rejected'))
    .flatMap(({ latencyMs }) => latencyMs ?? [])
    .sort((a, b) => a - b)
  return [0.5, 0.95, 0.99].map((quantile) => latencies[Math.ceil(quantile * latencies.length) - 1] ?? null)
}
