import { maskUrl } from '../tracker/mask.js'
import type { SkippedOutcome } from '../tracker/outcome.js'
import { bracketed, parseTracker, type Tracker } from '../tracker/tracker.js'
import { refuseAddress, refuseName } from './address-policy.js'
import { createExchange, type ExchangeNotes } from './exchange.js'
import { type Exchange, ProbeError, RedirectError, type Target } from './prober.js'
import type { NameResolver } from './resolve.js'

export interface FollowOptions {
  readonly attempts: number
  readonly timeoutMs: number
  readonly allowPrivate: boolean
  readonly resolver: NameResolver
  readonly signal: AbortSignal
}

/** A redirect into a place that must not be contacted: says nothing about the tracker. */
export class RefusedRedirect extends Error {
  override readonly name = 'RefusedRedirect'
  readonly outcome: SkippedOutcome
  constructor(outcome: SkippedOutcome) {
    super(outcome.detail)
    this.outcome = outcome
  }
}

const MAX_REDIRECTS = 5

/**
 * Asks, and asks again where the tracker points elsewhere (RFC 9110, 15.4). Each hop goes through the address policy
 * and leaves its own notes in `exchanges`. `Location` is used as it stands: it is for the tracker to repeat the query.
 */
export async function followRedirects<T>(
  start: Target,
  options: FollowOptions,
  exchanges: ExchangeNotes[],
  ask: (target: Target, exchange: Exchange) => Promise<T>,
): Promise<T> {
  let target = start
  for (let hops = 0; ; hops++) {
    const { exchange, notes } = createExchange(options.signal, options, firstPhase(target.tracker))
    exchanges.push(notes)
    try {
      return await ask(target, exchange)
    } catch (error) {
      if (!(error instanceof RedirectError)) throw error
      exchange.leave()
      if (hops === MAX_REDIRECTS) {
        throw new ProbeError('http.redirect_loop', `more than ${MAX_REDIRECTS} redirects`, { cause: error })
      }
      exchange.flag('http.redirected')
      const next = await redirectTarget(target, error, options)
      if (target.tracker.scheme === 'https' && next.tracker.scheme === 'http') exchange.flag('http.redirect_downgrade')
      target = next
    }
  }
}

/** The phase that an exchange with this tracker starts in. */
export function firstPhase(tracker: Tracker): 'udp_connect' | 'connect' {
  return tracker.scheme === 'udp' ? 'udp_connect' : 'connect'
}

async function redirectTarget(from: Target, redirect: RedirectError, options: FollowOptions): Promise<Target> {
  const tracker = redirectedTracker(from.tracker, redirect)
  const refusedName = refuseName(tracker.host, options.allowPrivate)
  if (refusedName !== null) throw new RefusedRedirect({ kind: 'skipped', ...refusedName })
  const [address] = await options.resolver.resolve(tracker.host, from.family, options.signal)
  if (address === undefined) throw new ProbeError('http.redirect_invalid', `no address for ${tracker.host}`)
  const refused = refuseAddress(address, options.allowPrivate)
  if (refused !== null) throw new RefusedRedirect({ kind: 'skipped', ...refused })
  return { tracker, family: from.family, address }
}

function redirectedTracker(from: Tracker, { location }: RedirectError): Tracker {
  const base = `${from.scheme}://${bracketed(from.host)}:${from.port}${from.path}`
  const tracker = URL.canParse(location, base) ? parseTracker(new URL(location, base).href).tracker : undefined
  if (tracker?.scheme === 'http' || tracker?.scheme === 'https') {
    const sameOrigin = tracker.scheme === from.scheme && tracker.host === from.host && tracker.port === from.port
    return sameOrigin ? { ...tracker, userinfo: from.userinfo } : tracker
  }
  throw new ProbeError('http.redirect_invalid', `redirect to ${maskUrl(location).slice(0, 200)}`)
}
