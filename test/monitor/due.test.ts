import { describe, expect, it } from 'vitest'
import { dueAt, holdMs, isRecheckDue, type Known, planBeat, planCatchUp } from '../../src/monitor/due.js'
import { nextHealth } from '../../src/tracker/health.js'
import type { Outcome } from '../../src/tracker/outcome.js'
import {
  failed,
  HOUR,
  known,
  later,
  MINUTE,
  noon,
  ok,
  pace,
  placeOf,
  probed,
  rejected,
  resultOf,
  SECOND,
  watch,
} from './support.js'

const fleet = (size: number): Known[] =>
  Array.from({ length: size }, (_, index) => ({ ...watch(`t${index}`), health: null, last: null }))

/** Due after the last check, s. */
function dueInS(tracker: Known): number {
  return (dueAt(tracker, pace, noon).getTime() - noon.getTime()) / SECOND
}

/** One minute, and up to a quarter more: the tracker's own. */
const recheckS = 60 * (1 + 0.25 * placeOf(watch('t')))

describe('the next check is due', () => {
  it('at once for a tracker that was never checked', () => {
    expect(dueAt(known(''), pace, noon)).toEqual(noon)
  })

  it.each([
    ['after the time between two beats while all is well', known('+++'), 600],
    ['soon after a first bad check, to tell a lost packet from a dead tracker', known('++-'), recheckS],
    ['soon after a first bad check of a new tracker', known('-'), recheckS],
    ['at the beat once the bad checks are enough', known('++--'), 600],
    ['soon after a first good check that is not enough', known('--+', { upAfter: 2 }), recheckS],
    ['at the beat after a good check that is enough', known('--+'), 600],
    ['at the beat after a skipped check, which tells nothing', known('++-?'), 600],
    ['at the beat for a dead tracker that begins to refuse', known('--!'), 600],
    ['soon after a refusal where that is bad news', known('++!'), recheckS],
    ['at the beat after a refusal where that is good news', known('++!', { aliveWhen: 'response' }), 600],
  ])('%s', (_, tracker, expectedS) => {
    expect(dueInS(tracker)).toBeCloseTo(expectedS, 3)
  })

  it('after the longest gap between two beats where they differ', () => {
    const daytime = { ...pace, beat: { shortestMs: HOUR, longestMs: 12 * HOUR } }
    expect(dueAt(known('+'), daytime, noon)).toEqual(later(12 * HOUR))
  })

  it.each([
    ["not before the tracker's min interval", known('+', {}, ok({ minIntervalS: 1800 })), 1800],
    ['at the beat where the min interval is shorter', known('+', {}, ok({ minIntervalS: 60 })), 600],
    ['not before the min interval, doubt or not', known('--+', { upAfter: 2 }, ok({ minIntervalS: 900 })), 600 + 300],
    ['not before a refusal says (BEP 31)', known('++!', {}, rejected(7200)), 7200],
    ['a day later for an interval of 2^31 s', known('+', {}, ok({ minIntervalS: 2 ** 31 })), 86_400],
    ['a day later for a refusal that says never', known('+!', {}, { ...rejected(), code: 'gone' }), 86_400],
    ['at the beat for a negative min interval', known('+', {}, ok({ minIntervalS: -5 })), 600],
    ['at the beat for a min interval that is no number', known('+', {}, ok({ minIntervalS: Number.NaN })), 600],
  ])('%s', (_, tracker, expectedS) => {
    expect(dueInS(tracker)).toBe(expectedS)
  })

  const overloaded = (retryAfterS: number): Outcome => ({ ...failed, reason: 'http_status', retryAfterS })
  const tooOften = { ...rejected(), code: 'rate_limited' } as const
  it.each([
    ['not before an HTTP error says (Retry-After), doubt or not', known('++-', {}, overloaded(7200)), 7200],
    ['at the beat where Retry-After is shorter and nothing is in doubt', known('++--', {}, overloaded(30)), 600],
    ['a day later for a Retry-After of a week', known('++-', {}, overloaded(604_800)), 86_400],
    ['at the beat, not earlier, after a refusal because we come too often', known('++!', {}, tooOften), 600],
    ['when such a refusal says, if it does', known('++!', {}, { ...tooOften, retryAfterS: 90 }), 90],
  ])('%s', (_, tracker, expectedS) => {
    expect(dueInS(tracker)).toBe(expectedS)
  })

  it.each([
    ['min_interval', 900, 600, 7200],
    ['interval', 1800, 1800, 7200],
    ['none', 600, 600, recheckS],
  ] as const)('where the floor is %s: as that says, and no earlier', (intervalFloor, withMin, without, refused) => {
    const dueS = (tracker: Known): number =>
      (dueAt(tracker, { ...pace, intervalFloor }, noon).getTime() - noon.getTime()) / SECOND
    expect([
      dueS(known('+', {}, ok({ intervalS: 1800, minIntervalS: 900 }))),
      dueS(known('+', {}, ok({ intervalS: 1800 }))),
      dueS(known('++!', {}, rejected(7200))),
    ]).toEqual([withMin, without, expect.closeTo(refused, 3)])
  })

  it('as the address says that wants to be asked least often, of those that said what decided', () => {
    const answers = { 4: ok({ minIntervalS: 900 }), 6: ok({ minIntervalS: 1800 }) }
    const tracker = known('+')
    expect(dueInS({ ...tracker, last: probed(tracker, answers, noon) })).toBe(1800)
    const refusing = { ...answers, 6: rejected(7200) }
    expect(dueInS({ ...tracker, last: probed(tracker, refusing, noon) })).toBe(900)
  })

  it('no earlier than the min interval where that is above the interval', () => {
    const tracker = known('+', {}, ok({ intervalS: 900, minIntervalS: 1800 }))
    expect(dueAt(tracker, { ...pace, intervalFloor: 'interval' }, noon)).toEqual(later(1800 * SECOND))
  })

  it('soon after a failed announce even if the one before asked for an hour: it reached nobody', () => {
    const polite = known('+', {}, ok({ minIntervalS: 3600 }))
    const failure = resultOf(polite, failed)
    const policy = { downAfter: 2, upAfter: 1, aliveWhen: polite.aliveWhen, holdMs: HOUR }
    const health = nextHealth(polite.health ?? undefined, { ...failure, checkedAt: later(HOUR) }, policy)
    const doubted = { ...polite, health, last: failure }
    expect(isRecheckDue(doubted, pace, later(HOUR + 76 * SECOND))).toBe(true)
    expect(isRecheckDue(doubted, pace, later(HOUR + 59 * SECOND))).toBe(false)
  })

  it('in time although the clock was set back by a day', () => {
    const dayBefore = later(-24 * HOUR)
    const polite = known('+', {}, ok({ minIntervalS: 3600 }))
    for (const tracker of [known('+'), known('++-'), polite]) {
      expect(dueAt(tracker, pace, dayBefore)).toEqual(dayBefore)
      expect(planBeat([tracker], pace, dayBefore)).toHaveLength(1)
      expect(planCatchUp([tracker], pace, dayBefore)).toHaveLength(1)
    }
  })

  it('at once where the clock stood a year ahead at the last check, and as ever after the next one', () => {
    const policy = { downAfter: 2, upAfter: 1, aliveWhen: 'announce', holdMs: HOUR } as const
    for (const [tracker, outcome, expectedS] of [
      [known('++'), ok(), 600],
      [known('++--'), ok(), 600],
      [known('++'), failed, recheckS],
    ] as const) {
      const yearBefore = later(-365 * 24 * HOUR)
      expect(dueAt(tracker, pace, yearBefore)).toEqual(yearBefore)
      const result = resultOf(tracker, outcome, yearBefore)
      const next = { ...tracker, health: nextHealth(tracker.health ?? undefined, result, policy), last: result }
      expect((dueAt(next, pace, yearBefore).getTime() - yearBefore.getTime()) / SECOND).toBeCloseTo(expectedS, 3)
      expect(isRecheckDue(next, pace, later(SECOND, yearBefore))).toBe(false)
    }
  })

  it('as ever where the clock was set back by some seconds', () => {
    const before = later(-20 * SECOND)
    expect(dueAt(known('+'), pace, before)).toEqual(later(10 * MINUTE, before))
    expect(planBeat([known('+')], pace, before)).toEqual([])
  })
})

