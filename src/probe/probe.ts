import { sanitiseText } from '../bittorrent/rejection.js'
import { maskText, maskUrl } from '../tracker/mask.js'
import type { AnnounceAnswer, Flag, Outcome, Peer, ProbeResult } from '../tracker/outcome.js'
import { DAY_MS } from '../tracker/time.js'
import type { Tracker } from '../tracker/tracker.js'
import { announceTo } from './announce-to.js'
import { classify } from './classify.js'
import { type AbortSignalLike, startDeadline } from './deadline.js'
import { createExchange, type Exchange } from './exchange.js'
import { type FollowUpOptions, followUp, followUpsFor } from './follow-ups.js'
import { discountStalls, type LoopWatch } from './loop-watch.js'
import { addFlags } from './merge.js'
import type { AnnounceRequest, Answer, Refusal, Target } from './prober.js'
import { firstPhase, RefusedRedirect } from './redirects.js'
import { excuseNoRoute } from './route.js'
import type { Trace } from './trace.js'

/** What the probes of a check need to know. */
export interface ProbeOptions extends FollowUpOptions {
  /** Time for the exchange with one address, redirects included, ms. */
  readonly timeoutMs: number
  /** Null for an info hash that nobody has, which also finds trackers that invent peers. */
  readonly infoHash: Uint8Array | null
  readonly userAgent: string
  readonly headers: Readonly<Record<string, string>>
  readonly trace?: Trace
  /** Tells the time that we stood still from the tracker's; where it is absent, nobody looks. */
  readonly loop?: LoopWatch
}

/** An exchange under way. */
interface Asked {
  readonly target: Target
  readonly exchange: Exchange
  /** Trackers repeat in what they say with what they were asked. */
  readonly mask: (text: string) => string
}

/** Enough to see whether a tracker invents peers. */
const NUM_WANT = 5
/** Above 0: a probe never counts as a seeder. */
const LEFT_BYTES = 1000
/** More than trackers send at once. */
const MAX_KEPT_PEERS = 200
const MAX_KEPT_TRACKER_ID = 256
const CERTIFICATE_EXPIRES_SOON_MS = 14 * DAY_MS

/** One exchange with one address, whatever comes of it. Rejects only on abort and for our own bugs. */
export async function probe(
  target: Target,
  resolveMs: number | null,
  options: ProbeOptions,
  signal: AbortSignalLike,
): Promise<ProbeResult> {
  const { loop } = options
  const beganMs = performance.now()
  const deadline = startDeadline(options.timeoutMs, signal)
  const exchange = createExchange(deadline.signal, options, firstPhase(target.tracker))
  const mask = (text: string): string => maskText(text, target.tracker, options.headers)
  const asked: Asked = { target, exchange, mask }
  if (options.trace !== undefined) beginTrace(options.trace, target, exchange)
  let outcome: Outcome
  try {
    const request = requestFor(target.tracker, options)
    outcome = outcomeOf(await announceTo(target, request, exchange, options), asked, options)
    const followUps = followUpsFor(target.tracker, options.followUps)
    if (followUps !== null && outcome.kind === 'ok') {
      const first = { target, request, exchange, endsAtMs: beganMs + options.timeoutMs }
      outcome = addFlags(outcome, await followUp(first, followUps, options))
      signal.throwIfAborted()
    }
  } catch (error) {
    signal.throwIfAborted()
    outcome = await excuseNoRoute(failureOf(error, asked), target)
  } finally {
    deadline.clear()
  }
  const measured = resultOf(asked, outcome, resolveMs)
  const result = loop === undefined ? measured : discountStalls(measured, loop, beganMs)
  exchange.trace?.({ kind: 'probe_settled', result })
  return result
}

function beginTrace(trace: Trace, { tracker, family, address }: Target, exchange: Exchange): void {
  exchange.trace = (step) => trace(step, { family, address })
  exchange.trace({ kind: 'probe_began', port: tracker.port })
}

function requestFor(tracker: Tracker, options: ProbeOptions): AnnounceRequest {
  const { identity } = options
  return {
    infoHash: options.infoHash ?? identity.infoHashFor(tracker.url),
    peerId: identity.peerId,
    event: 'started',
    left: LEFT_BYTES,
    downloaded: 0,
    uploaded: 0,
    port: identity.port,
    numWant: NUM_WANT,
    key: identity.key,
    ip: null,
    trackerId: null,
    userAgent: options.userAgent,
    headers: options.headers,
    // Another announce may have to find us there.
    leave: followUpsFor(tracker, options.followUps)?.keepsPeers !== true,
  }
}

