import { describe, expect, it } from 'vitest'
import { RefusedError } from '../../../src/store/errors.js'
import type { CheckResult, Outcome } from '../../../src/tracker/outcome.js'
import {
  at,
  check,
  checksOf,
  DAY,
  HOUR,
  MINUTE,
  ok,
  probe,
  records,
  rejected,
  skipped,
  timeout,
  url,
  watched,
} from '../support.js'
import { always, type Subject } from './subject.js'

/** What is written of a check, and how it is read back. */
export function checksContract(name: string, { withStore }: Subject): void {
  describe(`${name} keeps checks`, () => {
    it.each(samples())(
      'that were $what, and gives them back with reason, message, flags and packets',
      ({ result, rows }) =>
        withStore(async (store, reopen) => {
          await store.watch([watched('a')], at(0))
          await store.record(records([result]))
          const reopened = await reopen()
          expect(await reopened.checks(url('a'), always, 10)).toEqual(
            rows.map((row) => ({ ...nothingKnown, checkedAt: result.checkedAt, ...row })),
          )
          expect((await reopened.find(url('a')))?.last).toEqual(result)
        }),
    )

    it('newest first, at most as many as asked for, in a window without its end', () =>
      withStore(async (store) => {
        await store.watch([watched('a'), watched('b')], at(0))
        await store.record([...records(checksOf('a', '+-+-', 0, DAY)), ...records(checksOf('b', '++++', 0, DAY))])
        const times = async (from: number, to: number, limit: number) =>
          (await store.checks(url('a'), { from: at(from), to: at(to) }, limit)).map(({ checkedAt }) => checkedAt)
        expect(await times(-DAY, 9 * DAY, 10)).toEqual([at(3 * DAY), at(2 * DAY), at(DAY), at(0)])
        expect(await times(DAY, 3 * DAY, 10)).toEqual([at(2 * DAY), at(DAY)])
        expect(await times(DAY + 1, 3 * DAY + 1, 10)).toEqual([at(3 * DAY), at(2 * DAY)])
        expect(await times(0, 9 * DAY, 3)).toEqual([at(3 * DAY), at(2 * DAY), at(DAY)])
        expect(await times(0, 9 * DAY, 0)).toEqual([])
        expect(await times(4 * DAY, 9 * DAY, 10)).toEqual([])
        await store.record(records([...checksOf('a', '+', 2 * DAY + HOUR), ...checksOf('a', '+-', 3 * DAY + HOUR)]))
        expect(await times(0, 9 * DAY, 4)).toEqual([
          at(3 * DAY + HOUR + MINUTE),
          at(3 * DAY + HOUR),
          at(3 * DAY),
          at(2 * DAY + HOUR),
        ])
      }))

    it('once, however often the same are written', () =>
      withStore(async (store, reopen) => {
        await store.watch([watched('a')], at(0))
        const batch = records([check('a', 0, ok, 10), check('a', 1, ok, 20), ...checksOf('a', '--', MINUTE)])
        await store.record(batch)
        const [before] = await store.entries(at(HOUR))
        await store.record(batch)
        await store.record(batch.slice(1, 2))
        await store.record(batch.slice(2))
        const [after] = await store.entries(at(HOUR))
        expect(after).toEqual(before)
        expect(await store.changes(url('a'), always)).toHaveLength(2)
        expect(await store.info()).toMatchObject({ checks: 4 })
        expect(await (await reopen()).entries(at(HOUR))).toEqual([before])
      }))

    it('all of a call or none', () =>
      withStore(async (store, reopen) => {
        await store.watch([watched('a')], at(0))
        await store.record(records([check('a', 0, ok)]))
        const before = await store.entries(at(HOUR))
        const batch = [...records(checksOf('a', '--', MINUTE)), ...records(checksOf('stranger', '+', MINUTE))]
        await expect(store.record(batch)).rejects.toThrow(`check of ${url('stranger')}, which was never watched`)
        await expect(store.record(batch)).rejects.toBeInstanceOf(RefusedError)
        expect(await store.entries(at(HOUR))).toEqual(before)
        expect(await store.changes(url('a'), always)).toHaveLength(1)
        expect(await store.checks(url('a'), always, 10)).toHaveLength(1)
        // What the failed calls have left in memory must not leak into the next one.
        await store.record(batch.slice(0, 2))
        const reopened = await reopen()
        const newest = await reopened.checks(url('a'), always, 10)
        expect(newest.map(({ message }) => message)).toEqual([timeout.detail, timeout.detail, null])
        expect(await reopened.verify()).toEqual([])
      }))
  })

  describe(`${name} keeps status changes`, () => {
    it('with reason, code and message, dated back to the first of the checks that led to them', () =>
      withStore(async (store, reopen) => {
        await store.watch([watched('a')], at(0))
        await store.record(records(checksOf('a', '+--+')))
        const why = { reason: 'timeout', code: 'udp.timeout', message: 'no answer to 3 connect requests' }
        const nothing = { reason: null, code: null, message: null }
        const changes = [
          { at: at(0), from: 'pending', to: 'up', ...nothing },
          { at: at(MINUTE), from: 'up', to: 'down', ...why },
          { at: at(3 * MINUTE), from: 'down', to: 'up', ...nothing },
        ]
        const reopened = await reopen()
        expect(await reopened.changes(url('a'), always)).toEqual(changes)
        expect(await reopened.changes(url('a'), { from: at(MINUTE), to: at(3 * MINUTE) })).toEqual([changes[1]])
      }))
  })
}

