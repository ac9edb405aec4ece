import { describe, expect, it } from 'vitest'
import type { Known } from '../../src/monitor/due.js'
import { familiesOf, isFine, judgeUplink, pardon, sightOf, suspectsOf } from '../../src/monitor/uplink.js'
import type { CheckResult, Outcome } from '../../src/tracker/outcome.js'
import { failed, flagged, known, noon, ok, paused, probed, rejected, resultOf, skipped, watch } from './support.js'

const t = watch('t')
const noIpv6: Outcome = { kind: 'skipped', reason: 'no_ipv6', code: 'net.no_ipv6', detail: 'no way' }
const halfDown = flagged('family_down')

/** Alive, last checked with this result. */
function alive(last: CheckResult): Known {
  return { ...known('+'), last }
}

describe('the verdict about our uplink', () => {
  it.each([
    { fine: 28, good: 1, failed: 27, verdict: 'down' },
    { fine: 28, good: 2, failed: 26, verdict: 'down' },
    { fine: 28, good: 3, failed: 25, verdict: 'up' },
    { fine: 20, good: 2, failed: 18, verdict: 'up' },
    { fine: 20, good: 1, failed: 19, verdict: 'down' },
    { fine: 20, good: 5, failed: 15, verdict: 'up' },
    { fine: 20, good: 0, failed: 18, verdict: 'undecided' },
    { fine: 20, good: 1, failed: 0, verdict: 'undecided' },
    { fine: 20, good: 2, failed: 0, verdict: 'up' },
    { fine: 5, good: 0, failed: 5, verdict: 'down' },
    { fine: 5, good: 0, failed: 4, verdict: 'undecided' },
    { fine: 5, good: 1, failed: 4, verdict: 'up' },
    { fine: 0, good: 0, failed: 0, hosts: 0, verdict: 'undecided' },
    { fine: 4, good: 0, failed: 4, verdict: 'undecided' },
    { fine: 30, good: 0, failed: 30, hosts: 4, verdict: 'undecided' },
  ])('is $verdict when of $fine fine ones $good answered and $failed failed', ({ verdict, ...counts }) => {
    expect(judgeUplink({ hosts: counts.fine, ...counts })).toBe(verdict)
  })

  it('is always there when all results are', () => {
    for (let fine = 5; fine <= 200; fine += 1) {
      for (let good = 0; good <= fine; good += 1) {
        const expected = (fine - good) / fine > 0.9 + 1e-9 ? 'down' : 'up'
        expect(judgeUplink({ fine, hosts: fine, good, failed: fine - good })).toBe(expected)
      }
    }
  })
})

describe('a tracker', () => {
  it.each([
    ['+', true],
    ['++-', false],
    ['+-+', true],
    ['--', false],
    ['-', false],
    ['!!', false],
    ['+?', true],
    ['+-?', false],
    ['?', false],
    ['+=', false],
    ['+=-', false],
  ])('with the history %s is fine: %s', (history, expected) => {
    expect(isFine(known(history))).toBe(expected)
  })

  it('that refuses is fine where a refusal is what is asked for', () => {
    expect(isFine(known('!!', { aliveWhen: 'response' }))).toBe(true)
  })

  it.each([
    ['IPv4 alone', { 4: ok() }, [4]],
    ['both', { 4: ok(), 6: rejected() }, [4, 6]],
    ['one of the two', { 4: failed, 6: ok() }, [6]],
    ['none, so that those tried stand in', { 4: failed, 6: noIpv6 }, [4, 6]],
    ['none, so that IPv4 stands in where no name resolved', {}, [4]],
  ])('that answered over %s', (_title, outcomes, expected) => {
    expect(familiesOf(alive(probed(t, outcomes)))).toEqual(expected)
  })
})

describe('a check', () => {
  it.each([
    ['an answer', probed(t, { 4: ok() }), 'good', null],
    ['a refusal', probed(t, { 4: rejected() }), 'good', null],
    ['an answer beside silence', probed(t, { 4: ok(), 6: failed }), 'good', 'failed'],
    ['an answer beside no way', probed(t, { 4: ok(), 6: noIpv6 }), 'good', 'failed'],
    ['silence', probed(t, { 4: failed }), 'failed', 'failed'],
    ['a name that does not resolve', resultOf(t, failed), 'failed', 'failed'],
    ['no way at all', resultOf(t, noIpv6), null, 'failed'],
    ['nothing learned', resultOf(t, skipped), null, null],
    ['a pause', resultOf(t, paused), null, null],
  ])('that came to %s', (_title, result, v4, v6) => {
    expect([sightOf(result, 4), sightOf(result, 6)]).toEqual([v4, v6])
  })

  it.each([
    ['fails', alive(probed(t, { 4: ok() })), probed(t, { 4: failed, 6: failed }), [4]],
    ['fails on both', alive(probed(t, { 4: ok(), 6: ok() })), probed(t, { 4: failed, 6: failed }), [4, 6]],
    ['fails again', known('+-'), resultOf(t, failed), [4]],
    ['fails, though it was down', known('--'), resultOf(t, failed), []],
    ['fails, the first of all', { ...t, health: null, last: null }, resultOf(t, failed), []],
    ['refuses', known('+'), probed(t, { 4: rejected() }), []],
    ['loses a family', known('+'), probed(t, { 4: ok(), 6: failed }, noon, halfDown), [6]],
    [
      'still lacks a family',
      alive(probed(t, {}, noon, halfDown)),
      probed(t, { 4: ok(), 6: failed }, noon, halfDown),
      [],
    ],
    ['has no way', known('+'), resultOf(t, noIpv6), []],
    ['is paused', known('+'), resultOf(t, paused), []],
    ['fails, the first time after a pause', known('+='), resultOf(t, failed), []],
  ])('by which a tracker %s has its suspects', (_title, before, result, expected) => {
    expect(suspectsOf(before, result)).toEqual(expected)
  })

  it('that failed counts as skipped where a suspect was down, with the reason and what was probed there', () => {
    const result = probed(t, { 4: failed, 6: failed })
    const { outcome, probes } = pardon(result, [4], new Map([[4, 'our own network']]))
    expect(outcome).toEqual({
      kind: 'skipped',
      reason: 'uplink_down',
      code: 'local.uplink_down',
      detail: 'our own network',
    })
    expect(probes.map(({ family }) => family)).toEqual([4])
  })

  it('that was answered over the other family is whole', () => {
    const result = probed(t, { 4: ok(), 6: failed }, noon, flagged('family_down', 'slow'))
    expect(pardon(result, [6], new Map([[6, 'our own network']])).outcome).toMatchObject({
      kind: 'ok',
      flags: ['slow'],
    })
  })

  it('counts as it is where no suspect was down', () => {
    const result = probed(t, { 4: failed })
    expect(pardon(result, [4], new Map([[6, 'our own network']]))).toBe(result)
    expect(pardon(result, [], new Map([[4, 'our own network']]))).toBe(result)
  })
})