describe('a beat', () => {
  it('starts each tracker at its own place in the spread, the same whatever else is watched', () => {
    const [first, ...others] = fleet(20)
    if (first === undefined) throw new Error('no tracker')
    const expected = placeOf(first) * pace.spreadMs
    expect(planBeat([first], pace, noon)).toEqual([{ watched: first, startMs: expected }])
    expect(planBeat([...others, first], pace, later(HOUR))).toContainEqual({ watched: first, startMs: expected })
  })

  it('starts a thousand trackers in an even stream, in order', () => {
    const starts = planBeat(fleet(1000), pace, noon).map(({ startMs }) => startMs)
    expect(starts).toEqual(starts.toSorted((a, b) => a - b))
    const perTenth = Array.from(
      { length: 10 },
      (_, tenth) => starts.filter((at) => Math.floor((at / pace.spreadMs) * 10) === tenth).length,
    )
    expect(perTenth.reduce((sum, count) => sum + count)).toBe(1000)
    expect(Math.max(...perTenth)).toBeLessThan(150)
  })

  it('spreads over no more than 0.8 of the time to the next beat', () => {
    const starts = planBeat(fleet(1000), { ...pace, spreadMs: HOUR }, noon).map(({ startMs }) => startMs)
    expect(Math.max(...starts)).toBeLessThanOrEqual(8 * MINUTE)
    expect(Math.max(...starts)).toBeGreaterThan(7 * MINUTE)
  })

  it('spreads what is overdue by days, as after a suspend or a jump of the clock, like any other', () => {
    const checked = fleet(100).map((one) => ({ ...one, health: known('+').health, last: known('+').last }))
    const overdue = planBeat(checked, pace, later(72 * HOUR))
    expect(overdue.map(({ startMs }) => startMs)).toEqual(
      planBeat(fleet(100), pace, noon).map(({ startMs }) => startMs),
    )
    expect(overdue).toHaveLength(100)
  })

  it('starts all at once where no spread is wanted', () => {
    expect(planBeat(fleet(3), { ...pace, spreadMs: 0 }, noon).map(({ startMs }) => startMs)).toEqual([0, 0, 0])
  })

  it('leaves out a tracker that was checked moments ago', () => {
    expect(planBeat([known('+')], pace, later(2 * MINUTE))).toEqual([])
    expect(planBeat([known('+')], pace, later(5 * MINUTE))).toHaveLength(1)
  })

  it('waits a moment for a min interval rather than come early or skip the beat', () => {
    const tracker = known('+', {}, ok({ minIntervalS: 600 }))
    const beat = later(10 * MINUTE - 40 * SECOND)
    expect(planBeat([tracker], pace, beat)).toEqual([{ watched: tracker, startMs: 40 * SECOND }])
    expect(planBeat([tracker], { ...pace, spreadMs: 0 }, beat)).toEqual([{ watched: tracker, startMs: 40 * SECOND }])
    expect(planBeat([tracker], { ...pace, spreadMs: 0 }, later(8 * MINUTE))).toEqual([])
  })

  it.each([0, 60, 599, 600, 601, 900, 1800, 5000, 200_000])(
    'after beat keeps a min interval of %d s and comes before the last status has lapsed',
    (minIntervalS) => {
      const outcome = ok({ minIntervalS })
      const times = checkTimes(outcome, 500)
      const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at))
      expect(gaps.length).toBeGreaterThan(1)
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(Math.min(minIntervalS, 86_400) * SECOND)
      expect(Math.max(...gaps)).toBeLessThan(holdMs(resultOf(watch('t'), outcome), pace))
    },
  )
})

