import { describe, expect, it } from 'vitest'
import { StoreError } from '../../../src/store/errors.js'
import type { Store } from '../../../src/store/store.js'
import { type TransferRow, transferKinds } from '../../../src/store/transfer.js'
import type { CheckResult } from '../../../src/tracker/outcome.js'
import { sumOf } from '../../../src/tracker/rollup.js'
import type { Window } from '../../../src/tracker/uptime.js'
import {
  at,
  check,
  checksOf,
  DAY,
  HOUR,
  MINUTE,
  ok,
  policy,
  probe,
  records,
  rejected,
  timeout,
  url,
  watched,
} from '../support.js'
import type { Subject } from './subject.js'

const window = { from: at(-DAY), to: at(12 * DAY) }
const later = at(12 * DAY)
/** On a full hour and day. */
const endOfTime = new Date('9999-12-31T00:00:00Z')

/** How a history moves from one store to another. */
export function transferContract(name: string, subject: Subject): void {
  const { withStore } = subject
  /** A store with history, and one without. */
  const withBoth = (body: (from: Store, to: Store) => Promise<void>) =>
    withStore(async (from) => {
      await fill(from)
      await withStore((to) => body(from, to))
    })

  describe(`${name} exports and imports`, () => {
    it('all of a history, so that a new store tells and exports the same', () =>
      withBoth(async (from, to) => {
        const before = await everything(from)
        expect(before.map(({ length }) => length)).toEqual([
          expect.any(Number),
          expect.any(Number),
          31,
          expect.any(Number),
        ])
        for (const rows of [before[3], before[0], before[1], before[2]]) await to.import(rows ?? [], later)
        expect(await everything(to)).toEqual(before)
        expect(await figures(to)).toEqual(await figures(from))
        await to.roll(later)
        expect(await everything(to)).toEqual(before)
        expect(await figures(to)).toEqual(await figures(from))
        expect(await to.verify()).toEqual([])
        expect((await to.info()).checks).toBe((await from.info()).checks)
      }))

    it('texts with line ends in them, each as what it is', () =>
      withStore(async (store) => {
        const failure = { type: 'check', url: url('a'), family: 4, outcome: 'failed', reason: 'timeout' } as const
        const sent = { latencyMs: null, attempts: 1, packetsSent: 2, packetsLost: 2, flags: [], decisive: true }
        const rows = [
          { ...failure, ...sent, checkedAt: at(0), code: 'a\n', message: 'b' },
          { ...failure, ...sent, checkedAt: at(MINUTE), code: 'a', message: '\nb' },
        ]
        await store.import(rows, later)
        const told = await store.checks(url('a'), window, 9)
        expect(told.map(({ code, message }) => ({ code, message }))).toEqual([
          { code: 'a', message: '\nb' },
          { code: 'a\n', message: 'b' },
        ])
      }))

    it('in whichever order, and the same twice without a change', () =>
      withBoth(async (from, to) => {
        const before = await everything(from)
        for (const rows of before.toReversed()) expect(await to.import(rows, later)).toBe(rows.length)
        await to.roll(later)
        for (const rows of before) expect(await to.import(rows, later)).toBe(0)
        await to.roll(later)
        expect(await everything(to)).toEqual(before)
      }))

    it('what outlived its checks: hours and days are taken as they are', () =>
      withBoth(async (from, to) => {
        await from.roll(later)
        const whole = await everything(from)
        await from.prune({ checks: at(8 * DAY), hours: at(4 * DAY) })
        const before = await everything(from)
        expect(before[0]?.length).toBeLessThan((whole[0]?.length ?? 0) / 2)
        expect(before[2]).toEqual(whole[2])
        for (const rows of before.toReversed()) await to.import(rows, later)
        await to.roll(later)
        expect(await everything(to)).toEqual(before)
        expect(await figures(to)).toEqual(await figures(from))
        // What the first store has forgotten, it learns again of one that has not.
        await withStore(async (third) => {
          for (const rows of whole) await third.import(rows, later)
          for (const rows of before) await third.import(rows, later)
          await third.roll(later)
          expect(await everything(third)).toEqual(whole)
        })
        for (const rows of whole) await from.import(rows, later)
        await from.roll(later)
        expect(await everything(from)).toEqual(whole)
      }))

    it('checks into a store that goes on, which counts their hours again', () =>
      withStore(async (to) => {
        await to.watch([watched('a')], at(5 * DAY))
        await to.record(records(checksOf('a', '+'.repeat(144), 5 * DAY, 10 * MINUTE)))
        await to.roll(at(7 * DAY))
        await withStore(async (from) => {
          await from.watch([watched('a')], at(0))
          await from.record(records(checksOf('a', '+-'.repeat(288), 0, 10 * MINUTE)))
          for (const kind of ['events', 'checks'] as const) await to.import(await rowsOf(from, kind), at(7 * DAY))
        })
        const sums = async () =>
          (await to.days(url('a'), { from: at(0), to: at(7 * DAY) })).map(({ checks }) => [checks.ok, checks.failed])
        const expected = [
          [72, 72],
          [72, 72],
          [72, 72],
          [72, 72],
          [144, 0],
        ]
        expect(await sums()).toEqual(expected)
        await to.roll(at(7 * DAY))
        expect(await sums()).toEqual(expected)
        const [state] = await to.states()
        expect(state).toMatchObject({ group: 'public', addedAt: at(0), archivedAt: null })
        expect(state?.health?.checkedAt).toEqual(at(6 * DAY - 10 * MINUTE))
        expect(state?.last).not.toBeNull()
      }))

    it('a check into an hour that was added up, which is counted again', () =>
      withStore(async (to) => {
        await to.watch([watched('a')], at(0))
        await to.record(records(checksOf('a', '+'.repeat(12), 0, 10 * MINUTE)))
        await to.roll(at(DAY))
        await withStore(async (from) => {
          await from.watch([watched('a')], at(0))
          await from.record(records(checksOf('a', '-', 5 * MINUTE)))
          expect(await to.import(await rowsOf(from, 'checks'), later)).toBe(1)
        })
        const counts = async () => (await to.hours(url('a'), { from: at(0), to: at(HOUR) })).map(({ checks }) => checks)
        const expected = [{ ok: 6, rejected: 0, failed: 1, skipped: 0 }]
        expect(await counts()).toEqual(expected)
        await to.roll(at(DAY))
        expect(await counts()).toEqual(expected)
      }))

    it('an hour with more checks into a day that was added up, which is summed up again', () =>
      withStore(async (to) => {
        await to.watch([watched('a')], at(0))
        await to.record(records(checksOf('a', '+'.repeat(144), 0, 10 * MINUTE)))
        await to.roll(at(2 * DAY))
        await withStore(async (from) => {
          await from.watch([watched('a')], at(0))
          await from.record(records(checksOf('a', '+'.repeat(60), 3 * HOUR)))
          await from.roll(at(2 * DAY))
          expect(await to.import(await rowsOf(from, 'hours'), later)).toBe(1)
        })
        const [day] = await to.days(url('a'), { from: at(0), to: at(DAY) })
        expect(day?.checks).toMatchObject({ ok: 23 * 6 + 60, failed: 0 })
      }))

    it.each<[string, readonly TransferRow[], object]>([
      [
        'status changes',
        [
          { ...changeOf('a'), at: at(3 * HOUR), confirmedAt: at(3 * HOUR), from: 'up', to: 'down' },
          { ...changeOf('a'), at: at(4 * HOUR), confirmedAt: at(4 * HOUR), from: 'down', to: 'up' },
        ],
        { observedMs: HOUR, aliveMs: 0, skippedMs: 0 },
      ],
      [
        'a gap',
        [{ type: 'gap', url: url('a'), from: at(3 * HOUR), to: at(4 * HOUR) }],
        { observedMs: 0, aliveMs: 0, skippedMs: HOUR },
      ],
    ])('%s into hours that were added up, of which the times change', (_, rows, times) =>
      withStore(async (to) => {
        await to.watch([watched('a')], at(0))
        await to.record(records(checksOf('a', '+'.repeat(144), 0, 10 * MINUTE)))
        await to.roll(at(2 * DAY))
        expect(await to.import(rows, later)).toBe(rows.length)
        const hour = async () => (await to.hours(url('a'), { from: at(3 * HOUR), to: at(4 * HOUR) }))[0]
        expect((await hour())?.uptime).toEqual(times)
        await to.roll(at(2 * DAY))
        expect((await hour())?.uptime).toEqual(times)
      }),
    )

    it('a tracker that is unknown as one that is no longer watched, which is watched on when it is named', () =>
      withBoth(async (from, to) => {
        await to.import(await rowsOf(from, 'events'), later)
        expect(await to.states()).toEqual([])
        const found = await to.find(url('b'))
        expect(found).toMatchObject({ group: 'private', aliveWhen: 'response', archivedAt: later, last: null })
        expect(found?.health).toEqual((await from.find(url('b')))?.health)
        await to.watch([watched('b')], later)
        expect((await to.states()).map((state) => [state.archivedAt, state.addedAt])).toEqual([[null, at(0)]])
      }))

    it.each([
      ['began at once', 10 * MINUTE],
      ['began a day later', DAY],
    ])('of machines that followed one another in any order, where each %s', (_, pauseMs) =>
      withStore(async (one) =>
        withStore(async (two) =>
          withStore(async (three) => {
            const day = '+'.repeat(144)
            const letters = [day, `${'+'.repeat(40)}${'-'.repeat(50)}${'+'.repeat(54)}`, day]
            const parts: (readonly TransferRow[])[] = []
            for (const [index, store] of [one, two, three].entries()) {
              const fromMs = index * (143 * 10 * MINUTE + pauseMs)
              await store.watch([watched('a')], at(fromMs))
              const rules = { ...policy, holdMs: 25 * MINUTE }
              await store.record(records(checksOf('a', letters[index] ?? '', fromMs, 10 * MINUTE), rules))
              parts.push((await everything(store)).flat())
            }
            const told: unknown[] = []
            for (const order of ['012', '021', '102', '120', '201', '210']) {
              await withStore(async (to) => {
                for (const index of order) await to.import(parts[Number(index)] ?? [], later)
                await to.roll(later)
                const joined = await everything(to)
                told.push([joined, await to.uptime(url('a'), window, later)])
                for (const index of order) expect(await to.import(parts[Number(index)] ?? [], later)).toBe(0)
                await to.roll(later)
                expect(await everything(to)).toEqual(joined)
              })
            }
            for (const each of told) expect(each).toEqual(told[0])
            const { observedMs, aliveMs } = (told[0] as [unknown, { observedMs: number; aliveMs: number }])[1]
            expect(observedMs - aliveMs).toBe(500 * MINUTE)
            expect(observedMs).toBe(3 * 1430 * MINUTE + 25 * MINUTE + 2 * Math.min(pauseMs, 25 * MINUTE))
          }),
        ),
      ),
    )

    it('the group and the policy that belong to the newer health, in whichever order', () =>
      withStore(async (older) =>
        withStore(async (newer) => {
          const response = { aliveWhen: 'response', group: 'newer' } as const
          await older.watch([watched('a')], at(0))
          await older.record(records(checksOf('a', 'rrr', 0, 10 * MINUTE)))
          await newer.watch([watched('a', response)], at(0))
          await newer.record(records(checksOf('a', 'rrr', DAY, 10 * MINUTE), { ...policy, aliveWhen: 'response' }))
          const both = [await rowsOf(older, 'events'), await rowsOf(newer, 'events')]
          for (const parts of [both, both.toReversed()]) {
            await withStore(async (to) => {
              for (const rows of parts) await to.import(rows, later)
              expect(await to.find(url('a'))).toMatchObject(response)
              for (const rows of parts) expect(await to.import(rows, later)).toBe(0)
            })
          }
        }),
      ))

    it('of the trackers named, in the window named', () =>
      withBoth(async (from) => {
        const some = { from: at(DAY), to: at(2 * DAY) }
        const rows = await collect(from.export('checks', some, [url('b')]))
        expect(rows).toHaveLength(144)
        expect(new Set(rows.map((row) => row.url))).toEqual(new Set([url('b')]))
        expect(await collect(from.export('hours', some, [url('b')]))).toHaveLength(24)
        expect(await collect(from.export('days', { from: at(DAY), to: at(3 * DAY - 1) }, [url('b')]))).toHaveLength(1)
        await expect(collect(from.export('checks', some, [url('z')]))).rejects.toThrow(`${url('z')} was never watched`)
      }))

    it('each tracker once, under the URL that it has now, whatever it is called by', () =>
      withStore(async (store) => {
        await store.watch([watched('old')], at(0))
        await store.record(records(checksOf('old', '+--+'.repeat(72), 0, 10 * MINUTE)))
        await store.watch([watched('new', { aliases: [url('old')] })], at(3 * DAY))
        for (const kind of transferKinds) {
          const rows = await collect(store.export(kind, window, [url('new')]))
          expect(rows.length).toBeGreaterThan(0)
          const names = [url('old'), url('new'), url('new')]
          expect(await collect(store.export(kind, window, names))).toEqual(rows)
          expect(await collect(store.export(kind, window, [url('old')]))).toEqual(rows)
        }
      }))

    it('a status without the change that led to it, whose hours are told from its beginning on', () =>
      withStore(async (to) => {
        await to.watch([watched('b')], at(0))
        await to.record(records(checksOf('b', '+')))
        const times = { since: at(5 * HOUR), checkedAt: at(9 * HOUR), holdMs: HOUR }
        const health = { ...times, status: 'up', streak: null, lastVerdict: null, unobservedSince: null } as const
        const about = { group: 'public', aliveWhen: 'announce', addedAt: at(0), lastOkAt: null } as const
        await to.import([{ type: 'tracker', url: url('a'), ...about, health }], later)
        const hours = await to.hours(url('a'), { from: at(0), to: at(DAY) })
        expect(hours.map(({ from }) => from)).toEqual([5, 6, 7, 8, 9].map((hour) => at(hour * HOUR)))
      }))

    it('nothing of the time after the history, however long it is', () =>
      withBoth(async (from) => {
        const whole = await everything(from)
        for (const [index, kind] of transferKinds.entries()) {
          const rows = await rowsOf(from, kind, { from: new Date(0), to: endOfTime })
          expect(rows.length).toBe(whole[index]?.length)
        }
      }))

    it.each(['after', 'before'])('what a clock noted that once stood ahead, %s all others', (order) =>
      withStore(async (store) => {
        await store.watch([watched('a'), watched('b')], at(0))
        const far = check('a', endOfTime.getTime() - at(HOUR).getTime(), ok)
        const near = checksOf('a', '+-'.repeat(75), 0, 10 * MINUTE)
        if (order === 'after') await store.record(records([...near, far]))
        else {
          await store.record(records([far]))
          await store.roll(at(0))
          await store.record(records(near))
        }
        await store.record(records(checksOf('b', '+'.repeat(150), 0, 10 * MINUTE)))
        const always = { from: new Date(0), to: endOfTime }
        const checks = await rowsOf(store, 'checks', always)
        expect(checks).toHaveLength(301)
        const last = checks.at(-1)
        expect(last).toMatchObject({ type: 'check', url: url('a'), checkedAt: far.checkedAt })
        expect(await store.checks(url('a'), always, 999)).toHaveLength(151)
        const [a, b] = await Promise.all(['a', 'b'].map((name) => store.hours(url(name), always)))
        expect(await rowsOf(store, 'hours', always)).toHaveLength((a?.length ?? 0) + (b?.length ?? 0))
        const days = await store.days(url('a'), always)
        expect(sumOf(days)?.checks).toMatchObject({ ok: order === 'after' ? 76 : 75, failed: 75 })
        expect(await rowsOf(store, 'days', always)).toHaveLength(days.length + 2)
      }),
    )

    it('where trackers were probed and under which URLs they were watched before', () =>
      withStore(async (from) => {
        await from.watch([watched('old'), watched('other')], at(0))
        await from.record(records([probedAt('old', 0, '192.0.2.1'), probedAt('old', HOUR, '192.0.2.1')]))
        await from.record(records([probedAt('other', DAY, '2001:db8::1')]))
        await from.watch([watched('new', { aliases: [url('old')] }), watched('other')], at(DAY))
        await from.record(records([probedAt('new', 2 * DAY, '2001:db8::1')]))
        await withStore(async (to) => {
          const before = await everything(from)
          for (const rows of before) await to.import(rows, later)
          expect(await everything(to)).toEqual(before)
          for (const rows of before) expect(await to.import(rows, later)).toBe(0)
          expect(await to.find(url('old'))).toMatchObject({ tracker: { url: url('new') } })
          expect(await to.addresses(url('new'))).toEqual(await from.addresses(url('new')))
          expect(await to.addresses(url('new'))).toHaveLength(2)
          expect(await to.related(url('new'))).toEqual([
            { url: url('other'), watched: false, sameHost: false, addresses: ['2001:db8::1'] },
          ])
          expect(await to.verify()).toEqual([])
          // Rows of a time at which it had its old URL go on its account.
          expect(await to.import([addressRow('old', '192.0.2.9', 0, 0)], later)).toBe(1)
          expect(await to.addresses(url('new'))).toHaveLength(3)
        })
      }))

    it('former URLs that have a history of their own here, which keep it', () =>
      withStore(async (to) => {
        await to.watch([watched('old')], at(0))
        await to.record(records(checksOf('old', '+++')))
        const rows: readonly TransferRow[] = ['old', 'older'].map((alias) => ({
          type: 'alias',
          url: url('new'),
          alias: url(alias),
        }))
        expect(await to.import(rows, later)).toBe(1)
        expect(await to.find(url('old'))).toMatchObject({ tracker: { url: url('old') }, archivedAt: null })
        expect(await to.find(url('older'))).toMatchObject({ tracker: { url: url('new') }, addedAt: later })
        expect(await to.verify()).toEqual([])
        const wrong: TransferRow = { type: 'alias', url: url('new'), alias: 'udp://UPPER.example:1/announce' }
        await expect(to.import([wrong], later)).rejects.toThrow('expected it as exported')
      }))

    it('addresses with the first and the last time that either store knows, the newest ones where they are many', () =>
      withStore(async (to) => {
        await to.watch([watched('a')], at(0))
        await to.record(records([probedAt('a', DAY, '192.0.2.1')]))
        const seen = async () =>
          (await to.addresses(url('a'))).map(({ address, firstSeen, lastSeen }) => [address, firstSeen, lastSeen])
        expect(await to.import([addressRow('a', '192.0.2.1', 0, 2 * DAY)], later)).toBe(1)
        expect(await seen()).toEqual([['192.0.2.1', at(0), at(2 * DAY)]])
        expect(await to.import([addressRow('a', '192.0.2.1', HOUR, DAY)], later)).toBe(0)
        expect(await seen()).toEqual([['192.0.2.1', at(0), at(2 * DAY)]])
        const many = Array.from({ length: 300 }, (_, index) =>
          addressRow('a', `2001:db8::${index + 1}`, index, DAY + index),
        )
        expect(await to.import(many, later)).toBe(300)
        const kept = await seen()
        expect(kept).toHaveLength(256)
        expect(kept[0]).toEqual(['192.0.2.1', at(0), at(2 * DAY)])
        // What makes way at once is not new.
        expect(await to.import(many, later)).toBe(0)
        expect(await seen()).toEqual(kept)
      }))

    it('addresses at which a tracker was in the window, and former URLs in any', () =>
      withStore(async (from) => {
        await from.watch([watched('old')], at(0))
        await from.record(records([probedAt('old', 0, '192.0.2.1'), probedAt('old', 2 * HOUR, '192.0.2.2')]))
        await from.watch([watched('new', { aliases: [url('old')] })], at(DAY))
        const told = async (fromMs: number, toMs: number) => {
          const rows = await collect(from.export('events', { from: at(fromMs), to: at(toMs) }))
          return rows.flatMap((row) => (row.type === 'address' ? row.address : row.type === 'alias' ? row.alias : []))
        }
        expect(await told(0, 3 * HOUR)).toEqual([url('old'), '192.0.2.1', '192.0.2.2'])
        expect(await told(0, 2 * HOUR)).toEqual([url('old'), '192.0.2.1'])
        expect(await told(1, 2 * HOUR + 1)).toEqual([url('old'), '192.0.2.2'])
        expect(await told(3 * HOUR, DAY)).toEqual([url('old')])
      }))

    it('all of a call or nothing', () =>
      withBoth(async (from, to) => {
        const rows = (await rowsOf(from, 'checks')).slice(0, 10)
        const wrong = rows.map((row) => ({ ...row, url: 'udp://UPPER.example:1/announce' }))
        await expect(to.import([...rows, ...wrong], later)).rejects.toThrow('expected it as exported')
        await expect(to.import([...rows, ...wrong], later)).rejects.toBeInstanceOf(StoreError)
        await from.roll(later)
        await expect(to.import([...(await rowsOf(from, 'hours')), ...wrong], later)).rejects.toThrow('as exported')
        expect((await to.info()).checks).toBe(0)
        expect(await to.find(url('a'))).toBeNull()
        // What the failed calls have left in memory must not leak into the next one.
        expect(await to.import([], later)).toBe(0)
        expect(await to.import(rows, later)).toBe(10)
        expect(await to.verify()).toEqual([])
      }))
  })
}

