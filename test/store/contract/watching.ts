import { describe, expect, it } from 'vitest'
import { trackerId } from '../../../src/tracker/state.js'
import { at, checksOf, HOUR, MINUTE, records, url, watched } from '../support.js'
import { always, type Subject } from './subject.js'

/** Which trackers are watched, and what is known of them after a restart. */
export function watchingContract(name: string, { withStore }: Subject): void {
  describe(`${name} keeps watched trackers`, () => {
    it('in the order in which they were given, with group, policy and public id', () =>
      withStore(async (store) => {
        const given = [watched('c'), watched('a', { group: 'private', aliveWhen: 'response' }), watched('b')]
        await store.watch(given, at(0))
        const nothing = { addedAt: at(0), archivedAt: null, health: null, last: null, lastOkAt: null }
        expect(await store.states()).toEqual(given.map((it) => ({ ...it, ...nothing, id: trackerId(it.tracker.url) })))
        await store.watch(given.toReversed(), at(HOUR))
        expect((await store.states()).map(({ tracker }) => tracker.host)).toEqual([
          'b.example',
          'a.example',
          'c.example',
        ])
      }))

    it('with the uptime that its policy of today gives', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        await store.record(records(checksOf('a', 'rrrr')))
        const ratio = async () => (await store.entries(at(4 * MINUTE))).map(({ uptime }) => uptime['24h'])
        expect(await ratio()).toEqual([0])
        await store.watch([watched('a', { aliveWhen: 'response' })], at(4 * MINUTE))
        expect(await ratio()).toEqual([1])
      }))

    it('once, where a URL is named twice', () =>
      withStore(async (store) => {
        await store.watch([watched('a', { group: 'first' }), watched('b'), watched('a', { group: 'second' })], at(0))
        expect((await store.states()).map(({ tracker, group }) => [tracker.host, group])).toEqual([
          ['a.example', 'first'],
          ['b.example', 'public'],
        ])
      }))

    it('and archives one that is no longer named, whose history it picks up again on its return', () =>
      withStore(async (store, reopen) => {
        await store.watch([watched('a'), watched('b')], at(0))
        await store.record(records(checksOf('a', '+')))
        await store.watch([watched('b')], at(HOUR))
        expect((await store.states()).map(({ tracker }) => tracker.host)).toEqual(['b.example'])
        expect((await store.find(url('a')))?.lastOkAt).toEqual(at(0))
        expect(await store.find(trackerId(url('a')))).toEqual(await store.find(url('a')))

        const reopened = await reopen()
        await reopened.watch([watched('a', { group: 'again' })], at(2 * HOUR))
        expect(await reopened.states()).toMatchObject([{ group: 'again', addedAt: at(0), health: { status: 'up' } }])
        expect(await reopened.info()).toMatchObject({ trackers: 1, checks: 1 })
      }))

    it('and takes the last checks of one that has just been archived', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        await store.watch([], at(MINUTE))
        await store.record(records(checksOf('a', '+')))
        expect(await store.checks(url('a'), always, 10)).toHaveLength(1)
        expect(await store.states()).toEqual([])
      }))

    it('and finds nothing under the name of another', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        expect(await store.find(url('b'))).toBeNull()
        expect(await store.find('000000000000')).toBeNull()
        const unknown = `${url('b')} was never watched`
        await expect(store.uptime(url('b'), always, at(0))).rejects.toThrow(unknown)
        await expect(store.changes(url('b'), always)).rejects.toThrow(unknown)
        await expect(store.checks(url('b'), always, 1)).rejects.toThrow(unknown)
        await expect(store.latency(url('b'), always)).rejects.toThrow(unknown)
      }))
  })

  describe(`${name} goes on after a restart`, () => {
    it('with health, streak, unobserved time, newest check and last success as they were', () =>
      withStore(async (store, reopen) => {
        const names = ['new', 'up', 'failing', 'down', 'skipped', 'refusing']
        await store.watch(
          names.map((it) => watched(it)),
          at(0),
        )
        const letters = { up: '+', failing: '++-', down: '+--', skipped: '+ss', refusing: 'rrr' }
        for (const [host, text] of Object.entries(letters)) await store.record(records(checksOf(host, text)))
        const before = await store.states()
        expect(before.map(({ health }) => health?.status)).toEqual([undefined, 'up', 'up', 'down', 'up', 'rejecting'])
        expect(before.map(({ lastOkAt }) => lastOkAt)).toEqual([null, at(0), at(MINUTE), at(0), at(0), null])
        const reopened = await reopen()
        expect(await reopened.states()).toEqual(before)
        expect(await reopened.entries(at(HOUR))).toHaveLength(6)
      }))

    it('and refuses work once it is closed, which it may be twice', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        await Promise.all([store.close(), store.close()])
        await store.close()
        await expect(store.states()).rejects.toThrow('is closed')
      }))
  })
}
