import type { PhaseHour } from '../../store/store.js'
import { latencyAt } from '../../tracker/latency-histogram.js'
import { type Phases, phaseNames } from '../../tracker/outcome.js'
import type { Rollup } from '../../tracker/rollup.js'
import { uptimeWindows } from '../../tracker/state.js'
import { DAY_MS, HOUR_MS } from '../../tracker/time.js'
import type { Window } from '../../tracker/uptime.js'
import type { ReadStore } from '../deps.js'

/** The ranges of the latency chart, and what one point of each stands for. */
export const latencyRanges = {
  '24h': { unitMs: HOUR_MS, unit: 'hour' },
  '7d': { unitMs: HOUR_MS, unit: 'hour' },
  '30d': { unitMs: HOUR_MS, unit: 'hour' },
  '1y': { unitMs: DAY_MS, unit: 'day' },
} as const
export type LatencyRange = keyof typeof latencyRanges

export interface LatencyPoint {
  readonly from: Date
  readonly answers: number
  /** Null without an answer. */
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  /** Mean of the answered checks; empty where it is not known. */
  readonly phases: Phases
}

export interface LatencySeries {
  readonly range: LatencyRange
  /** Each hour or day of the range, oldest first, those without an answer too. */
  readonly points: readonly LatencyPoint[]
}

export function isLatencyRange(text: string): text is LatencyRange {
  return Object.hasOwn(latencyRanges, text)
}

export async function readLatencies(
  store: Pick<ReadStore, 'hours' | 'days' | 'phases'>,
  url: string,
  range: LatencyRange,
  now: Date,
): Promise<LatencySeries> {
  const { unitMs } = latencyRanges[range]
  const firstMs = Math.floor((now.getTime() - uptimeWindows[range]) / unitMs) * unitMs + unitMs
  const window: Window = { from: new Date(firstMs), to: new Date(now.getTime() + 1) }
  const [rollups, hours] = await Promise.all([
    unitMs === DAY_MS ? store.days(url, window) : store.hours(url, window),
    store.phases(url, window),
  ])
  return latencySeries({ range, firstMs, endMs: now.getTime(), rollups, hours })
}

interface SeriesInput {
  readonly range: LatencyRange
  /** Where the first point begins. */
  readonly firstMs: number
  readonly endMs: number
  readonly rollups: readonly Rollup[]
  readonly hours: readonly PhaseHour[]
}

/** Puts what there is at its place in the range. Pure. */
export function latencySeries({ range, firstMs, endMs, rollups, hours }: SeriesInput): LatencySeries {
  const { unitMs } = latencyRanges[range]
  const placeOf = (at: Date): number => Math.floor((at.getTime() - firstMs) / unitMs)
  const byPlace = new Map(rollups.map((rollup) => [placeOf(rollup.from), rollup]))
  const phases = new Map<number, PhaseHour[]>()
  for (const hour of hours) {
    const place = placeOf(hour.from)
    const others = phases.get(place)
    if (others === undefined) phases.set(place, [hour])
    else others.push(hour)
  }
  const points: LatencyPoint[] = []
  for (let place = 0; firstMs + place * unitMs <= endMs; place++) {
    const latencies = byPlace.get(place)?.latencies
    points.push({
      from: new Date(firstMs + place * unitMs),
      answers: latencies?.total ?? 0,
      p50Ms: latencies === undefined ? null : latencyAt(latencies, 0.5),
      p95Ms: latencies === undefined ? null : latencyAt(latencies, 0.95),
      phases: meanOf(phases.get(place) ?? []),
    })
  }
  return { range, points }
}

/** Each hour counts as often as it was answered. */
function meanOf(hours: readonly PhaseHour[]): Phases {
  const answered = hours.reduce((sum, hour) => sum + hour.answered, 0)
  const spent = phaseNames.flatMap((phase) => {
    if (hours.every((hour) => hour.phases[phase] === undefined)) return []
    const sumMs = hours.reduce((sum, hour) => sum + (hour.phases[phase] ?? 0) * hour.answered, 0)
    return [[phase, sumMs / answered] as const]
  })
  return Object.fromEntries(spent)
}
