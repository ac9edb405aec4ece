import { getTasks } from 'node-cron'
import { afterEach, describe, expect, it } from 'vitest'
import { beatInterval, type Schedule, type ScheduleOptions, startSchedule } from '../../src/monitor/schedule.js'
import { block } from '../support/block.js'
import { deferred, HOUR, MINUTE, SECOND } from './support.js'

const EVERY_SECOND = '* * * * * *'
const EVERY_THIRD_SECOND = '*/3 * * * * *'
const YEARLY = '0 0 1 1 *'

const started: Schedule[] = []
afterEach(() => {
  for (const schedule of started.splice(0)) schedule.stop()
})

function start(options: Partial<ScheduleOptions>, beats: Readonly<Record<string, string>>): Schedule {
  const schedule = startSchedule({
    onBeat: async () => {},
    onMissed: () => {},
    onLag: () => {},
    onError: (error) => {
      throw error
    },
    ...options,
  })
  started.push(schedule)
  schedule.set(new Map(Object.entries(beats)))
  return schedule
}

describe('a schedule', () => {
  it('beats for each group, at whole seconds, and says how late', async () => {
    const beats = deferred<void>()
    const groups = new Set<string>()
    const slots: Date[] = []
    const lags: number[] = []
    start(
      {
        onBeat: async (group, slot) => {
          groups.add(group)
          slots.push(slot)
          if (groups.size === 2) beats.resolve()
        },
        onLag: (lagMs) => lags.push(lagMs),
      },
      { public: EVERY_SECOND, private: EVERY_SECOND },
    )
    await beats.promise
    expect([...groups].sort()).toEqual(['private', 'public'])
    expect(slots.map((slot) => slot.getMilliseconds())).toEqual(slots.map(() => 0))
    expect(lags).toHaveLength(slots.length)
    expect(Math.min(...lags)).toBeGreaterThanOrEqual(0)
  })

  it('still beats when the process wakes 2 s late', async () => {
    const beat = deferred<Date>()
    const missed: Date[] = []
    const schedule = start(
      { onBeat: async (_, slot) => beat.resolve(slot), onMissed: (_, slot) => missed.push(slot) },
      { public: EVERY_THIRD_SECOND },
    )
    const due = schedule.nextBeatAt()
    if (due === null) throw new Error('no beat ahead')
    block(due.getTime() + 2.1 * SECOND - Date.now())
    expect(await beat.promise).toEqual(due)
    expect(missed).toEqual([])
  })

  it('tells of the beats that were slept through and catches up on the last one only', async () => {
    const beat = deferred<Date>()
    const missed: [Date, string][] = []
    const schedule = start(
      { onBeat: async (_, slot) => beat.resolve(slot), onMissed: (_, slot, because) => missed.push([slot, because]) },
      { public: EVERY_SECOND },
    )
    const due = schedule.nextBeatAt()
    if (due === null) throw new Error('no beat ahead')
    block(due.getTime() + 2.5 * SECOND - Date.now())
    expect(await beat.promise).toEqual(new Date(due.getTime() + 2 * SECOND))
    expect(missed).toEqual([
      [due, 'late'],
      [new Date(due.getTime() + SECOND), 'late'],
    ])
  })

  it('skips the beats of a group whose last round is still running, and only of that one', async () => {
    const round = deferred<void>()
    const missed = deferred<[string, string]>()
    const fastAgain = deferred<void>()
    const beats = { fast: 0, slow: 0 }
    start(
      {
        onBeat: async (group) => {
          if (group === 'slow') {
            beats.slow += 1
            await round.promise
          } else if (++beats.fast === 3) fastAgain.resolve()
        },
        onMissed: (group, _, because) => missed.resolve([group, because]),
      },
      { fast: EVERY_SECOND, slow: EVERY_SECOND },
    )
    await fastAgain.promise
    expect(await missed.promise).toEqual(['slow', 'overlap'])
    expect(beats.slow).toBe(1)
    round.resolve()
  })

  it('passes on what a beat throws', async () => {
    const error = deferred<unknown>()
    const bug = new TypeError('x is not a function')
    start({ onBeat: () => Promise.reject(bug), onError: error.resolve }, { public: EVERY_SECOND })
    expect(await error.promise).toBe(bug)
  })

  it('knows the next beat of any group', () => {
    const schedule = start({}, { yearly: YEARLY, often: '*/10 * * * *' })
    const next = schedule.nextBeatAt()
    expect(next?.getTime()).toBeGreaterThan(Date.now())
    expect(next?.getTime()).toBeLessThanOrEqual(Date.now() + 10 * MINUTE)
    schedule.set(new Map())
    expect(schedule.nextBeatAt()).toBeNull()
  })

  it('does not disturb a beat that stays when others change', async () => {
    const schedule = start({}, { stays: YEARLY, changes: YEARLY, goes: YEARLY })
    const before = new Set(getTasks().keys())
    schedule.set(
      new Map([
        ['stays', YEARLY],
        ['changes', EVERY_SECOND],
        ['comes', YEARLY],
      ]),
    )
    const kept = [...getTasks().keys()].filter((id) => before.has(id))
    expect(kept).toHaveLength(1)
    expect(getTasks().size).toBe(3)
  })

  it('leaves nothing behind when it stops, twice if need be', () => {
    const schedule = start({}, { public: EVERY_SECOND })
    schedule.stop()
    schedule.stop()
    expect(getTasks().size).toBe(0)
    expect(schedule.nextBeatAt()).toBeNull()
  })
})

describe('the interval of a beat', () => {
  it.each([
    ['*/10 * * * *', 10 * MINUTE, 10 * MINUTE],
    ['* * * * * *', SECOND, SECOND],
    ['*/7 * * * *', 4 * MINUTE, 7 * MINUTE],
    ['0 8-20 * * *', HOUR, 12 * HOUR],
  ])('of %s is between %d and %d ms', (expression, shortestMs, longestMs) => {
    expect(beatInterval(expression)).toEqual({ shortestMs, longestMs })
    expect(getTasks().size).toBe(0)
  })
})
