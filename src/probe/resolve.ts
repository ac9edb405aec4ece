import { Resolver } from 'node:dns'
import { isIP } from 'node:net'
import { type Bep34Answer, createBep34Lookup } from './bep34-lookup.js'
import { type AbortSignalLike, orAborted } from './deadline.js'
import { createDnsLane, type DnsLane } from './dns-lane.js'
import { openHostsFile } from './hosts-file.js'

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
}

/** `code` is one of the `dns.*` codes, or `local.dns` where our own resolver cannot be reached. */
export class ResolveError extends Error {
  override readonly name = 'ResolveError'
  readonly code: string
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

interface Answer {
  readonly addresses: readonly string[]
  readonly ttlS: number
}

const MIN_TTL_S = 30
const MAX_TTL_S = 3600
const NEGATIVE_TTL_MS = 15_000
const CACHE_LIMIT = 20_000
/** The most that an opt-out is waited for, ms. */
const MAX_TEXTS_MS = 2000
/** When to ask again though the first query may still be answered, as shares of the time for the name. */
const ASK_AGAIN_AT = [0.2, 0.5]
const CODES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'dns.nxdomain',
  ENODATA: 'dns.nodata',
  ESERVFAIL: 'dns.servfail',
  EREFUSED: 'dns.refused',
  ETIMEOUT: 'dns.timeout',
  ECONNREFUSED: 'local.dns',
}
const SENTENCES: Readonly<Record<string, string>> = {
  'dns.nxdomain': 'does not exist',
  'dns.nodata': 'has no IP address',
  'dns.servfail': 'cannot be looked up: its name servers fail (SERVFAIL)',
  'dns.refused': 'cannot be looked up: the name server refuses (REFUSED)',
  'dns.timeout': 'cannot be looked up: no answer',
  'local.dns': 'cannot be looked up: our name server cannot be reached',
}
/** Answers about the name itself; everything else may be different a moment later. */
const FINAL_CODES = new Set(['dns.nxdomain', 'dns.nodata'])

/**
 * c-ares, since getaddrinfo runs on four threads that a few dead names occupy for seconds. Its own timeouts are not
 * deadlines and its channel loses answers in a burst, so time, repetition and pacing are ours: each name has
 * `timeoutMs`, is asked again on a second channel while no answer has come, and queries take turns (`dns-lane.ts`).
 */
export function createResolver(options: ResolverOptions = {}): NameResolver {
  const timeoutMs = options.timeoutMs ?? 5000
  const hosts = openHostsFile(options.hostsFile)
  const channels = [0, 1].map(() => {
    const channel = new Resolver({ timeout: Math.ceil(timeoutMs / 2), tries: 2 })
    if (options.servers !== undefined && options.servers.length > 0) channel.setServers(options.servers)
    return channel
  })
  const asking: Asking = { channels, lane: createDnsLane(), giveUps: new Set() }
  const cache = new Map<string, { readonly answer: Promise<Answer>; expiresMs: number }>()

  const query = (host: string, family: 4 | 6): Promise<Answer> => {
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
      return FINAL_CODES.has(error.code) ? [] : null
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
      for (const channel of channels) channel.cancel()
    },
  }
}

/** What the names of one resolver share while they are asked for. */
interface Asking {
  readonly channels: readonly Resolver[]
  readonly lane: DnsLane
  /** One for each name that is still being asked for. */
  readonly giveUps: Set<() => void>
}

interface Question<T> {
  /** For messages. */
  readonly what: string
  readonly timeoutMs: number
  readonly ask: (channel: Resolver) => Promise<T>
}

/** Asks until somebody answers or the time is over. A final answer of any query ends it; a passing fault does not. */
function askUntil<T>({ channels, lane, giveUps }: Asking, { what, timeoutMs, ask }: Question<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timers: NodeJS.Timeout[] = []
    let lastFault: ResolveError | null = null
    let open = 0
    const settle = (finish: () => void): void => {
      giveUps.delete(giveUp)
      for (const timer of timers) clearTimeout(timer)
      finish()
    }
    const closed = (): ResolveError => new ResolveError('local.dns', `resolver closed while asking for ${what}`)
    const giveUp = (): void => settle(() => reject(closed()))
    giveUps.add(giveUp)
    // The clock of a name starts when its first query leaves: waiting for a turn is not its fault.
    const startClock = (): void => {
      ASK_AGAIN_AT.forEach((share, index) => {
        timers.push(setTimeout(() => askRound(index + 1), timeoutMs * share))
      })
      timers.push(setTimeout(() => settle(() => reject(lastFault ?? timedOut(what, timeoutMs))), timeoutMs))
    }
    const askRound = (round: number): void => {
      const channel = channels[round % channels.length]
      if (channel === undefined) return
      open++
      const query = async (): Promise<T> => {
        // Settled while this query waited for its turn: nobody wants the answer any more.
        if (!giveUps.has(giveUp)) throw closed()
        if (round === 0) startClock()
        return ask(channel)
      }
      lane(query).then(
        (answer) => settle(() => resolve(answer)),
        (fault: ResolveError) => {
          open--
          lastFault = fault
          const noneLeft = open === 0 && round >= ASK_AGAIN_AT.length
          if (FINAL_CODES.has(fault.code) || noneLeft) settle(() => reject(fault))
        },
      )
    }
    askRound(0)
  })
}

function timedOut(what: string, timeoutMs: number): ResolveError {
  return new ResolveError('dns.timeout', `no answer for ${what} within ${timeoutMs} ms`)
}

function askAddresses(channel: Resolver, host: string, family: 4 | 6): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const done = (error: NodeJS.ErrnoException | null, records: readonly { address: string; ttl: number }[]): void => {
      if (error !== null) {
        reject(resolveError(error, host, `IPv${family} address`))
        return
      }
      const ttlS = Math.min(...records.map((record) => record.ttl))
      resolve({ addresses: records.map((record) => record.address), ttlS })
    }
    if (family === 4) channel.resolve4(host, { ttl: true }, done)
    else channel.resolve6(host, { ttl: true }, done)
  })
}

function askTexts(channel: Resolver, host: string): Promise<readonly (readonly string[])[]> {
  return new Promise((resolve, reject) => {
    channel.resolveTxt(host, (error, records) => {
      if (error === null) resolve(records)
      else reject(resolveError(error, host, 'TXT record'))
    })
  })
}

function resolveError(error: NodeJS.ErrnoException, host: string, wanted: string): ResolveError {
  const code = CODES[error.code ?? ''] ?? 'dns.error'
  const what = SENTENCES[code] ?? `cannot be looked up (${error.code ?? error.message})`
  return new ResolveError(code, `${host} ${what.replace('IP address', wanted)}`, { cause: error })
}

function dropExpired(cache: Map<string, { readonly expiresMs: number }>): void {
  const now = Date.now()
  for (const [key, entry] of cache) {
    if (entry.expiresMs <= now) cache.delete(key)
  }
}
