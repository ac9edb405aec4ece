import { describe, expect, it } from 'vitest'
import type { ListChange } from '../../../src/tracker/membership.js'
import type { Membership } from '../../../src/tracker/select.js'
import { at, checksOf, DAY, HOUR, MINUTE, records, url, watched } from '../support.js'
import { always, type Subject } from './subject.js'

function entered(name: string, ms: number, more: Partial<ListChange> = {}): ListChange {
  return { list: 'stable', url: url(name), at: at(ms), entered: true, reason: 'qualified', uptime: 0.97, ...more }
}

const left = (name: string, ms: number, more: Partial<ListChange> = {}): ListChange =>
  entered(name, ms, { entered: false, reason: 'uptime', uptime: 0.93, ...more })

const plain = (membership: Membership | null) =>
  membership === null
    ? null
    : Object.fromEntries([...membership].map(([list, members]) => [list, Object.fromEntries(members)]))

/** Who is on each list, and what entered and left it. */
export function listsContract(name: string, { withStore }: Subject): void {
  describe(`${name} keeps who is on each list`, () => {
    it('from the first change on, over a restart', () =>
      withStore(async (store, reopen) => {
        await store.watch([watched('a'), watched('b')], at(0))
        expect(await store.listMembers()).toBeNull()
        await store.changeLists([])
        expect(await store.listMembers()).toBeNull()
        await store.changeLists([
          entered('a', MINUTE),
          entered('b', MINUTE),
          entered('b', MINUTE, { list: 'best', reason: 'rank' }),
        ])
        await store.changeLists([left('a', HOUR)])
        const expected = { stable: { [url('b')]: at(MINUTE) }, best: { [url('b')]: at(MINUTE) } }
        expect(plain(await store.listMembers())).toEqual(expected)
        const reopened = await reopen()
        expect(plain(await reopened.listMembers())).toEqual(expected)
        await reopened.changeLists([left('b', 2 * HOUR), left('b', 2 * HOUR, { list: 'best' })])
        expect(plain(await reopened.listMembers())).toEqual({})
        expect(await reopened.verify()).toEqual([])
      }))

    it('all changes of a call or none', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        await store.changeLists([entered('a', 0)])
        const changes = [left('a', HOUR), entered('never', HOUR)]
        await expect(store.changeLists(changes)).rejects.toThrow(`${url('never')} was never watched`)
        expect(plain(await store.listMembers())).toEqual({ stable: { [url('a')]: at(0) } })
        expect(await store.listChanges(null, always, 10)).toHaveLength(1)
      }))

    it('and may be told the same twice', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        for (let time = 0; time < 2; time++) await store.changeLists([entered('a', 0), left('a', HOUR)])
        expect(await store.listChanges(null, always, 10)).toEqual([left('a', HOUR), entered('a', 0)])
        expect(plain(await store.listMembers())).toEqual({})
      }))

    it('with what entered and left, newest first, by list and window', () =>
      withStore(async (store, reopen) => {
        await store.watch([watched('a'), watched('b')], at(0))
        const best = entered('b', HOUR, { list: 'best', reason: 'rank', uptime: null })
        await store.changeLists([entered('a', 0), entered('b', HOUR), best])
        await store.changeLists([left('a', DAY)])
        await store.watch([watched('b')], at(2 * DAY))
        const reopened = await reopen()
        const all = [left('a', DAY), best, entered('b', HOUR), entered('a', 0)]
        expect(await reopened.listChanges(null, always, 10)).toEqual(all)
        expect(await reopened.listChanges('stable', always, 10)).toEqual([all[0], all[2], all[3]])
        expect(await reopened.listChanges('stable', always, 2)).toEqual([all[0], all[2]])
        expect(await reopened.listChanges('ws', always, 10)).toEqual([])
        expect(await reopened.listChanges(null, { from: at(HOUR), to: at(DAY) }, 10)).toEqual([all[1], all[2]])
      }))

    it('under the URL that a tracker has now', () =>
      withStore(async (store) => {
        await store.watch([watched('old'), watched('new')], at(0))
        await store.record(records(checksOf('old', '+')))
        await store.changeLists([entered('old', 0), entered('new', 0, { list: 'all', reason: 'watched' })])
        await store.watch([watched('new', { aliases: [url('old')] })], at(HOUR))
        expect(plain(await store.listMembers())).toEqual({ stable: { [url('new')]: at(0) } })
        expect(await store.listChanges(null, always, 10)).toEqual([entered('new', 0)])
        expect(await store.verify()).toEqual([])
      }))
  })
}
