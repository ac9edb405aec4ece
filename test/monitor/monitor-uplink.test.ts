import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Known } from '../../src/monitor/due.js'
import type { CheckResult, Outcome } from '../../src/tracker/outcome.js'
import type { WatchedTracker } from '../../src/tracker/state.js'
import { bench, fleet, settle } from './bench.js'
import { planOf, urlOf, type Watching } from './harness.js'
import { deferred, failed, HOUR, later, MINUTE, noon, ok, probed, watch } from './support.js'

const { start, store, statusOf, storedChecks } = bench()

const reason = (count: string) => `${count} trackers that were fine failed at once over IPv4: our own network`

/** Trackers that are checked hourly by a clock of the test, each answering as `answers` says at that hour. */
async function watching(trackers: readonly WatchedTracker[], answers: (host: string, hour: number) => Outcome) {
  let hour = 0
  const now = () => later(hour * HOUR)
  const plan = planOf(trackers, {}, { public: '0 * * * *' })
  const one = await start({
    plan,
    now,
    script: (watched) => probed(watched, { 4: answers(watched.tracker.host, hour) }, now()),
  })
  const rounds = () => one.rounds.filter(({ checked }) => checked > 0).length
  await one.until(() => rounds() === 1)
  const nextHour = async (): Promise<void> => {
    hour += 1
    await one.monitor.update(plan)
    await one.until(() => rounds() === hour + 1)
  }
  return { ...one, nextHour }
}

const lastOf = ({ recorded }: Pick<Watching, 'recorded'>, count: number) => recorded.slice(-count)
const number = (host: string) => Number(/\d+/.exec(host)?.[0])

describe('a round in which nearly all that was fine fails at once', () => {
  it('changes no status and no uptime, and the next good one closes the gap', async () => {
    const trackers = fleet(20)
    const one = await watching(trackers, (_, hour) => (hour === 1 ? failed : ok()))
    await one.nextHour()
    expect(one.uplink).toEqual([
      { family: 4, up: true, detail: 'a tracker answered over IPv4' },
      { family: 4, up: false, detail: reason('20 of 20') },
    ])
    const outcome = { kind: 'skipped', reason: 'uplink_down', code: 'local.uplink_down', detail: reason('20 of 20') }
    for (const { result, health, change } of lastOf(one, 20)) {
      expect(result).toMatchObject({ outcome, alive: false })
      expect({ status: health.status, unobservedSince: health.unobservedSince, change }).toEqual({
        status: 'up',
        unobservedSince: later(HOUR),
        change: null,
      })
    }
    await settle()
    expect(one.started).toHaveLength(40)

    await one.nextHour()
    expect(one.uplink.slice(2)).toEqual([{ family: 4, up: true, detail: 'a tracker answered over IPv4' }])
    for (const { health, change, gap } of lastOf(one, 20)) {
      expect({ status: health.status, change, gap }).toEqual({
        status: 'up',
        change: null,
        gap: { from: later(HOUR), to: later(2 * HOUR) },
      })
    }
    const entries = await store().entries(later(2 * HOUR))
    expect(entries.map(({ uptime }) => uptime['24h'])).toEqual(trackers.map(() => 1))
  })

  it('goes on for as many rounds as it takes, and tells of it once', async () => {
    const one = await watching(fleet(20), (host, hour) => (hour > 0 && number(host) !== 7 ? failed : ok()))
    await one.nextHour()
    expect(one.uplink.at(-1)).toEqual({ family: 4, up: false, detail: reason('19 of 20') })
    const all = await watching(
      fleet(20, 'other').map((t) => ({ ...t, group: 'public' })),
      (_, hour) => (hour > 0 ? failed : ok()),
    )
    for (let hour = 1; hour <= 3; hour += 1) await all.nextHour()
    expect(all.uplink.map(({ up }) => up)).toEqual([true, false])
    expect(new Set(all.recorded.map(({ health }) => health.status))).toEqual(new Set(['up']))
  })

  it('is told with a restart in between', async () => {
    const trackers = fleet(6)
    const before = await watching(trackers, (_, hour) => (hour > 0 ? failed : ok()))
    await before.nextHour()
    await before.monitor.stop()
    const after = await start({
      plan: planOf(trackers, {}, { public: '0 * * * *' }),
      now: () => later(2 * HOUR),
      script: (watched) => probed(watched, { 4: failed }, later(2 * HOUR)),
    })
    await after.until(() => after.recorded.length === 6)
    expect(after.recorded.map(({ health }) => health.status)).toEqual(trackers.map(() => 'up'))
    expect(after.uplink).toEqual([{ family: 4, up: false, detail: reason('6 of 6') }])
  })

  it('stops re-checks over that family until the next beat, and those alone', async () => {
    const trackers = fleet(5)
    const [four, six] = [watch('four'), watch('six')]
    let now = noon
    const schedules = { public: '0 * * * *' }
    const one = await start({
      plan: planOf(trackers, {}, schedules),
      now: () => now,
      script: (watched) => {
        if (urlOf(watched) === urlOf(six)) return probed(watched, { 6: failed }, now)
        return probed(watched, { 4: now === noon ? ok() : failed }, now)
      },
    })
    await one.until(() => one.recorded.length === 5)
    now = later(HOUR)
    await one.monitor.update(planOf([...trackers, four, six], {}, schedules))
    await one.until(() => one.recorded.length === 12)
    now = later(HOUR + MINUTE)
    await one.until(() => one.recorded.length === 13)
    expect(one.started.slice(12)).toEqual([urlOf(six)])
  })

  it('leaves down what was down', async () => {
    const trackers = fleet(10)
    const one = await watching(trackers, (host, hour) => (hour > 1 || number(host) === 0 ? failed : ok()))
    await one.nextHour()
    await one.until(() => one.recorded.some(({ health }) => health.status === 'down'))
    await one.nextHour()
    const kinds = lastOf(one, 10).map(({ result, health }) => [result.url, result.outcome.kind, health.status])
    expect(kinds.toSorted()).toEqual(
      trackers
        .map((watched, index) => [urlOf(watched), ...(index === 0 ? ['failed', 'down'] : ['skipped', 'up'])])
        .toSorted(),
    )
    expect(one.uplink.at(-1)?.detail).toBe(reason('9 of 9'))
  })
})

