import { maskText } from '../tracker/mask.js'
import type { Flag, Outcome, ProbeResult } from '../tracker/outcome.js'
import type { Tracker } from '../tracker/tracker.js'
import { classify } from './classify.js'
import { withDeadline } from './deadline.js'
import type { ExchangeNotes } from './exchange.js'
import type { Identity } from './identity.js'
import type { AnnounceRequest, Answer, Target } from './prober.js'
import { probers } from './probers.js'
import { firstPhase, followRedirects, RefusedRedirect } from './redirects.js'
import type { NameResolver } from './resolve.js'

/** What the probes of a check need to know. */
export interface ProbeOptions {
  /** Time for the exchange with one address, redirects included, ms. */
  readonly timeoutMs: number
  /** Sends per phase over UDP. */
  readonly attempts: number
  readonly allowPrivate: boolean
  readonly identity: Identity
  /** Null for an info hash that nobody has, which also finds trackers that invent peers. */
  readonly infoHash: Uint8Array | null
  readonly userAgent: string
  readonly headers: Readonly<Record<string, string>>
  readonly resolver: NameResolver
  readonly signal: AbortSignal
}

/** Enough to see whether a tracker invents peers. */
const NUM_WANT = 5
/** Above 0: a probe never counts as a seeder. */
const LEFT_BYTES = 1000
const CERTIFICATE_EXPIRES_SOON_MS = 14 * 86_400_000

/** One exchange with one address, whatever comes of it. Rejects only on abort and for our own bugs. */
export async function probe(target: Target, resolveMs: number | null, options: ProbeOptions): Promise<ProbeResult> {
  const exchanges: ExchangeNotes[] = []
  let outcome: Outcome
  try {
    const answer = await withDeadline(options.timeoutMs, options.signal, (signal) =>
      followRedirects(target, { ...options, signal }, exchanges, (hop, exchange) =>
        probers[hop.tracker.scheme].announce(hop, requestFor(target.tracker, options), exchange),
      ),
    )
    outcome = outcomeOf(answer, target.tracker, exchanges, options)
  } catch (error) {
    options.signal.throwIfAborted()
    outcome = failureOf(error, target, exchanges)
  }
  return resultOf(target, outcome, resolveMs, exchanges)
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

function outcomeOf(
  answer: Answer,
  tracker: Tracker,
  exchanges: readonly ExchangeNotes[],
  options: ProbeOptions,
): Outcome {
  const flags = new Set<Flag>([...exchanges.flatMap((notes) => notes.flags), ...answer.flags])
  if (exchanges.some((notes) => notes.attempts() > 1)) flags.add('packet_loss')
  if (exchanges.some(expiresSoon)) flags.add('tls.cert_expiring')
  if (answer.kind === 'refused') {
    const { code, retryAfterS } = answer
    return { kind: 'rejected', code, message: maskText(answer.message, tracker), flags: [...flags], retryAfterS }
  }
  const { announce } = answer
  if (announce.warningMessage !== null) flags.add('tracker_warning')
  const peers = [...(announce.peers ?? []), ...(announce.peers6 ?? [])]
  // Nobody has this info hash but ourselves, and our port tells us from others.
  if (options.infoHash === null && peers.some((peer) => peer.port !== options.identity.port)) flags.add('fake_peers')
  return { kind: 'ok', announce, flags: [...flags] }
}

function failureOf(error: unknown, target: Target, exchanges: readonly ExchangeNotes[]): Outcome {
  if (error instanceof RefusedRedirect) return error.outcome
  const phase = exchanges.at(-1)?.phase() ?? firstPhase(target.tracker)
  const outcome = classify(error, phase, target.family)
  if (outcome === null) throw error
  return { ...outcome, detail: maskText(outcome.detail, target.tracker) }
}

function resultOf(
  target: Target,
  outcome: Outcome,
  resolveMs: number | null,
  exchanges: readonly ExchangeNotes[],
): ProbeResult {
  const answered = outcome.kind === 'ok' || outcome.kind === 'rejected'
  const phases: Record<string, number> = resolveMs === null ? {} : { resolve: resolveMs }
  for (const notes of exchanges) {
    for (const [phase, ms] of Object.entries(notes.phases)) phases[phase] = (phases[phase] ?? 0) + ms
  }
  return {
    family: target.family,
    address: target.address,
    outcome,
    latencyMs: answered ? sum(exchanges.map((notes) => notes.latencyMs())) : null,
    phases,
    attempts: Math.max(1, ...exchanges.map((notes) => notes.attempts())),
    packetsSent: sum(exchanges.map((notes) => notes.packetsSent())),
    packetsLost: sum(exchanges.map((notes) => notes.packetsLost())),
    certificateExpiresAt: exchanges[0]?.certificateExpiresAt() ?? null,
  }
}

function expiresSoon(notes: ExchangeNotes): boolean {
  const expiresAt = notes.certificateExpiresAt()
  return expiresAt !== null && expiresAt.getTime() - Date.now() < CERTIFICATE_EXPIRES_SOON_MS
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
