import { maskText } from '../tracker/mask.js'
import type { AnnounceAnswer, Flag, Outcome, Peer, ProbeResult } from '../tracker/outcome.js'
import type { Tracker } from '../tracker/tracker.js'
import { classify } from './classify.js'
import { type AbortSignalLike, startDeadline } from './deadline.js'
import { createExchange, type Exchange } from './exchange.js'
import type { Identity } from './identity.js'
import type { AnnounceRequest, Answer, Target } from './prober.js'
import { probers } from './probers.js'
import { type FollowOptions, firstPhase, followRedirects, RefusedRedirect } from './redirects.js'

/** What the probes of a check need to know. */
export interface ProbeOptions extends FollowOptions {
  /** Time for the exchange with one address, redirects included, ms. */
  readonly timeoutMs: number
  /** Sends per phase over UDP. */
  readonly attempts: number
  readonly identity: Identity
  /** Null for an info hash that nobody has, which also finds trackers that invent peers. */
  readonly infoHash: Uint8Array | null
  readonly userAgent: string
  readonly headers: Readonly<Record<string, string>>
}

/** Enough to see whether a tracker invents peers. */
const NUM_WANT = 5
/** Above 0: a probe never counts as a seeder. */
const LEFT_BYTES = 1000
/** More than trackers send at once. */
const MAX_KEPT_PEERS = 200
const MAX_KEPT_TRACKER_ID = 256
const CERTIFICATE_EXPIRES_SOON_MS = 14 * 86_400_000

/** One exchange with one address, whatever comes of it. Rejects only on abort and for our own bugs. */
export async function probe(
  target: Target,
  resolveMs: number | null,
  options: ProbeOptions,
  signal: AbortSignalLike,
): Promise<ProbeResult> {
  const deadline = startDeadline(options.timeoutMs, signal)
  const exchange = createExchange(deadline.signal, options, firstPhase(target.tracker))
  let outcome: Outcome
  try {
    const request = requestFor(target.tracker, options)
    const answer = await followRedirects(target, options, exchange, (hop) =>
      probers[hop.tracker.scheme].announce(hop, request, exchange),
    )
    outcome = outcomeOf(answer, target.tracker, exchange, options)
  } catch (error) {
    signal.throwIfAborted()
    outcome = failureOf(error, target, exchange)
  } finally {
    deadline.clear()
  }
  return resultOf(target, outcome, resolveMs, exchange)
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
    leave: true,
  }
}

function outcomeOf(answer: Answer, tracker: Tracker, exchange: Exchange, options: ProbeOptions): Outcome {
  const flags = [...answer.flags, ...exchange.flags]
  if (exchange.packetsLost > 0) flags.push('packet_loss')
  if (expiresSoon(exchange)) flags.push('tls.cert_expiring')
  if (answer.kind === 'refused') {
    const { code, retryAfterS } = answer
    return { kind: 'rejected', code, message: maskText(answer.message, tracker), flags: distinct(flags), retryAfterS }
  }
  const { announce } = answer
  if (announce.warningMessage !== null) flags.push('tracker_warning')
  const { port } = options.identity
  // Nobody has this info hash but ourselves, and our port tells us from others.
  const isMadeUp = (peer: Peer): boolean => peer.port !== port
  if (options.infoHash === null && (announce.peers?.some(isMadeUp) || announce.peers6?.some(isMadeUp))) {
    flags.push('fake_peers')
  }
  return { kind: 'ok', announce: kept(announce), flags: distinct(flags) }
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

function failureOf(error: unknown, { tracker, family }: Target, exchange: Exchange): Outcome {
  if (error instanceof RefusedRedirect) return error.outcome
  const outcome = classify(error, exchange.phase, family)
  if (outcome === null) throw error
  return { ...outcome, detail: maskText(outcome.detail, tracker) }
}

function resultOf(target: Target, outcome: Outcome, resolveMs: number | null, exchange: Exchange): ProbeResult {
  const { phases, latencyMs, packetsSent, packetsLost, certificateExpiresAt } = exchange
  const answered = outcome.kind === 'ok' || outcome.kind === 'rejected'
  return {
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
}

function distinct(flags: readonly Flag[]): readonly Flag[] {
  return flags.length < 2 ? flags : [...new Set(flags)]
}

function expiresSoon({ certificateExpiresAt: expiresAt }: Exchange): boolean {
  return expiresAt !== null && expiresAt.getTime() - Date.now() < CERTIFICATE_EXPIRES_SOON_MS
}
