import type { Bep34 } from '../bittorrent/bep34.js'
import type { Outcome, ProbeResult } from '../tracker/outcome.js'

/**
 * What a check does, as it does it: every question to the DNS, every packet, header and message, and why one that came
 * was not taken. Plain data, so that it can be shown, kept or counted; bytes and texts are as they were on the wire, with
 * the secrets of the announce URL in them, and those received are a stranger's: mask and bound them before you show them
 * (`check --explain` does). Where nobody listens, none of it is made.
 */
export type TraceEvent = TraceStep & {
  /** The canonical announce URL of the check. */
  readonly url: string
  /** Since the check began, ms. */
  readonly atMs: number
  /** The probe that the event belongs to; null for one of the whole check, such as resolving its name. */
  readonly probe: { readonly family: 4 | 6; readonly address: string } | null
}

/** Is told of each event at once, in the order of time; several probes of one check run side by side. Must not throw. */
export type OnTrace = (event: TraceEvent) => void

export type TraceStep =
  | NameAsked
  | NameAnswered
  | NameUnanswered
  | OwnerSaid
  | ProbeBegan
  | Connected
  | TlsEstablished
  | DatagramSent
  | DatagramReceived
  | SocketError
  | RequestSent
  | ResponseReceived
  | BodyReceived
  | UnreadableReceived
  | MessageSent
  | MessageReceived
  | ConnectionClosed
  | Redirected
  | ProbeSettled
  | FamilySettled

/** A name server, or the hosts file or our cache in its place, is asked. */
export interface NameAsked {
  readonly kind: 'name_asked'
  readonly host: string
  readonly record: 'A' | 'AAAA' | 'TXT'
}

export interface NameAnswered {
  readonly kind: 'name_answered'
  readonly host: string
  readonly record: 'A' | 'AAAA'
  /** In the order of the answer, 1 or more. */
  readonly addresses: readonly {
    readonly address: string
    /** Why it is not contacted; null where it may be. */
    readonly refused: string | null
  }[]
  readonly tookMs: number
}

export interface NameUnanswered {
  readonly kind: 'name_unanswered'
  readonly host: string
  readonly record: 'A' | 'AAAA'
  /** As in an outcome: `dns.nxdomain`. */
  readonly code: string
  readonly detail: string
  readonly tookMs: number
}

/** What the name's owner says about trackers in TXT records (BEP 34). */
export interface OwnerSaid {
  readonly kind: 'owner_said'
  readonly host: string
  /** Null where there is none that speaks of trackers. */
  readonly record: Bep34 | null
  /** The name servers did not say; `record` is what they said before, if anything. */
  readonly unknown: boolean
  readonly tookMs: number
}

/** One exchange with one address begins. */
export interface ProbeBegan {
  readonly kind: 'probe_began'
  readonly port: number
}

/** The TCP connection stands. */
export interface Connected {
  readonly kind: 'connected'
  readonly address: string
  readonly port: number
}

/** The handshake is done. Whether the certificate will do is judged behind it, so this is here for a bad one too. */
export interface TlsEstablished {
  readonly kind: 'tls_established'
  readonly protocol: string | null
  readonly cipher: string | null
  /** Null where the server showed none. */
  readonly certificate: TraceCertificate | null
  /** What clients would say against it, first thing first; empty where it is good. */
  readonly faults: readonly string[]
}

export interface TraceCertificate {
  readonly subject: string
  readonly issuer: string
  /** As in `DNS:tracker.example, IP Address:192.0.2.7`; null where it names nobody. */
  readonly names: string | null
  readonly validFrom: string
  readonly validTo: string
}

export interface DatagramSent {
  readonly kind: 'datagram_sent'
  readonly bytes: Uint8Array
  /** 1 for the first send of this request; each one more was sent because no answer had come. */
  readonly attempt: number
  /** The most there would be; 0 for a farewell, to which no answer is awaited. */
  readonly attempts: number
}

export interface DatagramReceived {
  readonly kind: 'datagram_received'
  readonly bytes: Uint8Array
  readonly verdict: 'taken' | 'ignored'
  /**
   * Why it was ignored: no packet of the protocol (`short`), from elsewhere (`source`), an answer to nothing we sent
   * (`transaction_id`), to something else (`action`), or cut (`truncated`); nothing was awaited any more (`late`).
   */
  readonly why: 'short' | 'source' | 'transaction_id' | 'action' | 'truncated' | 'late' | null
  /** Since the send that it answers, ms; null where it answers none. */
  readonly tookMs: number | null
  /** Where it came from, if not from the tracker's address and port. */
  readonly from: { readonly address: string; readonly port: number } | null
}

/** The kernel reports an error on a UDP socket: most often ICMP said that the port is closed. */
export interface SocketError {
  readonly kind: 'socket_error'
  readonly message: string
  /** Whether the request is sent once more all the same. */
  readonly again: boolean
}

/** An HTTP request, that for a WebSocket included. */
export interface RequestSent {
  readonly kind: 'request_sent'
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** Status line and headers. */
export interface ResponseReceived {
  readonly kind: 'response_received'
  readonly httpVersion: string
  readonly status: number
  readonly statusText: string
  /** As sent, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

export interface BodyReceived {
  readonly kind: 'body_received'
  /** As on the wire, its content encoding still on. */
  readonly bytes: Uint8Array
  readonly contentEncoding: string | null
  /** False where the connection ended before the announced length. */
  readonly complete: boolean
}

/** What came is not HTTP. */
export interface UnreadableReceived {
  readonly kind: 'unreadable_received'
  readonly bytes: Uint8Array
}

/** A WebSocket message. */
export interface MessageSent {
  readonly kind: 'message_sent'
  readonly text: string
}

export interface MessageReceived {
  readonly kind: 'message_received'
  readonly text: string
  readonly verdict: 'taken' | 'ignored'
  /** Why it was ignored, where more is known than that it is no answer to our request. */
  readonly why: string | null
}

/** The WebSocket was closed from the other side. */
export interface ConnectionClosed {
  readonly kind: 'connection_closed'
  readonly code: number
  readonly reason: string
}

/** The tracker points elsewhere, and we go there. */
export interface Redirected {
  readonly kind: 'redirected'
  readonly status: number
  /** As sent, possibly relative. */
  readonly location: string
  /** The URL that it comes to. */
  readonly to: string
}

/** The exchange with one address is over. */
export interface ProbeSettled {
  readonly kind: 'probe_settled'
  readonly result: ProbeResult
}

/** What all addresses of one family come to. */
export interface FamilySettled {
  readonly kind: 'family_settled'
  readonly family: 4 | 6
  readonly outcome: Outcome
}

/** The events of one check on their way to who listens: it adds what they have in common. */
export type Trace = (step: TraceStep, probe?: TraceEvent['probe']) => void

/** A trace whose clock starts now. */
export function startTrace(onTrace: OnTrace, url: string): Trace {
  const beganMs = performance.now()
  return (step, probe = null) => onTrace({ ...step, url, atMs: performance.now() - beganMs, probe })
}
