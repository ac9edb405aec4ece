import { statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import type { Store } from '../../src/store/store.js'
import type { Health, HealthPolicy } from '../../src/tracker/health.js'
import { healthStep } from '../../src/tracker/health-step.js'
import { at, DAY, HOUR, inDirectory, url, watched } from './support.js'
import { HOLD_MS, simulatedSteps } from './year-fleet.js'
import { expectedIncidents, expectedQuantiles, expectedUptime, judged, type Seen } from './year-reference.js'

/*
 * Twenty trackers for 60 days. `npm run simulate-year` makes a year of 1,000 trackers of it, the one that the README speaks
 * of, in about half an hour, and then tells the size of the file and of its parts; YEAR_TRACKERS and YEAR_DAYS change its
 * size. The seed is printed; YEAR_SEED repeats a run. Nearly all of the time is the store's own.
 */
const TRACKERS = Number(process.env.YEAR_TRACKERS ?? 20)
const DAYS = Number(process.env.YEAR_DAYS ?? 60)
const SEED = Number(process.env.YEAR_SEED ?? Date.now() % 2 ** 31)
const KEPT_CHECKS_MS = 30 * DAY
const KEPT_HOURS_MS = 400 * DAY
const UPKEEP_EVERY_MS = 6 * HOUR
/** Trackers whose every check the reference keeps. */
const COMPARED = Math.min(TRACKERS, 50)

const policy: HealthPolicy = { downAfter: 2, upAfter: 1, aliveWhen: 'announce', holdMs: HOLD_MS }

describe('a simulated history', () => {
  it(
    `of ${TRACKERS} trackers and ${DAYS} days is what a naive reference makes of its checks`,
    {
      timeout: 7_200_000,
    },
    () =>
      inDirectory(async (directory, use) => {
        console.log(`simulated history: YEAR_SEED=${SEED}`)
        const file = join(directory, 'history.db')
        const { store, seen, end } = await simulate(() => use(openStore(`sqlite:${file}`)))
        await compare(store, seen, end)
        expect(await store.verify()).toEqual([])
        await store.close()
        if (process.env.YEAR_DAYS !== undefined) console.log(sizes(file))
      }),
  )
})

interface Simulated {
  readonly store: Store
  readonly seen: readonly (readonly Seen[])[]
  readonly end: Date
}

/** Everything through the public interface of the store, at the pace of a simulated clock. */
async function simulate(open: () => Promise<Store>): Promise<Simulated> {
  const trackers = Array.from({ length: TRACKERS }, (_, index) => watched(index))
  const seen: Seen[][] = Array.from({ length: COMPARED }, () => [])
  let store = await open()
  await store.watch(trackers, at(0))
  let healths: (Health | undefined)[] = []
  let tidiedAt = at(0)
  let end = at(0)
  for (const step of simulatedSteps(SEED, TRACKERS, DAYS * DAY)) {
    if (step.kind === 'restart') {
      await store.close()
      store = await open()
      healths = (await store.states()).map(({ health }) => health ?? undefined)
      continue
    }
    const records = step.results.map((result, index) => {
      const next = healthStep(healths[index], result, policy)
      healths[index] = next.health
      seen[index]?.push({
        atMs: result.checkedAt.getTime(),
        kind: result.outcome.kind,
        latencyMs: result.latencyMs,
      })
      return { result, ...next }
    })
    await store.record(records)
    end = step.results.reduce((latest, { checkedAt }) => (checkedAt > latest ? checkedAt : latest), end)
    if (end.getTime() - tidiedAt.getTime() < UPKEEP_EVERY_MS) continue
    tidiedAt = end
    await store.roll(end)
    const nowMs = end.getTime()
    await store.prune({ checks: new Date(nowMs - KEPT_CHECKS_MS), hours: new Date(nowMs - KEPT_HOURS_MS) })
  }
  return { store, seen, end: new Date(end.getTime() + 1) }
}

async function compare(store: Store, seen: readonly (readonly Seen[])[], end: Date): Promise<void> {
  const endMs = end.getTime()
  const entries = await store.entries(end)
  const incidents = await incidentsByUrl(store, end)
  for (const [index, raw] of seen.entries()) {
    const checks = judged(raw)
    const windows = { '24h': DAY, '7d': 7 * DAY, '30d': 30 * DAY, '90d': 90 * DAY, '1y': 365 * DAY }
    for (const [name, ms] of Object.entries(windows)) {
      const { observedMs, aliveMs } = expectedUptime(checks, endMs - ms, endMs)
      const told = await store.uptime(url(index), { from: new Date(endMs - ms), to: end }, end)
      expect({ index, name, observedMs: told.observedMs, aliveMs: told.aliveMs }).toEqual({
        index,
        name,
        observedMs,
        aliveMs,
      })
      expect(entries[index]?.uptime[name as '24h']).toBe(observedMs === 0 ? null : aliveMs / observedMs)
    }
    for (const days of [1, 7, 30, DAYS]) {
      const { p50Ms, p95Ms, p99Ms } = await store.latency(url(index), { from: new Date(endMs - days * DAY), to: end })
      const exact = expectedQuantiles(raw, endMs - days * DAY, endMs)
      for (const [at, told] of [p50Ms, p95Ms, p99Ms].entries()) {
        const expected = exact[at] ?? null
        if (expected === null || told === null) expect({ index, days, told }).toEqual({ index, days, told: expected })
        else expect(Math.abs(told / expected - 1)).toBeLessThan(0.04)
      }
    }
    const days = await store.days(url(index), { from: at(0), to: end })
    // The last day may have no check yet, only the time for which the status before it holds.
    const checked = days.filter(({ checks: { ok, rejected, failed, skipped } }) => ok + rejected + failed + skipped > 0)
    expect(days.filter((day) => !checked.includes(day) && day.uptime.observedMs === 0)).toEqual([])
    expect(
      checked.map(({ from, checks: { ok, rejected, failed, skipped } }) => [from, ok, rejected, failed, skipped]),
    ).toEqual(expectedDays(raw))
    const since = endMs - 20 * DAY
    expect(incidents.get(url(index)) ?? []).toEqual(
      expectedIncidents(checks, endMs).filter(({ toMs }) => toMs === null || toMs > since),
    )
  }
}

/** Of the last 20 days: as many as one answer takes, of a thousand trackers. */
async function incidentsByUrl(store: Store, end: Date) {
  const window = { from: new Date(end.getTime() - 20 * DAY), to: end }
  const byUrl = new Map<string, { fromMs: number; toMs: number | null; durationMs: number }[]>()
  const told = (await store.incidents(window, end, 5000)).toReversed()
  for (const { url, from, to, durationMs } of told) {
    const list = byUrl.get(url) ?? []
    byUrl.set(url, list)
    list.push({ fromMs: from.getTime(), toMs: to?.getTime() ?? null, durationMs })
  }
  return byUrl
}

/** Of every day (UTC) with a check, in the order of time. */
function expectedDays(checks: readonly Seen[]) {
  const days = new Map<number, Record<Seen['kind'], number>>()
  for (const { atMs, kind } of checks) {
    const day = Math.floor(atMs / DAY)
    const counts = days.get(day) ?? { ok: 0, rejected: 0, failed: 0, skipped: 0 }
    days.set(day, counts)
    counts[kind] += 1
  }
  const sorted = [...days].toSorted(([one], [other]) => one - other)
  return sorted.map(([day, { ok, rejected, failed, skipped }]) => [new Date(day * DAY), ok, rejected, failed, skipped])
}

function sizes(file: string): string {
  const client = new Database(file, { readonly: true })
  const parts = client
    .prepare<[], [string, number]>('SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC')
    .raw()
    .all()
  client.close()
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
  return [`file: ${mb(statSync(file).size)}`, ...parts.map(([name, bytes]) => `${name}: ${mb(bytes)}`)].join('\n')
}
