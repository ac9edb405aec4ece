import { parseInfoHash } from '../bittorrent/info-hash.js'
import { checkedHeaders } from '../bittorrent/request-headers.js'
import type { CheckResult } from '../tracker/outcome.js'
import type { AliveWhen, Bep34Mode, RedirectMode, TlsMode } from '../tracker/policy.js'
import { parseTracker, type Scheme, type Tracker } from '../tracker/tracker.js'
import { type CheckOptions, check } from './check.js'
import { createResolver } from './dns/resolve.js'
import { followUpsOf, MAX_REFERENCES } from './follow-ups.js'
import { createIdentity } from './identity.js'
import { type LoopWatch, startLoopWatch } from './loop-watch.js'
import { createPacer, DEFAULT_START_RATES, type StartRates } from './pacer.js'
import { forEachPooled, inOrderOf } from './pool.js'
import { DEFAULT_USER_AGENT, integer, resolveLimitMs } from './settings.js'
import type { OnTrace } from './trace.js'

/** How `checkTracker` and `checkTrackers` check. Every key has a default. */
export interface CheckTrackerOptions {
  /** Time for the exchange with one address, ms. Default 10000. Name resolution has as much again, at most 5000. */
  readonly timeoutMs?: number
  /** Sends per phase over UDP, 1 to 8, spread over `timeoutMs`. Default 3: one lost datagram is no "down". */
  readonly attempts?: number
  /** Address families to check. Default `both`; the better of the two decides. */
  readonly family?: 4 | 6 | 'both'
  /** 20 bytes, 40 or 64 hex digits, or 32 base32 characters. Default: an info hash that no torrent has. */
  readonly infoHash?: string | Uint8Array
  /** Whether a refusal counts as alive. Default `announce`: it does not. */
  readonly aliveWhen?: AliveWhen
  /** Also contact loopback, private and local addresses. Default false: such trackers are skipped. */
  readonly allowPrivate?: boolean
  /**
   * The word of a name's owner in the DNS (BEP 34). Default `obey`: a tracker whose port it does not list is skipped,
   * `opted_out`, and gets no packet; a check waits up to 2 s for that word. `report`: it is checked, with a flag.
   * `ignore`: nobody is asked, which saves one DNS query per name.
   */
  readonly bep34?: Bep34Mode
  /**
   * A certificate that clients refuse. Default `strict`: the check has failed, `tls`, as it would for most of them.
   * `report`: it goes on over the connection that nobody vouches for, with a flag of the same name.
   */
  readonly tls?: TlsMode
  /**
   * A redirect of an HTTP tracker. Default `follow`: up to five, with the flag `http.redirected`. `report`: the check has
   * failed, `http.redirected`, and its detail names the place, which gets no packet.
   */
  readonly redirects?: RedirectMode
  readonly userAgent?: string
  /**
   * More headers of HTTP and WebSocket probes, at most 10; not those of the connection such as `Host`. They go to the
   * tracker's own origin only, not to where it redirects.
   */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * Info hashes that nobody shares, you included, at most 4, in the forms of `infoHash`. Each is announced too, and a
   * tracker that names peers for one gets the flag `fake_peers`: some make up peers only for torrents that look popular.
   */
  readonly referenceInfoHashes?: readonly (string | Uint8Array)[]
  /**
   * Announce as a second peer too, and flag a tracker that does not name the first: `keeps_no_peers`. Not over
   * WebSocket. Default false.
   */
  readonly keepsPeers?: boolean
  /** Name servers, `address` or `address:port`. Default: the system's. */
  readonly dnsServers?: readonly string[]
  readonly signal?: AbortSignal
  /**
   * Is told everything that a check does, at once: names asked, packets, headers and messages sent and received, why
   * one was ignored, what each address and family came to. Events carry the secrets of the URL. Nothing is made for it
   * where it is absent; it must not throw.
   */
  readonly onTrace?: OnTrace
}

export interface CheckTrackersOptions extends CheckTrackerOptions {
  /** Checks at once, 1 or more. Default 200. */
  readonly concurrency?: number
  /**
   * Checks started per second, so that a burst does not measure itself: by default 5000 over UDP (`udp`), 1000 over TCP
   * (`tcp`), 200 over TLS (`tls`). 1 to 1000000 each.
   */
  readonly startsPerSecond?: Partial<StartRates>
  /** Called as each check ends, with the URL as given. */
  readonly onResult?: (result: CheckResult, given: string) => void
}

const DEFAULTS = { timeoutMs: 10_000, attempts: 3, concurrency: 200 }

/**
 * Checks trackers concurrently. The map has one entry per distinct URL given, in the order given, keyed by the text
 * as given; two spellings of one tracker are checked once. What is no tracker URL is `skipped`, `invalid_url`.
 * Rejects with the signal's reason on abort, and with a `RangeError` for an option out of range.
 */
export async function checkTrackers(
  urls: Iterable<string>,
  options: CheckTrackersOptions = {},
): Promise<Map<string, CheckResult>> {
  const loop = startLoopWatch()
  try {
    return await checkAll(urls, options, loop)
  } finally {
    loop.stop()
  }
}

