import { describe, expect, it } from 'vitest'
import { classify } from '../../src/probe/classify.js'
import { DeadlineError } from '../../src/probe/deadline.js'
import { ResolveError } from '../../src/probe/dns/resolve-error.js'
import { ProbeError } from '../../src/probe/prober.js'
import { failureReasons, type Phase, phaseNames } from '../../src/tracker/outcome.js'

function systemError(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code })
}

/** A line of the table of reasons: `reason code` of what came of the error. */
function verdict(error: unknown, phase: Phase = 'connect'): string | null {
  const outcome = classify(error, phase)
  return outcome === null ? null : `${outcome.reason} ${outcome.code}`
}

describe('an error during a probe', () => {
  it.each<[string, Phase, string]>([
    ['ECONNREFUSED', 'connect', 'refused net.refused'],
    ['ECONNREFUSED', 'udp_connect', 'refused net.refused'],
    ['ECONNRESET', 'processing', 'reset net.reset'],
    ['ECONNRESET', 'tls', 'tls tls.reset'],
    ['EPIPE', 'send', 'reset net.reset'],
    ['ETIMEDOUT', 'connect', 'timeout net.timeout'],
    ['ENETUNREACH', 'connect', 'unreachable net.unreachable'],
    ['EAFNOSUPPORT', 'udp_connect', 'unreachable net.unreachable'],
    ['ENONET', 'udp_connect', 'unreachable net.unreachable'],
    ['ENOTSUP', 'connect', 'unreachable net.unreachable'],
    ['ECONNABORTED', 'transfer', 'reset net.reset'],
    ['EMFILE', 'connect', 'local_error local.resource'],
    ['EADDRNOTAVAIL', 'connect', 'local_error local.resource'],
    ['EPERM', 'udp_connect', 'local_error local.permission'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', 'tls tls.not_tls'],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'tls', 'tls tls.alert'],
    ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', 'tls', 'tls tls.alert'],
    ['ERR_SSL_DECRYPTION_FAILED', 'tls', 'tls tls.other'],
    ['HPE_INVALID_CONSTANT', 'processing', 'malformed http.parse'],
  ])('%s in %s is %s', (code, phase, expected) => {
    expect(verdict(systemError(code), phase)).toBe(expected)
  })

  it('of a link-local address that names no interface is that of an address nobody can reach', () => {
    const error = Object.assign(new Error('connect EINVAL fe80::1:80'), { code: 'EINVAL', syscall: 'connect' })
    expect(verdict(error)).toBe('unreachable net.unreachable')
    expect(verdict(systemError('EINVAL'))).toBeNull()
  })

  it('of permission is that of a firewall on the way over IPv6, where ICMP can say so, else our own', () => {
    expect(classify(systemError('EACCES'), 'connect', 6)).toMatchObject({ kind: 'failed', code: 'net.unreachable' })
    expect(classify(systemError('EACCES'), 'connect', 4)).toMatchObject({ kind: 'skipped', code: 'local.permission' })
    expect(classify(systemError('EPERM'), 'connect', 6)).toMatchObject({ kind: 'skipped', code: 'local.permission' })
  })

  it('of the kernel that we have not heard of says nothing about the tracker, and is no bug', () => {
    // As of a WireGuard tunnel that has no key or no end for an address.
    const names = ['Unknown system error -126', 'EDESTADDRREQ', 'EIO']
    const errors = names.map((code) => Object.assign(systemError(code), { errno: -126, syscall: 'send' }))
    for (const error of errors) expect(verdict(error, 'udp_connect')).toBe('local_error local.system')
    expect(verdict(Object.assign(systemError('ENOENT'), { errno: -2, syscall: 'open' }))).toBeNull()
  })

  it.each<[Phase, string]>([
    ['resolve', 'dns dns.timeout'],
    ['connect', 'timeout net.timeout'],
    ['tls', 'timeout tls.timeout'],
    ['send', 'timeout http.timeout'],
    ['processing', 'timeout http.timeout'],
    ['transfer', 'timeout http.timeout'],
    ['udp_connect', 'timeout udp.timeout'],
    ['udp_announce', 'timeout udp.timeout'],
    ['udp_scrape', 'timeout udp.timeout'],
    ['ws_upgrade', 'timeout ws.timeout'],
    ['ws_reply', 'timeout ws.timeout'],
  ])('that is our deadline, in %s, is %s', (phase, expected) => {
    expect(verdict(new DeadlineError(5), phase)).toBe(expected)
  })

  /** The table of reasons, written down once more. */
  it.each(
    Object.entries({
      dns: ['dns.nxdomain', 'dns.nodata', 'dns.servfail', 'dns.refused', 'dns.timeout', 'dns.error'],
      unreachable: ['net.unreachable'],
      refused: ['net.refused'],
      timeout: ['net.timeout', 'udp.timeout', 'http.timeout', 'ws.timeout', 'tls.timeout'],
      reset: ['net.reset', 'net.closed', 'ws.closed'],
      tls: ['tls.cert_expired', 'tls.alert'],
      http_status: ['http.status', 'http.challenge', 'ws.status'],
      redirected: ['http.redirect_loop', 'http.redirect_invalid'],
      not_a_tracker: [
        'http.not_a_tracker',
        'http.empty',
        'bencode.not_dict',
        'bencode.leading_garbage',
        'tracker.unrecognized_reply',
        'ws.bad_handshake',
      ],
      malformed: [
        'udp.truncated',
        'udp.bad_action',
        'udp.reply_from_other_address',
        'http.parse',
        'http.too_large',
        'http.truncated',
        'http.encoding',
        'http.unsupported_encoding',
        'bencode.invalid',
        'bencode.limit',
        'bencode.truncated',
        'ws.bad_json',
        'ws.bad_message',
        'ws.protocol',
        'ws.too_large',
      ],
    }),
  )('of a prober is %s: %j', (reason, codes) => {
    expect(failureReasons).toContain(reason)
    for (const code of codes) {
      const error = code.startsWith('dns.') ? new ResolveError(code, 'x') : new ProbeError(code, 'x')
      expect(verdict(error)).toBe(`${reason} ${code}`)
    }
  })

  it('that nobody knows is none of the tracker: our bug must not become its downtime', () => {
    for (const phase of phaseNames) {
      expect(verdict(new TypeError('x is not a function'), phase)).toBeNull()
      expect(verdict(systemError('ERR_INVALID_ARG_TYPE'), phase)).toBeNull()
      expect(verdict('a text', phase)).toBeNull()
      expect(verdict(undefined, phase)).toBeNull()
    }
  })
})
