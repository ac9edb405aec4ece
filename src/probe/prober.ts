import type { HttpAnnounce } from '../bittorrent/http-announce.js'
import type { AnnounceReply, RefusedReply, ScrapeReply, ScrapeRow } from '../bittorrent/reply.js'
import type { Tracker } from '../tracker/tracker.js'
import type { Exchange } from './exchange.js'

/** A tracker resolved to one address. All packets of a probe go there. */
export interface Target {
  readonly tracker: Tracker
  readonly family: 4 | 6
  /** IP address, never a name. */
  readonly address: string
  /** A redirect led here: its path is asked for as it stands, with nothing appended. */
  readonly redirected?: true
  /** A redirect led away from the tracker's own origin: what the operator added to the request is not for this one. */
  readonly foreign?: true
}

/** Every parameter of an announce (BEP 3, 7, 15). All values are sent as given, 0 included. */
export interface AnnounceRequest extends HttpAnnounce {
  /** 1 to 65535 in probes; a query may send 0. */
  readonly port: number
  /** Peers wanted; −1 lets a UDP tracker decide. */
  readonly numWant: number
  /** Identifies us to the tracker across addresses. A text that is no 32-bit number is hashed to one for UDP. */
  readonly key: number | string
  /** Overrides the source address, where a tracker honours it. */
  readonly ip: string | null
  /** HTTP only. */
  readonly userAgent: string
  readonly headers: Readonly<Record<string, string>>
  /** After a good answer tell the tracker that we have left, without waiting: no ghost peer stays behind. */
  readonly leave: boolean
}

export interface ScrapeRequest {
  /** 20 bytes each, 1 or more, without duplicates. */
  readonly infoHashes: readonly Uint8Array[]
  readonly userAgent: string
  readonly headers: Readonly<Record<string, string>>
}

/** A tracker's answer to an announce: the content, or its refusal. */
export type Answer = AnnounceReply | Refusal
export type Refusal = RefusedReply

/** `entries[i]` belongs to `request.infoHashes[i]`; null where the tracker does not know it. */
export type ScrapeAnswer = ScrapeReply | Refusal
export type ScrapeEntry = ScrapeRow

/**
 * One exchange with one address: answers or throws. A prober cannot report failure: anything thrown is classified in
 * one place, `check`, so no protocol can forget to. It does not resolve names, decide on deadlines, log or count; it
 * tells the exchange which phase it is in and what it sent. When `exchange.signal` aborts it rejects at once, with
 * the signal's reason or with what it knows better ("only truncated answers came"). When it settles, its sockets, timers and listeners are gone.
 */
export type Prober = (target: Target, request: AnnounceRequest, exchange: Exchange) => Promise<Answer>
export type Scraper = (target: Target, request: ScrapeRequest, exchange: Exchange) => Promise<ScrapeAnswer>

/** What a protocol implements. To add one: its prober, its codec, one line in `probers.ts`. */
export interface Protocol {
  readonly announce: Prober
  readonly scrape: Scraper
}

/** A failure whose code the prober knows exactly; `classify` turns it into an outcome. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError'
  /** Fine-grained and dotted, as in `udp.truncated`. */
  readonly code: string
  /** Seconds before the tracker wants to hear from us again; null where it did not say. */
  readonly retryAfterS: number | null
  constructor(code: string, message: string, options?: ErrorOptions & { readonly retryAfterS?: number | null }) {
    super(message, options)
    this.code = code
    this.retryAfterS = options?.retryAfterS ?? null
  }
}

/** The tracker points elsewhere. `check` decides whether to follow. */
export class RedirectError extends Error {
  override readonly name = 'RedirectError'
  readonly status: number
  /** As sent by the tracker, possibly relative. */
  readonly location: string
  constructor(status: number, location: string) {
    super(`HTTP ${status} redirect to ${location}`)
    this.status = status
    this.location = location
  }
}
