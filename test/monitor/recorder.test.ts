import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nextSize } from '../../src/monitor/batch-size.js'
import { backoffMs, type Recorder, type RecorderLimits, startRecorder } from '../../src/monitor/recorder.js'
import { RefusedError } from '../../src/store/errors.js'
import { openStore } from '../../src/store/open.js'
import type { CheckRecord, Store } from '../../src/store/store.js'
import type { StatusChange } from '../../src/tracker/health.js'
import { healthStep } from '../../src/tracker/health-step.js'
import { parseTracker } from '../../src/tracker/tracker.js'
import { useLuck } from '../properties/seed.js'
import { deferred, HOUR, type Logged, later, logTo, noon, ok, resultOf, watch } from './support.js'

const diskFull = new Error('database or disk is full')
const watched = watch('t')
const { holds } = useLuck()
const always = { from: noon, to: later(24 * HOUR) }

let store: Store
beforeEach(async () => {
  store = await openStore('sqlite::memory:')
  await store.watch([watched], noon)
})
afterEach(() => store.close())

/** The check of a second of the day, with or without a change of the status. */
function recordAt(second: number, change: StatusChange | null = null, of = watched): CheckRecord {
  const result = resultOf(of, ok(), later(second * 1000))
  const policy = { downAfter: 2, upAfter: 1, aliveWhen: watched.aliveWhen, holdMs: HOUR }
  return { result, ...healthStep(undefined, result, policy), change }
}

/** The check of a private tracker that was never watched. */
function strangerAt(second: number): CheckRecord {
  const { tracker } = parseTracker('http://private.example/0123456789abcdef0123456789abcdef/announce')
  if (tracker === undefined) throw new Error('the URL of the stranger does not parse')
  return recordAt(second, null, { ...watched, tracker })
}

const secondOf = ({ result }: CheckRecord) => (result.checkedAt.getTime() - noon.getTime()) / 1000
const seconds = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index)

interface Setup {
  readonly limits?: Partial<RecorderLimits>
  /** Called before each write; throws where the disk is full. */
  readonly beforeWrite?: (records: readonly CheckRecord[]) => void | Promise<void>
  readonly onRecorded?: (records: readonly CheckRecord[]) => void
}

/** A recorder on the real store that waits for `flush` unless limits say otherwise. */
function start({ limits, beforeWrite, onRecorded }: Setup = {}) {
  const told: number[] = []
  const errors: unknown[] = []
  const logged: Logged[] = []
  const dropped: number[] = []
  const recorder = startRecorder({
    store: {
      record: async (records) => {
        await beforeWrite?.(records)
        await store.record(records)
      },
    },
    log: logTo(logged),
    limits: { batchMs: HOUR, retryMs: HOUR, ...limits },
    onRecorded: (records) => {
      told.push(...records.map(secondOf))
      onRecorded?.(records)
    },
    onError: (error) => errors.push(error),
    onDropped: (records) => dropped.push(records),
  })
  return { recorder, told, errors, logged, dropped }
}

function push(recorder: Recorder, ...records: readonly CheckRecord[]): void {
  for (const record of records) recorder.push(record)
}

const storedSeconds = async (window = always) =>
  (await store.checks(watched.tracker.url, window, 1_000_000))
    .map(({ checkedAt }) => (checkedAt.getTime() - noon.getTime()) / 1000)
    .toReversed()

