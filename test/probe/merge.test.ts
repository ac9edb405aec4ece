import { describe, expect, it } from 'vitest'
import { merge, mergeFamilies } from '../../src/probe/merge.js'
import type { FailureReason, Outcome } from '../../src/tracker/outcome.js'
import { summary } from '../support/check-local.js'

function failed(code: string, reason: FailureReason): Outcome {
  return { kind: 'failed', reason, code, phase: 'connect', detail: '' }
}

const announce = {
  ...{ intervalS: 1800, minIntervalS: null, seeders: null, leechers: null, peers: null, peers6: null },
  ...{ warningMessage: null, trackerId: null, externalIp: null, extra: {} },
}
const outcomes: Readonly<Record<string, Outcome>> = {
  ok: { kind: 'ok', flags: [], announce },
  rejected: { kind: 'rejected', code: 'auth', message: 'no', flags: [], retryAfterS: null },
  timeout: failed('net.timeout', 'timeout'),
  refused: failed('net.refused', 'refused'),
  nxdomain: failed('dns.nxdomain', 'dns'),
  nodata: failed('dns.nodata', 'dns'),
  servfail: failed('dns.servfail', 'dns'),
  private: { kind: 'skipped', reason: 'private_address', code: 'policy.private_address', detail: '' },
  no_ipv6: { kind: 'skipped', reason: 'no_ipv6', code: 'local.no_ipv6', detail: '' },
}

/** `ok timeout` → the outcomes of that name. */
function named(names: string): Outcome[] {
  return names.split(' ').map((name) => {
    const outcome = outcomes[name]
    if (outcome === undefined) throw new Error(`no outcome is called ${name}`)
    return outcome
  })
}

describe('the addresses of one family', () => {
  it.each([
    ['ok', 'ok'],
    ['ok ok', 'ok'],
    ['timeout ok', 'ok partial_addresses'],
    ['ok refused timeout', 'ok partial_addresses'],
    ['rejected ok', 'ok'],
    ['timeout rejected', 'rejected auth "no" partial_addresses'],
    ['timeout refused', 'failed net.timeout in connect'],
    ['private timeout', 'failed net.timeout in connect'],
    ['private', 'skipped policy.private_address'],
  ])('%s are %s', (names, expected) => {
    expect(summary(merge(named(names)))).toBe(expected)
  })

  it('are at least one', () => {
    expect(() => merge([])).toThrow(RangeError)
  })
})

describe('both families', () => {
  it.each([
    ['ok ok', 'ok'],
    ['ok timeout', 'ok family_down'],
    ['timeout ok', 'ok family_down'],
    ['ok nodata', 'ok'],
    ['ok servfail', 'ok dns.family_unknown'],
    ['nxdomain ok', 'ok'],
    ['ok no_ipv6', 'ok'],
    ['rejected ok', 'ok'],
    ['rejected refused', 'rejected auth "no" family_down'],
    ['timeout nodata', 'failed net.timeout in connect'],
    ['nodata timeout', 'failed net.timeout in connect'],
    ['nodata nodata', 'failed dns.nodata in connect'],
    ['nodata nxdomain', 'failed dns.nxdomain in connect'],
    ['servfail nodata', 'failed dns.servfail in connect'],
    ['nodata private', 'skipped policy.private_address'],
    ['nodata no_ipv6', 'skipped local.no_ipv6'],
    ['private timeout', 'failed net.timeout in connect'],
    ['no_ipv6 refused', 'failed net.refused in connect'],
  ])('%s are %s', (names, expected) => {
    expect(summary(mergeFamilies(named(names).map((outcome) => ({ outcome }))))).toBe(expected)
  })
})