function outcomeOf(answer: Answer, { exchange, mask }: Asked, options: ProbeOptions): Outcome {
  const flags = [...answer.flags, ...exchange.flags]
  if (exchange.packetsLost > 0) flags.push('packet_loss')
  if (expiresSoon(exchange)) flags.push('tls.cert_expiring')
  if (answer.kind === 'refused') return rejectionOf(answer, mask, distinct(flags))
  const { announce } = answer
  if (announce.warningMessage !== null) flags.push('tracker_warning')
  const { port, second } = options.identity
  // Nobody has this info hash but ourselves, and our ports tell us from others.
  const isMadeUp = (peer: Peer): boolean => peer.port !== port && peer.port !== second.port
  if (options.infoHash === null && (announce.peers?.some(isMadeUp) || announce.peers6?.some(isMadeUp))) {
    flags.push('fake_peers')
  }
  return { kind: 'ok', announce: withMaskedWarning(kept(announce), mask), flags: distinct(flags) }
}

function withMaskedWarning(announce: AnnounceAnswer, mask: Asked['mask']): AnnounceAnswer {
  const { warningMessage } = announce
  return warningMessage === null ? announce : { ...announce, warningMessage: mask(warningMessage) }
}

function rejectionOf(refusal: Refusal, mask: Asked['mask'], flags: readonly Flag[]): Outcome {
  const { code, retryAfterS, rawMessageHex } = refusal
  const message = mask(refusal.message)
  const outcome: Outcome = { kind: 'rejected', code, message, flags, retryAfterS }
  // What was masked in the text would still stand in its bytes.
  return rawMessageHex === undefined || message !== refusal.message ? outcome : { ...outcome, rawMessageHex }
}

/** Results are held for every tracker, and a stranger may send a megabyte of peers. */
function kept(announce: AnnounceAnswer): AnnounceAnswer {
  const { peers, peers6, trackerId, extra } = announce
  const isSmall = (peers?.length ?? 0) + (peers6?.length ?? 0) <= MAX_KEPT_PEERS && trackerId === null
  if (isSmall && Object.keys(extra).length === 0) return announce
  return {
    ...announce,
    peers: peers?.slice(0, MAX_KEPT_PEERS) ?? null,
    peers6: peers6?.slice(0, MAX_KEPT_PEERS) ?? null,
    trackerId: trackerId?.slice(0, MAX_KEPT_TRACKER_ID) ?? null,
    extra: {},
  }
}

function failureOf(error: unknown, { target, exchange, mask }: Asked): Outcome {
  if (error instanceof RefusedRedirect) return error.outcome
  const outcome = classify(error, exchange.phase, target.family)
  if (outcome === null) throw error
  return { ...outcome, detail: mask(outcome.detail) }
}

function resultOf({ target, exchange, mask }: Asked, outcome: Outcome, resolveMs: number | null): ProbeResult {
  const { phases, latencyMs, packetsSent, packetsLost, certificateExpiresAt } = exchange
  const answered = outcome.kind === 'ok' || outcome.kind === 'rejected'
  const result = {
    family: target.family,
    address: target.address,
    outcome,
    latencyMs: answered ? latencyMs : null,
    phases: resolveMs === null ? phases : { resolve: resolveMs, ...phases },
    attempts: 1 + packetsLost,
    packetsSent,
    packetsLost,
    certificateExpiresAt,
  }
  const { redirectedTo } = exchange
  if (redirectedTo === null) return result
  // Where to may name where from, and so the secret of the tracker in a place where none is looked for.
  return { ...result, redirectedTo: mask(announceUrl(redirectedTo)) }
}

/** Most redirects repeat the query, and with it what we had added to the announce URL. */
function announceUrl(requested: string): string {
  return sanitiseText(maskUrl(requested.replace(/[?&]info_hash=.*$/s, '')))
}

function distinct(flags: readonly Flag[]): readonly Flag[] {
  return flags.length < 2 ? flags : [...new Set(flags)]
}

function expiresSoon({ certificateExpiresAt: expiresAt }: Exchange): boolean {
  const leftMs = expiresAt === null ? Number.NaN : expiresAt.getTime() - Date.now()
  return leftMs >= 0 && leftMs < CERTIFICATE_EXPIRES_SOON_MS
}
