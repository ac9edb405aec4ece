import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { forEachPooled, settleAll } from '../../src/probe/pool.js'

const { signal } = new AbortController()

/** Work that the test ends: `end(item)` or `fail(item)`. */
function controlled<T>() {
  const started: T[] = []
  const ends = new Map<T, { resolve: () => void; reject: (error: Error) => void }>()
  return {
    started,
    work: (item: T): Promise<void> => {
      started.push(item)
      return new Promise((resolve, reject) => ends.set(item, { resolve, reject }))
    },
    end: (item: T) => ends.get(item)?.resolve(),
    fail: (item: T) => ends.get(item)?.reject(new Error(`${item} failed`)),
  }
}

/** Lets what is ready go on. */
function turn(): Promise<void> {
  return new Promise(setImmediate)
}

describe('a pool', () => {
  it('has so many under way and takes the next, in order, when one ends', async () => {
    const { started, work, end } = controlled<number>()
    const done = forEachPooled([1, 2, 3, 4], 2, signal, work)
    await turn()
    expect(started).toEqual([1, 2])
    end(2)
    await turn()
    expect(started).toEqual([1, 2, 3])
    for (const item of [1, 3]) end(item)
    await turn()
    end(4)
    await done
    expect(started).toEqual([1, 2, 3, 4])
  })

  it('starts no more when one fails, and waits for all that were started before it rejects', async () => {
    const { started, work, end, fail } = controlled<number>()
    let settled = false
    const done = forEachPooled([1, 2, 3], 2, signal, work)
    const watched = done.catch(() => {
      settled = true
    })
    await turn()
    fail(1)
    await turn()
    expect({ settled, started }).toEqual({ settled: false, started: [1, 2] })
    end(2)
    await watched
    await expect(done).rejects.toThrow('1 failed')
    expect(started).toEqual([1, 2])
  })

  it('rejects with the first of several failures', async () => {
    const { work, fail } = controlled<number>()
    const done = forEachPooled([1, 2], 2, signal, work)
    await turn()
    fail(2)
    await turn()
    fail(1)
    await expect(done).rejects.toThrow('2 failed')
  })

  it('passes an abort on to all, and leaves no listener behind', async () => {
    const stopping = new AbortController()
    const done = forEachPooled([1, 2, 3], 2, stopping.signal, (_, own) => {
      return new Promise((_, reject) => own.addEventListener('abort', () => reject(own.reason), { once: true }))
    })
    await turn()
    stopping.abort('stop')
    await expect(done).rejects.toBe('stop')
    expect(getEventListeners(stopping.signal, 'abort')).toEqual([])
  })

  it('of nothing is done', async () => {
    await forEachPooled([], 0, signal, () => Promise.reject(new Error('called')))
  })

  it('takes from a list only what it has room for', async () => {
    let taken = 0
    function* endless() {
      for (;;) yield ++taken
    }
    const { work, fail } = controlled<number>()
    const done = forEachPooled(endless(), 3, signal, work)
    await turn()
    expect(taken).toBe(3)
    for (const item of [1, 2, 3]) fail(item)
    await expect(done).rejects.toThrow('1 failed')
  })
})

describe('settling all', () => {
  it('brings the values in order', async () => {
    expect(await settleAll([Promise.resolve(1), Promise.resolve(2)])).toEqual([1, 2])
    expect(await settleAll([Promise.resolve(1)])).toEqual([1])
    expect(await settleAll([])).toEqual([])
  })

  it('rejects with the first error, but only when all have settled', async () => {
    let finish = (): void => {}
    const slow = new Promise<void>((resolve) => {
      finish = resolve
    })
    let settled = false
    const all = settleAll([slow, Promise.reject(new Error('first')), Promise.reject(new Error('second'))])
    const watched = all.catch(() => {
      settled = true
    })
    await turn()
    expect(settled).toBe(false)
    finish()
    await watched
    await expect(all).rejects.toThrow('first')
  })
})