async function checkAll(
  urls: Iterable<string>,
  options: CheckTrackersOptions,
  loop: LoopWatch,
): Promise<Map<string, CheckResult>> {
  const concurrency = integer('concurrency', options.concurrency ?? DEFAULTS.concurrency, 1, 100_000)
  const pacer = createPacer(startRates(options.startsPerSecond ?? {}))
  const settings = checkSettings(options, loop)
  const signal = options.signal ?? new AbortController().signal
  const distinct = new Set<string>()
  const results = new Map<string, CheckResult>()
  const spellings = new Map<string, { readonly tracker: Tracker; readonly given: string[] }>()
  const settle = (given: string, result: CheckResult): void => {
    results.set(given, result)
    options.onResult?.(result, given)
  }
  for (const given of urls) {
    if (distinct.has(given)) continue
    distinct.add(given)
    const { tracker, problem } = parseTracker(given)
    if (problem !== undefined) {
      settle(given, invalidUrl(given, problem))
      continue
    }
    const known = spellings.get(tracker.url)
    if (known === undefined) spellings.set(tracker.url, { tracker, given: [given] })
    else known.given.push(given)
  }
  try {
    await forEachPooled(
      spellings.values(),
      Math.min(concurrency, spellings.size),
      signal,
      async ({ tracker, given }, ended) => {
        const turn = pacer.turn(tracker.scheme, ended)
        if (turn !== undefined) await turn
        const result = await check(tracker, settings, ended)
        for (const spelling of given) settle(spelling, result)
      },
    )
  } finally {
    settings.resolver.close()
  }
  return inOrderOf(distinct, results)
}

/** Checks one tracker; the protocol follows from the scheme. */
export function checkTracker(url: string, options: CheckTrackerOptions = {}): Promise<CheckResult> {
  return checkOne(url, options, null)
}
/** Like `checkTracker`, but a URL of another protocol is `skipped`, `invalid_url`. */
checkTracker.udp = (url: string, options: CheckTrackerOptions = {}) => checkOne(url, options, ['udp'])
checkTracker.http = (url: string, options: CheckTrackerOptions = {}) => checkOne(url, options, ['http', 'https'])
checkTracker.ws = (url: string, options: CheckTrackerOptions = {}) => checkOne(url, options, ['ws', 'wss'])

async function checkOne(
  url: string,
  options: CheckTrackerOptions,
  schemes: readonly Scheme[] | null,
): Promise<CheckResult> {
  const { tracker, problem } = parseTracker(url)
  if (problem !== undefined) return invalidUrl(url, problem)
  if (schemes !== null && !schemes.includes(tracker.scheme)) {
    const message = `scheme "${tracker.scheme}", expected ${schemes.join(' or ')}`
    return invalidUrl(url, { code: 'url.unsupported_scheme', message })
  }
  const settings = checkSettings(options)
  try {
    return await check(tracker, settings, options.signal ?? new AbortController().signal)
  } finally {
    settings.resolver.close()
  }
}

function startRates(given: Partial<StartRates>): StartRates {
  const { udp, tcp, tls } = { ...DEFAULT_START_RATES, ...given }
  return {
    udp: integer('startsPerSecond.udp', udp, 1, 1_000_000),
    tcp: integer('startsPerSecond.tcp', tcp, 1, 1_000_000),
    tls: integer('startsPerSecond.tls', tls, 1, 1_000_000),
  }
}

function checkSettings(options: CheckTrackerOptions, loop?: LoopWatch): CheckOptions {
  const timeoutMs = integer('timeoutMs', options.timeoutMs ?? DEFAULTS.timeoutMs, 1, 600_000)
  const watched = loop === undefined ? {} : { loop }
  return {
    timeoutMs,
    attempts: integer('attempts', options.attempts ?? DEFAULTS.attempts, 1, 8),
    family: options.family ?? 'both',
    infoHash: options.infoHash === undefined ? null : parseInfoHash(options.infoHash),
    aliveWhen: options.aliveWhen ?? 'announce',
    allowPrivate: options.allowPrivate ?? false,
    bep34: options.bep34 ?? 'obey',
    tls: options.tls ?? 'strict',
    redirects: options.redirects ?? 'follow',
    userAgent: options.userAgent ?? DEFAULT_USER_AGENT,
    headers: checkedHeaders(options.headers ?? {}),
    ...(options.onTrace === undefined ? {} : { onTrace: options.onTrace }),
    followUps: followUpsOf({
      referenceInfoHashes: references(options.referenceInfoHashes ?? []),
      keepsPeers: options.keepsPeers ?? false,
    }),
    identity: createIdentity(),
    resolver: createResolver({
      timeoutMs: resolveLimitMs(timeoutMs),
      ...(options.dnsServers === undefined ? {} : { servers: options.dnsServers }),
      ...watched,
    }),
    ...watched,
  }
}

function references(given: readonly (string | Uint8Array)[]): readonly Uint8Array[] {
  integer('referenceInfoHashes.length', given.length, 0, MAX_REFERENCES)
  return given.map(parseInfoHash)
}

function invalidUrl(url: string, problem: { readonly code: string; readonly message: string }): CheckResult {
  const outcome = { kind: 'skipped', reason: 'invalid_url', code: problem.code, detail: problem.message } as const
  return { url, checkedAt: new Date(), outcome, alive: false, latencyMs: null, probes: [] }
}