describe('the recorder', () => {
  it('tells of a check only after it is durable', async () => {
    const writing = deferred<void>()
    const { recorder, told } = start({ beforeWrite: () => writing.promise })
    recorder.push(recordAt(0))
    const flushed = recorder.flush()
    expect(told).toEqual([])
    expect(recorder.queued()).toBe(1)
    writing.resolve()
    expect(await flushed).toBe(true)
    expect(told).toEqual([0])
    expect(await storedSeconds()).toEqual([0])
    expect(recorder.queued()).toBe(0)
  })

  it('writes a lone check after a moment', async () => {
    const recorded = deferred<void>()
    const { recorder } = start({ limits: { batchMs: 1 }, onRecorded: () => recorded.resolve() })
    recorder.push(recordAt(0))
    await recorded.promise
    expect(await storedSeconds()).toEqual([0])
    await recorder.stop()
  })

  it('writes a full batch at once, and no larger ones where they take too long', async () => {
    const sizes: number[] = []
    const full = deferred<void>()
    const { recorder, told } = start({
      limits: { batchSize: 10, turnMs: 0 },
      beforeWrite: (records) => void sizes.push(records.length),
      onRecorded: () => full.resolve(),
    })
    push(recorder, ...seconds(10).map((second) => recordAt(second)))
    await full.promise
    push(recorder, ...seconds(7, 10).map((second) => recordAt(second)))
    await recorder.flush()
    push(recorder, ...seconds(25, 17).map((second) => recordAt(second)))
    await recorder.flush()
    expect(Math.max(...sizes)).toBe(10)
    expect(told).toEqual(seconds(42))
  })

  it('writes a long queue in larger ones, with a turn for others between', async () => {
    const sizes: number[] = []
    const { recorder, told } = start({
      limits: { batchSize: 10, turnMs: Number.POSITIVE_INFINITY },
      beforeWrite: (records) => void sizes.push(records.length),
    })
    push(recorder, ...seconds(300).map((second) => recordAt(second)))
    const writtenInOneTurn = new Promise((resolve) => setImmediate(() => resolve(sizes.length)))
    await recorder.flush()
    expect(sizes).toEqual([10, 20, 40, 80, 100, 50])
    expect(await writtenInOneTurn).toBeLessThan(6)
    expect(told).toEqual(seconds(300))
  })
})

describe('the size of a transaction', () => {
  const limits = { batchSize: 500, turnMs: 8 }
  it.each([
    ['doubles while it takes little', { size: 500, records: 500, tookMs: 2 }, 1000],
    ['grows to what fits', { size: 500, records: 500, tookMs: 5 }, 800],
    ['shrinks to what fits', { size: 4000, records: 4000, tookMs: 16 }, 2000],
    ['has a bound on a slow disk', { size: 4000, records: 4000, tookMs: 8000 }, 500],
    ['has a bound on a fast one', { size: 4000, records: 4000, tookMs: 1 }, 5000],
    ['stays after one that was not full', { size: 500, records: 3, tookMs: 1 }, 500],
    [
      'shrinks after one that was not full and took too long all the same',
      { size: 4000, records: 2000, tookMs: 16 },
      1000,
    ],
    ['doubles where the clock saw no time pass', { size: 500, records: 500, tookMs: 0 }, 1000],
  ])('%s', (_, { size, ...last }, next) => {
    expect(nextSize(size, last, limits)).toBe(next)
  })
})

describe('a failed write', () => {
  it('is repeated, in order and each check once', async () => {
    let failures = 2
    const recorded = deferred<void>()
    const { recorder, told, errors } = start({
      limits: { batchMs: 1, retryMs: 1, batchSize: 3 },
      beforeWrite: () => {
        if (failures-- > 0) throw diskFull
      },
      onRecorded: ([last]) => {
        if (last !== undefined && secondOf(last) === 3) recorded.resolve()
      },
    })
    push(recorder, ...seconds(5).map((second) => recordAt(second)))
    await recorded.promise
    expect(told).toEqual(seconds(5))
    expect(await storedSeconds()).toEqual(seconds(5))
    expect(errors).toEqual([diskFull, diskFull])
    await recorder.stop()
  })

  it('is waited for longer and longer, up to half a minute', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 100].map((failures) => backoffMs(failures))).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
    ])
  })

  it('is logged once when it begins and once when it is over', async () => {
    let failures = 3
    const { recorder, logged } = start({
      beforeWrite: () => {
        if (failures-- > 0) throw diskFull
      },
    })
    recorder.push(recordAt(0))
    expect(await recorder.flush()).toBe(false)
    expect(await recorder.flush()).toBe(false)
    expect(await recorder.flush()).toBe(false)
    expect(await recorder.flush()).toBe(true)
    expect(logged.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'error: checks cannot be recorded, will be repeated',
      'info: checks are recorded again',
    ])
    expect(logged[0]?.fields).toEqual({ err: diskFull, queued: 1 })
    expect(logged[1]?.fields).toEqual({ failures: 3, dropped: 0, queued: 0 })
  })
})

const REPEATED = 'checks cannot be recorded, will be repeated'
const GIVEN_UP = 'check given up, the store refuses it'

