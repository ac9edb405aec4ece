import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import type { Store } from '../../src/store/store.js'
import type { TransferRow } from '../../src/store/transfer.js'
import {
  at,
  check,
  checksOf,
  DAY,
  HOUR,
  inDirectory,
  MINUTE,
  ok,
  policy,
  records,
  start,
  url,
  watched,
} from './support.js'

const YEAR = 365 * DAY
const names = Array.from({ length: 20 }, (_, index) => index)

/** A store with two days of checks, one each half hour. */
async function filled(use: (opening: Promise<Store>) => Promise<Store>, file: string): Promise<Store> {
  const store = await use(openStore(`sqlite:${file}`))
  await store.watch(
    names.map((name) => watched(name)),
    at(0),
  )
  const letters = (name: number) =>
    Array.from({ length: 96 }, (_, index) => ((index + name) % 17 < 3 ? '-' : '+')).join('')
  await store.record(names.flatMap((name) => records(checksOf(name, letters(name), name, 30 * MINUTE), halfHourly)))
  return store
}

const halfHourly = { ...policy, holdMs: 75 * MINUTE }

/** A check that the store has not had, with the state as it is. */
async function late(store: Store, ms: number, name: number | string = 0) {
  const health = (await store.find(url(name)))?.health
  if (health === null || health === undefined) throw new Error(`${name} was never checked`)
  return { result: check(name, ms, ok), health, continues: null, change: null, gap: null }
}

async function everything(store: Store, window = { from: at(0), to: at(3 * DAY) }) {
  return Promise.all(
    names.map(async (name) => [await store.hours(url(name), window), await store.days(url(name), window)]),
  )
}

async function checksBetween(store: Store, fromMs: number, toMs: number): Promise<readonly TransferRow[]> {
  const rows: TransferRow[] = []
  for await (const row of store.export('checks', { from: at(fromMs), to: at(toMs) })) rows.push(row)
  return rows
}

function reopenedIn(file: string): number {
  const client = new Database(file, { readonly: true })
  const count = client.prepare<[], number>('SELECT count(*) FROM reopened').pluck().get()
  client.close()
  return count ?? Number.NaN
}

function phasesIn(file: string): number {
  const client = new Database(file, { readonly: true })
  const count = client.prepare<[], number>('SELECT count(*) FROM hour_phase').pluck().get()
  client.close()
  return count ?? Number.NaN
}

function firstReopenedIn(file: string): number | null {
  const client = new Database(file, { readonly: true })
  const first = client.prepare<[], number | null>('SELECT min(from_ms) FROM reopened').pluck().get()
  client.close()
  return first ?? null
}

describe('hours that are rolled up again', () => {
  it('are those of all trackers of which something came late, and are then done', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await filled(use, file)
      await store.roll(at(3 * DAY))
      await store.record(await Promise.all(names.map((name) => late(store, name * HOUR + 5 * MINUTE, name))))
      const unrolled = await everything(store)
      expect(reopenedIn(file)).toBe(20)
      expect(await store.roll(at(3 * DAY))).toBe(0)
      expect(reopenedIn(file)).toBe(0)
      expect(await everything(store)).toEqual(unrolled)
    }))

  it('stay reopened where the store is closed in between, and are read as they should be', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await filled(use, file)
      await store.roll(at(3 * DAY))
      await store.record(await Promise.all(names.map((name) => late(store, 5 * MINUTE, name))))
      const unrolled = await everything(store)
      const rolling = store.roll(at(3 * DAY))
      for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
      await store.close()
      await rolling
      expect(reopenedIn(file)).toBe(20)
      const again = await use(openStore(`sqlite:${file}`))
      expect(await everything(again)).toEqual(unrolled)
      await again.roll(at(3 * DAY))
      expect(reopenedIn(file)).toBe(0)
      expect(await everything(again)).toEqual(unrolled)
    }))

  it('miss nothing that comes while they are being rolled up', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await filled(use, file)
      await store.roll(at(3 * DAY))
      await store.record(await Promise.all(names.map((name) => late(store, 5 * MINUTE, name))))
      let isOver = false
      const rolling = store.roll(at(3 * DAY)).finally(() => {
        isOver = true
      })
      let written = 0
      for (; !isOver; written++) {
        // Into the hour that is being rolled up just now, of all trackers in turn.
        const underWay = firstReopenedIn(file)
        if (underWay === null) break
        const ms = underWay - (underWay % HOUR) - start + 100 + written
        await store.record([await late(store, ms, written % 20)])
        await new Promise(setImmediate)
        if (written === 60) break
      }
      await rolling
      expect(written).toBeGreaterThan(3)
      const window = { from: at(0), to: at(3 * DAY) }
      const counted = await Promise.all(names.map((name) => store.checks(url(name), window, 1000)))
      await store.roll(at(3 * DAY))
      expect(reopenedIn(file)).toBe(0)
      for (const [name, [hours, days]] of (await everything(store)).entries()) {
        const good = counted[name]?.filter(({ outcome }) => outcome === 'ok').length
        expect(hours?.reduce((sum, { checks }) => sum + checks.ok, 0)).toBe(good)
        expect(days?.reduce((sum, { checks }) => sum + checks.ok, 0)).toBe(good)
      }
    }))

  it('cost nothing for the years in which there was nothing', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await filled(use, file)
      const window = { from: at(0), to: at(41 * YEAR) }
      await store.record(
        records(checksOf(0, '++', 40 * YEAR), halfHourly, (await store.find(url(0)))?.health ?? undefined),
      )
      await store.roll(at(41 * YEAR))
      await store.record([await late(store, 5 * MINUTE)])
      await store.roll(at(41 * YEAR))
      expect(reopenedIn(file)).toBe(0)
      const days = await store.days(url(0), window)
      expect(days.map(({ from }) => from)).toEqual([at(0), at(DAY), at(2 * DAY), at(40 * YEAR)])
    }))
})

