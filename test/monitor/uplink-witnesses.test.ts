import { describe, expect, it, onTestFinished } from 'vitest'
import type { Known } from '../../src/monitor/due.js'
import { createUplinkWatch } from '../../src/monitor/uplink-watch.js'
import { createInquiry, type Witnesses } from '../../src/monitor/uplink-witnesses.js'
import { nextHealth } from '../../src/tracker/health.js'
import type { CheckResult, Outcome } from '../../src/tracker/outcome.js'
import { fleet, settle } from './bench.js'
import { deferred, failed, flagged, HOUR, later, noon, ok, probed, rejected } from './support.js'

const policy = { downAfter: 2, upAfter: 1, aliveWhen: 'announce', holdMs: HOUR } as const

/** Witnesses of the families named, and what each question to them is answered with, in order, the last one for ever. */
function witnessesOf(count: Partial<Record<4 | 6, number>>, ...answers: readonly (number | Promise<number>)[]) {
  const asked: (4 | 6)[] = []
  const witnesses: Witnesses = {
    count: (family) => count[family] ?? 0,
    ask: (family, signal) => {
      asked.push(family)
      const answer = answers[Math.min(asked.length, answers.length) - 1] ?? 0
      return new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        Promise.resolve(answer).then(resolve)
      })
    },
  }
  return { witnesses, asked }
}

/** Trackers that were all answered at noon, and what becomes of their results of a round one hour later. */
function setUp(witnesses: Witnesses, answered: Partial<Record<4 | 6, Outcome>> = { 4: ok() }, size = 3) {
  const known = new Map<string, Known>()
  const results: CheckResult[] = []
  const changes: string[] = []
  for (const watched of fleet(size)) {
    const last = probed(watched, answered, noon)
    known.set(watched.tracker.url, { ...watched, health: nextHealth(undefined, last, policy), last })
  }
  const uplink = createUplinkWatch({
    known: (url) => known.get(url),
    onResult: (result) => void results.push(result),
    onChange: (family, up, detail) => void changes.push(`${family} ${up ? 'up' : 'down'}: ${detail}`),
    witnesses,
    askEveryMs: 0,
  })
  onTestFinished(() => uplink.stop())
  const round = uplink.startRound([...known.values()])
  const one = (index: number): Known => {
    const found = [...known.values()][index]
    if (found === undefined) throw new Error(`no tracker ${index}`)
    return found
  }
  return {
    uplink,
    round,
    changes,
    one,
    /** As if it had been like this before the round. */
    put: (index: number, change: Partial<Known>) => {
      known.set(one(index).tracker.url, { ...one(index), ...change })
    },
    take: (index: number, outcomes: Partial<Record<4 | 6, Outcome>>, outcome?: Outcome) =>
      round.take(probed(one(index), outcomes, later(HOUR), outcome)),
    kinds: () => results.map(({ outcome }) => outcome.kind),
    results,
  }
}

