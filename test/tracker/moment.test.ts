import { describe, expect, it } from 'vitest'
import { parseMoment } from '../../src/tracker/moment.js'

describe('a moment', () => {
  it.each([
    ['2026-11-22', '2026-11-22T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2026-11-22T10:00Z', '2026-11-22T10:00:00.000Z'],
    ['2026-11-22T23:59:59.999Z', '2026-11-22T23:59:59.999Z'],
    ['2026-11-30T23:30:00-02:00', '2026-12-01T01:30:00.000Z'],
  ])('may be given as %s', (text, expected) => {
    expect(parseMoment(text)?.toISOString()).toBe(expected)
  })

  it.each([
    '2026-02-29',
    '2026-02-30T10:00:00Z',
    '2026-04-31T23:00:00-05:00',
    '2026-13-01',
    '2026-11-22T24:00:00Z',
    '2026-11-22T10:60:00Z',
    '2026-11-22T10:00:00+24:00',
    '2026-11-22T10:00:00',
    '2026-11-22 10:00Z',
    '22 Nov 2026',
    '1763769600',
    '',
  ])('is not %j', (text) => {
    expect(parseMoment(text)).toBeNull()
  })
})
