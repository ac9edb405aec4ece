import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createGate } from '../../src/monitor/gate.js'
import { type CheckFn, type RoundOptions, runRound } from '../../src/monitor/round.js'
import type { CheckResult } from '../../src/tracker/outcome.js'
import type { WatchedTracker } from '../../src/tracker/state.js'
import { deferred, failed, HOUR, ok, resultOf, watch } from './support.js'

type Options = RoundOptions<WatchedTracker>

const answers: CheckFn = async (watched) => resultOf(watched, ok())

/** A round of `t0`, `t1`, …, one check at a time unless said otherwise. */
function round(size: number, options: Partial<Omit<Options, 'plan'>> & { startsMs?: readonly number[] } = {}) {
  const { startsMs = [], check = answers, ...overrides } = options
  const results: CheckResult[] = []
  const plan = Array.from({ length: size }, (_, index) => ({
    watched: watch(`t${index}`),
    startMs: startsMs[index] ?? 0,
  }))
  const promise = runRound({
    plan,
    check: async (watched, signal) => {
      const result = await check(watched, signal)
      if (result !== null) results.push(result)
      return result
    },
    gate: createGate(() => 1),
    signal: new AbortController().signal,
    ...overrides,
  })
  return { promise, results, urls: () => results.map(({ url }) => url) }
}

const urls = (...names: string[]) => names.map((name) => watch(name).tracker.url)

describe('a round', () => {
  it('checks every tracker once, in the order of the plan', async () => {
    const { promise, urls: checked } = round(4, { startsMs: [0, 0, 2, 5] })
    expect(await promise).toBe(4)
    expect(checked()).toEqual(urls('t0', 't1', 't2', 't3'))
  })

  it('ends when there is nothing to check', async () => {
    expect(await round(0).promise).toBe(0)
  })

  it.each([1, 3, 8])('runs no more than %d checks at once, and that many', async (limit) => {
    let running = 0
    let most = 0
    const check: CheckFn = async (watched) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      return resultOf(watched, ok())
    }
    expect(await round(20, { gate: createGate(() => limit), check }).promise).toBe(20)
    expect(most).toBe(limit)
  })

  it('shares the limit with other rounds through the gate', async () => {
    let running = 0
    let most = 0
    const check: CheckFn = async (watched) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      return resultOf(watched, ok())
    }
    const gate = createGate(() => 2)
    await Promise.all([round(10, { gate, check }).promise, round(10, { gate, check }).promise])
    expect(most).toBe(2)
    expect(gate.inFlight()).toBe(0)
  })

  it('goes on after a tracker that failed', async () => {
    const check: CheckFn = async (watched) => resultOf(watched, watched.tracker.host.startsWith('t1') ? failed : ok())
    const { promise, results } = round(3, { check })
    expect(await promise).toBe(3)
    expect(results.map(({ outcome }) => outcome.kind)).toEqual(['ok', 'failed', 'ok'])
  })

  it('does not count a check that was aborted', async () => {
    const check: CheckFn = async (watched) => (watched.tracker.host.startsWith('t1') ? null : resultOf(watched, ok()))
    expect(await round(3, { check }).promise).toBe(2)
  })
})

describe('an aborted round', () => {
  it('drops the starts that lie ahead and ends at once', async () => {
    const abort = new AbortController()
    const { promise, urls: checked } = round(3, {
      startsMs: [0, HOUR, HOUR],
      signal: abort.signal,
      check: async (watched) => {
        setImmediate(() => abort.abort())
        return resultOf(watched, ok())
      },
    })
    expect(await promise).toBe(1)
    expect(checked()).toEqual(urls('t0'))
  })

  it('drops the starts that wait for room', async () => {
    const abort = new AbortController()
    const started: string[] = []
    const { promise } = round(3, {
      signal: abort.signal,
      check: (watched, signal) => {
        started.push(watched.tracker.url)
        setImmediate(() => abort.abort())
        return untilAborted(signal)
      },
    })
    expect(await promise).toBe(0)
    expect(started).toEqual(urls('t0'))
  })

  it('starts nothing if it was aborted before', async () => {
    const { promise, results } = round(3, { signal: AbortSignal.abort() })
    expect(await promise).toBe(0)
    expect(results).toEqual([])
  })

  it('waits for checks that take a moment to end', async () => {
    const abort = new AbortController()
    const end = deferred<null>()
    let ended = false
    const check: CheckFn = () => {
      setImmediate(() => abort.abort())
      return end.promise
    }
    const over = round(1, { signal: abort.signal, check }).promise.then(() => {
      ended = true
    })
    await untilAborted(abort.signal)
    await new Promise((resolve) => setImmediate(resolve))
    expect(ended).toBe(false)
    end.resolve(null)
    await over
  })

  it("takes a check that rejects with the signal's reason for aborted", async () => {
    const abort = new AbortController()
    const { promise } = round(1, {
      signal: abort.signal,
      check: async (_, signal) => {
        await untilAborted(signal)
        throw signal.reason
      },
    })
    setImmediate(() => abort.abort())
    expect(await promise).toBe(0)
  })

  it('leaves no listener on the signal', async () => {
    const signal = new AbortController().signal
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1
      remove(...args)
    }
    await round(5, { signal, startsMs: [0, 1, 1, 2, 2] }).promise
    expect(listeners).toBe(0)
  })
})

describe('a round that was slept through', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => {
    vi.restoreAllMocks()
    vi.useRealTimers()
  })

  it('goes on in its stride: what is overdue does not start all at once', async () => {
    const now = performance.now.bind(performance)
    let sleptMs = 0
    vi.spyOn(performance, 'now').mockImplementation(() => now() + sleptMs)
    const { promise, urls: checked } = round(4, { startsMs: [0, 10_000, 20_000, 30_000] })
    await vi.advanceTimersByTimeAsync(5_000)
    sleptMs = HOUR // the clock goes on, the timers fire on waking
    const startedAfter: number[] = []
    for (let wakeful = 0; wakeful < 3; wakeful += 1) {
      await vi.advanceTimersByTimeAsync(9_000)
      startedAfter.push(checked().length)
    }
    expect(startedAfter).toEqual([2, 3, 4])
    expect(await promise).toBe(4)
  })
})

describe('a bug in a check', () => {
  it('rejects the round after the checks under way have ended, and starts no more', async () => {
    const bug = new TypeError('x is not a function')
    const slow = deferred<CheckResult>()
    const started: string[] = []
    const { promise, urls: checked } = round(4, {
      gate: createGate(() => 2),
      startsMs: [0, 0, 0, HOUR],
      check: async (watched) => {
        started.push(watched.tracker.url)
        if (started.length === 1) return slow.promise
        setImmediate(() => slow.resolve(resultOf(watch('t0'), ok())))
        throw bug
      },
    })
    await expect(promise).rejects.toBe(bug)
    expect(started).toEqual(urls('t0', 't1'))
    expect(checked()).toEqual(urls('t0'))
  })
})

describe('a gate', () => {
  it('forgets who gave up waiting', async () => {
    const gate = createGate(() => 1)
    const { signal } = new AbortController()
    const impatient = new AbortController()
    expect(await gate.enter(signal)).toBe(true)
    const gaveUp = gate.enter(impatient.signal)
    const next = gate.enter(signal)
    impatient.abort()
    expect(await gaveUp).toBe(false)
    gate.leave()
    expect(await next).toBe(true)
    expect(gate.inFlight()).toBe(1)
  })
})

function untilAborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }))
}
