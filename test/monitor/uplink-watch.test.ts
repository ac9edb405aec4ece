import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Known } from '../../src/monitor/due.js'
import { createUplinkWatch, type UplinkRound } from '../../src/monitor/uplink-watch.js'
import { nextHealth } from '../../src/tracker/health.js'
import type { CheckResult, Outcome } from '../../src/tracker/outcome.js'
import { fleet } from './bench.js'
import { failed, flagged, HOUR, later, noon, ok, probed, resultOf } from './support.js'

const both = { 4: ok(), 6: ok() }
const policy = { downAfter: 2, upAfter: 1, aliveWhen: 'announce', holdMs: HOUR } as const

/** Trackers that were all answered at noon as said, and what becomes of the results of later rounds. */
function setUp(size: number, answered: Partial<Record<4 | 6, Outcome>> = { 4: ok() }) {
  const known = new Map<string, Known>()
  const results: CheckResult[] = []
  const changes: string[] = []
  const apply = (result: CheckResult): void => {
    const before = known.get(result.url)
    if (before === undefined) return
    const health = nextHealth(before.health ?? undefined, result, policy)
    known.set(result.url, { ...before, health, last: result })
  }
  const trackers = fleet(size)
  for (const watched of trackers) known.set(watched.tracker.url, { ...watched, health: null, last: null })
  for (const watched of trackers) apply(probed(watched, answered, noon))
  const uplink = createUplinkWatch({
    known: (url) => known.get(url),
    onResult: (result) => {
      results.push(result)
      apply(result)
    },
    onChange: (family, up, detail) => {
      changes.push(`${family} ${up === null ? 'unused' : up ? 'up' : `down: ${detail.split(' that')[0]}`}`)
    },
    patienceMs: 1000,
  })
  const of = (index: number) => [...known.values()].slice(index, index + 1)
  return {
    uplink,
    changes,
    known,
    startRound: (count = size) => uplink.startRound([...known.values()].slice(0, count)),
    of,
    take: (round: UplinkRound, index: number, outcomes: Partial<Record<4 | 6, Outcome>>, outcome?: Outcome) => {
      for (const one of of(index)) round.take(probed(one, outcomes, later(HOUR), outcome))
    },
    kinds: () => results.map(({ outcome }) => outcome.kind),
    results,
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('a failure of a tracker that was fine', () => {
  it('waits until a tenth of the others has answered, and counts then', () => {
    const { startRound, take, kinds, uplink, of, changes } = setUp(20)
    const round = startRound()
    for (const index of [0, 1, 2]) take(round, index, { 4: failed })
    take(round, 3, { 4: ok() })
    expect(kinds()).toEqual(['ok'])
    expect(of(0).map(({ tracker }) => uplink.holds(tracker.url))).toEqual([true])
    take(round, 4, { 4: ok() })
    expect(kinds()).toEqual(['ok', 'ok', 'failed', 'failed', 'failed'])
    expect(of(0).map(({ tracker }) => uplink.holds(tracker.url))).toEqual([false])
    take(round, 5, { 4: failed })
    expect(kinds()).toHaveLength(6)
    expect(changes).toEqual(['4 up'])
  })

  it('is judged by what is known when the round loses its patience', () => {
    const { startRound, take, kinds, changes } = setUp(100)
    const round = startRound()
    for (let index = 0; index < 6; index += 1) take(round, index, { 4: failed })
    vi.advanceTimersByTime(999)
    expect(kinds()).toEqual([])
    vi.advanceTimersByTime(1)
    expect(kinds()).toEqual(Array(6).fill('skipped'))
    expect(changes).toEqual(['4 down: 6 of 6 trackers'])
    take(round, 6, { 4: failed })
    expect(kinds()).toEqual(Array(7).fill('skipped'))
    take(round, 7, { 4: ok() })
    expect(changes).toHaveLength(2)
    take(round, 8, { 4: failed })
    expect(kinds().slice(7)).toEqual(['ok', 'failed'])
  })

  it('is excused as long as answers are too few to change the verdict', () => {
    const { startRound, take, kinds, changes } = setUp(100)
    const round = startRound()
    for (let index = 0; index < 30; index += 1) take(round, index, { 4: failed })
    vi.advanceTimersByTime(1000)
    take(round, 30, { 4: ok() })
    take(round, 31, { 4: failed })
    expect(changes).toEqual(['4 down: 30 of 30 trackers'])
    expect(kinds().slice(30)).toEqual(['ok', 'skipped'])
  })

  it('counts where its own round is fine, whatever another one is going through', () => {
    const { startRound, take, kinds, changes, uplink, known } = setUp(20)
    const fine = startRound(10)
    take(fine, 0, { 4: ok() })
    const blind = uplink.startRound([...known.values()].slice(10))
    for (let index = 10; index < 20; index += 1) take(blind, index, { 4: failed })
    blind.end()
    expect(changes).toEqual(['4 up', '4 down: 10 of 10 trackers'])
    take(fine, 1, { 4: failed })
    expect(kinds()).toEqual(['ok', ...Array(10).fill('skipped'), 'failed'])
  })

  it('waits on where too few are known by then', () => {
    const { startRound, take, kinds } = setUp(20)
    const round = startRound()
    for (let index = 0; index < 4; index += 1) take(round, index, { 4: failed })
    vi.advanceTimersByTime(5000)
    expect(kinds()).toEqual([])
    take(round, 4, { 4: failed })
    expect(kinds()).toEqual(Array(5).fill('skipped'))
  })

  it('of a name that does not resolve is like any other', () => {
    const { startRound, kinds, known } = setUp(20)
    const round = startRound()
    for (const one of [...known.values()]) round.take(resultOf(one, failed))
    round.end()
    expect(kinds()).toEqual(Array(20).fill('skipped'))
  })

  it('is forgotten when the round is dropped', () => {
    const { startRound, take, kinds, uplink, of } = setUp(20)
    const round = startRound()
    take(round, 0, { 4: failed })
    round.drop()
    expect(vi.getTimerCount()).toBe(0)
    expect(kinds()).toEqual([])
    expect(of(0).map(({ tracker }) => uplink.holds(tracker.url))).toEqual([false])
  })
})

describe('while the uplink is down', () => {
  function blind() {
    const setup = setUp(20)
    const round = setup.startRound()
    for (let index = 0; index < 20; index += 1) setup.take(round, index, { 4: failed })
    round.end()
    setup.results.length = 0
    return setup
  }

  it('failures of a round too small to judge are excused too', () => {
    const { startRound, take, kinds } = blind()
    const round = startRound(2)
    take(round, 0, { 4: failed })
    take(round, 1, { 4: failed })
    expect(kinds()).toEqual(['skipped', 'skipped'])
  })

  it('its trackers need not be asked again before the next beat', () => {
    const { uplink, of } = blind()
    expect(of(0).map(uplink.isBlindTo)).toEqual([true])
  })

  it('the first answer ends it', () => {
    const { startRound, take, kinds, changes, uplink, of } = blind()
    const round = startRound(2)
    take(round, 0, { 4: ok() })
    expect(changes).toEqual(['4 down: 20 of 20 trackers', '4 up'])
    expect(of(1).map(uplink.isBlindTo)).toEqual([false])
    take(round, 1, { 4: failed })
    expect(kinds()).toEqual(['ok', 'failed'])
  })
})

describe('one family that is down', () => {
  it('leaves alone the trackers that answer over the other one, however long it lasts', () => {
    const { startRound, take, results, changes } = setUp(10, both)
    for (let hour = 1; hour <= 2; hour += 1) {
      const round = startRound()
      for (let index = 0; index < 10; index += 1) take(round, index, { 4: ok(), 6: failed }, flagged('family_down'))
      round.end()
    }
    expect(changes).toEqual(['4 up', '6 down: 10 of 10 trackers'])
    expect(results.map(({ outcome }) => outcome)).toEqual(Array(20).fill(ok()))
  })

  /** A round in which all answer over IPv4 alone. */
  function failOver6({ startRound, take }: Pick<ReturnType<typeof setUp>, 'startRound' | 'take'>): void {
    const round = startRound()
    for (let index = 0; index < 10; index += 1) take(round, index, { 4: ok(), 6: failed }, flagged('family_down'))
    round.end()
  }

  it('is forgotten once no tracker is checked over it, until one is', () => {
    const { startRound, take, changes, uplink } = setUp(10, both)
    failOver6({ startRound, take })
    uplink.use([4])
    uplink.use([4])
    expect(changes).toEqual(['4 up', '6 down: 10 of 10 trackers', '6 unused'])
    uplink.use([4, 6])
    take(startRound(), 0, both)
    expect(changes.slice(3)).toEqual(['6 up'])
  })

  it('is not lost by checks that were under way when the others became checks over IPv4 alone', () => {
    const { startRound, take, changes, uplink } = setUp(10, both)
    uplink.use([4])
    failOver6({ startRound, take })
    take(startRound(), 0, both)
    expect(changes).toEqual(['4 up'])
  })

  it('says nothing about a tracker that has failed over both', () => {
    const { startRound, take, results } = setUp(10, both)
    const round = startRound()
    for (let index = 0; index < 9; index += 1) take(round, index, { 4: ok(), 6: failed }, flagged('family_down'))
    take(round, 9, { 4: failed, 6: failed })
    round.end()
    expect(results.at(-1)?.outcome).toMatchObject({ kind: 'skipped', detail: expect.stringContaining('over IPv6') })
  })

  it('is not to blame where the others answer over it', () => {
    const { startRound, take, results } = setUp(10, both)
    const round = startRound()
    for (let index = 0; index < 9; index += 1) take(round, index, both)
    take(round, 9, { 4: ok(), 6: failed }, flagged('family_down'))
    round.end()
    expect(results.at(-1)?.outcome).toMatchObject({ kind: 'ok', flags: ['family_down'] })
  })
})
