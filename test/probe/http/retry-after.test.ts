import { describe, expect, it } from 'vitest'
import { readRetryAfter } from '../../../src/probe/http/retry-after.js'

const NOW = Date.parse('2026-11-22T10:00:00Z')
const WEEK_S = 604_800

describe('Retry-After', () => {
  it.each([
    ['120', 120],
    [' 1 ', 1],
    ['0', null],
    ['-5', null],
    ['1.5', null],
    ['soon', null],
    ['', null],
    [undefined, null],
    [String(WEEK_S + 1), WEEK_S],
    ['9'.repeat(400), WEEK_S],
    ['Sun, 22 Nov 2026 10:10:00 GMT', 600],
    ['Sun, 22 Nov 2026 09:59:59 GMT', null],
    ['Fri, 31 Dec 9999 23:59:59 GMT', WEEK_S],
    ['Sun, 99 Nov 2026 10:10:00 GMT', null],
    ['2027', 2027],
    ['2026-11-22T10:10:00Z', null],
  ])('%j asks to wait %s s', (given, expected) => {
    const headers = given === undefined ? {} : { 'retry-after': given }
    expect(readRetryAfter(headers, NOW)).toBe(expected)
  })

  it('is by the clock of the server', () => {
    const until = { 'retry-after': 'Sun, 22 Nov 2026 12:10:00 GMT' }
    expect(readRetryAfter({ ...until, date: 'Sun, 22 Nov 2026 12:00:00 GMT' }, NOW)).toBe(600)
    expect(readRetryAfter({ ...until, date: 'nonsense' }, NOW)).toBe(7800)
  })
})
