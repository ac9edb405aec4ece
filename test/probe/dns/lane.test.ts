import { describe, expect, it, vi } from 'vitest'
import { createDnsLane } from '../../../src/probe/dns/lane.js'

describe('the lane of name queries', () => {
  it('lets a hundred go at once, and the next when one is answered', async () => {
    const lane = createDnsLane()
    const answers: (() => void)[] = []
    const query = (): Promise<void> => new Promise((resolve) => void answers.push(resolve))
    const all = Array.from({ length: 103 }, () => lane(query))
    await Promise.resolve()
    expect(answers.length).toBe(100)
    answers[50]?.()
    await expect.poll(() => answers.length, { interval: 1 }).toBeGreaterThan(100)
    await expect.poll(() => answers.length, { interval: 1 }).toBe(103)
    for (const answer of answers) answer()
    await Promise.all(all)
  })

  it('gives the place of a query without an answer to the next after a moment', async () => {
    vi.useFakeTimers()
    try {
      const lane = createDnsLane()
      for (let index = 0; index < 100; index++) void lane(() => new Promise(() => {}))
      const asked: string[] = []
      const living = lane(async () => {
        asked.push('living')
        return 'answer'
      })
      expect(asked).toEqual([])
      vi.advanceTimersByTime(40)
      expect(await living).toBe('answer')
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('hands over an error, and its place', async () => {
    const lane = createDnsLane()
    const failing = Array.from({ length: 100 }, () => lane(() => Promise.reject(new Error('no'))))
    const next = lane(async () => 'answer')
    for (const one of failing) await expect(one).rejects.toThrow('no')
    expect(await next).toBe('answer')
  })
})