/** When a tracker that always answers the same is checked over so many beats, ms. Every start comes 3 ms late. */
function checkTimes(outcome: Outcome, beats: number): number[] {
  const times: number[] = []
  let tracker = known('')
  for (let beat = 0; beat < beats; beat += 1) {
    const at = later(beat * pace.beat.longestMs)
    const [planned] = planBeat([tracker], pace, at)
    if (planned === undefined) continue
    const checkedAt = later(planned.startMs + 3, at)
    times.push(checkedAt.getTime())
    const result = resultOf(tracker, outcome, checkedAt)
    const policy = { downAfter: 2, upAfter: 1, aliveWhen: tracker.aliveWhen, holdMs: HOUR }
    tracker = { ...tracker, health: nextHealth(tracker.health ?? undefined, result, policy), last: result }
  }
  return times
}

describe('a start between two beats', () => {
  it('catches up on what is new, overdue or in doubt, and on nothing else', () => {
    const restart = later(4 * MINUTE)
    expect(planCatchUp([known('')], pace, restart)).toHaveLength(1)
    expect(planCatchUp([known('++-')], pace, restart)).toHaveLength(1)
    expect(planCatchUp([known('+++')], pace, restart)).toEqual([])
    expect(planCatchUp([known('+++')], pace, later(10 * MINUTE))).toHaveLength(1)
    expect(planCatchUp([known('+', {}, ok({ minIntervalS: 1800 }))], pace, later(10 * MINUTE))).toEqual([])
  })

  it('spreads it like a round, so that a restart is no burst', () => {
    const planned = planCatchUp(fleet(50), pace, noon)
    expect(planned).toEqual(planBeat(fleet(50), pace, noon))
    expect(new Set(planned.map(({ startMs }) => startMs)).size).toBe(50)
  })
})

describe('a status holds', () => {
  it.each([
    ['for two and a half beats, the spread and the check itself', ok(), 25 * MINUTE + MINUTE + 10 * SECOND],
    ['longer where the tracker wants to be asked less often', ok({ minIntervalS: 3600 }), 151 * MINUTE + 10 * SECOND],
    ['longer after an HTTP error that names a time', { ...failed, retryAfterS: 3600 }, 151 * MINUTE + 10 * SECOND],
    ['longer after a refusal that names a time', rejected(3600), 151 * MINUTE + 10 * SECOND],
    ['no longer than for a floor of one day', ok({ minIntervalS: 2 ** 31 }), 60 * HOUR + MINUTE + 10 * SECOND],
  ])('%s', (_, outcome, expectedMs) => {
    expect(holdMs(resultOf(watch('t'), outcome), pace)).toBe(expectedMs)
  })
})