describe('a family with witnesses', () => {
  it('is asked about at the start, so that it is known to be up before anything fails', async () => {
    const { witnesses, asked } = witnessesOf({ 4: 2 }, 1)
    const { changes } = setUp(witnesses)
    await settle()
    expect({ asked, changes }).toEqual({ asked: [4], changes: ['4 up: 1 of 2 witnesses answered over IPv4'] })
  })

  it('excuses every failure of a tracker that was fine while no witness answers, of how many trackers ever', async () => {
    const { witnesses } = witnessesOf({ 4: 2 }, 2, 0)
    const { take, kinds, changes, results } = setUp(witnesses, { 4: ok() }, 1)
    await settle()
    take(0, { 4: failed })
    expect(kinds()).toEqual([])
    await settle()
    const detail = '0 of 2 witnesses answered over IPv4: our own network'
    expect(results[0]?.outcome).toEqual({
      kind: 'skipped',
      reason: 'uplink_down',
      code: 'local.uplink_down',
      detail,
    })
    expect(changes).toEqual(['4 up: 2 of 2 witnesses answered over IPv4', `4 down: ${detail}`])
  })

  it('counts every failure while one witness answers, though all trackers fail at once', async () => {
    const { witnesses } = witnessesOf({ 4: 2 }, 1)
    const { take, round, kinds, changes } = setUp(witnesses, { 4: ok() }, 30)
    for (let index = 0; index < 30; index += 1) take(index, { 4: failed })
    await round.end()
    expect(kinds()).toEqual(Array(30).fill('failed'))
    expect(changes).toEqual(['4 up: 1 of 2 witnesses answered over IPv4'])
  })

  it('is asked about after the failure, not before, and once for all that fail meanwhile', async () => {
    const [first, second] = [deferred<number>(), deferred<number>()]
    const { witnesses, asked } = witnessesOf({ 4: 1 }, first.promise, second.promise)
    const { take, kinds, one, uplink } = setUp(witnesses)
    await settle()
    for (const index of [0, 1, 2]) take(index, { 4: failed })
    await settle()
    first.resolve(1)
    await settle()
    // What was asked before them says nothing of them.
    expect({ asked, kinds: kinds() }).toEqual({ asked: [4, 4], kinds: [] })
    expect(uplink.holds(one(0).tracker.url)).toBe(true)
    second.resolve(0)
    await settle()
    expect({ asked, kinds: kinds() }).toEqual({ asked: [4, 4], kinds: ['skipped', 'skipped', 'skipped'] })
    expect(uplink.holds(one(0).tracker.url)).toBe(false)
  })

  it('gives no reason to ask by what was dead or new before, but excuses that too while it is known to be down', async () => {
    const { witnesses, asked } = witnessesOf({ 4: 1 }, 1, 0)
    const { take, kinds, put, one } = setUp(witnesses)
    await settle()
    put(0, { health: null, last: null })
    const dead = { ...probed(one(1), { 4: failed }, noon) }
    put(1, { health: nextHealth(nextHealth(undefined, dead, policy), dead, policy), last: dead })
    take(0, { 4: failed })
    take(1, { 4: failed })
    await settle()
    expect({ asked, kinds: kinds() }).toEqual({ asked: [4], kinds: ['failed', 'failed'] })
    take(2, { 4: failed })
    await settle()
    take(0, { 4: failed })
    take(1, { 4: failed })
    expect({ asked, kinds: kinds().slice(2) }).toEqual({ asked: [4, 4], kinds: ['skipped', 'skipped', 'skipped'] })
  })

  it('that is down is up again once a witness answers, which a tracker that answers is a reason to ask', async () => {
    const { witnesses, asked } = witnessesOf({ 4: 1 }, 0, 1)
    const { take, kinds, changes, uplink, one } = setUp(witnesses)
    await settle()
    expect(uplink.isBlindTo(one(0))).toBe(true)
    take(0, { 4: ok() })
    await settle()
    take(1, { 4: rejected() })
    await settle()
    expect({ asked, kinds: kinds() }).toEqual({ asked: [4, 4], kinds: ['ok', 'rejected'] })
    expect(changes.map((change) => change.slice(0, 6))).toEqual(['4 down', '4 up: '])
    expect(uplink.isBlindTo(one(0))).toBe(false)
  })

  it('is asked about again when a round begins while it is down, and not while it is up', async () => {
    const { witnesses, asked } = witnessesOf({ 4: 1 }, 0, 1)
    const { uplink, changes } = setUp(witnesses)
    await settle()
    uplink.startRound([])
    await settle()
    uplink.startRound([])
    await settle()
    expect({ asked, changes: changes.length }).toEqual({ asked: [4, 4], changes: 2 })
  })

  it('is judged apart from the other one', async () => {
    const both = { 4: ok(), 6: ok() }
    const { witnesses } = witnessesOf({ 4: 1, 6: 1 }, 1, 1, 0)
    const { take, results, changes } = setUp(witnesses, both)
    await settle()
    take(0, { 4: ok(), 6: failed }, flagged('family_down'))
    take(1, { 4: ok() })
    await settle()
    expect(changes.at(-1)).toBe('6 down: 0 of 1 witnesses answered over IPv6: our own network')
    expect(results.map(({ outcome }) => outcome)).toEqual([ok(), ok()])
  })

  it('leaves the other one to the trackers where that has none', async () => {
    const { witnesses, asked } = witnessesOf({ 6: 1 }, 1)
    const { take, round, kinds, changes } = setUp(witnesses, { 4: ok() }, 6)
    await settle()
    for (let index = 0; index < 6; index += 1) take(index, { 4: failed })
    await round.end()
    expect(kinds()).toEqual(Array(6).fill('skipped'))
    expect(asked).toEqual([6])
    expect(changes.map((change) => change.slice(0, 6))).toEqual(['6 up: ', '4 down'])
  })

  it('lets a result wait for the trackers of the other family as well where either may be to blame', async () => {
    const { witnesses } = witnessesOf({ 4: 1 }, 1)
    const { take, round, results } = setUp(witnesses, { 4: ok(), 6: ok() }, 6)
    for (let index = 0; index < 6; index += 1) take(index, { 4: failed, 6: failed })
    await settle()
    await round.end()
    expect(results.map(({ outcome }) => outcome.kind === 'skipped' && outcome.detail)).toEqual(
      Array(6).fill('6 of 6 trackers that were fine failed at once over IPv6: our own network'),
    )
  })
})