describe('a pause', () => {
  it('of decades is passed over, and the days around it are whole', () =>
    inDirectory(async (directory, use) => {
      const store = await filled(use, join(directory, 'history.db'))
      const states = await store.states()
      const back = names.flatMap((name) =>
        records(checksOf(name, '+-+', 50 * YEAR + 10 * HOUR), halfHourly, states[name]?.health ?? undefined),
      )
      await store.record(back)
      const before = await everything(store, { from: at(0), to: at(3 * DAY) })
      const after = await everything(store, { from: at(50 * YEAR - DAY), to: at(50 * YEAR + 2 * DAY) })
      expect(await store.roll(at(50 * YEAR + DAY))).toBe(50 * 365 * 24 + 23)
      expect(await everything(store, { from: at(0), to: at(3 * DAY) })).toEqual(before)
      expect(await everything(store, { from: at(50 * YEAR - DAY), to: at(50 * YEAR + 2 * DAY) })).toEqual(after)
      const all = await store.days(url(0), { from: at(0), to: at(51 * YEAR) })
      expect(all.map(({ from }) => from)).toEqual([at(0), at(DAY), at(2 * DAY), at(50 * YEAR)])
    }))

  it('is none while a status holds', () =>
    inDirectory(async (directory, use) => {
      const store = await use(openStore(`sqlite:${join(directory, 'history.db')}`))
      await store.watch([watched('a'), watched('b')], at(0))
      const weekly = { ...policy, holdMs: 7 * DAY }
      await store.record([...records(checksOf('a', '+', 5 * HOUR), weekly), ...records(checksOf('b', '+'))])
      const window = { from: at(0), to: at(20 * DAY) }
      const read = async () => [await store.hours(url('a'), window), await store.days(url('a'), window)]
      const before = await read()
      expect(before.map(({ length }) => length)).toEqual([7 * 24, 8])
      await store.roll(at(20 * DAY))
      expect(await read()).toEqual(before)
      expect(await store.hours(url('b'), window)).toHaveLength(1)
    }))

  it('ends with what another store has observed in it', () =>
    inDirectory(async (directory, use) => {
      const store = await use(openStore(`sqlite:${join(directory, 'here.db')}`))
      const there = await use(openStore(`sqlite:${join(directory, 'there.db')}`))
      await store.watch([watched('a')], at(0))
      await there.watch([watched('a')], at(30 * DAY))
      await store.record(records(checksOf('a', '++')))
      await there.record(records(checksOf('a', '+-+', 30 * DAY)))
      await there.prune({ checks: at(40 * DAY), hours: new Date(0) })
      for (const kind of ['events', 'days', 'hours'] as const) {
        const rows = []
        for await (const row of there.export(kind, { from: at(-DAY), to: at(50 * DAY) })) rows.push(row)
        await store.import(rows, at(50 * DAY))
      }
      const window = { from: at(0), to: at(50 * DAY) }
      const read = async () => [await store.hours(url('a'), window), await store.days(url('a'), window)]
      const before = await read()
      expect(before.map(({ length }) => length)).toEqual([2, 2])
      await store.roll(at(50 * DAY))
      expect(await read()).toEqual(before)
    }))

  it('skips no check of a tracker of which nothing but checks is known', () =>
    inDirectory(async (directory, use) => {
      const source = await filled(use, join(directory, 'source.db'))
      const window = { from: at(0), to: at(3 * DAY) }
      const checked = [0, 5 * HOUR, 23 * HOUR, 30 * HOUR]
      const some = await Promise.all(checked.map((ms) => checksBetween(source, ms, ms + HOUR)))
      const store = await use(openStore(`sqlite:${join(directory, 'history.db')}`))
      await store.import(some.flat(), at(3 * DAY))
      const [hours, days] = [await store.hours(url(3), window), await store.days(url(3), window)]
      expect(hours.map(({ from }) => from)).toEqual(checked.map(at))
      await store.roll(at(3 * DAY))
      expect(await store.hours(url(3), window)).toEqual(hours)
      expect(await store.days(url(3), window)).toEqual(days)
      await store.prune({ checks: at(3 * DAY), hours: new Date(0) })
      expect(await store.days(url(3), window)).toEqual(days)
    }))
})

