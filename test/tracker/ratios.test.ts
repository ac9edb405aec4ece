import { describe, expect, it } from 'vitest'
import { cutRatio } from '../../src/tracker/ratios.js'

describe('a share for programs', () => {
  it('is a fraction of whole numbers to the millionth, which a float may fall short of', () => {
    const wrong: string[] = []
    for (let whole = 1; whole <= 1000; whole++) {
      for (let part = 0; part <= whole; part++) {
        if (cutRatio(part / whole) !== Math.floor((part * 1_000_000) / whole) / 1_000_000)
          wrong.push(`${part}/${whole}`)
      }
    }
    expect(wrong).toEqual([])
    expect(cutRatio(41 / 80)).toBe(0.5125)
  })

  it('says 1 of no downtime alone', () => {
    const yearMs = 366 * 86_400_000
    expect(cutRatio((yearMs - 1) / yearMs)).toBe(0.999999)
    expect([cutRatio(1), cutRatio(0), cutRatio(null)]).toEqual([1, 0, null])
  })
})
