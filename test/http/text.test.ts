import { describe, expect, it } from 'vitest'
import { duration, milliseconds, percent, relative } from '../../src/http/pages/text.js'
import { whyOf } from '../../src/http/pages/why.js'
import { causeOf, explain } from '../../src/tracker/explain.js'
import type { Status } from '../../src/tracker/health.js'
import { failureReasons, type OkOutcome, type Outcome, rejectClasses, skipReasons } from '../../src/tracker/outcome.js'
import { entryOf, NOW, ok, timeout } from '../export/entries.js'

describe('percent', () => {
  it.each<[number | null, string]>([
    [null, '–'],
    [1, '100 %'],
    [1 - 1e-14, '99.99 %'],
    [0.9999999, '99.99 %'],
    [0.9997, '99.97 %'],
    [0.99, '99.00 %'],
    [0.9899, '98.9 %'],
    [0.5, '50.0 %'],
    [0.29, '29.0 %'],
    [0.001, '0.1 %'],
    [0.0009, '< 0.1 %'],
    [0, '0 %'],
  ])('writes %s as %s', (ratio, text) => {
    expect(percent(ratio)).toBe(text)
  })
})

describe('milliseconds and durations', () => {
  it.each<[number | null, string]>([
    [null, '–'],
    [0.04, '0.0 ms'],
    [8.31, '8.3 ms'],
    [9.96, '10 ms'],
    [41.5, '42 ms'],
    [1734, '1734 ms'],
    [12_340, '12.3 s'],
  ])('write a latency of %s ms as %s', (ms, text) => {
    expect(milliseconds(ms)).toBe(text)
  })

  it.each([
    [0, '0 s'],
    [119_999, '119 s'],
    [120_000, '2 min'],
    [7_199_999, '119 min'],
    [7_200_000, '2 h'],
    [3 * 86_400_000, '3 d'],
  ])('write %i ms in the largest unit of which there are two', (ms, text) => {
    expect(duration(ms)).toBe(text)
  })

  it('tell what was from what will be', () => {
    expect(relative(new Date(NOW.getTime() - 12_345), NOW)).toBe('12 s ago')
    expect(relative(new Date(NOW.getTime() + 180_000), NOW)).toBe('in 3 min')
  })
})

describe('explain', () => {
  it.each([...failureReasons, ...skipReasons])('has a sentence for the reason %s', (reason) => {
    expect(explain({ reason, code: 'never.seen' })).toMatch(/^[A-Z].* /)
  })

  it.each(rejectClasses)('has a sentence for the refusal %s', (code) => {
    expect(explain({ reason: null, code })).toMatch(/^Refuses|^Says/)
  })

  it('prefers the code, and for UDP the phase', () => {
    const cause = { reason: 'timeout', code: 'udp.timeout' }
    expect(explain(cause)).toBe('No answer to UDP packets')
    expect(explain({ ...cause, phase: 'udp_connect' })).toBe('No answer to the connect request')
    expect(explain({ ...cause, phase: 'udp_announce' })).toBe('Connected, but no answer to the announce')
    expect(explain(causeOf(timeout))).toBe('No answer to the connect request')
  })

  it('says nothing about a good answer, and shows what it does not know as it is', () => {
    expect(explain(causeOf(ok))).toBeNull()
    expect(explain({ reason: 'constructor', code: 'toString' })).toBe('toString')
  })
})

describe('whyOf', () => {
  const flagged: OkOutcome = { ...ok, flags: ['packet_loss', 'fake_peers', 'idn_host'] }
  const refusal: Outcome = { kind: 'rejected', code: 'auth', message: 'no key', flags: [], retryAfterS: null }
  const skip: Outcome = { kind: 'skipped', reason: 'uplink_down', code: 'uplink', detail: 'no answer at all' }
  const unconfirmed = 'The last check was good, not confirmed yet'

  it.each<[Status, Outcome, string | null]>([
    ['up', ok, null],
    ['up', skip, null],
    ['up', timeout, 'Last check only: No answer to the connect request'],
    ['degraded', flagged, 'Returned peers for a torrent that nobody shares: its peers are made up'],
    ['degraded', ok, unconfirmed],
    ['rejecting', refusal, 'Refuses: asks for a passkey or login'],
    ['down', timeout, 'No answer to the connect request'],
    ['down', ok, unconfirmed],
    ['unknown', skip, 'This monitor’s own network was down'],
  ])('says of a tracker that is %s why', (status, outcome, sentence) => {
    expect(whyOf(entryOf('udp://t.example:1', { status, outcome }))?.sentence ?? null).toBe(sentence)
  })
})