describe('failures count', () => {
  it.each([
    ['of three quarters of the trackers', fleet(20), 15],
    ['of all trackers where there are only three', fleet(3), 3],
    ['of all trackers where they share a host', oneHost(20), 20],
  ])('%s', async (_title, trackers, failing) => {
    const broken = new Set(trackers.slice(0, failing).map(urlOf))
    let isBroken = false
    const plan = planOf(trackers, {}, { public: '0 * * * *' })
    const now = () => (isBroken ? later(HOUR) : noon)
    const one = await start({
      plan,
      now,
      script: (watched) => probed(watched, { 4: isBroken && broken.has(urlOf(watched)) ? failed : ok() }, now()),
    })
    await one.until(() => one.recorded.length === trackers.length)
    isBroken = true
    await one.monitor.update(plan)
    await one.until(() => one.recorded.length >= 2 * trackers.length)
    const kinds = one.recorded.slice(trackers.length, 2 * trackers.length).map(({ result }) => result.outcome.kind)
    expect(kinds.filter((kind) => kind === 'failed')).toHaveLength(failing)
    expect(kinds).not.toContain('skipped')
    expect(one.uplink).toEqual([{ family: 4, up: true, detail: 'a tracker answered over IPv4' }])
  })
})

describe('failures that wait for the verdict about their round', () => {
  it('are forgotten with a stop, and the trackers keep what was known', async () => {
    const trackers = fleet(10)
    const hang = deferred<CheckResult | null>()
    let hour = 0
    const now = () => later(hour * HOUR)
    const plan = planOf(trackers, {}, { public: '0 * * * *' })
    const one = await start({
      plan,
      now,
      script: (watched, nth, signal) => {
        if (nth === 0) return probed(watched, { 4: ok() }, now())
        if (number(watched.tracker.host) > 0) return probed(watched, { 4: failed }, now())
        signal.addEventListener('abort', () => hang.resolve(null), { once: true })
        return hang.promise
      },
    })
    await one.until(() => one.recorded.length === 10)
    hour = 1
    await one.monitor.update(plan)
    while (one.monitor.status().inFlight !== 1) await turn()
    await settle()
    await one.monitor.update(plan) // finds them neither due nor recorded
    expect(one.started).toHaveLength(20)
    expect(one.monitor.status().queue).toBe(0)
    await one.monitor.stop()
    expect(one.recorded).toHaveLength(10)
    expect(await Promise.all(trackers.map(storedChecks))).toEqual(trackers.map(() => 1))
    expect(await Promise.all(trackers.map(statusOf))).toEqual(trackers.map(() => 'up'))
  })
})

/** Many announce URLs of one server. */
function oneHost(size: number): Pick<Known, 'tracker' | 'group' | 'aliveWhen'>[] {
  return fleet(size).map(({ tracker, ...watched }, index) => {
    const port = 7000 + index
    return { ...watched, tracker: { ...tracker, host: 'one.example', port, url: `udp://one.example:${port}/announce` } }
  })
}
