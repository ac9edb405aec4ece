import { describe, expect, it } from 'vitest'
import { type Pause, pausedOutcome, pauseOf } from '../../src/tracker/pause.js'

const at = (text: string) => new Date(`2026-12-${text}Z`)
const from = at('01T22:00:00')
const until = at('02T02:00:00')
const tracker = { url: 'udp://t.example:1', group: 'public' }

function pause(overrides: Partial<Pause> = {}): Pause {
  return { trackers: [], groups: [], from: null, until: null, reason: null, ...overrides }
}

describe('a pause', () => {
  it.each<[string, Partial<Pause>, string, boolean]>([
    ['with no end and no beginning is in force', {}, '01T00:00:00', true],
    ['is not in force before it begins', { from }, '01T21:59:59.999', false],
    ['is in force from the moment at which it begins', { from }, '01T22:00:00', true],
    ['is in force until its end', { from, until }, '02T01:59:59.999', true],
    ['is over at its end', { from, until }, '02T02:00:00', false],
    ['without a beginning is over at its end too', { until }, '02T02:00:00', false],
    ['without a beginning is in force before its end', { until }, '01T00:00:00', true],
    ['without an end is in force ever after', { from }, '31T00:00:00', true],
  ])('%s', (_, overrides, moment, isInForce) => {
    const one = pause(overrides)
    expect(pauseOf([one], tracker, at(moment))).toBe(isInForce ? one : null)
  })

  it.each<[string, Partial<Pause>, boolean]>([
    ['that names neither trackers nor groups is for all', {}, true],
    ['is for the trackers that it names', { trackers: ['udp://o.example:1', 'udp://t.example:1'] }, true],
    ['is for the trackers of the groups that it names', { groups: ['other', 'public'] }, true],
    ['is for both', { trackers: ['udp://o.example:1'], groups: ['public'] }, true],
    ['is for both', { trackers: ['udp://t.example:1'], groups: ['other'] }, true],
    ['is for no other tracker', { trackers: ['udp://o.example:1'] }, false],
    ['is for no other group', { groups: ['other'] }, false],
    ['is for no other tracker and no other group', { trackers: ['udp://o.example:1'], groups: ['other'] }, false],
  ])('%s', (_, overrides, isMeant) => {
    expect(pauseOf([pause(overrides)], tracker, from) !== null).toBe(isMeant)
  })

  it('is the first of several that are in force', () => {
    const [past, first, second] = [pause({ until: from }), pause({ from }), pause()]
    expect(pauseOf([past, first, second], tracker, from)).toBe(first)
    expect(pauseOf([], tracker, from)).toBeNull()
  })

  it.each<[Partial<Pause>, string]>([
    [{}, 'paused by the configuration'],
    [{ reason: 'new rack' }, 'paused by the configuration: new rack'],
    [{ from, until }, 'paused by the configuration until 2026-12-02 02:00 UTC'],
    [{ until, reason: 'new rack' }, 'paused by the configuration: new rack until 2026-12-02 02:00 UTC'],
  ])('is told of each check that it takes away: %j', (overrides, detail) => {
    expect(pausedOutcome(pause(overrides))).toEqual({
      kind: 'skipped',
      reason: 'paused',
      code: 'local.paused',
      detail,
    })
  })
})
