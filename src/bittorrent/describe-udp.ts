import type { AnnounceAnswer } from '../tracker/outcome.js'
import { type Description, type Field, hex, listText, peerText, textOrBytes } from './describe.js'
import { formatIp } from './peers.js'
import {
  decodeAnnounceResponse,
  decodeConnectResponse,
  decodeErrorMessage,
  decodeUdpPacket,
  isEmptyAnnounce,
  type UdpPacket,
  udpAction,
} from './udp-packets.js'

/** Names of the numbers that BEP 15 gives to `event`. */
const EVENTS = ['none', 'completed', 'started', 'stopped']
const OPTIONS = { end: 0, nop: 1, urlData: 2 } as const

/** A packet that we sent (BEP 15, 41): the inverse of its encoder, which wrote every field that is read here. */
export function describeUdpRequest(bytes: Uint8Array): Description {
  const read = createReader(bytes)
  const connectionId: Field = { name: 'connection id', value: hex(read.bytes(8)) }
  const action = read.uint32()
  const transactionId: Field = { name: 'transaction id', value: hex(read.bytes(4)) }
  switch (action) {
    case udpAction.connect:
      return { name: 'connect request', fields: [{ ...connectionId, name: 'protocol id' }, transactionId] }
    case udpAction.announce:
      return { name: 'announce request', fields: [connectionId, transactionId, ...announceFields(read)] }
    case udpAction.scrape:
      return { name: 'scrape request', fields: [connectionId, transactionId, ...infoHashes(read)] }
    default:
      return { name: `request with action ${action}`, fields: [connectionId, transactionId] }
  }
}

/** A packet that came in, whatever it is; `family` is that of the datagram. */
export function describeUdpReply(bytes: Buffer, family: 4 | 6): Description {
  const packet = decodeUdpPacket(bytes)
  if (packet === null) return { name: 'datagram', fields: bytes.length === 0 ? [] : [whole(bytes)] }
  const transactionId: Field = { name: 'transaction id', value: hex(bytes.subarray(4, 8)) }
  const { name, fields } = bodyOf(packet, bytes, family)
  return { name, fields: [transactionId, ...fields] }
}

function bodyOf({ action, byteswapped }: UdpPacket, bytes: Buffer, family: 4 | 6): Description {
  switch (action) {
    case udpAction.connect: {
      const connectionId = decodeConnectResponse(bytes)
      return {
        name: 'connect response',
        fields: [connectionId === null ? whole(bytes) : { name: 'connection id', value: hex(connectionId) }],
      }
    }
    case udpAction.announce:
      return { name: 'announce response', fields: announced(bytes, family) }
    case udpAction.scrape:
      return { name: 'scrape response', fields: [whole(bytes)] }
    case udpAction.error: {
      const message: Field = { name: 'message', value: decodeErrorMessage(bytes) }
      return { name: 'error', fields: byteswapped ? [message, BYTESWAPPED] : [message] }
    }
    default:
      return { name: `packet with action ${action}`, fields: [whole(bytes)] }
  }
}

const BYTESWAPPED: Field = { name: 'action', value: '03000000', note: 'an error in the wrong byte order' }

function announced(bytes: Buffer, family: 4 | 6): readonly Field[] {
  if (isEmptyAnnounce(bytes)) return [{ name: 'body', value: 'none', note: 'how opentracker refuses a torrent' }]
  const decoded = decodeAnnounceResponse(bytes, family)
  return decoded === null ? [whole(bytes)] : answerFields(decoded.announce)
}

function answerFields({ intervalS, leechers, seeders, peers, peers6 }: AnnounceAnswer): readonly Field[] {
  return [
    intervalS === null ? unusable('interval') : { name: 'interval', value: intervalS, unit: 's' },
    leechers === null ? unusable('leechers') : { name: 'leechers', value: leechers },
    seeders === null ? unusable('seeders') : { name: 'seeders', value: seeders },
    { name: 'peers', value: listText([...(peers ?? []), ...(peers6 ?? [])], peerText) },
  ]
}

/** For what cannot be taken apart. */
function whole(bytes: Uint8Array): Field {
  return { name: 'bytes', value: bytes }
}

function unusable(name: string): Field {
  return { name, value: 'unusable', note: '2^31 or more' }
}

function announceFields(read: Reader): readonly Field[] {
  const fields: Field[] = [
    { name: 'info hash', value: hex(read.bytes(20)) },
    { name: 'peer id', value: textOrBytes(read.bytes(20)) },
    { name: 'downloaded', ...amount(read) },
    { name: 'left', ...amount(read) },
    { name: 'uploaded', ...amount(read) },
  ]
  const event = read.uint32()
  const ip = formatIp(read.bytes(4)) ?? ''
  fields.push(
    { name: 'event', value: EVENTS[event] ?? event },
    { name: 'ip', value: ip, ...(ip === '0.0.0.0' ? { note: 'that of the packet' } : {}) },
    { name: 'key', value: hex(read.bytes(4)) },
    { name: 'num want', value: read.int32() },
    { name: 'port', value: read.uint16() },
  )
  return [...fields, ...optionFields(read)]
}

function amount(read: Reader): Pick<Field, 'value' | 'unit'> {
  const value = read.uint64()
  return { value: value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value), unit: 'bytes' }
}

/** BEP 41: the parts of URLData are one text. */
function optionFields(read: Reader): readonly Field[] {
  const parts: Uint8Array[] = []
  while (read.left() > 0) {
    const kind = read.uint8()
    if (kind === OPTIONS.end) break
    if (kind !== OPTIONS.nop) {
      const part = read.bytes(read.uint8())
      if (kind === OPTIONS.urlData) parts.push(part)
    }
  }
  if (parts.length === 0) return []
  const note = parts.length === 1 ? 'BEP 41' : `BEP 41, in ${parts.length} options`
  return [{ name: 'URL data', value: Buffer.concat(parts).toString(), note }]
}

function infoHashes(read: Reader): readonly Field[] {
  const fields: Field[] = []
  while (read.left() > 0) fields.push({ name: 'info hash', value: hex(read.bytes(20)) })
  return fields
}

type Reader = ReturnType<typeof createReader>

/** Reads one field after the other; behind the end there are zeros. */
function createReader(given: Uint8Array) {
  let rest = given
  const bytes = (length: number): Uint8Array => {
    const taken = Buffer.alloc(length)
    taken.set(rest.subarray(0, length))
    rest = rest.subarray(length)
    return taken
  }
  const view = (length: number): Buffer => Buffer.from(bytes(length))
  return {
    bytes,
    uint8: () => view(1).readUInt8(),
    uint16: () => view(2).readUInt16BE(),
    uint32: () => view(4).readUInt32BE(),
    int32: () => view(4).readInt32BE(),
    uint64: () => view(8).readBigUInt64BE(),
    left: () => rest.length,
  }
}
