import type { AnnounceAnswer, Flag, Peer } from '../tracker/outcome.js'
import type { TlsMode } from '../tracker/policy.js'
import type { Tracker } from '../tracker/tracker.js'
import { announceTo } from './announce-to.js'
import { classify } from './classify.js'
import { withDeadline } from './deadline.js'
import { createExchange, type Exchange } from './exchange.js'
import type { Identity } from './identity.js'
import type { AnnounceRequest, Target } from './prober.js'
import { type FollowOptions, firstPhase, RefusedRedirect } from './redirects.js'

/**
 * Announces that follow the first one of a probe, to learn what a single one cannot tell. They only ever add flags: one
 * that is refused or not answered says nothing, and the verdict and the latency are those of the first.
 */
export interface FollowUps {
  /** Torrents that nobody has but us, 20 bytes each: a tracker that names peers for one makes them up. */
  readonly referenceInfoHashes: readonly Uint8Array[]
  /** Whether to ask as a second peer for the first. */
  readonly keepsPeers: boolean
}

export interface FollowUpOptions extends FollowOptions {
  /** Sends per phase over UDP. */
  readonly attempts: number
  readonly tls: TlsMode
  readonly identity: Identity
  /** Null where the first announce says enough. */
  readonly followUps: FollowUps | null
}

/** The first announce of a probe, answered well. */
export interface Answered {
  readonly target: Target
  readonly request: AnnounceRequest
  readonly exchange: Exchange
  /** The end of the probe's time, as `performance.now()` tells it. */
  readonly endsAtMs: number
}

/** Each costs every tracker one more announce at every check. */
export const MAX_REFERENCES = 4
const NUM_WANT = 50
/** A list as long as this may be a sample of many peers, without ours by chance. */
const SAMPLE_LENGTH = 20
const FIRST_REFERENCE_PORT = 49_152

/** Null where there is nothing more to ask, so that it costs a check nothing. */
export function followUpsOf({ referenceInfoHashes, keepsPeers }: FollowUps): FollowUps | null {
  return keepsPeers || referenceInfoHashes.length > 0 ? { referenceInfoHashes, keepsPeers } : null
}

/** The follow-ups that make sense for a tracker. Over WebSocket peers come with offers, and ours makes none. */
export function followUpsFor({ scheme }: Tracker, followUps: FollowUps | null): FollowUps | null {
  return scheme === 'ws' || scheme === 'wss' ? null : followUps
}

/** Makes them one after the other within the probe's time. Rejects only on abort and for our own bugs. */
export async function followUp(
  first: Answered,
  { referenceInfoHashes, keepsPeers }: FollowUps,
  options: FollowUpOptions,
): Promise<readonly Flag[]> {
  const flags: Flag[] = []
  if (keepsPeers && (await keepsNone(first, options))) flags.push('keeps_no_peers')
  for (const infoHash of referenceInfoHashes) {
    if (await makesUpPeersOf(infoHash, first, options)) return [...flags, 'fake_peers']
  }
  return flags
}

/** Whether a second peer is not told of the first. Both take leave in the end. */
async function keepsNone(first: Answered, options: FollowUpOptions): Promise<boolean> {
  const { request } = first
  const second = { ...request, ...options.identity.second, numWant: NUM_WANT }
  let missing = isMissing(request, await askAgain(second, first, options))
  if (missing) {
    // A tracker of several machines may lag behind, or another of its addresses has just been left by the same peer.
    await askAgain(request, first, options)
    missing = isMissing(request, await askAgain(second, first, options))
  }
  for (const peer of [second, request]) {
    await askAgain({ ...peer, event: 'stopped', numWant: 0 }, first, options)
  }
  return missing
}

function isMissing({ port }: AnnounceRequest, answer: AnnounceAnswer | null): boolean {
  if (answer === null) return false
  const peers = peersOf(answer)
  return peers.length < SAMPLE_LENGTH && !peers.some((peer) => peer.port === port)
}

async function makesUpPeersOf(infoHash: Uint8Array, first: Answered, options: FollowUpOptions): Promise<boolean> {
  const port = referencePort(infoHash)
  const answer = await askAgain({ ...first.request, infoHash, port, leave: true }, first, options)
  return answer !== null && peersOf(answer).some((peer) => peer.port !== port)
}

/**
 * The port follows from the torrent: other monitors of the same operator announce it too, and a tracker that remembers
 * them makes nothing up.
 */
function referencePort(infoHash: Uint8Array): number {
  return FIRST_REFERENCE_PORT + (Buffer.from(infoHash).readUInt16BE() % (65_536 - FIRST_REFERENCE_PORT))
}

/** The answer, null where there is none. Has half of what time is left, so that there is always some to take leave. */
async function askAgain(
  request: AnnounceRequest,
  { target, exchange, endsAtMs }: Answered,
  options: FollowUpOptions,
): Promise<AnnounceAnswer | null> {
  const timeoutMs = Math.max(1, (endsAtMs - performance.now()) / 2)
  try {
    const answer = await withDeadline(timeoutMs, exchange.signal, (signal) => {
      const own = createExchange(signal, { ...options, timeoutMs }, firstPhase(target.tracker))
      own.trace = exchange.trace
      return announceTo(target, request, own, options)
    })
    return answer.kind === 'announce' ? answer.announce : null
  } catch (error) {
    if (error instanceof RefusedRedirect || classify(error, 'processing') !== null) return null
    throw error
  }
}

function peersOf({ peers, peers6 }: AnnounceAnswer): readonly Peer[] {
  return [...(peers ?? []), ...(peers6 ?? [])]
}