describe('a check that the store refuses', () => {
  const infinite = (second: number): CheckRecord => {
    const record = recordAt(second)
    return { ...record, result: { ...record.result, latencyMs: Number.POSITIVE_INFINITY } }
  }

  it.each([
    [
      'of a tracker that was never watched',
      strangerAt,
      'check of http://private.example:80/***/announce, which was never',
    ],
    ['with a number that is none', infinite, 'SQLITE_CONSTRAINT_DATATYPE'],
  ])('%s is given up alone, counted, and named in the log without secrets', async (_, refusedAt, because) => {
    const { recorder, told, errors, logged, dropped } = start({ limits: { batchSize: 1000 } })
    push(recorder, ...seconds(600).map((second) => (second === 357 ? refusedAt(second) : recordAt(second))))
    expect(await recorder.flush()).toBe(true)
    const others = seconds(600).filter((second) => second !== 357)
    expect(told).toEqual(others)
    expect(await storedSeconds()).toEqual(others)
    expect(recorder.queued()).toBe(0)
    expect(dropped).toEqual([1])
    expect(errors).toEqual([expect.any(RefusedError)])
    expect(logged.map(({ level, message }) => `${level}: ${message}`)).toEqual([`error: ${GIVEN_UP}`])
    expect(logged[0]?.fields).toEqual({
      tracker: expect.stringMatching(/^(http:\/\/private.example:80\/\*\*\*|udp:\/\/t.example:6969)\/announce$/),
      checkedAt: later(357_000),
      error: expect.stringContaining(because),
    })
    expect(JSON.stringify(logged)).not.toContain('0123456789abcdef')
  })

  it('is found in a few transactions', async () => {
    const sizes: number[] = []
    const { recorder } = start({
      limits: { batchSize: 512, turnMs: Number.POSITIVE_INFINITY },
      beforeWrite: (records) => void sizes.push(records.length),
    })
    push(recorder, ...seconds(700).map((second) => (second === 510 ? strangerAt(second) : recordAt(second))))
    await recorder.flush()
    expect(sizes).toEqual([512, 256, 128, 64, 32, 16, 8, 4, 2, 1, 1, 188])
  })

  it('is kept until the store has taken another one', async () => {
    const { recorder, told, logged, dropped } = start()
    recorder.push(strangerAt(0))
    expect(await recorder.flush()).toBe(false)
    expect(await recorder.flush()).toBe(false)
    expect(recorder.queued()).toBe(1)
    expect(dropped).toEqual([])
    recorder.push(recordAt(1))
    expect(await recorder.flush()).toBe(true)
    expect(told).toEqual([1])
    expect(dropped).toEqual([1])
    expect(logged.map(({ message }) => message)).toEqual([REPEATED, GIVEN_UP, 'checks are recorded again'])
    expect(JSON.stringify(logged)).not.toContain('0123456789abcdef')
  })

  it.each([5, 150])('like all others, %i of them, is kept with them: something else is wrong then', async (count) => {
    let refusing = true
    let writes = 0
    const { recorder, told, errors, dropped } = start({
      beforeWrite: () => {
        writes += 1
        if (refusing) throw new RefusedError('the store takes nothing')
      },
    })
    push(recorder, ...seconds(count).map((second) => recordAt(second)))
    expect(await recorder.flush()).toBe(false)
    expect(await recorder.flush()).toBe(false)
    expect(writes).toBeLessThan(2 * 110)
    expect(errors).toHaveLength(2)
    expect(recorder.queued()).toBe(count)
    refusing = false
    expect(await recorder.flush()).toBe(true)
    expect(told).toEqual(seconds(count))
    expect(dropped).toEqual([])
  })

  it.each([
    ['the disk is full', diskFull],
    ['there is a bug', new TypeError('cannot read properties of undefined')],
  ])('is not one that is refused because %s', async (_, error) => {
    const sizes: number[] = []
    const { recorder, logged, dropped } = start({
      beforeWrite: (records) => {
        sizes.push(records.length)
        throw error
      },
    })
    push(recorder, ...seconds(9).map((second) => recordAt(second)))
    for (let flushes = 0; flushes < 4; flushes++) expect(await recorder.flush()).toBe(false)
    expect(sizes).toEqual([9, 9, 9, 9])
    expect(recorder.queued()).toBe(9)
    expect(dropped).toEqual([])
    expect(logged.map(({ message }) => message)).toEqual([REPEATED])
  })

  it('is missing alone, wherever it stands: the others are written once and in order, on a disk that fails too', async () => {
    let from = 0
    const refusals = fc.array(fc.boolean(), { maxLength: 90 })
    const diskFailures = fc.array(fc.boolean(), { maxLength: 30 })
    const [batchSize, perFlush] = [fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 60 })]
    const writesTheOthers = fc.asyncProperty(
      fc.record({ refusals, diskFailures, batchSize, perFlush }),
      async ({ refusals, diskFailures, batchSize, perFlush }) => {
        from += 100
        const window = { from: later(from * 1000), to: later((from + 100) * 1000) }
        const failing = [...diskFailures]
        const { recorder, told, logged, dropped } = start({
          limits: { batchSize, turnMs: Number.POSITIVE_INFINITY },
          beforeWrite: () => {
            if (failing.shift() === true) throw diskFull
          },
        })
        for (const [index, isRefused] of refusals.entries()) {
          recorder.push(isRefused ? strangerAt(from + index) : recordAt(from + index))
          if (index % perFlush === 0) await recorder.flush()
        }
        for (const _ of ['last', ...diskFailures]) await recorder.flush()
        const taken = refusals.flatMap((isRefused, index) => (isRefused ? [] : [from + index]))
        const waiting = refusals.length - 1 - refusals.lastIndexOf(false)
        expect(told).toEqual(taken)
        expect(await storedSeconds(window)).toEqual(taken)
        expect(recorder.queued()).toBe(waiting)
        expect(dropped).toHaveLength(refusals.length - taken.length - waiting)
        expect(logged.filter(({ message }) => message === GIVEN_UP)).toHaveLength(dropped.length)
      },
    )
    await holds(writesTheOthers, 80)
  })
})

