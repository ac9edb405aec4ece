import { describe, expect, it } from 'vitest'
import type { CheckResult } from '../../../src/tracker/outcome.js'
import { parseTracker } from '../../../src/tracker/tracker.js'
import { at, check, DAY, HOUR, MINUTE, ok, probe, records, url, watched } from '../support.js'
import type { Subject } from './subject.js'

function checkAt(name: string, ms: number, ...addresses: readonly string[]): CheckResult {
  const probes = addresses.map((address) => probe(ok, { address, family: address.includes(':') ? 6 : 4 }))
  return { ...check(name, ms, ok), probes }
}

function watchedAt(text: string) {
  const { tracker } = parseTracker(text)
  if (tracker === undefined) throw new Error(`test names no tracker: ${text}`)
  return { ...watched('x'), tracker }
}

/** Where trackers were probed, and which of them belong together for it. */
export function relatedContract(name: string, { withStore }: Subject): void {
  describe(`${name} keeps addresses`, () => {
    it('with the first and the last time at which a tracker was probed there', () =>
      withStore(async (store, reopen) => {
        await store.watch([watched('a'), watched('b')], at(0))
        expect(await store.addresses(url('a'))).toEqual([])
        await store.record(
          records([
            checkAt('a', 0, '192.0.2.1', '2001:db8::1'),
            checkAt('a', HOUR - 1, '192.0.2.1'),
            checkAt('a', HOUR + 1, '192.0.2.1'),
            checkAt('a', 2 * HOUR, '192.0.2.2'),
          ]),
        )
        const seen = (address: string, first: number, last: number) => {
          const family = address.includes(':') ? 6 : 4
          return { address, family, firstSeen: at(first), lastSeen: at(last) }
        }
        const first = [seen('192.0.2.2', 2 * HOUR, 2 * HOUR), seen('192.0.2.1', 0, HOUR + 1), seen('2001:db8::1', 0, 0)]
        expect(await store.addresses(url('a'))).toEqual(first)
        expect(await store.addresses(url('b'))).toEqual([])
        const reopened = await reopen()
        expect(await reopened.addresses(url('a'))).toEqual(first)
        await reopened.record(records([checkAt('a', -DAY, '192.0.2.1'), checkAt('a', DAY, '2001:db8::1')]))
        expect(await reopened.addresses(url('a'))).toEqual([
          seen('2001:db8::1', 0, DAY),
          seen('192.0.2.2', 2 * HOUR, 2 * HOUR),
          seen('192.0.2.1', -DAY, HOUR + 1),
        ])
        await expect(reopened.addresses(url('stranger'))).rejects.toThrow('was never watched')
      }))

    it('also where the call that told of one for the first time had failed', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        const batch = [checkAt('a', 0, '192.0.2.1'), checkAt('stranger', 0, '192.0.2.1')]
        await expect(store.record(records(batch))).rejects.toThrow('was never watched')
        await store.record(records([checkAt('a', MINUTE, '192.0.2.1')]))
        expect(await store.addresses(url('a'))).toMatchObject([{ address: '192.0.2.1', firstSeen: at(MINUTE) }])
      }))

    it('but not of a name without end: those that were not seen for longest make way', () =>
      withStore(async (store) => {
        await store.watch([watched('a')], at(0))
        const many = Array.from({ length: 300 }, (_, index) => `10.0.${index >> 8}.${index & 255}`)
        await store.record(records(many.map((address, index) => checkAt('a', index * MINUTE, address))))
        await store.record(records([checkAt('a', 301 * MINUTE, '10.0.0.0')]))
        const kept = (await store.addresses(url('a'))).map(({ address }) => address)
        expect(kept).toHaveLength(256)
        expect(kept.slice(0, 2)).toEqual(['10.0.0.0', many.at(-1)])
        expect(kept).not.toContain('10.0.0.1')
      }))
  })

  describe(`${name} relates trackers`, () => {
    it('at one host, and at one address, and merges none of them', () =>
      withStore(async (store, reopen) => {
        const own = watched('a')
        const http = watchedAt('http://a.example:80/announce')
        const other = watchedAt('udp://a.example:7000')
        const notSame = watchedAt('http://b.example:80/a.example')
        await store.watch([own, http, other, notSame, watched('c'), watched('d'), watched('e')], at(0))
        const named = (it: CheckResult, text: string): CheckResult => ({ ...it, url: text })
        await store.record([
          ...records([checkAt('a', 0, '192.0.2.1', '192.0.2.2')]),
          ...records([named(checkAt('a', 0, '192.0.2.2'), http.tracker.url)]),
          ...records([checkAt('c', 0, '192.0.2.1', '192.0.2.2', '192.0.2.3')]),
          ...records([checkAt('d', 0, '192.0.2.9', '192.0.2.1')]),
          ...records([checkAt('e', 0, '192.0.2.8')]),
        ])
        await store.watch([own, http, other, notSame, watched('c'), watched('e')], at(HOUR))
        const related = [
          { url: http.tracker.url, watched: true, sameHost: true, addresses: ['192.0.2.2'] },
          { url: other.tracker.url, watched: true, sameHost: true, addresses: [] },
          { url: url('c'), watched: true, sameHost: false, addresses: ['192.0.2.1', '192.0.2.2'] },
          { url: url('d'), watched: false, sameHost: false, addresses: ['192.0.2.1'] },
        ]
        expect(await store.related(url('a'))).toEqual(related)
        expect(await (await reopen()).related(url('a'))).toEqual(related)
      }))

    it('that have nothing to do with any other to none', () =>
      withStore(async (store) => {
        await store.watch([watched('a'), watched('aa'), watchedAt('udp://[2001:db8::1]:1')], at(0))
        await store.record(records([checkAt('a', 0, '192.0.2.1')]))
        for (const host of ['a', 'aa']) expect(await store.related(url(host))).toEqual([])
        expect(await store.related('udp://[2001:db8::1]:1')).toEqual([])
        await expect(store.related(url('stranger'))).rejects.toThrow('was never watched')
      }))
  })
}
