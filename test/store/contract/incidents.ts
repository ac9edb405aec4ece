import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CheckRecord } from '../../../src/store/store.js'
import { unobservedStart } from '../../../src/tracker/health.js'
import { type Incident, incidentId, incidentsOf } from '../../../src/tracker/incident.js'
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
  timeout,
  url,
  watched,
} from '../support.js'
import { always, type Subject } from './subject.js'

const strict = { ...policy, downAfter: 1 }

/** The checks of a tracker that is probed at these addresses. */
function checksAt(addresses: readonly string[], name: string, letters: string, fromMs = 0) {
  return checksOf(name, letters, fromMs).map((one) => {
    const { outcome, latencyMs } = one
    const probes = addresses.map((address) => probe(outcome, { address, latencyMs }))
    return { ...one, probes }
  })
}

/** Bad time of trackers, as it is read back for all of them. */
export function incidentsContract(name: string, { withStore }: Subject): void {
  describe(`${name} tells incidents`, () => {
    it('of all trackers, newest first, with cause, worst status, observed length and an id', () =>
      withStore(async (store, reopen) => {
        await store.watch([watched('a'), watched('b'), watched('c')], at(0))
        await store.record([
          ...records(checksOf('a', '+--+rr-+'), strict),
          ...records(checksOf('b', '++++++++-'), strict),
          ...records(checksOf('c', '+++++++++'), strict),
        ])
        const reopened = await reopen()
        const told = await reopened.incidents(always, at(9 * MINUTE), 10)
        const why = { reason: 'timeout', code: 'udp.timeout', message: timeout.detail }
        const refusal = { reason: null, code: 'not_registered', message: 'unregistered torrent' }
        const ended = { recovered: true, linked: null, worst: 'down' }
        const minutes = (from: number, to: number) => {
          return { from: at(from * MINUTE), to: at(to * MINUTE), durationMs: (to - from) * MINUTE }
        }
        expect(told.map(({ id: _, ...incident }) => incident)).toEqual([
          { ...ended, url: url('b'), ...minutes(8, 9), to: null, recovered: false, ...why },
          { ...ended, url: url('a'), ...minutes(4, 7), worst: 'rejecting', ...refusal },
          { ...ended, url: url('a'), ...minutes(1, 3), ...why },
        ])
        expect(told.map(({ id }) => id)).toEqual(told.map((one) => incidentId(one.url, one.from)))
        expect(await reopened.incidents(always, at(9 * MINUTE), 2)).toEqual(told.slice(0, 2))
        expect(await reopened.incidents(always, at(9 * MINUTE), 0)).toEqual([])
      }))

    it('of one tracker as among those of all', () =>
      withStore(async (store) => {
        await store.watch([watched('a'), watched('b')], at(0))
        await store.record([
          ...records(checksAt(['192.0.2.7'], 'a', '-+--+rr-+--'), strict),
          ...records(checksAt(['192.0.2.7'], 'b', '++--+++++--+'), strict),
        ])
        const now = at(12 * MINUTE)
        for (const window of [
          always,
          { from: at(3 * MINUTE), to: at(6 * MINUTE) },
          { from: at(11 * MINUTE), to: now },
        ]) {
          const all = await store.incidents(window, now, 100)
          for (const name of ['a', 'b']) {
            const own = all.filter((one) => one.url === url(name))
            expect(await store.incidents(window, now, 100, url(name))).toEqual(own)
            expect(await store.incidents(window, now, 2, url(name))).toEqual(own.slice(0, 2))
          }
        }
        expect((await store.incidents(always, now, 100, url('a'))).filter(({ linked }) => linked !== null)).not.toEqual(
          [],
        )
      }))

    it('with the worst status of many, the cause of the first', () =>
      withStore(async (store) => {
        await store.watch([watched('a'), watched('b', { aliveWhen: 'response' })], at(0))
        const letters = '+rr--rr--rr+'
        const response = { ...strict, aliveWhen: 'response' as const }
        await store.record([...records(checksOf('a', letters), strict), ...records(checksOf('b', letters), response)])
        const told = await store.incidents(always, at(HOUR), 9)
        expect(told.map((one) => [one.url, one.durationMs / MINUTE, one.worst, one.code])).toEqual([
          [url('b'), 2, 'down', 'udp.timeout'],
          [url('b'), 2, 'down', 'udp.timeout'],
          [url('a'), 10, 'down', 'not_registered'],
        ])
      }))

    it('that overlap a window without its end, those from before it whole', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        await store.record(records(checksOf('a', '+---+--+'), strict))
        const begins = async (from: number, to: number) =>
          (await store.incidents({ from: at(from * MINUTE), to: at(to * MINUTE) }, at(HOUR), 10)).map(
            (one) => (one.from.getTime() - at(0).getTime()) / MINUTE,
          )
        expect(await begins(0, 1)).toEqual([])
        expect(await begins(0, 2)).toEqual([1])
        expect(await begins(2, 3)).toEqual([1])
        expect(await begins(3, 6)).toEqual([5, 1])
        expect(await begins(4, 5)).toEqual([])
        expect(await begins(4, 6)).toEqual([5])
        expect(await begins(7, 60)).toEqual([])
      }))

    it('of a tracker that is watched no more up to then, and goes on with them when it returns', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        const first = records(checksOf('a', '+---'), strict)
        await store.record(first)
        await store.watch([], at(4 * MINUTE))
        const [ended] = await store.incidents(always, at(DAY), 9)
        expect(ended).toMatchObject({ from: at(MINUTE), to: at(4 * MINUTE), recovered: false, durationMs: 3 * MINUTE })
        expect(await store.incidents({ from: at(HOUR), to: at(DAY) }, at(DAY), 9)).toEqual([])
        await store.watch([watched('a')], at(DAY))
        await store.record(records(checksOf('a', '--', DAY), strict, first.at(-1)?.health))
        const [again] = await store.incidents({ from: at(DAY), to: at(2 * DAY) }, at(DAY + 2 * MINUTE), 9)
        // Down from minute 1, held for ten minutes after minute 3, and for two since the return.
        expect(again).toMatchObject({ id: ended?.id, from: at(MINUTE), to: null, durationMs: 14 * MINUTE })
      }))

    it('that go on as of now, though a clock that stood ahead saw their end', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        await store.record(records([...checksOf('a', '+--'), check('a', 9 * HOUR, ok)]))
        const [incident] = await store.incidents(always, at(30 * MINUTE), 9)
        expect(incident).toMatchObject({ from: at(MINUTE), to: null })
      }))

    it('linked where they begin in one minute or share an address', () =>
      withStore(async (store) => {
        await store.watch(
          ['a', 'b', 'c', 'd', 'e'].map((host) => watched(host)),
          at(0),
        )
        await store.record([
          ...records(checksAt(['192.0.2.1'], 'a', '+--------------+'), strict),
          ...records(checksAt(['192.0.2.9', '192.0.2.1'], 'b', '+++++---+'), strict),
          ...records(checksAt(['192.0.2.2'], 'c', '+++++-+'), strict),
          ...records(checksAt(['192.0.2.3'], 'd', '+++++++++-+'), strict),
          ...records(checksAt(['192.0.2.1'], 'e', '++-+', 2 * HOUR), strict),
        ])
        const groups = async (from: number, to: number, limit = 9) =>
          Object.fromEntries(
            (await store.incidents({ from: at(from * MINUTE), to: at(to * MINUTE) }, at(DAY), limit)).map((one) => {
              return [one.url.slice(6, 7), one.linked]
            }),
          )
        const group = incidentId(url('a'), at(MINUTE))
        expect(await groups(0, 300)).toEqual({ a: group, b: group, c: group, d: null, e: null })
        // The same name, whatever is asked for.
        expect(await groups(9, 12)).toEqual({ a: group, d: null })
        expect(await groups(5, 6)).toEqual({ a: group, b: group, c: group })
        expect(await groups(0, 7, 1)).toEqual({ c: group })
      }))

    it('by an address that the name had until it ceased to resolve, not by one of long ago', () =>
      withStore(async (store) => {
        const names = ['moved', 'gone', 'stays']
        await store.watch(
          names.map((host) => watched(host)),
          at(0),
        )
        const unresolved = (host: string, ms: number) => ({ ...check(host, ms, timeout), probes: [] })
        const later = 9 * DAY
        const daily = { ...strict, holdMs: 20 * DAY }
        await store.record([
          ...records(
            [...checksAt(['192.0.2.1'], 'moved', '+'), ...checksAt(['192.0.2.7'], 'moved', '+-', later)],
            daily,
          ),
          ...records(
            [...checksAt(['192.0.2.1'], 'gone', '+', later - HOUR), unresolved('gone', later + 5 * MINUTE)],
            daily,
          ),
          ...records(checksAt(['192.0.2.1'], 'stays', '++++++++--', later), daily),
        ])
        const told = await store.incidents(always, at(later + HOUR), 9)
        const group = incidentId(url('gone'), at(later + 5 * MINUTE))
        expect(told.map((one) => [one.url, one.linked])).toEqual([
          [url('stays'), group],
          [url('gone'), group],
          [url('moved'), null],
        ])
      }))

    it('equal to those of the whole history, in any window', () =>
      withStore(async (store) => {
        let run = 0
        const letter = fc.constantFrom('+', '+', '+', '-', '-', 'r', 's', '...............')
        const property = fc.asyncProperty(
          fc.array(fc.array(letter, { maxLength: 30 }), { minLength: 1, maxLength: 4 }),
          fc.nat(80),
          fc.nat(80),
          fc.integer({ min: 1, max: 6 }),
          async (texts, fromMinute, minutes, limit) => {
            const startMs = DAY * run++
            const hosts = texts.map((_, index) => `${run}-${index}`)
            const given = hosts.map((host, index) => {
              const aliveWhen = index % 2 === 0 ? ('announce' as const) : ('response' as const)
              const checks = checksOf(host, (texts[index] ?? []).join(''), startMs)
              return { watched: watched(host, { aliveWhen }), records: records(checks, { ...strict, aliveWhen }) }
            })
            const now = at(startMs + 10 * HOUR)
            await store.watch(
              given.map((one) => one.watched),
              at(startMs),
            )
            await store.record(given.flatMap((one) => one.records))
            const from = at(startMs + fromMinute * MINUTE)
            const window = { from, to: new Date(from.getTime() + minutes * MINUTE) }
            const expected = given.flatMap((one) =>
              wholeHistory(one.records, one.watched.aliveWhen, now).map((it) => ({
                ...it,
                url: one.watched.tracker.url,
              })),
            )
            const overlapping = expected.filter((it) => it.from < window.to && (it.to === null || it.to > window.from))
            const told = await store.incidents(window, now, 1000)
            const ofRun = told.filter((one) => hosts.some((host) => one.url === url(host)))
            const plain = ofRun.map(({ id: _, linked: __, ...incident }) => incident)
            expect(plain.toSorted(byPlace)).toEqual(overlapping.toSorted(byPlace))
            expect(told.map((one) => one.from.getTime())).toEqual(
              told.map((one) => one.from.getTime()).toSorted((a, b) => b - a),
            )
            const newest = await store.incidents(window, now, limit)
            expect(newest).toEqual(told.slice(0, limit))
          },
        )
        await fc.assert(property, { numRuns: 60 })
      }))

    it('in turns, so that other calls get theirs', () =>
      withStore(async (store) => {
        const names = Array.from({ length: 40 }, (_, index) => `t${index}`)
        await store.watch(
          names.map((host) => watched(host)),
          at(0),
        )
        for (const host of names) await store.record(records(checksOf(host, '+-'.repeat(200)), strict))
        let isRead = false
        const reading = store.incidents(always, at(DAY), 4000).finally(() => {
          isRead = true
        })
        let turns = 0
        while (!isRead) {
          turns += 1
          await new Promise(setImmediate)
        }
        expect(await reading).toHaveLength(4000)
        expect(turns).toBeGreaterThan(5)
      }))
  })
}

/** The reference: all changes and gaps of a tracker at once, from the records themselves. */
function wholeHistory(
  written: readonly CheckRecord[],
  aliveWhen: 'announce' | 'response',
  now: Date,
): readonly Incident[] {
  const changes = written.flatMap(({ change }) => change ?? [])
  const gaps = written.flatMap(({ gap }) => gap ?? [])
  const health = written.at(-1)?.health
  const from = health === undefined ? null : unobservedStart(health, now)
  const all = from === null ? gaps : [...gaps, { from, to: now }]
  return incidentsOf({ changes, gaps: all, aliveWhen, until: now, archivedAt: null })
}

function byPlace(one: { url: string; from: Date }, other: { url: string; from: Date }): number {
  return one.from.getTime() - other.from.getTime() || (one.url < other.url ? -1 : 1)
}