describe('a full queue', () => {
  it('gives up the oldest checks, counts them and says so once', async () => {
    let full = true
    const { recorder, told, logged, dropped } = start({
      limits: { capacity: 100, batchSize: 1000 },
      beforeWrite: () => {
        if (full) throw diskFull
      },
    })
    push(recorder, ...seconds(100).map((second) => recordAt(second)))
    await recorder.flush()
    push(recorder, ...seconds(5, 100).map((second) => recordAt(second)))
    expect(recorder.queued()).toBe(100)
    expect(dropped).toEqual([1, 1, 1, 1, 1])
    expect(logged.filter(({ message }) => message === 'write queue is full, checks are being lost')).toHaveLength(1)
    full = false
    await recorder.flush()
    expect(told).toEqual(seconds(100, 5))
    expect(logged.at(-1)?.fields).toMatchObject({ dropped: 5 })
  })

  it('keeps the checks that changed a status longest', async () => {
    let full = true
    const change: StatusChange = { at: noon, from: 'pending', to: 'up', reason: null, code: null, message: null }
    const { recorder, told } = start({
      limits: { capacity: 4 },
      beforeWrite: () => {
        if (full) throw diskFull
      },
    })
    push(recorder, recordAt(0, change), recordAt(1), recordAt(2, change), recordAt(3), recordAt(4, change))
    push(recorder, recordAt(5, change), recordAt(6, change))
    full = false
    await recorder.flush()
    expect(told).toEqual([2, 4, 5, 6])
  })
})

describe('the stop of the recorder', () => {
  it('writes what is queued', async () => {
    const { recorder, told } = start()
    push(recorder, recordAt(0), recordAt(1))
    await Promise.all([recorder.stop(), recorder.stop()])
    expect(told).toEqual([0, 1])
  })

  it('repeats a failed write', async () => {
    let failures = 2
    const { recorder, told } = start({
      beforeWrite: () => {
        if (failures-- > 0) throw diskFull
      },
    })
    recorder.push(recordAt(0))
    await recorder.stop()
    expect(told).toEqual([0])
  })

  it.each([
    ['takes nothing', () => Promise.reject(diskFull)],
    ['never answers', () => new Promise<void>(() => {})],
  ])('ends at its deadline if the store %s, and says what is lost', async (_, beforeWrite) => {
    const { recorder, told, logged } = start({ beforeWrite, limits: { stopMs: 20 } })
    push(recorder, recordAt(0), recordAt(1))
    await recorder.stop()
    expect(told).toEqual([])
    expect(logged.at(-1)).toMatchObject({ level: 'error', fields: { lost: 2 } })
  })
})
