import type { AliveWhen } from './policy.js'

/**
 * What a check can find out about a tracker. The unions are closed: each member is a column value, an API value and,
 * for reasons, a metric label. The fine-grained `code` belongs in history and on pages, never in a metric label.
 */

/** Why a tracker failed, coarse. `code` says it exactly. */
export const failureReasons = [
  'dns',
  'unreachable',
  'refused',
  'timeout',
  'reset',
  'tls',
  'http_status',
  'redirected',
  'not_a_tracker',
  'malformed',
] as const
export type FailureReason = (typeof failureReasons)[number]

/**
 * Why we learned nothing about a tracker. Never counts into uptime, and changes no status but for `paused`, which is one.
 */
export const skipReasons = [
  'overlay_network',
  'private_address',
  'local_name',
  'opted_out',
  'no_ipv4',
  'no_ipv6',
  'uplink_down',
  'too_soon',
  'local_error',
  'invalid_url',
  'paused',
] as const
export type SkipReason = (typeof skipReasons)[number]

/** The kinds of refusal that a tracker states in protocol. First match wins, see `classifyRejection`. */
export const rejectClasses = [
  'auth',
  'not_registered',
  'client_banned',
  'rate_limited',
  'overloaded',
  'bad_request',
  'conn_id',
  'gone',
  'other',
] as const
export type RejectClass = (typeof rejectClasses)[number]

/** The steps of a check, each timed on its own. A phase that did not happen is absent, never 0. */
export const phaseNames = [
  'resolve',
  'connect',
  'tls',
  'send',
  'processing',
  'transfer',
  'udp_connect',
  'udp_announce',
  'udp_scrape',
  'ws_upgrade',
  'ws_reply',
] as const
export type Phase = (typeof phaseNames)[number]

/** Duration of each phase that happened, in ms. */
export type Phases = Readonly<Partial<Record<Phase, number>>>

/** Observations beside the verdict. `true` marks those that make an answering tracker `degraded` and not `up`. */
export const flagDegrades = {
  fake_peers: true,
  keeps_no_peers: true,
  family_down: true,
  partial_addresses: true,
  idn_host: false,
  slow: true,
  clock_skew: false,
  reconnected: false,
  packet_loss: false,
  foreign_packets: false,
  tracker_warning: false,
  interval_missing: true,
  interval_zero: true,
  interval_low: true,
  interval_high: true,
  interval_invalid: true,
  min_interval_high: false,
  type_interval: true,
  counts_invalid: true,
  no_peers_key: false,
  peers_misaligned: true,
  peers6_misaligned: true,
  type_peers: true,
  peers_skipped: false,
  peers_all_invalid: true,
  external_ip_length: true,
  failure_reason_type: true,
  retry_in_invalid: false,
  scrape_partial: true,
  scrape_extra_rows: true,
  scrape_unknown_torrent: false,
  scrape_key_mangled: true,
  type_files: true,
  'udp.error_byteswapped': true,
  'udp.peer_list_misaligned': true,
  'udp.ipv4_peers_in_ipv6_reply': true,
  'udp.scrape_misaligned': true,
  'udp.reflection_port': false,
  'http.redirected': true,
  'http.redirect_downgrade': true,
  'http.error_status': true,
  'http.unlabelled_gzip': true,
  'http.mislabelled_encoding': true,
  'http.truncated_gzip': true,
  'http.truncated': true,
  'bencode.trailing_data': true,
  'bencode.duplicate_key': true,
  'bencode.noncanonical_int': true,
  'bencode.unsorted': false,
  'tls.cert_expiring': true,
  'tls.cert_expired': true,
  'tls.cert_not_yet_valid': true,
  'tls.cert_self_signed': true,
  'tls.cert_untrusted': true,
  'tls.cert_name_mismatch': true,
  'tls.cert_other': true,
  'dns.family_unknown': false,
  'bep34.denied': true,
  'bep34.port_not_listed': true,
  'bep34.multiple_records': false,
  'bep34.unknown': false,
} as const satisfies Record<string, boolean>
export type Flag = keyof typeof flagDegrades

/** A peer as the tracker named it. `ip` is IPv4 or IPv6 text, or in BEP 3's list form possibly a DNS name. */
export interface Peer {
  readonly ip: string
  readonly port: number
}

