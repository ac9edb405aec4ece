import type { Resolver } from 'node:dns'
import { isIP } from 'node:net'
import { type AbortSignalLike, orAborted } from '../deadline.js'
import type { LoopWatch } from '../loop-watch.js'
import { type Bep34Answer, createBep34Lookup } from './bep34-lookup.js'
import { openChannel, openChannels } from './channels.js'
import { openHostsFile } from './hosts-file.js'
import { createDnsLane } from './lane.js'
import { type AddressAnswer, askAddresses, askRoot, askTexts, orAnswered } from './queries.js'
import { type Asking, askUntil } from './question.js'
import { isAnswer, ResolveError } from './resolve-error.js'
import { createResolverHealth } from './resolver-health.js'

/**
 * Name → addresses of one family. Rejects with `ResolveError` when the name has none or the answer cannot be had, and
 * with the signal's reason when it aborts. Concurrent calls for one name share one query.
 */
export interface NameResolver {
  resolve(host: string, family: 4 | 6, signal: AbortSignalLike): Promise<readonly string[]>
  /**
   * What the owner of `host`, a name, says about trackers there; nothing for names that the DNS is not asked for. Takes
   * 2 s at most, and never rejects: that nobody says is an answer.
   */
  bep34(host: string): Promise<Bep34Answer>
  /** Gives up what is still being asked, so that it keeps no process alive. */
  close(): void
}

export interface ResolverOptions {
  /** `address` or `address:port` each; empty for the system's. */
  readonly servers?: readonly string[]
  /** Time for one name, all tries included, ms. Default 5000. */
  readonly timeoutMs?: number
  readonly hostsFile?: string
  /** The name servers are seen to work, or to answer nothing at all, for the first time, or that has changed. */
  readonly onHealth?: (up: boolean) => void
  /** Tells the time that we stood still from that of the name servers; where it is absent, nobody looks. */
  readonly loop?: LoopWatch
}

const MIN_TTL_S = 30
const MAX_TTL_S = 3600
const NEGATIVE_TTL_MS = 15_000
const CACHE_LIMIT = 20_000
/** The most that an opt-out is waited for, ms. */
const MAX_TEXTS_MS = 2000

/**
 * c-ares, since getaddrinfo runs on four threads that a few dead names occupy for seconds. Its own timeouts are not
 * deadlines and its channel loses answers in a burst, so time, repetition and pacing are ours: each name has
 * `timeoutMs`, is asked again on a second channel while no answer has come, and queries take turns (`dns-lane.ts`).
 */
export function createResolver(options: ResolverOptions = {}): NameResolver {
  const timeoutMs = options.timeoutMs ?? 5000
  const hosts = openHostsFile(options.hostsFile)
  const channels = openChannels(options.servers, timeoutMs)
  const control = createControl(options.servers, timeoutMs)
  const health = createResolverHealth({
    askControl: () => control.ask(asking.lastAnswered),
    onChange: options.onHealth ?? (() => {}),
  })
  const lane = createDnsLane()
  const renew = (): void => {
    if (channels.renew()) control.renew()
  }
  const asking: Asking = { channels, renew, lane, health, loop: options.loop, giveUps: new Set(), lastAnswered: null }
  const cache = new Map<string, { readonly answer: Promise<AddressAnswer>; expiresMs: number }>()

  const query = (host: string, family: 4 | 6): Promise<AddressAnswer> => {
    const key = `${family}${host}`
    const known = cache.get(key)
    if (known !== undefined && known.expiresMs > Date.now()) return known.answer
    if (cache.size >= CACHE_LIMIT) dropExpired(cache)
    const what = `${host} (IPv${family})`
    const answer = askUntil(asking, { what, timeoutMs, ask: (channel) => askAddresses(channel, host, family) })
    const entry = { answer, expiresMs: Number.POSITIVE_INFINITY }
    cache.set(key, entry)
    answer.then(
      ({ ttlS }) => {
        entry.expiresMs = Date.now() + Math.min(Math.max(ttlS, MIN_TTL_S), MAX_TTL_S) * 1000
      },
      () => {
        entry.expiresMs = Date.now() + NEGATIVE_TTL_MS
      },
    )
    return answer
  }

  const bep34 = createBep34Lookup(async (host) => {
    const question = { what: `${host} (TXT)`, timeoutMs: Math.min(timeoutMs, MAX_TEXTS_MS) }
    try {
      return await askUntil(asking, { ...question, ask: (channel) => askTexts(channel, host) })
    } catch (error) {
      if (!(error instanceof ResolveError)) throw error
      return isAnswer(error) ? [] : null
    }
  })

  return {
    bep34: async (host) => (hosts.lookup(host, 4) === null ? bep34(host) : { record: null, unknown: false }),
    resolve: async (host, family, signal) => {
      const version = isIP(host)
      if (version !== 0) {
        if (version === family) return [host]
        throw new ResolveError('dns.nodata', `${host} is not an IPv${family} address`)
      }
      const own = hosts.lookup(host, family)
      const addresses = own ?? (await orAborted(query(host, family), signal)).addresses
      if (addresses.length > 0) return addresses
      throw new ResolveError('dns.nodata', `${host} has no IPv${family} address`)
    },
    close: () => {
      for (const giveUp of asking.giveUps) giveUp()
      channels.cancel()
      control.cancel()
    },
  }
}

/**
 * What a name server that works can answer: who is responsible for the root, and the question that it answered last, for
 * some know nothing but names of their own. Seldom asked, so opened late.
 */
function createControl(servers: readonly string[] | undefined, timeoutMs: number) {
  let channel: Resolver | undefined
  return {
    ask: (lastAnswered: Asking['lastAnswered']) => {
      // It is asked in the second half of a name's time, which has room for three tries.
      channel ??= openChannel(servers, { timeout: Math.ceil(timeoutMs / 8), tries: 3 })
      const known = lastAnswered === null ? [] : [orAnswered(lastAnswered(channel))]
      return Promise.any([askRoot(channel), ...known])
    },
    /** To ask the same name servers as the channels for names do, or it would vouch for others. */
    renew: () => {
      channel?.cancel()
      channel = undefined
    },
    cancel: () => channel?.cancel(),
  }
}

function dropExpired(cache: Map<string, { readonly expiresMs: number }>): void {
  const now = Date.now()
  for (const [key, entry] of cache) {
    if (entry.expiresMs <= now) cache.delete(key)
  }
}
