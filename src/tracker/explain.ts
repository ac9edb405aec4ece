import type { Status } from './health.js'
import { codeOf, type FailureReason, type Outcome, type RejectClass, reasonOf, type SkipReason } from './outcome.js'

/** What a status, a reason or a code means, as a sentence without a full stop. */

export const statusWords: Readonly<Record<Status, string>> = {
  pending: 'Not checked yet',
  up: 'Up',
  degraded: 'Degraded',
  rejecting: 'Rejecting',
  down: 'Down',
  unknown: 'Unknown',
  unsupported: 'Not checkable',
  paused: 'Paused',
}

const reasonWords: Readonly<Record<FailureReason | SkipReason, string>> = {
  dns: 'The name does not resolve',
  unreachable: 'No route to the host',
  refused: 'The port is closed',
  timeout: 'No answer in time',
  reset: 'The connection was cut',
  tls: 'The encrypted connection failed',
  http_status: 'Answered with an HTTP error',
  redirected: 'Redirects to somewhere else',
  not_a_tracker: 'What answers there is not a tracker',
  malformed: 'The answer breaks the protocol',
  overlay_network: 'Lives in an overlay network that cannot be reached from here',
  private_address: 'Has a private address, which is not probed',
  local_name: 'Has a local name, which is not probed',
  opted_out: 'The operator of the host asks not to be contacted (BEP 34)',
  no_ipv4: 'Needs IPv4, which this monitor does not have',
  no_ipv6: 'Needs IPv6, which this monitor does not have',
  uplink_down: 'This monitor’s own network was down',
  too_soon: 'Skipped, since other trackers at the same address took all the time',
  local_error: 'This monitor could not carry out the check',
  invalid_url: 'The text is not an announce URL',
  paused: 'Paused by the operator',
}

const rejectWords: Readonly<Record<RejectClass, string>> = {
  auth: 'Refuses: asks for a passkey or login',
  not_registered: 'Refuses: serves registered torrents only',
  client_banned: 'Refuses this client',
  rate_limited: 'Refuses: asked too often',
  overloaded: 'Refuses: overloaded or under maintenance',
  bad_request: 'Refuses the request as invalid',
  conn_id: 'Refuses its own connection id',
  gone: 'Says that it is gone for good',
  other: 'Refuses the announce',
}

/** Codes that say more than their reason does. */
const codeWords: Readonly<Record<string, string>> = {
  'dns.nxdomain': 'The name does not exist',
  'dns.nodata': 'The name has no address',
  'dns.servfail': 'The name servers of the domain fail',
  'dns.refused': 'The name servers refuse to answer',
  'dns.timeout': 'The name servers do not answer',
  'udp.timeout': 'No answer to UDP packets',
  'udp.truncated': 'The answer is cut short',
  'udp.bad_action': 'The answer belongs to no request of ours',
  'udp.reply_from_other_address': 'Answers from another address, which most clients drop',
  'net.timeout': 'No answer to the connection attempt',
  'net.closed': 'The connection was closed without an answer',
  'tls.cert_expired': 'The certificate has expired',
  'tls.cert_not_yet_valid': 'The certificate is not valid yet',
  'tls.cert_self_signed': 'The certificate is self-signed',
  'tls.cert_untrusted': 'The certificate is not trusted, most often for a missing intermediate one',
  'tls.cert_name_mismatch': 'The certificate is for another name',
  'tls.cert_other': 'The certificate is not acceptable',
  'tls.protocol_version': 'No TLS version in common',
  'tls.not_tls': 'The port does not speak TLS; try http://',
  'tls.client_cert_required': 'Asks for a client certificate',
  'tls.alert': 'The server refuses the TLS handshake',
  'tls.reset': 'The connection was cut during the TLS handshake',
  'tls.timeout': 'No answer to the TLS handshake',
  'http.timeout': 'Connected, but no complete answer in time',
  'http.challenge': 'A bot check of a content network stands in front',
  'http.redirected': 'Redirects to another place, which was not followed',
  'http.redirect_loop': 'Redirects in a circle',
  'http.redirect_invalid': 'Redirects to no usable URL',
  'http.not_a_tracker': 'Answers with a web page',
  'http.empty': 'Answers with nothing',
  'http.parse': 'The answer is not HTTP',
  'http.too_large': 'The answer is far too large',
  'http.truncated': 'The answer breaks off',
  'http.encoding': 'The compressed answer is broken',
  'http.unsupported_encoding': 'The answer is compressed in an unknown way',
  'bencode.not_dict': 'The answer is bencoded but not an announce answer',
  'bencode.leading_garbage': 'Something stands before the answer, which clients cannot read',
  'bencode.invalid': 'The answer is not valid bencoding',
  'bencode.limit': 'The answer is nested or long beyond all measure',
  'bencode.truncated': 'The answer breaks off',
  'tracker.unrecognized_reply': 'The answer says nothing that a tracker would say',
  'ws.bad_handshake': 'Does not speak WebSocket',
  'ws.status': 'Refuses WebSocket with an HTTP status',
  'ws.timeout': 'Connected by WebSocket, but no answer to the announce',
  'ws.closed': 'Closed the WebSocket without an answer',
  'ws.bad_json': 'The answer is not JSON',
  'ws.bad_message': 'The answer is no announce answer',
  'ws.protocol': 'Breaks the WebSocket protocol',
  'ws.too_large': 'The answer is far too large',
  'net.overlay_tor': 'A Tor address, not reachable from here',
  'net.overlay_i2p': 'An I2P address, not reachable from here',
  'net.overlay_loki': 'A Lokinet address, not reachable from here',
  'net.overlay_yggdrasil': 'An Yggdrasil address, not reachable from here',
  'local.dns': 'This monitor’s own name servers answer nothing',
  'local.stalled': 'This monitor itself stood still during the check',
  'local.system': 'This monitor’s own system could not send',
  'bep34.denied': 'The domain says that it runs no tracker (BEP 34)',
  'bep34.port_not_listed': 'The domain lists other ports for its tracker (BEP 34)',
}

/** What the two steps of UDP mean when nothing comes back; only a live outcome knows its phase. */
const udpTimeoutWords: Readonly<Record<string, string>> = {
  udp_connect: 'No answer to the connect request',
  udp_announce: 'Connected, but no answer to the announce',
}

/** The part of an outcome, a stored check or a status change that says why. */
export interface Cause {
  readonly reason: string | null
  readonly code: string | null
  readonly phase?: string | null
}

/** By the code where that says more, else by the reason. Null for a cause that says nothing, as of a good answer. */
export function explain({ reason, code, phase }: Cause): string | null {
  const words = code === 'udp.timeout' ? wordOf(udpTimeoutWords, phase) : undefined
  return words ?? wordOf(codeWords, code) ?? wordOf(reasonWords, reason) ?? wordOf(rejectWords, code) ?? code ?? reason
}

/** The cause in an outcome as it came from a check. */
export function causeOf(outcome: Outcome): Cause {
  return { reason: reasonOf(outcome), code: codeOf(outcome), phase: outcome.kind === 'failed' ? outcome.phase : null }
}

function wordOf(words: Readonly<Record<string, string>>, key: string | null | undefined): string | undefined {
  return typeof key === 'string' && Object.hasOwn(words, key) ? words[key] : undefined
}
