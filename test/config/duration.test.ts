import { describe, expect, it } from 'vitest'
import { parseDuration } from '../../src/config/duration.js'

describe('parseDuration', () => {
  it.each([
    ['0s', 0],
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['12h', 43_200_000],
    ['30d', 2_592_000_000],
    ['1h30m', 5_400_000],
    ['1d2h3m4s5ms', 93_784_005],
    ['1.5h', 5_400_000],
    ['0.5ms', 1],
    ['007s', 7_000],
  ])('reads %s as %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each(['', '5', '5 m', ' 5m', '5M', '5min', 'm', '-5m', '+5m', '1e3s', '5m,', '1.m', '.5s', '1w', '5m\n', '∞s'])(
    'refuses "%s" and says what was expected',
    (text) => {
      expect(() => parseDuration(text)).toThrow(
        new RangeError(`"${text}", expected a duration such as 250ms, 30s, 5m, 1h30m or 30d`),
      )
    },
  )

  it.each(['30m1h', '5m5m', '1ms1s'])('refuses "%s", whose units are out of order', (text) => {
    expect(() => parseDuration(text)).toThrow(/the larger unit first$/)
  })

  it('refuses what does not fit a number', () => {
    expect(() => parseDuration('999999999999999d')).toThrow(/is too long/)
  })
})
