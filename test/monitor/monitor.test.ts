import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/tracker/outcome.js'
import type { WatchedTracker } from '../../src/tracker/state.js'
import { bench, fleet, settle } from './bench.js'
import { EVERY_SECOND, planOf, untilAborted, urlOf, YEARLY } from './harness.js'
import { deferred, failed, HOUR, later, MINUTE, noon, ok, rejected, watch } from './support.js'

const { start, store, statusOf, storedChecks } = bench()

describe('a monitor that starts', () => {
  it('checks what was never checked without waiting for a beat, and tells of it once it is durable', async () => {
    const trackers = fleet(30)
    const stored: Promise<number>[] = []
    const { until, rounds, recorded, started } = await start({
      plan: planOf(trackers),
      hooks: { onRecorded: (_, watched) => void stored.push(storedChecks(watched)) },
    })
    await until(() => rounds.length === 1)
    expect(rounds).toMatchObject([{ group: 'public', result: 'completed', checked: 30 }])
    expect(started.toSorted()).toEqual(trackers.map(urlOf).toSorted())
    expect(recorded).toHaveLength(30)
    expect(await Promise.all(stored)).toEqual(trackers.map(() => 1))
  })

  it('spreads the first round over time', async () => {
    const { started, monitor } = await start({ plan: planOf(fleet(50), { spreadMs: HOUR }) })
    await settle()
    expect(started.length).toBeLessThan(5)
    await monitor.stop()
    expect(started.length).toBeLessThan(5)
  })

  it('again leaves alone what the last run has checked, and picks up what it has not', async () => {
    const [known, unknown] = [watch('known'), watch('unknown')]
    const first = await start({ plan: planOf([known]), now: () => noon })
    await first.until(() => first.rounds.length === 1)
    await first.monitor.stop()
    const second = await start({ plan: planOf([known, unknown]), now: () => later(MINUTE) })
    await second.until(() => second.rounds.length === 1)
    await settle()
    expect(second.started).toEqual([urlOf(unknown)])
  })

  it.each<[string, Outcome]>([
    ['min interval', ok({ minIntervalS: 3 * 3600 })],
    ['retry in (BEP 31)', rejected(3 * 3600)],
    ['retry in: never', { ...rejected(), code: 'gone' }],
    ['Retry-After', { ...failed, reason: 'http_status', retryAfterS: 3 * 3600 }],
  ])('again still knows how long a tracker wants to be left alone: %s', async (_, asked) => {
    const polite = watch('polite')
    const plan = planOf([polite], {}, { public: '0 * * * *' })
    const first = await start({ plan, now: () => noon, script: () => asked })
    await first.until(() => first.rounds.length === 1)
    await first.monitor.stop()
    let now = later(3 * HOUR - 1)
    const second = await start({ plan, now: () => now })
    await settle()
    expect(second.started).toEqual([])
    now = later(24 * HOUR)
    await second.monitor.update(plan)
    await second.until(() => second.rounds.length === 1)
    expect(second.started).toEqual([urlOf(polite)])
  })

  it('again after a long outage spreads what is overdue', async () => {
    const trackers = fleet(50)
    const first = await start({ plan: planOf(trackers), now: () => noon })
    await first.until(() => first.rounds.length === 1)
    await first.monitor.stop()
    const twoYearsLater = () => later(2 * 365 * 24 * HOUR)
    const slow = await start({ plan: planOf(trackers, { spreadMs: HOUR }), now: twoYearsLater })
    await settle()
    expect(slow.started.length).toBeLessThan(5)
    await slow.monitor.stop()
    const quick = await start({ plan: planOf(trackers), now: twoYearsLater })
    await quick.until(() => quick.rounds.length === 1)
    expect(quick.started).toHaveLength(50 - slow.recorded.length)
  })

  it('says when the next beat comes and what is under way', async () => {
    const { monitor } = await start({
      plan: planOf(fleet(3), { concurrency: 2 }),
      script: (_w, _n, signal) => untilAborted(signal),
    })
    await settle()
    const { nextBeatAt, ...status } = monitor.status()
    expect(status).toEqual({ lastRoundAt: null, inFlight: 2, queue: 0 })
    expect(nextBeatAt?.getTime()).toBeGreaterThan(Date.now())
    await monitor.stop()
    expect(monitor.status()).toEqual({ lastRoundAt: null, nextBeatAt: null, inFlight: 0, queue: 0 })
  })

  it('refuses a tracker whose group has no schedule, without its passkey', async () => {
    const secret = watch('private', { group: 'nobody' })
    const tracker = { ...secret.tracker, url: 'http://t.example:80/0123456789abcdef/announce' }
    const plan = planOf([{ ...secret, tracker }])
    await expect(start({ plan })).rejects.toThrow(
      'group "nobody" of http://t.example:80/***/announce is not in the plan',
    )
  })
})

