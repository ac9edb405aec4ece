import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import type { CheckRecord, Store } from '../../src/store/store.js'
import type { CheckResult, ProbeResult } from '../../src/tracker/outcome.js'
import {
  at,
  check,
  checksOf,
  DAY,
  HOUR,
  inDirectory,
  MINUTE,
  ok,
  probe,
  records,
  timeout,
  url,
  watched,
} from './support.js'

async function withStore(body: (store: Store) => Promise<void>): Promise<void> {
  const store = await openStore('sqlite::memory:')
  try {
    await store.watch([watched('a')], at(0))
    await body(store)
  } finally {
    await store.close()
  }
}

/** What the file says; what is in memory is not asked. */
const stateOf = async (store: Store) => {
  const state = await store.find(url('a'))
  return { health: state?.health, last: state?.last, lastOkAt: state?.lastOkAt }
}

const kept = ({ health, result }: CheckRecord, lastOkAt: Date | null) => ({ health, last: result, lastOkAt })

/** A check a minute later whose probe differs. */
function later(changes: Partial<ProbeResult>, of: Partial<CheckResult> = {}): CheckResult {
  const changed = probe(ok, changes)
  return { ...check('a', MINUTE, ok), outcome: changed.outcome, latencyMs: changed.latencyMs, probes: [changed], ...of }
}

describe('the newest check of a tracker is read as it was', () => {
  const first = check('a', 0, ok)
  const answer = { ...ok.announce, extra: {} }
  it.each<[string, CheckResult]>([
    [
      'nothing but the times',
      later({ latencyMs: 7.123456789, phases: { resolve: 0, udp_connect: 3, udp_announce: 4 } }),
    ],
    ['no latency', later({ latencyMs: null })],
    ['another phase', later({ phases: { resolve: 1, udp_connect: 2, udp_announce: 3, udp_scrape: 4 } })],
    ['other phases, as many', later({ phases: { resolve: 1, connect: 2, send: 3 } })],
    ['no phases', later({ phases: {} })],
    ['another count', later({ outcome: { ...ok, announce: { ...answer, leechers: 2 } } })],
    ['another peer', later({ outcome: { ...ok, announce: { ...answer, peers: [{ ip: '192.0.2.2', port: 6881 }] } } })],
    ['no peers', later({ outcome: { ...ok, announce: { ...answer, peers: [] } } })],
    ['null for peers', later({ outcome: { ...ok, announce: { ...answer, peers: null } } })],
    ['one more key', later({ outcome: { ...ok, announce: { ...answer, extra: { complete: 1 } } } })],
    ['a flag', later({ outcome: { ...ok, flags: ['slow'] } })],
    ['an outcome that knows more than its probe', later({}, { outcome: { ...ok, flags: ['family_down'] } })],
    ['another address', later({ address: '192.0.2.8' })],
    ['more attempts', later({ attempts: 2 })],
    ['another certificate', later({ certificateExpiresAt: at(9 * MINUTE) })],
    ['a redirect', later({ redirectedTo: 'http://b.example/announce' })],
    ['one more probe', later({}, { probes: [probe(ok), probe(timeout, { family: 6, address: '2001:db8::7' })] })],
    ['no probe', later({}, { probes: [] })],
    ['another verdict of the policy', later({}, { alive: false })],
  ])('after one that differs in %s', (_, second) =>
    withStore(async (store) => {
      const [one, two] = records([first, second])
      if (one === undefined || two === undefined) throw new Error('two checks make two records')
      await store.record([one])
      await store.record([two])
      expect(await stateOf(store)).toEqual(kept(two, second.checkedAt))
      // And back, one differing from the other in the same things.
      const [, , three] = records([first, second, { ...first, checkedAt: at(2 * MINUTE) }])
      if (three === undefined) throw new Error('three checks make three records')
      await store.record([three])
      expect(await stateOf(store)).toEqual(kept(three, at(2 * MINUTE)))
    }),
  )

  it('with the health that goes with it, whatever the checks before were', () =>
    withStore(async (store) => {
      let lastOkAt: Date | null = null
      for (const record of records(checksOf('a', '++--+-r-rr++ss+--.........--s-++'))) {
        await store.record([record])
        if (record.result.outcome.kind === 'ok') lastOkAt = record.result.checkedAt
        expect(await stateOf(store)).toEqual(kept(record, lastOkAt))
      }
    }))

  it('after one with a certificate that ended at another time', () =>
    withStore(async (store) => {
      const [one, two] = records([1, 2].map((day) => later({ certificateExpiresAt: at(day * DAY) })))
      if (one === undefined || two === undefined) throw new Error('two checks make two records')
      await store.record([one])
      await store.record([two])
      expect(await stateOf(store)).toEqual(kept(two, at(MINUTE)))
    }))

  it('with a status that began anew in between', () =>
    withStore(async (store) => {
      const slow = check('a', MINUTE, { ...ok, flags: ['slow'] })
      const [one, two, three] = records([check('a', 0, ok), slow, check('a', 2 * MINUTE, ok)])
      if (one === undefined || two === undefined || three === undefined) throw new Error('checks make records')
      await store.record([one])
      await store.record([two, three])
      expect(three.health.since).toEqual(at(2 * MINUTE))
      expect(await stateOf(store)).toEqual(kept(three, at(2 * MINUTE)))
    }))

  it.each(['+++', '+--', 'r+-'])('after older ones came late: %s', (letters) =>
    withStore(async (store) => {
      const [one, older, newer] = records(checksOf('a', letters))
      if (one === undefined || older === undefined || newer === undefined) throw new Error('checks make records')
      await store.record([one])
      await store.record([newer])
      const before = await stateOf(store)
      expect(before.last).toEqual(newer.result)
      await store.record([older])
      expect(await stateOf(store)).toEqual(before)
    }),
  )

  it('after an older one came late, to a store that had been closed in between', () =>
    inDirectory(async (directory, use) => {
      const reopened = () => use(openStore(`sqlite:${join(directory, 'history.db')}`))
      let store = await reopened()
      await store.watch([watched('a')], at(0))
      await store.record(records(checksOf('a', '+', HOUR)))
      for (const late of records(checksOf('a', '-'))) {
        await store.close()
        store = await reopened()
        await store.record([late])
      }
      await store.close()
      expect((await (await reopened()).find(url('a')))?.health).toMatchObject({ status: 'up', checkedAt: at(HOUR) })
    }))

  it('after a write of the same failed', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await use(openStore(`sqlite:${file}`))
      await store.watch([watched('a'), watched('b')], at(0))
      const [one, two] = records(checksOf('a', '+-'))
      const [other] = records(checksOf('b', '+'))
      if (one === undefined || two === undefined || other === undefined) throw new Error('checks make records')
      await store.record([one])
      const refuse = "CREATE TRIGGER refuse BEFORE INSERT ON last_check WHEN new.body LIKE '%b.example%' BEGIN"
      execute(file, `${refuse} SELECT raise(ABORT, 'no room'); END`)
      await expect(store.record([two, other])).rejects.toThrow('no room')
      execute(file, 'DROP TRIGGER refuse')
      await store.record([two, other])
      expect(await stateOf(store)).toEqual(kept(two, at(0)))
    }))
})

function execute(file: string, statement: string): void {
  const client = new Database(file)
  client.exec(statement)
  client.close()
}