function probedAt(name: string, ms: number, address: string): CheckResult {
  return { ...check(name, ms, ok), probes: [probe(ok, { address, family: address.includes(':') ? 6 : 4 })] }
}

function changeOf(name: string) {
  return { type: 'change', url: url(name), reason: null, code: null, message: null } as const
}

function addressRow(name: string, address: string, firstMs: number, lastMs: number): TransferRow {
  const family = address.includes(':') ? 6 : 4
  return { type: 'address', url: url(name), address, family, firstSeen: at(firstMs), lastSeen: at(lastMs) }
}

/** Ten days of three trackers: outages, refusals, skipped checks, a monitor that stood still, two address families. */
async function fill(store: Store): Promise<void> {
  const response = { aliveWhen: 'response', group: 'private' } as const
  await store.watch([watched('c'), watched('a'), watched('b', response)], at(0))
  const letters = (shift: number, bad: string) =>
    Array.from({ length: 1440 }, (_, index) => {
      const place = (index + shift) % 200
      return place < 12 ? bad : place > 150 && place < 160 ? 's' : place > 180 ? '.' : '+'
    }).join('')
  const steady = { ...policy, holdMs: 25 * MINUTE }
  await store.record(records(checksOf('a', letters(0, '-'), 0, 10 * MINUTE), steady))
  await store.record(records(checksOf('b', '+r'.repeat(720), 0, 10 * MINUTE), { ...steady, aliveWhen: 'response' }))
  const both = Array.from({ length: 200 }, (_, index) => ({
    ...check('c', index * HOUR, index % 9 === 0 ? rejected : ok, 20 + index),
    probes: [
      probe(ok, { latencyMs: 20.125 + index }),
      probe(timeout, { family: 6, address: '2001:db8::1', packetsLost: 2 }),
    ],
  }))
  await store.record(records(both, { ...steady, holdMs: 2 * HOUR }))
}

async function figures(store: Store) {
  const windows = [window, { from: at(7 * DAY + 11 * MINUTE), to: at(9 * DAY + 3 * MINUTE) }]
  return Promise.all(
    ['a', 'b', 'c'].flatMap((name) =>
      windows.map(async (each) => ({
        uptime: await store.uptime(url(name), each, later),
        latency: await store.latency(url(name), each),
        changes: await store.changes(url(name), each),
        health: (await store.find(url(name)))?.health,
      })),
    ),
  )
}

async function everything(store: Store): Promise<readonly (readonly TransferRow[])[]> {
  return Promise.all(transferKinds.map((kind) => rowsOf(store, kind)))
}

function rowsOf(store: Store, kind: (typeof transferKinds)[number], within: Window = window) {
  return collect(store.export(kind, within))
}

async function collect(rows: AsyncIterable<TransferRow>): Promise<readonly TransferRow[]> {
  const all: TransferRow[] = []
  for await (const row of rows) all.push(row)
  return all
}
