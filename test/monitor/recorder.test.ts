import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { backoffMs, nextSize, type Recorder, type RecorderLimits, startRecorder } from '../../src/monitor/recorder.js'
import { openStore } from '../../src/store/open.js'
import type { CheckRecord, Store } from '../../src/store/store.js'
import { nextHealth, type StatusChange } from '../../src/tracker/health.js'
import { deferred, HOUR, type Logged, later, logTo, noon, ok, resultOf, watch } from './support.js'

const diskFull = new Error('database or disk is full')
const watched = watch('t')
const always = { from: noon, to: later(24 * HOUR) }

let store: Store
beforeEach(async () => {
  store = await openStore('sqlite::memory:')
  await store.watch([watched], noon)
})
afterEach(() => store.close())

/** The check of a second of the day, with or without a change of the status. */
function recordAt(second: number, change: StatusChange | null = null): CheckRecord {
  const result = resultOf(watched, ok(), later(second * 1000))
  const policy = { downAfter: 2, upAfter: 1, aliveWhen: watched.aliveWhen, holdMs: HOUR }
  return { result, health: nextHealth(undefined, result, policy), change, gap: null }
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

const storedSeconds = async () =>
  (await store.checks(watched.tracker.url, always, 1_000_000))
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
