import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openStore } from '../../src/store/open.js'
import type { CheckRecord, Store } from '../../src/store/store.js'
import type { Health } from '../../src/tracker/health.js'
import type { CheckResult, Outcome } from '../../src/tracker/outcome.js'
import {
  at,
  check,
  checksBefore,
  checksOf,
  DAY,
  HOUR,
  inDirectory,
  MINUTE,
  ok,
  probe,
  records,
  rejected,
  skipped,
  timeout,
  url,
  watched,
} from './support.js'

const TRACKERS = 20
/** Enough checks to be taken for load. */
const ROUNDS_PER_BATCH = 30
const OUTCOMES: readonly Outcome[] = [ok, timeout, rejected, skipped]

/** What each tracker says in turn: an outcome, and for how many checks. */
type Story = readonly (readonly [outcome: number, checks: number])[]

const story: fc.Arbitrary<Story> = fc.array(
  fc.tuple(fc.nat(OUTCOMES.length - 1), fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 20, max: 90 }))),
  { minLength: 1, maxLength: 6 },
)

/** What becomes of a batch: places of records that get lost and of those that come with the next one. */
interface Mishap {
  readonly lost: readonly number[]
  readonly late: readonly number[]
  /** Whether it is refused at first, for a record among them. */
  readonly fails: boolean
}

const places = fc.array(fc.nat(TRACKERS * ROUNDS_PER_BATCH - 1), { maxLength: 5 })
const mishaps: fc.Arbitrary<readonly Mishap[]> = fc.array(
  fc.record({ lost: places, late: places, fails: fc.boolean() }),
  {
    minLength: 3,
    maxLength: 6,
  },
)

interface Tracked {
  readonly health: Health
  readonly lastOkAt: Date | null
}

/** Batches of records, and beside each what is known of every tracker after it. */
function batchesOf(stories: readonly Story[], batches: number) {
  const known = new Map<string, Tracked>()
  return Array.from({ length: batches }, (_, batch) => {
    const written: CheckRecord[] = []
    for (let round = batch * ROUNDS_PER_BATCH; round < (batch + 1) * ROUNDS_PER_BATCH; round++) {
      for (let name = 0; name < TRACKERS; name++) {
        const outcome = said(stories[name % stories.length] ?? [], round + name)
        // A minute in ten is left out: what was written before does not always hold until then.
        const ms = (round + Math.floor(round / 50) * 60) * MINUTE + name
        const before = known.get(url(name))
        const [record] = records([check(name, ms, outcome, 20 + (round % 7))], undefined, before?.health)
        if (record === undefined) throw new Error('no record')
        const lastOkAt = outcome.kind === 'ok' ? record.result.checkedAt : (before?.lastOkAt ?? null)
        known.set(url(name), { health: record.health, lastOkAt })
        written.push(record)
      }
    }
    return { written, known: new Map(known) }
  })
}

function said(tale: Story, round: number): Outcome {
  const length = tale.reduce((sum, [, checks]) => sum + checks, 0)
  let left = round % Math.max(length, 1)
  for (const [outcome, checks] of tale) {
    if (left < checks) return OUTCOMES[outcome] ?? ok
    left -= checks
  }
  return ok
}

async function knownTo(store: Store): Promise<ReadonlyMap<string, Tracked>> {
  const states = await store.states()
  return new Map(
    states.flatMap(({ tracker, health, lastOkAt }) => (health === null ? [] : [[tracker.url, { health, lastOkAt }]])),
  )
}

function watchedAll() {
  return Array.from({ length: TRACKERS }, (_, name) => watched(name))
}

/** What the store refuses. */
function stranger(): readonly CheckRecord[] {
  return records([check('stranger', 0, ok)])
}

/** What a killed process leaves: the file and its log as they are. */
function copyOf(file: string): string {
  const copy = `${file}.killed`
  for (const end of ['', '-wal']) copyFileSync(file + end, copy + end)
  return `sqlite:${copy}`
}

interface Fleet {
  readonly file: string
  readonly store: Store
  readonly use: (opening: Promise<Store>) => Promise<Store>
}

/** A store in a file that watches all trackers. */
function withFleet(body: (fleet: Fleet) => Promise<void>): Promise<void> {
  return inDirectory(async (directory, use) => {
    const file = join(directory, 'history.db')
    const store = await use(openStore(`sqlite:${file}`))
    await store.watch(watchedAll(), at(0))
    await body({ file, store, use })
  })
}

function withoutPhases(result: CheckResult): CheckResult {
  return { ...result, probes: result.probes.map((probe) => ({ ...probe, phases: {} })) }
}

/** By another program. */
function inFile(file: string, sql: string): void {
  const client = new Database(file)
  client.exec(sql)
  client.close()
}

/** Written of a tracker, by a program that looks into the file. */
function stored(file: string, column: 'checked_at_ms' | 'streak_count'): readonly number[] {
  const client = new Database(file, { readonly: true })
  try {
    return client
      .prepare<[], number>(`SELECT ${column} FROM tracker_state JOIN tracker ON id = tracker_id ORDER BY position`)
      .pluck()
      .all()
  } finally {
    client.close()
  }
}

