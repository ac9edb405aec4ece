import { sanitiseText } from '../bittorrent/rejection.js'
import { maskUrl } from '../tracker/mask.js'
import type { SkippedOutcome } from '../tracker/outcome.js'
import type { Bep34Mode, RedirectMode } from '../tracker/policy.js'
import { bracketed, parseTracker, type Tracker } from '../tracker/tracker.js'
import { refuseAddress, refuseName } from './address-policy.js'
import { orAborted } from './deadline.js'
import type { Bep34Answer } from './dns/bep34-lookup.js'
import { addFlag, type Exchange, endPhase } from './exchange.js'
import { askOptOut, type OptOutOptions, optOutFlags, refuseOptOut } from './opt-out.js'
import { ProbeError, RedirectError, type Target } from './prober.js'
import { tracedNames } from './traced-names.js'

export interface FollowOptions extends OptOutOptions {
  readonly allowPrivate: boolean
  readonly redirects: RedirectMode
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
 * Asks, and asks again where the tracker points elsewhere (RFC 9110, 15.4). Each hop goes through the address policy;
 * all of them add up in `exchange`. `Location` is used as it stands: it is for the tracker to repeat the query.
 */
export async function followRedirects<T>(
  start: Target,
  options: FollowOptions,
  exchange: Exchange,
  ask: (target: Target, exchange: Exchange) => Promise<T>,
): Promise<T> {
  let target = start
  for (let hops = 0; ; hops++) {
    try {
      return await ask(target, exchange)
    } catch (error) {
      if (!(error instanceof RedirectError)) throw error
      endPhase(exchange)
      if (options.redirects === 'report') throw notFollowed(target.tracker, error)
      if (hops === MAX_REDIRECTS) {
        throw new ProbeError('http.redirect_loop', `more than ${MAX_REDIRECTS} redirects`, { cause: error })
      }
      addFlag(exchange, 'http.redirected')
      const next = await redirectTarget(target, error, tracedNames(options, exchange.trace), exchange)
      exchange.redirectedTo = next.tracker.url
      const downgrade = target.tracker.scheme === 'https' && next.tracker.scheme === 'http'
      if (downgrade) addFlag(exchange, 'http.redirect_downgrade')
      target = isSameOrigin(next.tracker, start.tracker) ? next : { ...next, foreign: true }
    }
  }
}

/** The phase that an exchange with this tracker starts in. */
export function firstPhase(tracker: Tracker): 'udp_connect' | 'connect' {
  return tracker.scheme === 'udp' ? 'udp_connect' : 'connect'
}

async function redirectTarget(
  from: Target,
  redirect: RedirectError,
  options: FollowOptions,
  exchange: Exchange,
): Promise<Target> {
  const tracker = redirectedTracker(from.tracker, redirect)
  const { status, location } = redirect
  exchange.trace?.({ kind: 'redirected', status, location, to: tracker.url })
  const refusedName = refuseName(tracker.host, options.allowPrivate)
  if (refusedName !== null) throw new RefusedRedirect({ kind: 'skipped', ...refusedName })
  const optOut = askOptOut(tracker, options)
  const [address] = await options.resolver.resolve(tracker.host, from.family, exchange.signal)
  if (address === undefined) throw new ProbeError('http.redirect_invalid', `no address for ${tracker.host}`)
  const refused = refuseAddress(address, options.allowPrivate)
  if (refused !== null) throw new RefusedRedirect({ kind: 'skipped', ...refused })
  if (optOut !== null) heedOptOut(tracker, await orAborted(optOut, exchange.signal), options.bep34, exchange)
  return { tracker, family: from.family, address, redirected: true }
}

/** Another place may have another owner, with a word of its own. */
function heedOptOut(tracker: Tracker, answer: Bep34Answer, bep34: Bep34Mode, exchange: Exchange): void {
  const refused = bep34 === 'obey' ? refuseOptOut(tracker, answer) : null
  if (refused !== null) throw new RefusedRedirect({ kind: 'skipped', ...refused })
  for (const flag of optOutFlags(tracker, answer)) addFlag(exchange, flag)
}

function redirectedTracker(from: Tracker, { location }: RedirectError): Tracker {
  const url = resolvedUrl(from, location)
  const tracker = url === null ? undefined : parseTracker(url).tracker
  if (tracker?.scheme === 'http' || tracker?.scheme === 'https') {
    return isSameOrigin(tracker, from) ? { ...tracker, userinfo: from.userinfo } : tracker
  }
  throw new ProbeError('http.redirect_invalid', `redirect to ${maskUrl(location).slice(0, 200)}`)
}

function notFollowed(from: Tracker, redirect: RedirectError): ProbeError {
  const place = resolvedUrl(from, redirect.location) ?? redirect.location
  const text = sanitiseText(maskUrl(place))
  return new ProbeError('http.redirected', `HTTP ${redirect.status} redirect to ${text}`, {
    cause: redirect,
  })
}

function resolvedUrl(from: Tracker, location: string): string | null {
  const base = `${from.scheme}://${bracketed(from.host)}:${from.port}${from.path}`
  return URL.canParse(location, base) ? new URL(location, base).href : null
}

function isSameOrigin(one: Tracker, other: Tracker): boolean {
  return one.scheme === other.scheme && one.host === other.host && one.port === other.port
}