describe('a beat', () => {
  it('releases the trackers of its group, again and again', async () => {
    const [often, seldom] = [watch('often'), watch('seldom', { group: 'private' })]
    const { until, started, rounds } = await start({
      plan: planOf([often, seldom], {}, { public: EVERY_SECOND, private: YEARLY }),
    })
    await until(() => started.filter((url) => url === urlOf(often)).length === 3)
    expect(started.filter((url) => url === urlOf(seldom))).toHaveLength(1)
    expect(rounds.length).toBeGreaterThanOrEqual(2)
  })

  it('is missed while the last round of its group is running, and checks nothing twice at a time', async () => {
    const hang = deferred<null>()
    const tracker = watch('slow')
    const { until, missed, started, most } = await start({
      plan: planOf([tracker], {}, { public: EVERY_SECOND }),
      script: (_, nth) => (nth === 0 ? ok() : hang.promise),
    })
    await until(() => missed.length === 2)
    expect(missed).toEqual(['public overlap', 'public overlap'])
    expect(started).toHaveLength(2)
    expect(most.ofOne).toBe(1)
    hang.resolve(null)
  })

  it('waits for a tracker that asked to be left alone longer', async () => {
    const [polite, other] = [watch('polite'), watch('other')]
    const { until, started } = await start({
      plan: planOf([polite, other], {}, { public: EVERY_SECOND }),
      script: (watched) => ok({ minIntervalS: watched.tracker.host.startsWith('polite') ? 3600 : null }),
    })
    await until(() => started.filter((url) => url === urlOf(other)).length === 3)
    expect(started.filter((url) => url === urlOf(polite))).toHaveLength(1)
  })
})

describe('a status', () => {
  it('turns down after two bad checks, the second soon after the first, and then waits for the beat', async () => {
    const tracker = watch('dead')
    const { until, recorded, started } = await start({ plan: planOf([tracker]), script: () => failed })
    await until(() => recorded.length === 2)
    await settle()
    expect(recorded.map(({ health }) => health.status)).toEqual(['pending', 'down'])
    expect(recorded[1]?.change).toMatchObject({ from: 'pending', to: 'down', reason: 'timeout', code: 'udp.timeout' })
    expect(await statusOf(tracker)).toBe('down')
    expect(started).toHaveLength(2)
  })

  it('turns up after as many good checks as are asked for', async () => {
    const tracker = watch('back')
    let now = noon
    const plan = planOf([tracker], { upAfter: 2 })
    const dead = await start({ plan, script: () => failed, now: () => now })
    await dead.until(() => dead.recorded.length === 1)
    now = later(MINUTE)
    await dead.until(() => dead.recorded.length === 2)
    await dead.monitor.stop()
    now = later(3 * 365 * 24 * HOUR)
    const back = await start({ plan, now: () => now })
    await back.until(() => back.recorded.length === 1)
    now = later(MINUTE, now)
    await back.until(() => back.recorded.length === 2)
    expect(back.recorded.map(({ health }) => health.status)).toEqual(['down', 'up'])
    expect(back.recorded[0]?.gap).not.toBeNull()
  })

  it('is taken to hold as long as the beat of its group and the tracker ask', async () => {
    const [plain, polite] = [watch('plain'), watch('polite')]
    const { until, rounds, recorded } = await start({
      plan: planOf([plain, polite], {}, { public: '*/10 * * * *' }),
      script: (watched) => ok({ minIntervalS: watched.tracker.host.startsWith('polite') ? 3600 : null }),
    })
    await until(() => rounds.length === 1)
    const holds = new Map(recorded.map(({ result, health }) => [result.url, health.holdMs]))
    expect(holds.get(urlOf(plain))).toBe(25 * MINUTE + 10_000)
    expect(holds.get(urlOf(polite))).toBe(150 * MINUTE + 10_000)
  })
})

describe('a stop', () => {
  it('aborts what is under way and keeps what has ended', async () => {
    const trackers = fleet(10)
    const isSlow = ({ tracker }: WatchedTracker) => /[5-9]/.test(tracker.host)
    const one = await start({
      plan: planOf(trackers),
      script: (watched, _, signal) => (isSlow(watched) ? untilAborted(signal) : ok()),
    })
    await settle()
    await Promise.all([one.monitor.stop(), one.monitor.stop()])
    expect(one.started).toHaveLength(10)
    const counts = await Promise.all(trackers.map(storedChecks))
    expect(counts).toEqual(trackers.map((watched) => (isSlow(watched) ? 0 : 1)))
    expect(one.recorded).toHaveLength(5)
    expect(one.rounds).toMatchObject([{ result: 'aborted', checked: 5 }])
  })

  it('writes the checks that were waiting for company', async () => {
    const tracker = watch('dead')
    const one = await start({ plan: planOf([tracker]), script: () => failed })
    await one.until(() => one.rounds.length === 1)
    while (one.monitor.status().queue === 0) await turn()
    await one.monitor.stop()
    expect(await storedChecks(tracker)).toBe(2)
    expect(one.recorded).toHaveLength(2)
  })

  it('is the end: no beat and no update starts anything after it', async () => {
    const one = await start({ plan: planOf([watch('t')], {}, { public: EVERY_SECOND }) })
    await one.monitor.stop()
    const startedBefore = one.started.length
    await one.monitor.update(planOf(fleet(5)))
    await settle()
    expect((await store().states()).map(urlOf)).toEqual([urlOf(watch('t'))])
    expect(one.started).toHaveLength(startedBefore)
    expect(one.monitor.status().nextBeatAt).toBeNull()
  })
})