/** Where a start would look for checks without a state. */
function spanOf(file: string): readonly string[] {
  const client = new Database(file, { readonly: true })
  try {
    return client.prepare<[], string>("SELECT name FROM meta WHERE name LIKE 'late%'").pluck().all()
  } finally {
    client.close()
  }
}

describe('states of checks that come in large numbers', () => {
  afterEach(() => void vi.useRealTimers())

  it('are known after a kill as before it, whatever the trackers said', { timeout: 60_000 }, () =>
    fc.assert(
      fc.asyncProperty(fc.array(story, { minLength: 3, maxLength: TRACKERS }), fc.nat(4), (stories, kill) =>
        withFleet(async ({ file, store, use }) => {
          for (const [index, { written, known }] of batchesOf(stories, 5).entries()) {
            await store.record(written)
            expect(await knownTo(store)).toEqual(known)
            if (index !== kill) continue
            const next = await use(openStore(copyOf(file)))
            expect(await knownTo(next)).toEqual(known)
          }
        }),
      ),
      { numRuns: 25 },
    ),
  )

  it(
    'are after a kill those of a store in which none waits, though records are lost or late and batches fail',
    {
      timeout: 60_000,
    },
    () =>
      fc.assert(
        fc.asyncProperty(fc.array(story, { minLength: 3, maxLength: TRACKERS }), mishaps, (stories, all) =>
          withFleet(async ({ file, store, use }) => {
            const patient = await use(openStore('sqlite::memory:'))
            await patient.watch(watchedAll(), at(0))
            const batches = batchesOf(stories, all.length)
            let delayed: readonly CheckRecord[] = []
            for (const [index, { lost, late, fails }] of all.entries()) {
              const written = batches[index]?.written ?? []
              const batch = [
                ...written.filter((_, place) => !lost.includes(place) && !late.includes(place)),
                ...delayed,
              ]
              delayed = late.flatMap((place) => written[place] ?? [])
              if (fails) await expect(store.record([...batch, ...stranger()])).rejects.toThrow('never watched')
              await store.record(batch)
              for (let from = 0; from < batch.length; from += 400) await patient.record(batch.slice(from, from + 400))
              const next = await use(openStore(copyOf(file)))
              expect(await knownTo(next)).toEqual(await knownTo(patient))
              await next.close()
            }
          }),
        ),
        { numRuns: 15 },
      ),
  )

  it('count every check after a kill, though the clock was set back a little', () =>
    withFleet(async ({ file, store, use }) => {
      const first = records(checksOf(0, '+'.repeat(600), 0, 1000))
      await store.record(first)
      await store.record(records(checksOf(0, '+'.repeat(600), 300_500, 1000), undefined, first.at(-1)?.health))
      const next = await use(openStore(copyOf(file)))
      expect((await next.find(url(0)))?.health?.streak?.count).toBe(1200)
    }))

  it('count a check once after a kill, over however many address families it went', () =>
    withFleet(async ({ file, store, use }) => {
      const probes = [probe(ok), probe(ok, { family: 6, address: '2001:db8::7' })]
      const all = records(checksOf(0, '+'.repeat(601), 0, 1000).map((result) => ({ ...result, probes })))
      await store.record(all.slice(0, 1))
      await store.record(all.slice(1))
      const next = await use(openStore(copyOf(file)))
      expect((await next.find(url(0)))?.health).toEqual(all.at(-1)?.health)
    }))

  it('are known after a kill though checks from which they are made up were deleted', () =>
    withFleet(async ({ file, store, use }) => {
      const [first, second] = batchesOf([[[0, 1]]], 2)
      await store.record(first?.written ?? [])
      await store.record(second?.written ?? [])
      await store.prune(checksBefore(DAY))
      expect(await knownTo(await use(openStore(copyOf(file))))).toEqual(second?.known)
    }))

  it('are written at once where they tell something new, and else with a later one', () =>
    withFleet(async ({ file, store }) => {
      const falls: Story = [
        [0, 80],
        [1, 200],
      ]
      const [first, second, third] = batchesOf([falls, [[0, 1]]], 3)
      await store.record(first?.written ?? [])
      const before = stored(file, 'checked_at_ms')
      await store.record(second?.written ?? [])
      expect(stored(file, 'checked_at_ms')).toEqual(before)
      await store.record(third?.written ?? [])
      const newest = third?.written.slice(-TRACKERS).map(({ result }) => result.checkedAt.getTime()) ?? []
      expect(stored(file, 'checked_at_ms')).toEqual(newest.map((ms, name) => (name % 2 === 0 ? ms : before[name])))
    }))

  it('are in the file after a second, though no more checks come', () =>
    withFleet(async ({ file, store }) => {
      const [first, second] = batchesOf([[[0, 1]]], 2)
      await store.record(first?.written ?? [])
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      await store.record(second?.written ?? [])
      expect(stored(file, 'streak_count')).toEqual(Array.from({ length: TRACKERS }, () => ROUNDS_PER_BATCH))
      await vi.advanceTimersByTimeAsync(1000)
      expect(stored(file, 'streak_count')).toEqual(Array.from({ length: TRACKERS }, () => 2 * ROUNDS_PER_BATCH))
    }))

  it.each(['close', 'small'] as const)('are in the file after what comes next: %s', (next) =>
    withFleet(async ({ file, store }) => {
      const [first, second, third] = batchesOf([[[0, 1]]], 3)
      await store.record(first?.written ?? [])
      await store.record(second?.written ?? [])
      if (next === 'close') await store.close()
      else await store.record(third?.written.slice(0, 1) ?? [])
      const counts = stored(file, 'streak_count')
      expect(counts.slice(1)).toEqual(Array.from({ length: TRACKERS - 1 }, () => 2 * ROUNDS_PER_BATCH))
      expect(counts[0]).toBe(2 * ROUNDS_PER_BATCH + (next === 'close' ? 0 : 1))
      expect(spanOf(file)).toEqual([])
    }),
  )

  it('wait for no more than 100,000 checks', () =>
    withFleet(async ({ file, store }) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      const missing: number[] = []
      let health: Health | undefined
      for (let batch = 0; batch < 12; batch++) {
        const written = records(checksOf(0, '+'.repeat(10_000), batch * HOUR, 100), undefined, health)
        health = written.at(-1)?.health
        await store.record(written)
        missing.push((batch + 1) * 10_000 - (stored(file, 'streak_count')[0] ?? 0))
        expect(spanOf(file).length).toBe(missing.at(-1) === 0 ? 0 : 2)
      }
      expect(missing).toEqual([...Array.from({ length: 11 }, (_, batch) => batch * 10_000), 0])
    }))

  it('do not wait beside a check of another day, so that a start never has days to read again', () =>
    withFleet(async ({ file, store }) => {
      const [first, second] = batchesOf([[[0, 1]]], 2)
      await store.record(first?.written ?? [])
      await store.record([...(second?.written ?? []), ...records([check(0, -2 * DAY, ok)])])
      expect(stored(file, 'streak_count')).toEqual(Array.from({ length: TRACKERS }, () => 2 * ROUNDS_PER_BATCH))
      expect(await knownTo(store)).toEqual(second?.known)
    }))

  it('are written with all that they said though the disk did not take them the first time', () =>
    withFleet(async ({ file, store, use }) => {
      const [first, second] = batchesOf([[[0, 1]]], 2)
      await store.record(first?.written ?? [])
      const shorter = (second?.written ?? []).map((record) => ({ ...record, result: withoutPhases(record.result) }))
      await store.record(shorter)
      inFile(file, "CREATE TRIGGER full BEFORE DELETE ON meta BEGIN SELECT RAISE(ABORT, 'no space is left'); END")
      await expect(store.watch(watchedAll(), at(0))).rejects.toThrow('no space is left')
      inFile(file, 'DROP TRIGGER full')
      await store.close()
      const states = await (await use(openStore(`sqlite:${file}`))).states()
      expect(states.map(({ last }) => last)).toEqual(shorter.slice(-TRACKERS).map(({ result }) => result))
    }))

  it('that all told something new meanwhile are not looked for at the next start, after a clock was set back', () =>
    withFleet(async ({ file, store, use }) => {
      const falls: Story = [
        [0, 80],
        [1, 200],
      ]
      for (const { written } of batchesOf([falls], 3)) await store.record(written)
      expect(spanOf(file)).toHaveLength(2)
      await store.roll(at(-DAY))
      await store.close()
      expect(spanOf(file)).toEqual([])
      const states = await (await use(openStore(`sqlite:${file}`))).states()
      expect(states.map(({ health }) => health?.checkedAt)).toEqual(states.map(() => at(-DAY)))
    }))

  it('are known to an incident that goes on, which lasts as long as its tracker was observed', () =>
    withFleet(async ({ store }) => {
      const down: Story = [[1, 1]]
      const [first, second] = batchesOf([down], 2)
      await store.record(first?.written ?? [])
      await store.record(second?.written ?? [])
      const end = at(DAY)
      const waiting = await store.incidents({ from: at(0), to: end }, end, 100)
      await store.roll(end)
      const written = await store.incidents({ from: at(0), to: end }, end, 100)
      expect(waiting).toHaveLength(TRACKERS)
      expect(waiting).toEqual(written)
    }))

  it('are as they were where a transaction is rolled back', () =>
    withFleet(async ({ file, store, use }) => {
      const [first, second, third] = batchesOf(
        [
          [
            [0, 70],
            [1, 3],
          ],
        ],
        3,
      )
      await store.record(first?.written ?? [])
      await store.record(second?.written ?? [])
      await expect(store.record([...(third?.written ?? []), ...stranger()])).rejects.toThrow('never watched')
      expect(await knownTo(store)).toEqual(second?.known)
      expect(await knownTo(await use(openStore(copyOf(file))))).toEqual(second?.known)
      await store.record(third?.written ?? [])
      expect(await knownTo(store)).toEqual(third?.known)
    }))
})
