import { describe, expect, it } from 'vitest'
import {
  at,
  check,
  checksBefore,
  checksOf,
  DAY,
  HOUR,
  policy,
  records,
  rejected,
  timeout,
  url,
  watched,
} from '../support.js'
import { always, type Subject } from './subject.js'

/** What keeps a store small, safe and sound. */
export function upkeepContract(name: string, { withStore, open, damage }: Subject): void {
  describe(`${name} says up to where it has added up`, () => {
    it('hours: not before the first check, from there, and then with every time that it does', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        const rolledUpTo = async () => (await store.info()).rolledUpTo
        expect(await rolledUpTo()).toBeNull()
        await store.record(records(checksOf('a', '++', HOUR / 2, HOUR)))
        expect(await rolledUpTo()).toEqual(at(HOUR / 2))
        await store.roll(at(3.5 * HOUR))
        expect(await rolledUpTo()).toEqual(at(3 * HOUR))
        await store.roll(at(30.5 * HOUR))
        expect(await rolledUpTo()).toEqual(at(30 * HOUR))
      }))
  })

  describe(`${name} prunes`, () => {
    it('checks, and keeps status changes, uptime and the newest state', () =>
      withStore(async (store) => {
        const daily = { ...policy, holdMs: 2 * DAY }
        await store.watch([watched('a')], at(0))
        await store.record(records(checksOf('a', '++--++--', 0, DAY), daily))
        const changes = await store.changes(url('a'), always)
        const [before] = await store.entries(at(8 * DAY))
        expect(await store.prune(checksBefore(5 * DAY))).toBe(5)
        expect(await store.prune(checksBefore(5 * DAY))).toBe(0)
        expect((await store.checks(url('a'), always, 10)).map(({ checkedAt }) => checkedAt)).toEqual([
          at(7 * DAY),
          at(6 * DAY),
          at(5 * DAY),
        ])
        expect(await store.changes(url('a'), always)).toEqual(changes)
        expect(await store.entries(at(8 * DAY))).toEqual([before])
        expect(await store.prune(checksBefore(100 * DAY))).toBe(3)
        expect(await store.entries(at(8 * DAY))).toEqual([before])
        expect((await store.states())[0]?.last?.checkedAt).toEqual(at(7 * DAY))
        expect(await store.info()).toMatchObject({ checks: 0 })
        expect(await store.verify()).toEqual([])
        // Texts that went with the old checks come back with new ones.
        await store.record(records(checksOf('a', '-', 0)))
        expect(await store.checks(url('a'), always, 1)).toMatchObject([{ code: 'udp.timeout' }])
      }))

    it('no text that newer checks need, in whichever order they were written', () =>
      withStore(async (store, reopen) => {
        await store.watch([watched('a')], at(0))
        await store.record(
          records([check('a', 0, timeout), check('a', 10 * DAY, timeout), check('a', 20 * DAY, rejected)]),
        )
        const reopened = await reopen()
        await reopened.record(records([check('a', 1, rejected)]))
        expect(await reopened.prune(checksBefore(5 * DAY))).toBe(2)
        expect(await reopened.checks(url('a'), always, 9)).toMatchObject([
          { code: 'not_registered', message: rejected.message },
          { code: 'udp.timeout', message: timeout.detail },
        ])
      }))

    it('in slices, so that other calls get their turn', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        await store.record(records(checksOf('a', '+'.repeat(9000), 0, 1000)))
        let isPruned = false
        const pruning = store.prune(checksBefore(DAY)).finally(() => {
          isPruned = true
        })
        let turns = 0
        while (!isPruned) {
          turns += 1
          await store.record(records(checksOf('a', '+', 2 * DAY + turns)))
          await new Promise(setImmediate)
        }
        expect(await pruning).toBe(9000)
        expect(turns).toBeGreaterThan(3)
        expect(await store.info()).toMatchObject({ checks: turns })
      }))
  })

  describe(`${name} backs up`, () => {
    it('to a file that opens and holds the same', () =>
      withStore(async (store, _reopen, file) => {
        await store.watch([watched('a'), watched('b')], at(0))
        await store.record(records(checksOf('a', '+--+s')))
        const copy = `${file}.copy`
        await store.backup(copy)
        await store.record(records(checksOf('b', '+')))
        const opened = await open(copy)
        try {
          expect(await opened.verify()).toEqual([])
          expect(await opened.checks(url('a'), always, 10)).toEqual(await store.checks(url('a'), always, 10))
          expect(await opened.changes(url('a'), always)).toEqual(await store.changes(url('a'), always))
          expect((await opened.entries(at(HOUR)))[0]).toEqual((await store.entries(at(HOUR)))[0])
          expect(await opened.checks(url('b'), always, 10)).toEqual([])
        } finally {
          await opened.close()
        }
        await expect(store.backup(copy)).rejects.toThrow(`${copy} exists already`)
      }))
  })

  describe(`${name} keeps the secret of its installation`, () => {
    it('made once, told by whoever opens the store, and carried along by a backup', () =>
      withStore(async (store, reopen, file) => {
        const secret = await store.installSecret()
        expect(secret).toMatch(/^[0-9a-f]{64}$/)
        expect(await store.installSecret()).toBe(secret)
        const reopened = await reopen()
        expect(await reopened.installSecret()).toBe(secret)
        const copy = `${file}.copy`
        await reopened.backup(copy)
        const opened = await open(copy)
        try {
          expect(await opened.installSecret()).toBe(secret)
          expect(await opened.verify()).toEqual([])
        } finally {
          await opened.close()
        }
      }))

    it('that no other installation has', () =>
      withStore((store) =>
        withStore(async (other) => expect(await other.installSecret()).not.toBe(await store.installSecret())),
      ))

    it('to itself: nothing that it tells of trackers and of itself holds it', () =>
      withStore(async (store) => {
        const secret = await store.installSecret()
        await store.watch([watched('a')], at(0))
        await store.record(records(checksOf('a', '+--+')))
        const told = [await store.info(), await store.entries(at(HOUR)), await store.find(url('a'))]
        expect(JSON.stringify(told)).not.toContain(secret)
      }))
  })

  describe(`${name} verifies`, () => {
    it('that nothing is wrong, and finds damage', () =>
      withStore(async (store, _reopen, file) => {
        await store.watch([watched('a'), watched('b')], at(0))
        await store.record([...records(checksOf('a', '+--+')), ...records(checksOf('b', '+ss+'))])
        expect(await store.verify()).toEqual([])
        await store.close()
        damage(file)
        const damaged = await open(file)
        try {
          expect(await damaged.verify()).not.toEqual([])
        } finally {
          await damaged.close()
        }
      }))
  })
}
