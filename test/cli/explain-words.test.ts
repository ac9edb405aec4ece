import { describe, expect, it } from 'vitest'
import { silentAnnounce } from '../../src/bittorrent/reply.js'
import { mergeWords, wordsOf } from '../../src/cli/explain-words.js'
import { mergeFamilies } from '../../src/probe/merge.js'
import type { Outcome } from '../../src/tracker/outcome.js'

const ok: Outcome = { kind: 'ok', announce: silentAnnounce, flags: [] }
const rejected: Outcome = { kind: 'rejected', code: 'auth', message: 'passkey?', flags: [], retryAfterS: null }
const timeout: Outcome = { kind: 'failed', reason: 'timeout', code: 'udp.timeout', phase: 'udp_connect', detail: '' }
const refused: Outcome = { kind: 'failed', reason: 'refused', code: 'net.refused', phase: 'udp_connect', detail: '' }
const noAddress: Outcome = { kind: 'failed', reason: 'dns', code: 'dns.nodata', phase: 'resolve', detail: '' }
const servfail: Outcome = { kind: 'failed', reason: 'dns', code: 'dns.servfail', phase: 'resolve', detail: '' }
const noIpv6: Outcome = { kind: 'skipped', reason: 'no_ipv6', code: 'local.no_ipv6', detail: '' }

/** What is said of a check whose IPv4 and IPv6 came to this, by the rules that really merge them. */
function merged(four: Outcome, six: Outcome): string {
  const outcome = mergeFamilies([{ outcome: four }, { outcome: six }])
  return mergeWords(
    [
      { family: 4, outcome: four },
      { family: 6, outcome: six },
    ],
    outcome,
  )
}

describe('the rule that makes one verdict of two families', () => {
  it.each<[string, Outcome, Outcome, string]>([
    ['both answer', ok, ok, 'IPv4 and IPv6 alike: ok'],
    ['both are silent', timeout, timeout, 'IPv4 and IPv6 alike: failed (udp.timeout)'],
    [
      'IPv6 is dead',
      ok,
      timeout,
      'IPv6 failed (udp.timeout), IPv4 ok: the family that answers decides, flagged family_down',
    ],
    [
      'IPv4 is dead',
      refused,
      ok,
      'IPv4 failed (net.refused), IPv6 ok: the family that answers decides, flagged family_down',
    ],
    [
      'IPv4 is dead and IPv6 refuses',
      refused,
      rejected,
      'IPv4 failed (net.refused), IPv6 rejected (auth): the family that answers decides, flagged family_down',
    ],
    ['one refuses', rejected, ok, 'IPv4 rejected (auth), IPv6 ok: the better answer decides'],
    [
      'one has no address',
      ok,
      noAddress,
      'IPv6 has no address, IPv4 ok: a family without an address says nothing, so IPv4 decides',
    ],
    [
      'one has no address and the other fails',
      noAddress,
      timeout,
      'IPv4 has no address, IPv6 failed (udp.timeout): a family without an address says nothing, so IPv6 decides',
    ],
    [
      'one cannot be checked from here',
      timeout,
      noIpv6,
      'IPv6 skipped (local.no_ipv6), IPv4 failed (udp.timeout): IPv6 says nothing, so IPv4 decides',
    ],
    [
      'one cannot be looked up',
      servfail,
      ok,
      'IPv4 failed (dns.servfail), IPv6 ok: the family that answers decides, flagged dns.family_unknown',
    ],
    [
      'both fail, but one was reached',
      servfail,
      refused,
      'IPv4 failed (dns.servfail), IPv6 failed (net.refused): neither answers, and IPv6 tells more',
    ],
  ])('is told where %s', (_, four, six, words) => expect(merged(four, six)).toBe(words))

  it('is that of the one family that was checked', () => {
    expect(mergeWords([{ family: 6, outcome: ok }], ok)).toBe('IPv6 alone was checked, so it decides')
  })

  it('needs no family where the name alone decides', () => {
    expect(mergeWords([], noIpv6)).toBe('decided by the name alone: nothing was asked, nothing was sent')
  })
})

describe('an outcome in a few words', () => {
  it('has its code', () => {
    expect([ok, rejected, timeout, noAddress, noIpv6].map(wordsOf)).toEqual([
      'ok',
      'rejected (auth)',
      'failed (udp.timeout)',
      'no address',
      'skipped (local.no_ipv6)',
    ])
  })
})
