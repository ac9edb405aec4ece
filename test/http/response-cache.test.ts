import { describe, expect, it } from 'vitest'
import { type Answer, createResponseCache } from '../../src/http/response-cache.js'

const answer = (text: string, status = 200): Answer => ({ status, headers: {}, body: Buffer.from(text) })

/** An answer that is ready when the test says so. */
function pending() {
  let done: (made: Answer) => void = () => {}
  const promise = new Promise<Answer>((resolve) => {
    done = resolve
  })
  return { promise, done }
}

describe('the response cache', () => {
  it('gives an answer again while it is fresh', async () => {
    let nowMs = 0
    const cache = createResponseCache({ now: () => nowMs, freshMs: 1000 })
    await cache.make('/', async () => answer('one'))
    nowMs = 999
    expect(cache.fresh('/')?.body.toString()).toBe('one')
    nowMs = 1000
    expect(cache.fresh('/')).toBeUndefined()
  })

  it('has an answer made once for all who ask meanwhile', async () => {
    const cache = createResponseCache()
    const { promise, done } = pending()
    let made = 0
    const make = () => {
      made++
      return promise
    }
    const asked = [cache.make('/', make), cache.make('/', make), cache.make('/', make)]
    done(answer('one'))
    expect((await Promise.all(asked)).map(({ body }) => body.toString())).toEqual(['one', 'one', 'one'])
    expect(made).toBe(1)
  })

  it('gives nothing that was made before a change, nor what was begun before it', async () => {
    const cache = createResponseCache()
    await cache.make('/kept', async () => answer('old'))
    const { promise, done } = pending()
    const early = cache.make('/', () => promise)
    cache.clear()
    const late = cache.make('/', async () => answer('new'))
    done(answer('old'))
    expect((await early).body.toString()).toBe('old')
    expect((await late).body.toString()).toBe('new')
    expect(cache.fresh('/')?.body.toString()).toBe('new')
    expect(cache.fresh('/kept')).toBeUndefined()
  })

  it('keeps no answer but a good one', async () => {
    const cache = createResponseCache()
    expect((await cache.make('/gone', async () => answer('gone', 404))).status).toBe(404)
    expect(cache.fresh('/gone')).toBeUndefined()
    await expect(cache.make('/bad', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect((await cache.make('/bad', async () => answer('mended'))).body.toString()).toBe('mended')
  })

  it('forgets the oldest answers beyond its bounds', async () => {
    const few = createResponseCache({ maxEntries: 2 })
    for (const key of ['a', 'b', 'c']) await few.make(key, async () => answer(key))
    expect(['a', 'b', 'c'].map((key) => few.fresh(key)?.body.toString())).toEqual([undefined, 'b', 'c'])

    const small = createResponseCache({ maxBytes: 10 })
    for (const key of ['a', 'b', 'c']) await small.make(key, async () => answer(key.repeat(5)))
    await small.make('large', async () => answer('x'.repeat(11)))
    expect(['a', 'b', 'c', 'large'].map((key) => small.fresh(key) !== undefined)).toEqual([false, true, true, false])
  })

  it('counts an answer once that was made anew', async () => {
    const cache = createResponseCache({ maxBytes: 10 })
    for (let times = 0; times < 5; times++) await cache.make('a', async () => answer('aaaa'))
    await cache.make('b', async () => answer('bbbb'))
    expect(cache.fresh('a')).toBeDefined()
  })
})
