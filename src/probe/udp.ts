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
import { openConversation, tell, transact, type UdpConversation, type UdpReply, type UdpRequest } from './udp-socket.js'

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
/** The most that one datagram of 1500 bytes carries (BEP 15). */
const MAX_SCRAPE_HASHES = 74

async function announce(target: Target, request: AnnounceRequest, exchange: Exchange): Promise<Answer> {
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
    const { value, connectionId } = asked
    if (value === 'empty') return { ...refusalOf('(no body)'), code: 'not_registered' }
    if (request.leave && request.event === 'started') {
      const stopped = { ...fields, event: 'stopped' as const, numWant: 0 }
      tell(conversation, (transactionId) => encodeAnnounceRequest(connectionId, transactionId, stopped, urlData))
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

/** Connects, asks, and connects once more where the tracker no longer knows the connection id. */
async function askConnected<T>(
  conversation: UdpConversation,
  exchange: Exchange,
  question: (connectionId: Uint8Array) => UdpRequest<T>,
): Promise<{ readonly value: T; readonly connectionId: Uint8Array } | Refusal> {
  for (let reconnected = false; ; reconnected = true) {
    const connected = await transact(conversation, CONNECT)
    if (connected.refusal !== undefined) return refused(connected)
    const answered = await transact(conversation, question(connected.value))
    if (answered.refusal === undefined) return { value: answered.value, connectionId: connected.value }
    const connectionIdUnknown = /connection.?id/i.test(answered.refusal)
    if (!connectionIdUnknown) return refused(answered)
    if (reconnected) return { ...refused(answered), code: 'conn_id' }
    addFlag(exchange, 'reconnected')
  }
}

function refused<T>({ refusal, byteSwapped }: Extract<UdpReply<T>, { refusal: string }>): Refusal {
  return refusalOf(refusal, byteSwapped ? ['udp.error_byteswapped'] : [])
}