describe('phases that wait in memory', () => {
  it('are written some at a time, so that other calls get their turn, and all in the end', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await use(openStore(`sqlite:${file}`))
      const many = Array.from({ length: 900 }, (_, index) => index)
      await store.watch(
        many.map((name) => watched(name)),
        at(0),
      )
      for (const hour of [0, 1, 2])
        await store.record(many.flatMap((name) => records(checksOf(name, '+', hour * HOUR))))
      const rolled = store.roll(at(2 * HOUR))
      expect(phasesIn(file)).toBe(300)
      await rolled
      expect(phasesIn(file)).toBe(1800)
      await store.close()
      expect(phasesIn(file)).toBe(2700)
    }))
})

describe('a clock that once stood a year ahead', () => {
  const now = 3 * DAY
  /** Two checks an hour up to the present, and what was noted a year ahead before the clock was set right. */
  async function ahead(use: (opening: Promise<Store>) => Promise<Store>, file: string): Promise<Store> {
    const store = await filled(use, file)
    await store.roll(at(2 * DAY))
    const states = await store.states()
    const future = names.flatMap((name) =>
      records(checksOf(name, '---', now + YEAR, 30 * MINUTE), halfHourly, states[name]?.health ?? undefined),
    )
    await store.record(future)
    await store.roll(at(now + YEAR + 5 * HOUR))
    return store
  }
  async function goOn(store: Store, letters: string, fromMs = now): Promise<void> {
    const states = await store.states()
    const all = names.flatMap((name) =>
      records(checksOf(name, letters, fromMs, 30 * MINUTE), halfHourly, states[name]?.health ?? undefined),
    )
    await store.record(all)
  }

  it('is forgotten by the states, which new checks replace', () =>
    inDirectory(async (directory, use) => {
      const store = await ahead(use, join(directory, 'history.db'))
      expect((await store.states())[0]?.health?.status).toBe('down')
      await store.roll(at(now))
      await goOn(store, '+')
      const [entry] = await store.entries(at(now + MINUTE))
      expect(entry).toMatchObject({ alive: true, health: { status: 'up', since: at(now), checkedAt: at(now) } })
      expect(entry?.last?.checkedAt).toEqual(at(now))
      expect(entry?.lastOkAt).toEqual(at(now))
    }))

  it('leaves the present to be rolled up, and its uptime to be observed', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await ahead(use, file)
      await store.roll(at(now))
      await goOn(store, '++++++++--------')
      const end = now + 8 * HOUR
      const window = { from: at(now), to: at(end) }
      const before = await store.hours(url(0), window)
      expect(before.map(({ checks: { ok, failed } }) => [ok, failed])).toEqual([
        ...Array.from({ length: 4 }, () => [2, 0]),
        ...Array.from({ length: 4 }, () => [0, 2]),
      ])
      const expected = { observedMs: 8 * HOUR, aliveMs: 4 * HOUR, skippedMs: 0, ratio: 0.5 }
      expect(await store.uptime(url(0), window, at(end))).toEqual(expected)
      expect(await store.roll(at(end + 11 * MINUTE))).toBe(8)
      expect(reopenedIn(file)).toBe(0)
      expect(await store.hours(url(0), window)).toEqual(before)
      expect(await store.verify()).toEqual([])
    }))

  it('puts nothing of the future into recent checks, incidents and durations', () =>
    inDirectory(async (directory, use) => {
      const store = await ahead(use, join(directory, 'history.db'))
      await store.roll(at(now))
      await goOn(store, '+--')
      const recent = (await store.recent(2)).get(url(0))
      expect(recent?.map(({ checkedAt }) => checkedAt)).toEqual([at(now + HOUR), at(now + 30 * MINUTE)])
      const end = at(now + 2 * HOUR)
      const incidents = await store.incidents({ from: at(0), to: end }, end, 1000)
      const [newest] = incidents.filter(({ url: of }) => of === url(0))
      expect(newest).toMatchObject({ from: at(now + 30 * MINUTE), to: null, durationMs: 1.5 * HOUR })
      expect(incidents.filter(({ durationMs, to }) => durationMs < 0 || (to !== null && to > end))).toEqual([])
    }))

  it('loses nothing where it is the clock of today that stands wrong', () =>
    inDirectory(async (directory, use) => {
      const store = await filled(use, join(directory, 'history.db'))
      await store.roll(at(3 * DAY))
      const before = await everything(store)
      await store.roll(at(-YEAR))
      await store.roll(at(3 * DAY))
      expect((await everything(store)).map(([hours]) => hours?.map(({ checks }) => checks))).toEqual(
        before.map(([hours]) => hours?.map(({ checks }) => checks)),
      )
    }))
})