/** Row by row: what `checks` gives where a sample says nothing else. */
const nothingKnown = {
  family: 4,
  outcome: 'ok',
  reason: null,
  code: null,
  message: null,
  flags: [],
  latencyMs: 41.25,
  attempts: 1,
  packetsSent: 2,
  packetsLost: 0,
  decisive: true,
}

interface Sample {
  readonly what: string
  readonly result: CheckResult
  readonly rows: readonly object[]
}

function samples(): readonly Sample[] {
  const announce = { ...ok.announce, warningMessage: 'slow down', extra: { note: 'ünï', deep: { list: [1, 2] } } }
  const flagged: Outcome = { ...ok, announce, flags: ['tracker_warning', 'interval_low', 'http.redirected'] }
  const failed6 = probe(timeout, { family: 6, address: '2001:db8::1', attempts: 3, packetsSent: 3, packetsLost: 3 })
  const certificate = probe(ok, { certificateExpiresAt: at(90 * DAY) })
  const base = check('a', 1234, ok)
  const failedRow = {
    family: 6,
    outcome: 'failed',
    reason: 'timeout',
    code: 'udp.timeout',
    message: 'no answer to 3 connect requests',
    latencyMs: null,
    attempts: 3,
    packetsSent: 3,
    packetsLost: 3,
    decisive: false,
  }
  const slower = probe({ ...ok }, { latencyMs: 50 })
  const none = { family: null, latencyMs: null, attempts: 0, packetsSent: 0, packetsLost: 0 }
  return [
    { what: 'ok', result: base, rows: [{}] },
    { what: 'ok over TLS', result: { ...base, probes: [certificate] }, rows: [{}] },
    {
      what: 'ok with flags and a warning',
      result: { ...base, outcome: flagged, probes: [probe(flagged)] },
      rows: [{ message: 'slow down', flags: ['tracker_warning', 'interval_low', 'http.redirected'] }],
    },
    {
      what: 'rejected',
      result: check('a', 1234, rejected),
      rows: [{ outcome: 'rejected', code: 'not_registered', message: 'unregistered torrent' }],
    },
    {
      what: 'failed',
      result: { ...check('a', 1234, timeout), probes: [failed6] },
      rows: [{ ...failedRow, decisive: true }],
    },
    {
      what: 'skipped',
      result: check('a', 1234, skipped),
      rows: [{ ...none, outcome: 'skipped', reason: 'uplink_down', code: 'net.uplink', message: 'uplink is down' }],
    },
    {
      what: 'answered over one family of two',
      result: { ...base, outcome: { ...ok, flags: ['family_down'] }, probes: [failed6, probe(ok)] },
      rows: [{ flags: ['family_down'] }, failedRow],
    },
    {
      what: 'answered by the third address of a family',
      result: {
        ...base,
        latencyMs: 50,
        probes: [probe(timeout), probe(rejected, { latencyMs: 9 }), probe(ok, { latencyMs: 50, attempts: 2 })],
      },
      rows: [{ latencyMs: 50, attempts: 2 }],
    },
    {
      what: 'answered by two addresses of a family, of which the slower was asked first',
      result: {
        ...base,
        outcome: slower.outcome,
        latencyMs: 50,
        probes: [slower, probe(ok), failed6, probe(rejected, { family: 6, latencyMs: 9 })],
      },
      rows: [
        { latencyMs: 50 },
        {
          family: 6,
          outcome: 'rejected',
          code: 'not_registered',
          message: rejected.message,
          latencyMs: 9,
          decisive: false,
        },
      ],
    },
    {
      what: 'failed for a reason of its own',
      result: { ...check('a', 1234, { ...timeout, code: 'check.deadline', detail: 'too long' }), probes: [failed6] },
      rows: [{ ...none, outcome: 'failed', reason: 'timeout', code: 'check.deadline', message: 'too long' }, failedRow],
    },
    {
      what: 'failed while our own uplink was down',
      result: { ...base, outcome: skipped, alive: false, latencyMs: null, probes: [failed6] },
      rows: [
        { ...none, outcome: 'skipped', reason: 'uplink_down', code: 'net.uplink', message: 'uplink is down' },
        failedRow,
      ],
    },
  ]
}
