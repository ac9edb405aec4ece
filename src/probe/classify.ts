import { printable } from '../bittorrent/rejection.js'
import type { FailedOutcome, FailureReason, Phase, SkippedOutcome } from '../tracker/outcome.js'
import { DeadlineError } from './deadline.js'
import { ResolveError } from './dns/resolve-error.js'
import { ProbeError } from './prober.js'

/** The codecs state the exact code themselves. */
const OWN_CODE = /^(?:udp|http|bencode|tracker|ws)\.[a-z_]+$/
/** Our own limits reached; says nothing about a tracker. */
const LOCAL_CODES: Readonly<Record<string, string>> = {
  EMFILE: 'local.resource',
  ENFILE: 'local.resource',
  ENOBUFS: 'local.resource',
  ENOMEM: 'local.resource',
  EADDRNOTAVAIL: 'local.resource',
  EADDRINUSE: 'local.resource',
  EPERM: 'local.permission',
  EACCES: 'local.permission',
}
const NETWORK_CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'net.refused',
  ECONNRESET: 'net.reset',
  EPIPE: 'net.reset',
  ECONNABORTED: 'net.reset',
  ETIMEDOUT: 'net.timeout',
  ENETUNREACH: 'net.unreachable',
  EHOSTUNREACH: 'net.unreachable',
  ENETDOWN: 'net.unreachable',
  EHOSTDOWN: 'net.unreachable',
  EPROTO: 'net.reset',
  ENOPROTOOPT: 'net.unreachable',
  // ICMP: host isolated, source route failed.
  ENONET: 'net.unreachable',
  ENOTSUP: 'net.unreachable',
  EMSGSIZE: 'net.unreachable',
  // A kernel without IPv6.
  EAFNOSUPPORT: 'net.unreachable',
}
const NETWORK_CALLS: ReadonlySet<string> = new Set(['connect', 'send', 'recvmsg', 'read', 'write'])
/** In place of the system's own wording, such as "recvmsg ECONNREFUSED". */
const SENTENCES: Readonly<Record<string, string>> = {
  'net.refused': 'connection refused',
  'net.reset': 'connection reset',
  'net.timeout': 'connection timed out',
  'net.unreachable': 'network or host unreachable',
  'tls.reset': 'connection reset during the TLS handshake',
}
const NOT_TLS = 'the port does not speak TLS, try http:// or ws://'
const TLS_CODES: Readonly<Record<string, string>> = {
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'tls.protocol_version',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'tls.protocol_version',
  ERR_SSL_NO_PROTOCOLS_AVAILABLE: 'tls.protocol_version',
  ERR_SSL_WRONG_VERSION_NUMBER: 'tls.not_tls',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'tls.not_tls',
  ERR_SSL_HTTP_REQUEST: 'tls.not_tls',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'tls.client_cert_required',
  // Alerts of extensions, which OpenSSL names without the word.
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: 'tls.alert',
  ERR_SSL_TLSV1_UNSUPPORTED_EXTENSION: 'tls.alert',
}
const REASONS: readonly (readonly [prefix: string, reason: FailureReason])[] = [
  ['dns.', 'dns'],
  ['net.unreachable', 'unreachable'],
  ['net.refused', 'refused'],
  ['net.timeout', 'timeout'],
  ['udp.timeout', 'timeout'],
  ['tls.timeout', 'timeout'],
  ['http.timeout', 'timeout'],
  ['ws.timeout', 'timeout'],
  ['net.', 'reset'],
  ['ws.closed', 'reset'],
  ['tls.', 'tls'],
  ['http.status', 'http_status'],
  ['http.challenge', 'http_status'],
  ['ws.status', 'http_status'],
  ['http.redirect', 'redirected'],
  ['http.not_a_tracker', 'not_a_tracker'],
  ['http.empty', 'not_a_tracker'],
  ['bencode.not_dict', 'not_a_tracker'],
  ['bencode.leading_garbage', 'not_a_tracker'],
  ['tracker.unrecognized_reply', 'not_a_tracker'],
  ['ws.bad_handshake', 'not_a_tracker'],
  ['udp.', 'malformed'],
  ['http.', 'malformed'],
  ['bencode.', 'malformed'],
  ['ws.', 'malformed'],
]

/**
 * What was thrown during a probe → an outcome. Phase first, code second: ECONNREFUSED means one thing from a name
 * server and another from a tracker; `family` is that of the address, where there is one. Null for an error that it does
 * not know: that is our bug, and a bug must never be written into history as downtime.
 */
export function classify(error: unknown, phase: Phase, family?: 4 | 6): FailedOutcome | SkippedOutcome | null {
  if (!(error instanceof Error)) return null
  const code = codeOf(error, phase, family)
  if (code === null) return null
  if (code.startsWith('local.')) return { kind: 'skipped', reason: 'local_error', code, detail: error.message }
  const reason = REASONS.find(([prefix]) => code.startsWith(prefix))?.[1]
  if (reason === undefined) return null
  const outcome: FailedOutcome = { kind: 'failed', reason, code, phase, detail: describe(error, code) }
  const retryAfterS = error instanceof ProbeError ? error.retryAfterS : null
  return retryAfterS === null ? outcome : { ...outcome, retryAfterS }
}

function codeOf(error: Error, phase: Phase, family: 4 | 6 | undefined): string | null {
  if (error instanceof ProbeError || error instanceof ResolveError) return error.code
  if (error instanceof DeadlineError) return timeoutCode(phase)
  const { code } = error as NodeJS.ErrnoException
  if (typeof code !== 'string') return null
  if (OWN_CODE.test(code)) return code
  if (phase === 'tls' && NETWORK_CODES[code] === 'net.reset') return 'tls.reset'
  // Of a link-local address without the interface that it belongs to.
  if (code === 'EINVAL' && 'syscall' in error && error.syscall === 'connect') return 'net.unreachable'
  // ICMPv6 "administratively prohibited", with which many firewalls close a port. Over IPv4 it can only be our own.
  if (code === 'EACCES' && family === 6) return 'net.unreachable'
  return LOCAL_CODES[code] ?? NETWORK_CODES[code] ?? TLS_CODES[code] ?? prefixedCode(code) ?? systemCode(error)
}

/** What our kernel has to say of its network that is new to us, such as ENOKEY of a WireGuard tunnel, is no bug of ours. */
function systemCode({ errno, syscall = '' }: NodeJS.ErrnoException): string | null {
  return errno !== undefined && NETWORK_CALLS.has(syscall) ? 'local.system' : null
}

function prefixedCode(code: string): string | null {
  if (/^ERR_SSL_.*ALERT/.test(code)) return 'tls.alert'
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) return 'tls.other'
  if (code.startsWith('HPE_')) return 'http.parse'
  return null
}

function timeoutCode(phase: Phase): string {
  if (phase === 'resolve') return 'dns.timeout'
  if (phase === 'connect') return 'net.timeout'
  if (phase === 'tls') return 'tls.timeout'
  if (phase.startsWith('udp_')) return 'udp.timeout'
  return phase.startsWith('ws_') ? 'ws.timeout' : 'http.timeout'
}

function describe(error: Error, code: string): string {
  if (code === 'tls.not_tls') return NOT_TLS
  const system = error as NodeJS.ErrnoException
  const sentence = SENTENCES[code]
  if (sentence !== undefined && system.code !== undefined && system.syscall !== undefined) {
    return `${sentence} (${system.code})`
  }
  // Our sentences quote strangers: a status line, the reason of a close frame.
  return printable(error.message === '' ? error.name : error.message)
}
