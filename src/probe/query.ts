import { randomInt } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { checkAmount } from '../bittorrent/amount.js'
import type { AnnounceEvent } from '../bittorrent/announce.js'
import { scrapePath } from '../bittorrent/http-announce.js'
import { parseInfoHash, parsePeerId } from '../bittorrent/info-hash.js'
import type { AnnounceAnswer, Flag, Peer } from '../tracker/outcome.js'
import type { Scheme, Tracker } from '../tracker/tracker.js'
import { type AskOptions, ask, trackerAt } from './ask.js'
import { forEachPooled, inOrderOf } from './pool.js'
import type { AnnounceRequest, Refusal, ScrapeEntry } from './prober.js'
import { probers } from './probers.js'
import { BadRequestError, TrackerQueryError } from './query-errors.js'
import { DEFAULT_USER_AGENT, integer } from './settings.js'

/** `event` as the number that UDP trackers use (BEP 15). */
export const TrackerEvent = { NONE: 0, COMPLETED: 1, STARTED: 2, STOPPED: 3 } as const
export type TrackerEvent = (typeof TrackerEvent)[keyof typeof TrackerEvent]

/** Every parameter of an announce. Numbers may be 0 and are then sent as 0. */
export interface QueryOptions extends AskOptions {
  /** Default none: an announce at the regular interval (BEP 3). */
  readonly event?: TrackerEvent
  /** Bytes left to download, 0 for a seeder. 0 to 2^64−1. Default 0. */
  readonly left?: number | bigint
  readonly downloaded?: number | bigint
  readonly uploaded?: number | bigint
  /** Our address, where the tracker is to use another than the packet's source. For UDP an IPv4 address. */
  readonly ip?: string
  /** Where peers reach us, 0 to 65535. Default 6881. */
  readonly port?: number
  /** Peers wanted, −1 for the tracker's default. Default 50. */
  readonly numWant?: number
  /** Identifies us when our address changes. A text that is no 32-bit number is hashed to one. */
  readonly key?: number | string
  /** To echo what an earlier answer carried. */
  readonly trackerId?: string
  readonly userAgent?: string
  /** More HTTP headers; UDP has none. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A tracker's refusal in its own words. */
export interface FailureResponse {
  /** Control characters stripped, at most 200 characters; bytes that are not UTF-8 show as U+FFFD. */
  readonly failureReason: string
  /** The first 200 bytes in hex, for whoever knows the encoding; only where they are not UTF-8. */
  readonly failureReasonHex?: string
}

/** A tracker's answer: its refusal alone, or the content of an announce response. Times in seconds. */
export type AnnounceResponse =
  | FailureResponse
  | {
      readonly failureReason?: never
      readonly interval: number | null
      readonly minInterval: number | null
      readonly leechers: number | null
      readonly seeders: number | null
      /** Null where the tracker sent no such list. */
      readonly peers: readonly Peer[] | null
      readonly peers6: readonly Peer[] | null
      readonly warningMessage?: string
      readonly trackerId?: string
      readonly externalIp?: string
      /** Every other key of the answer; byte strings as latin1 text. */
      readonly extra: Readonly<Record<string, unknown>>
    }

/** Swarm numbers by info hash (40 hex digits, as asked); null where the tracker does not know the torrent. */
export type ScrapeResponse =
  | FailureResponse
  | {
      readonly failureReason?: never
      readonly torrents: ReadonlyMap<string, ScrapeEntry | null>
      /** What was odd about the answer; only where something was. */
      readonly flags?: readonly Flag[]
    }

const EVENTS: readonly AnnounceEvent[] = ['none', 'completed', 'started', 'stopped']
const DEFAULTS = { port: 6881, numWant: 50, concurrency: 200 }

type Query = (
  url: string,
  infoHash: string | Uint8Array,
  peerId: string | Uint8Array,
  options?: QueryOptions,
) => Promise<AnnounceResponse>

/**
 * One announce with every parameter. The protocol follows from the scheme. A refusal of the tracker is data; rejects
 * with a `TrackerQueryError` where there is no answer, a `RangeError` for a parameter out of range, and the signal's
 * reason on abort. Addresses are tried in turn, IPv4 first, until one answers.
 *
 * `query.udp`, `query.http` and `query.ws` do the same, but a URL of another protocol is a `BadRequestError`.
 */
export const query: Query & { readonly udp: Query; readonly http: Query; readonly ws: Query } = Object.assign(
  queryOver(null),
  { udp: queryOver(['udp']), http: queryOver(['http', 'https']), ws: queryOver(['ws', 'wss']) },
)

function queryOver(schemes: readonly Scheme[] | null): Query {
  return async (url, infoHash, peerId, options = {}) => {
    const request = requestOf(infoHash, peerId, options)
    return announceOnce(trackerAt(url, schemes), request, options)
  }
}

/**
 * `query` for many trackers at once. One entry per distinct URL, in the order given: the response or the error.
 * Rejects only for parameters out of range and on abort.
 */
export async function queryMany(
  urls: Iterable<string>,
  infoHash: string | Uint8Array,
  peerId: string | Uint8Array,
  options: QueryOptions & { readonly concurrency?: number } = {},
): Promise<Map<string, AnnounceResponse | TrackerQueryError>> {
  const concurrency = integer('concurrency', options.concurrency ?? DEFAULTS.concurrency, 1, 100_000)
  const request = requestOf(infoHash, peerId, options)
  const distinct = [...new Set(urls)]
  const { signal } = { signal: new AbortController().signal, ...options }
  const results = new Map<string, AnnounceResponse | TrackerQueryError>()
  await forEachPooled(distinct, Math.min(concurrency, distinct.length), signal, async (url, signal) => {
    results.set(url, await answerOrError(() => announceOnce(trackerAt(url, null), request, { ...options, signal })))
  })
  return inOrderOf(distinct, results)
}

/** Swarm numbers of one or more torrents (BEP 15, BEP 48). Rejects as `query` does. */
export async function scrape(
  url: string,
  infoHashes: string | Uint8Array | readonly (string | Uint8Array)[],
  options: AskOptions & Pick<QueryOptions, 'userAgent' | 'headers'> = {},
): Promise<ScrapeResponse> {
  const given = typeof infoHashes === 'string' || infoHashes instanceof Uint8Array ? [infoHashes] : infoHashes
  const byHex = new Map(given.map(parseInfoHash).map((infoHash) => [Buffer.from(infoHash).toString('hex'), infoHash]))
  if (byHex.size === 0) throw new RangeError('no info hash given, expected at least one')
  const tracker = trackerAt(url, null)
  if (tracker.scheme.startsWith('http') && scrapePath(tracker.path) === null) {
    throw new BadRequestError(url, 'scrape.unsupported', 'no scrape URL can be derived from it (BEP 48)')
  }
  const request = {
    infoHashes: [...byHex.values()],
    userAgent: options.userAgent ?? DEFAULT_USER_AGENT,
    headers: options.headers ?? {},
  }
  const answer = await ask(tracker, options, (target, exchange) =>
    probers[target.tracker.scheme].scrape(target, request, exchange),
  )
  if (answer.kind === 'refused') return failureOf(answer)
  const torrents = new Map([...byHex.keys()].map((hex, index) => [hex, answer.entries[index] ?? null]))
  return answer.flags.length === 0 ? { torrents } : { torrents, flags: answer.flags }
}

async function announceOnce(
  tracker: Tracker,
  request: AnnounceRequest,
  options: AskOptions,
): Promise<AnnounceResponse> {
  if (tracker.scheme === 'udp' && request.ip !== null && !isIPv4(request.ip)) {
    throw new RangeError(`ip is "${request.ip}", expected an IPv4 address: UDP announces have no room for others`)
  }
  const answer = await ask(tracker, options, (target, exchange) =>
    probers[target.tracker.scheme].announce(target, request, exchange),
  )
  return answer.kind === 'refused' ? failureOf(answer) : responseOf(answer.announce)
}

function requestOf(infoHash: string | Uint8Array, peerId: string | Uint8Array, options: QueryOptions): AnnounceRequest {
  return {
    infoHash: parseInfoHash(infoHash),
    peerId: parsePeerId(peerId),
    event: eventOf(options.event ?? TrackerEvent.NONE),
    left: amount('left', options.left),
    downloaded: amount('downloaded', options.downloaded),
    uploaded: amount('uploaded', options.uploaded),
    port: integer('port', options.port ?? DEFAULTS.port, 0, 65_535),
    numWant: integer('numWant', options.numWant ?? DEFAULTS.numWant, -1, 2 ** 31 - 1),
    key:
      typeof options.key === 'number'
        ? integer('key', options.key, 0, 2 ** 32 - 1)
        : (options.key ?? randomInt(2 ** 32)),
    ip: options.ip ?? null,
    trackerId: options.trackerId ?? null,
    userAgent: options.userAgent ?? DEFAULT_USER_AGENT,
    headers: options.headers ?? {},
    leave: false,
  }
}

function amount(name: string, value: number | bigint = 0): number | bigint {
  checkAmount(name, value)
  return value
}

function eventOf(event: TrackerEvent): AnnounceEvent {
  const name = EVENTS[event]
  if (name === undefined) throw new RangeError(`event is ${event}, expected 0 (none) to 3 (stopped)`)
  return name
}

function failureOf({ message, rawMessageHex }: Refusal): FailureResponse {
  return { failureReason: message, ...(rawMessageHex === undefined ? {} : { failureReasonHex: rawMessageHex }) }
}

function responseOf(announce: AnnounceAnswer): AnnounceResponse {
  const { intervalS, minIntervalS, leechers, seeders, peers, peers6, warningMessage, trackerId, externalIp, extra } =
    announce
  return {
    interval: intervalS,
    minInterval: minIntervalS,
    leechers,
    seeders,
    peers,
    peers6,
    ...(warningMessage === null ? {} : { warningMessage }),
    ...(trackerId === null ? {} : { trackerId }),
    ...(externalIp === null ? {} : { externalIp }),
    extra,
  }
}

async function answerOrError<T>(ask: () => Promise<T>): Promise<T | TrackerQueryError> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof TrackerQueryError) return error
    throw error
  }
}
