import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stretchOf } from '../../src/store/sqlite/stretch.js'

describe('a stretch of hours', () => {
  it.each<[string, [number, number], ReturnType<typeof stretchOf>]>([
    ['of whole days has no others', [24, 72], { hoursBefore: [24, 24], days: [1, 3], hoursAfter: [72, 72] }],
    ['has hours before and after', [23, 73], { hoursBefore: [23, 24], days: [1, 3], hoursAfter: [72, 73] }],
    ['may lie within a day', [25, 30], { hoursBefore: [25, 30], days: [2, 2], hoursAfter: [30, 30] }],
    ['may lie around midnight', [40, 50], { hoursBefore: [40, 48], days: [2, 2], hoursAfter: [48, 50] }],
    ['may be none at all', [25, 25], { hoursBefore: [25, 25], days: [2, 2], hoursAfter: [25, 25] }],
  ])('%s', (_, [from, to], expected) => {
    expect(stretchOf(from, to)).toEqual(expected)
  })

  it('is each of its hours once, and leaves less than a day on either side', () => {
    const hoursOf = ([from, to]: readonly [number, number]) =>
      Array.from({ length: to - from }, (_, index) => from + index)
    fc.assert(
      fc.property(fc.integer({ min: -500, max: 500 }), fc.nat(200), (from, length) => {
        const { hoursBefore, days, hoursAfter } = stretchOf(from, from + length)
        const inDays = hoursOf([days[0] * 24, days[1] * 24])
        expect([...hoursOf(hoursBefore), ...inDays, ...hoursOf(hoursAfter)]).toEqual(hoursOf([from, from + length]))
        expect(hoursOf(hoursBefore).length).toBeLessThan(24)
        expect(hoursOf(hoursAfter).length).toBeLessThan(24)
      }),
    )
  })
})