/** The content of a successful announce (BEP 3, 7, 15, 23, 24). `null` where the tracker did not say. */
export interface AnnounceAnswer {
  /** Seconds the tracker asks clients to wait between announces. */
  readonly intervalS: number | null
  readonly minIntervalS: number | null
  readonly seeders: number | null
  readonly leechers: number | null
  /**
   * IPv4 peers (or BEP 3's list of any kind); `null` where the tracker sent no such key. A check keeps the first 200
   * of each kind, a query all.
   */
  readonly peers: readonly Peer[] | null
  /** IPv6 peers (BEP 7). */
  readonly peers6: readonly Peer[] | null
  readonly warningMessage: string | null
  /** To be echoed as `trackerid`; raw bytes as a latin1 string. */
  readonly trackerId: string | null
  /** Our own address as the tracker sees it (BEP 24). */
  readonly externalIp: string | null
  /** Every other key that the tracker sent, in a query; empty in a check. Byte strings are latin1 strings. */
  readonly extra: Readonly<Record<string, unknown>>
}

export interface OkOutcome {
  readonly kind: 'ok'
  readonly announce: AnnounceAnswer
  readonly flags: readonly Flag[]
}

/** The tracker answered in protocol, with a refusal: a healthy private tracker, a useless public one. */
export interface RejectedOutcome {
  readonly kind: 'rejected'
  readonly code: RejectClass
  /** The tracker's own text: control characters stripped, at most 200 characters, passkeys masked. */
  readonly message: string
  /** The first 200 bytes of the text in hex; only from an HTTP tracker whose text is not UTF-8 and has no passkey. */
  readonly rawMessageHex?: string
  readonly flags: readonly Flag[]
  /** Seconds before the tracker wants to hear from us again, where it said so (BEP 31, interval beside the refusal). */
  readonly retryAfterS: number | null
}

export interface FailedOutcome {
  readonly kind: 'failed'
  readonly reason: FailureReason
  /** Fine-grained and dotted: `udp.timeout`, `tls.cert_expired`. */
  readonly code: string
  /** Where it failed. */
  readonly phase: Phase
  readonly detail: string
  /** Seconds, 1 to a week, before the tracker wants to hear from us again; only where an HTTP error said so. */
  readonly retryAfterS?: number
}

export interface SkippedOutcome {
  readonly kind: 'skipped'
  readonly reason: SkipReason
  /** Fine-grained and dotted: `net.overlay_i2p`, `url.missing_port`. */
  readonly code: string
  readonly detail: string
}

export type Outcome = OkOutcome | RejectedOutcome | FailedOutcome | SkippedOutcome

/** One exchange with one address of a tracker. */
export interface ProbeResult {
  readonly family: 4 | 6
  readonly address: string
  readonly outcome: Outcome
  /** Time of the exchange in ms, name resolution and lost attempts excluded; null where nothing was answered. */
  readonly latencyMs: number | null
  readonly phases: Phases
  /** Sends inside the probe; 2 or more where a packet was lost. */
  readonly attempts: number
  readonly packetsSent: number
  readonly packetsLost: number
  /** End of the certificate's validity, for TLS. */
  readonly certificateExpiresAt: Date | null
  /** The announce URL that the tracker redirected to, the last of several, without secrets; only where it did. */
  readonly redirectedTo?: string
}

/** One check of one tracker: the best of its probes decides. */
export interface CheckResult {
  /** The canonical announce URL, or the text as given where it is no tracker URL. */
  readonly url: string
  /** When it ended. */
  readonly checkedAt: Date
  readonly outcome: Outcome
  /** By the policy of the check (`aliveWhen`); false for `skipped`. */
  readonly alive: boolean
  /** Latency of the probe that decided, in ms. */
  readonly latencyMs: number | null
  readonly probes: readonly ProbeResult[]
}

/** The policy's yes or no for a single outcome. */
export function isAlive(outcome: Outcome, aliveWhen: AliveWhen): boolean {
  return outcome.kind === 'ok' || (outcome.kind === 'rejected' && aliveWhen === 'response')
}

/** The flags of an outcome; outcomes without an answer have none. */
export function flagsOf(outcome: Outcome): readonly Flag[] {
  return outcome.kind === 'ok' || outcome.kind === 'rejected' ? outcome.flags : []
}

/** Coarse reason for labels and columns: null for `ok` and `rejected`. */
export function reasonOf(outcome: Outcome): FailureReason | SkipReason | null {
  return outcome.kind === 'failed' || outcome.kind === 'skipped' ? outcome.reason : null
}

/** Fine code: null for `ok`. */
export function codeOf(outcome: Outcome): string | null {
  return outcome.kind === 'ok' ? null : outcome.code
}

/** The human sentence: the tracker's own text for a refusal, our detail for a failure or skip. */
export function messageOf(outcome: Outcome): string | null {
  switch (outcome.kind) {
    case 'ok':
      return outcome.announce.warningMessage
    case 'rejected':
      return outcome.message
    case 'failed':
    case 'skipped':
      return outcome.detail
  }
}
