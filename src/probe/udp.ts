import { udpKey } from '../bittorrent/info-hash.js'
import { refusalOf } from '../bittorrent/rejection.js'
import {
  decodeAnnounceResponse,
  decodeConnectResponse,
  decodeScrapeResponse,
  encodeAnnounceRequest,
  encodeConnectRequest,
  encodeScrapeRequest,
  isEmptyAnnounce,
  urlDataOf,
} from '../bittorrent/udp-packets.js'
import type { Flag } from '../tracker/outcome.js'
import { addFlag, type Exchange } from './exchange.js'
import type {
  AnnounceRequest,
  Answer,
  Protocol,
  Refusal,
  ScrapeAnswer,
  ScrapeEntry,
  ScrapeRequest,
  Target,
} from './prober.js'
import type { UdpConversation, UdpReply, UdpRequest } from './udp/conversation.js'
import { openConversation, tell, transact } from './udp/socket.js'

/** UDP trackers (BEP 15, BEP 41). */
export const udp = { announce, scrape } satisfies Protocol

const ACTION = { connect: 0, announce: 1, scrape: 2 } as const
const CONNECT: UdpRequest<Uint8Array> = {
  phase: 'udp_connect',
  action: ACTION.connect,
  name: 'connect',
  encode: encodeConnectRequest,
  decode: decodeConnectResponse,
}
/** How long a connection id may be used (BEP 15). */
const CONNECTION_MS = 60_000
/** The most that one datagram of 1500 bytes carries (BEP 15). */
const MAX_SCRAPE_HASHES = 74
/** DNS, NTP, SNMP, SSDP, memcached: networks that suffered attacks over them filter what comes from there. */
const REFLECTION_PORTS: ReadonlySet<number> = new Set([53, 123, 161, 1900, 11_211])

async function announce(target: Target, request: AnnounceRequest, exchange: Exchange): Promise<Answer> {
  if (REFLECTION_PORTS.has(target.tracker.port)) addFlag(exchange, 'udp.reflection_port')
  const conversation = await openConversation(target, exchange)
  try {
    const urlData = urlDataOf(target.tracker.path)
    const fields = { ...request, key: udpKey(request.key), ip: target.family === 4 ? request.ip : null }
    const asked = await askConnected(conversation, exchange, (connectionId) => ({
      phase: 'udp_announce' as const,
      action: ACTION.announce,
      name: 'announce',
      encode: (transactionId) => encodeAnnounceRequest(connectionId, transactionId, fields, urlData),
      decode: (bytes) => (isEmptyAnnounce(bytes) ? 'empty' : decodeAnnounceResponse(bytes, target.family)),
    }))
    if ('kind' in asked) return asked
    const { value } = asked
    const { connection } = conversation
    if (value === 'empty') return { ...refusalOf('(no body)'), code: 'not_registered' }
    if (request.leave && request.event === 'started' && connection !== null) {
      const stopped = { ...fields, event: 'stopped' as const, numWant: 0 }
      tell(conversation, (transactionId) => encodeAnnounceRequest(connection.id, transactionId, stopped, urlData))
    }
    return { kind: 'announce', ...value }
  } finally {
    conversation.socket.close()
  }
}

async function scrape(target: Target, request: ScrapeRequest, exchange: Exchange): Promise<ScrapeAnswer> {
  const conversation = await openConversation(target, exchange)
  try {
    const entries: (ScrapeEntry | null)[] = []
    const flags: Flag[] = []
    for (let from = 0; from < request.infoHashes.length; from += MAX_SCRAPE_HASHES) {
      const infoHashes = request.infoHashes.slice(from, from + MAX_SCRAPE_HASHES)
      const asked = await askConnected(conversation, exchange, (connectionId) => ({
        phase: 'udp_scrape' as const,
        action: ACTION.scrape,
        name: 'scrape',
        encode: (transactionId) => encodeScrapeRequest(connectionId, transactionId, infoHashes),
        decode: (bytes) => decodeScrapeResponse(bytes, infoHashes.length),
      }))
      if ('kind' in asked) return asked
      entries.push(...asked.value.entries)
      flags.push(...asked.value.flags)
    }
    return { kind: 'scrape', entries, flags }
  } finally {
    conversation.socket.close()
  }
}

/**
 * Connects where there is no connection, asks, and connects once more where the tracker no longer knows it, or in time
 * before it could not.
 */
async function askConnected<T>(
  conversation: UdpConversation,
  exchange: Exchange,
  question: (connectionId: Uint8Array) => UdpRequest<T>,
): Promise<{ readonly value: T } | Refusal> {
  let reconnected = false
  let asked: UdpReply<T>['lapsed']
  for (;;) {
    if (conversation.connection === null) {
      const connected = await transact(conversation, CONNECT)
      if (connected.lapsed !== undefined) continue
      if (connected.refusal !== undefined) return refused(connected)
      conversation.connection = { id: connected.value, endsMs: performance.now() + CONNECTION_MS }
    }
    const answered = await transact(conversation, question(conversation.connection.id), asked)
    if (answered.refusal === undefined && answered.lapsed === undefined) return answered
    conversation.connection = null
    if (answered.lapsed !== undefined) {
      asked = answered.lapsed
      continue
    }
    const connectionIdUnknown = /connection.?id/i.test(answered.refusal)
    if (!connectionIdUnknown) return refused(answered)
    if (reconnected) return { ...refused(answered), code: 'conn_id' }
    reconnected = true
    addFlag(exchange, 'reconnected')
  }
}

function refused<T>({ refusal, byteSwapped }: Extract<UdpReply<T>, { refusal: string }>): Refusal {
  return refusalOf(refusal, byteSwapped ? ['udp.error_byteswapped'] : [])
}
