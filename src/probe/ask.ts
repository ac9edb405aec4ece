import type { FailureReason, Phase } from '../tracker/outcome.js'
import { parseTracker, type Scheme, type Tracker } from '../tracker/tracker.js'
import { type Refused, refuseAddress, refuseName } from './address-policy.js'
import { classify } from './classify.js'
import { type AbortSignalLike, withDeadline } from './deadline.js'
import { createResolver, type NameResolver } from './dns/resolve.js'
import { ResolveError } from './dns/resolve-error.js'
import { createExchange, type Exchange } from './exchange.js'
import type { Target } from './prober.js'
import { BadRequestError, queryError } from './query-errors.js'
import { firstPhase, followRedirects, RefusedRedirect } from './redirects.js'
import { excuseNoRoute } from './route.js'
import { integer } from './settings.js'

/** What queries have in common. */
export interface AskOptions {
  /** Time for the whole query, name resolution and redirects included, ms. Default 5000. */
  readonly timeoutMs?: number
  /** Sends per phase over UDP, 1 to 8, spread over `timeoutMs`. Default 3. */
  readonly attempts?: number
  /** Addresses to use. Default `both`: IPv4 first, then IPv6. */
  readonly family?: 4 | 6 | 'both'
  /** Whether loopback, private and local addresses may be contacted. Default true: a query names its tracker. */
  readonly allowPrivate?: boolean
  /** Name servers, `address` or `address:port`. Default: the system's. */
  readonly dnsServers?: readonly string[]
  /** An `AbortSignal`, or what acts like one. */
  readonly signal?: AbortSignalLike
}

const ANSWERED: readonly FailureReason[] = ['http_status', 'redirected', 'not_a_tracker', 'malformed']

interface AskSettings {
  readonly timeoutMs: number
  readonly attempts: number
  readonly family: 4 | 6 | 'both'
  readonly allowPrivate: boolean
  readonly resolver: NameResolver
  readonly bep34: 'ignore'
  readonly tls: 'strict'
  readonly redirects: 'follow'
  readonly signal: AbortSignalLike
}

/** The tracker at `url`, or a `BadRequestError`. `schemes` null accepts all. */
export function trackerAt(url: string, schemes: readonly Scheme[] | null): Tracker {
  const { tracker, problem } = parseTracker(url)
  if (problem !== undefined) throw new BadRequestError(url, problem.code, problem.message)
  if (schemes === null || schemes.includes(tracker.scheme)) return tracker
  throw new BadRequestError(
    url,
    'url.unsupported_scheme',
    `scheme "${tracker.scheme}", expected ${schemes.join(' or ')}`,
  )
}

/**
 * One answer from a tracker: its addresses in turn until one answers. Throws a `TrackerQueryError`, or the signal's
 * reason on abort; an error that nobody knows comes through as it is.
 */
export async function ask<T>(
  tracker: Tracker,
  options: AskOptions,
  exchangeWith: (target: Target, exchange: Exchange) => Promise<T>,
): Promise<T> {
  const timeoutMs = integer('timeoutMs', options.timeoutMs ?? 5000, 1, 600_000)
  const resolver = createResolver(options.dnsServers === undefined ? {} : { servers: options.dnsServers })
  try {
    return await withDeadline(timeoutMs, options.signal, (signal) =>
      askInTurn(
        tracker,
        {
          timeoutMs,
          attempts: integer('attempts', options.attempts ?? 3, 1, 8),
          family: options.family ?? 'both',
          allowPrivate: options.allowPrivate ?? true,
          resolver,
          // Whoever asks one tracker has chosen it.
          bep34: 'ignore',
          // An answer of a query has no flags in which the fault could be told.
          tls: 'strict',
          redirects: 'follow',
          signal,
        },
        exchangeWith,
      ),
    )
  } finally {
    resolver.close()
  }
}

async function askInTurn<T>(
  tracker: Tracker,
  settings: AskSettings,
  exchangeWith: (target: Target, exchange: Exchange) => Promise<T>,
): Promise<T> {
  let failure: Failure | null = null
  for (const target of await targetsOf(tracker, settings)) {
    const exchange = createExchange(settings.signal, settings, firstPhase(tracker))
    try {
      return await followRedirects(target, settings, exchange, exchangeWith)
    } catch (error) {
      const next = { error, phase: exchange.phase, family: target.family, address: target.address }
      if (failure === null || (gotAnAnswer(next) && !gotAnAnswer(failure))) failure = next
      if (settings.signal.aborted) break
    }
  }
  throw await errorOf(
    tracker,
    failure ?? { error: new ResolveError('dns.nodata', 'no address'), phase: 'resolve', family: 4 },
  )
}

/** Every address that policy allows, IPv4 first. Throws where there is none. */
async function targetsOf(tracker: Tracker, settings: AskSettings): Promise<readonly Target[]> {
  const refusedName = refuseName(tracker.host, settings.allowPrivate)
  if (refusedName !== null) throw refusalOf(tracker, refusedName)
  const families = settings.family === 'both' ? ([4, 6] as const) : ([settings.family] as const)
  const settled = await Promise.allSettled(
    families.map((family) => settings.resolver.resolve(tracker.host, family, settings.signal)),
  )
  const targets = settled.flatMap((one, index) =>
    one.status === 'fulfilled' ? one.value.map((address) => ({ tracker, family: families[index] ?? 4, address })) : [],
  )
  const [first] = targets
  const allowed = targets.filter((target) => refuseAddress(target.address, settings.allowPrivate) === null)
  if (allowed.length > 0) return allowed
  const refused = first === undefined ? null : refuseAddress(first.address, settings.allowPrivate)
  if (refused !== null) throw refusalOf(tracker, refused)
  const error: unknown = settled.find((one) => one.status === 'rejected')?.reason
  throw await errorOf(tracker, { error, phase: 'resolve', family: families[0] })
}

interface Failure {
  readonly error: unknown
  readonly phase: Phase
  readonly family: 4 | 6
  /** Absent where it has come to none. */
  readonly address?: string
}

/** What an address answered says more about the tracker than another address that is closed. */
function gotAnAnswer({ error, phase, family }: Failure): boolean {
  const outcome = classify(error, phase, family)
  return outcome?.kind === 'failed' && ANSWERED.includes(outcome.reason)
}

async function errorOf({ url }: Tracker, failure: Failure): Promise<unknown> {
  const { error, phase, family } = failure
  if (error instanceof RefusedRedirect) return queryError(url, error.outcome, error)
  const outcome = classify(error, phase, family)
  return outcome === null ? error : queryError(url, await excuseNoRoute(outcome, failure), error)
}

function refusalOf({ url }: Tracker, refused: Refused): Error {
  return queryError(url, { kind: 'skipped', ...refused }, undefined)
}