describe('results that wait for a witness', () => {
  it('hold up the end of the round until it has told', async () => {
    const answer = deferred<number>()
    const { witnesses } = witnessesOf({ 4: 1 }, 1, answer.promise)
    const { take, round, kinds } = setUp(witnesses)
    await settle()
    take(0, { 4: failed })
    let ended = false
    const end = round.end().then(() => {
      ended = true
    })
    await settle()
    expect({ ended, kinds: kinds() }).toEqual({ ended: false, kinds: [] })
    answer.resolve(1)
    await end
    expect(kinds()).toEqual(['failed'])
  })

  it('are forgotten with a stop, which waits for no witness', async () => {
    const { witnesses } = witnessesOf({ 4: 1 }, 1, new Promise<number>(() => {}))
    const { take, round, kinds, uplink, one } = setUp(witnesses)
    await settle()
    take(0, { 4: failed })
    await settle()
    const end = round.end()
    uplink.stop()
    await end
    expect(kinds()).toEqual([])
    expect(uplink.holds(one(0).tracker.url)).toBe(false)
  })

  it('are forgotten with a round that was dropped', async () => {
    const answer = deferred<number>()
    const { witnesses } = witnessesOf({ 4: 1 }, 1, answer.promise)
    const { take, round, kinds, uplink, one } = setUp(witnesses)
    await settle()
    take(0, { 4: failed })
    round.drop()
    answer.resolve(1)
    await settle()
    expect(kinds()).toEqual([])
    expect(uplink.holds(one(0).tracker.url)).toBe(false)
  })
})

describe('an inquiry', () => {
  it('never asks twice in the time given, however many call', async () => {
    const asked: number[] = []
    const inquire = createInquiry(async () => void asked.push(performance.now()), 60, new AbortController().signal)
    await inquire()
    await Promise.all([inquire(), inquire(), inquire()])
    await inquire()
    const gaps = asked.slice(1).map((at, index) => at - (asked[index] ?? at))
    expect(gaps).toHaveLength(2)
    expect(Math.min(...gaps)).toBeGreaterThan(50)
  })

  it('ends with its signal, also while it waits for its time', async () => {
    const abort = new AbortController()
    const inquire = createInquiry(async () => {}, 3_600_000, abort.signal)
    expect(await inquire()).toBe(true)
    const second = inquire()
    abort.abort()
    expect([await second, await inquire()]).toEqual([false, false])
  })

  it('passes on an error of its own, and asks again the next time', async () => {
    let nth = 0
    const ask = async (): Promise<void> => {
      nth += 1
      if (nth === 1) throw new Error('a bug')
    }
    const inquire = createInquiry(ask, 0, new AbortController().signal)
    await expect(inquire()).rejects.toThrow('a bug')
    expect(await inquire()).toBe(true)
  })
})
