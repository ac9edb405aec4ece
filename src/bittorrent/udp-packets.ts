import { isIPv4 } from 'node:net'
import type { AnnounceAnswer, Flag } from '../tracker/outcome.js'
import { checkAmount, checkInteger, checkLength } from './amount.js'
import type { Announce } from './announce.js'
import { decodeDatagramPeers } from './peers.js'
import { sanitiseText } from './rejection.js'
import { addFlag, plausibleCount, plausibleInterval, type ScrapeRow, silentAnnounce } from './reply.js'

/** Actions of the UDP tracker protocol (BEP 15). */
export const udpAction = { connect: 0, announce: 1, scrape: 2, error: 3 } as const

/** What a UDP announce carries. All values are sent as given, 0 included. */
export interface UdpAnnounce extends Announce {
  /** 0 to 65535. */
  readonly port: number
  /** Signed 32 bit, −1 lets the tracker decide. */
  readonly numWant: number
  /** Unsigned 32 bit. */
  readonly key: number
  /** IPv4 text, or null to be known by the source address. Over IPv6 it must be null: the field has 4 bytes. */
  readonly ip: string | null
}

/** The header that every reply starts with. */
export interface UdpPacket {
  /** One of `udpAction`, or whatever the sender wrote. */
  readonly action: number
  readonly transactionId: number
  /** Old opentracker builds write the error action in the wrong byte order; `action` is then already `error`. */
  readonly byteswapped: boolean
}

export interface DecodedAnnounce {
  readonly announce: AnnounceAnswer
  readonly flags: readonly Flag[]
}

export interface DecodedScrape {
  readonly entries: readonly (ScrapeRow | null)[]
  readonly flags: readonly Flag[]
}

const PROTOCOL_ID_HIGH = 0x417
const PROTOCOL_ID_LOW = 0x27101980
const eventNumbers = { none: 0, completed: 1, started: 2, stopped: 3 } as const
const BYTESWAPPED_ERROR = 0x03000000

const HEADER_LENGTH = 8
const CONNECT_RESPONSE_LENGTH = 16
const ANNOUNCE_REQUEST_LENGTH = 98
const ANNOUNCE_RESPONSE_LENGTH = 20
const SCRAPE_ROW_LENGTH = 12
const HASH_LENGTH = 20

const URL_DATA = 2
const MAX_OPTION_LENGTH = 255

/** Trackers cut a scrape at 50 (chihaya) to 75 rows; missing rows beyond that are no defect. */
const SCRAPE_ROWS_EXPECTED = 50

export function encodeConnectRequest(transactionId: number): Buffer {
  const packet = Buffer.allocUnsafe(16)
  packet.writeUInt32BE(PROTOCOL_ID_HIGH, 0)
  packet.writeUInt32BE(PROTOCOL_ID_LOW, 4)
  packet.writeUInt32BE(udpAction.connect, 8)
  packet.writeUInt32BE(transactionId, 12)
  return packet
}

/**
 * 98 bytes, and URLData options for `urlData` (BEP 41; see `urlDataOf`). Throws a RangeError that names the field if a
 * value does not fit its field.
 */
export function encodeAnnounceRequest(
  connectionId: Uint8Array,
  transactionId: number,
  request: UdpAnnounce,
  urlData: string,
): Buffer {
  checkAnnounce(request)
  const url = Buffer.from(urlData)
  const options = url.length + 2 * Math.ceil(url.length / MAX_OPTION_LENGTH)
  const packet = Buffer.allocUnsafe(ANNOUNCE_REQUEST_LENGTH + options)
  writeHeader(packet, connectionId, udpAction.announce, transactionId)
  packet.set(request.infoHash, 16)
  packet.set(request.peerId, 36)
  writeUInt64(packet, request.downloaded, 56)
  writeUInt64(packet, request.left, 64)
  writeUInt64(packet, request.uploaded, 72)
  packet.writeUInt32BE(eventNumbers[request.event], 80)
  writeIpv4(packet, request.ip, 84)
  packet.writeUInt32BE(request.key, 88)
  packet.writeInt32BE(request.numWant, 92)
  packet.writeUInt16BE(request.port, 96)
  writeUrlData(packet, url)
  return packet
}

/** `infoHashes` has 1 to 74 entries of 20 bytes: more do not fit one reply (BEP 15). */
export function encodeScrapeRequest(
  connectionId: Uint8Array,
  transactionId: number,
  infoHashes: readonly Uint8Array[],
): Buffer {
  checkInteger('number of info hashes', infoHashes.length, 1, 74)
  const packet = Buffer.allocUnsafe(16 + HASH_LENGTH * infoHashes.length)
  writeHeader(packet, connectionId, udpAction.scrape, transactionId)
  for (const [index, infoHash] of infoHashes.entries()) {
    checkLength('info hash', infoHash, HASH_LENGTH)
    packet.set(infoHash, 16 + HASH_LENGTH * index)
  }
  return packet
}

/**
 * The path and query to send as URLData: nothing where it says nothing, because some servers answer an option with an
 * error; anything else may carry a passkey.
 */
export function urlDataOf(path: string): string {
  return path === '' || path === '/' || path === '/announce' || path === '/scrape' ? '' : path
}

/** The header of a datagram; null if it is shorter than one. */
export function decodeUdpPacket(bytes: Buffer): UdpPacket | null {
  if (bytes.length < HEADER_LENGTH) return null
  const action = bytes.readUInt32BE(0)
  const byteswapped = action === BYTESWAPPED_ERROR
  return { action: byteswapped ? udpAction.error : action, transactionId: bytes.readUInt32BE(4), byteswapped }
}

/** The connection id, 8 opaque bytes; null if truncated. */
export function decodeConnectResponse(bytes: Buffer): Uint8Array | null {
  return bytes.length < CONNECT_RESPONSE_LENGTH ? null : Uint8Array.from(bytes.subarray(8, 16))
}

/** opentracker's way to refuse an info hash that is not on its whitelist: an announce reply without a body. */
export function isEmptyAnnounce(bytes: Buffer): boolean {
  return bytes.length === HEADER_LENGTH && bytes.readUInt32BE(0) === udpAction.announce
}

/** `family` is that of the datagram: it alone decides how long a peer entry is (BEP 15). Null if truncated. */
export function decodeAnnounceResponse(bytes: Buffer, family: 4 | 6): DecodedAnnounce | null {
  if (bytes.length < ANNOUNCE_RESPONSE_LENGTH) return null
  const flags: Flag[] = []
  const { peers, peers6, flag } = decodeDatagramPeers(bytes.subarray(ANNOUNCE_RESPONSE_LENGTH), family)
  if (flag !== null) flags.push(flag)
  const announce: AnnounceAnswer = {
    ...silentAnnounce,
    intervalS: plausibleInterval(bytes.readUInt32BE(8), flags),
    leechers: plausibleCount(bytes.readUInt32BE(12), flags),
    seeders: plausibleCount(bytes.readUInt32BE(16), flags),
    peers,
    peers6,
  }
  return { announce, flags }
}

/** `asked` info hashes give `asked` entries, null where the tracker sent no row. Null if not even one row came. */
export function decodeScrapeResponse(bytes: Buffer, asked: number): DecodedScrape | null {
  const rows = Math.floor((bytes.length - HEADER_LENGTH) / SCRAPE_ROW_LENGTH)
  if (rows < 1) return null
  const flags: Flag[] = []
  if ((bytes.length - HEADER_LENGTH) % SCRAPE_ROW_LENGTH !== 0) flags.push('udp.scrape_misaligned')
  if (rows > asked) flags.push('scrape_extra_rows')
  if (rows < asked && asked <= SCRAPE_ROWS_EXPECTED) flags.push('scrape_partial')
  const entries = Array.from({ length: asked }, (_, index) => (index < rows ? decodeRow(bytes, index, flags) : null))
  return { entries, flags }
}

/** The text of an error packet, sanitised; `(empty)` if there is none. */
export function decodeErrorMessage(bytes: Buffer): string {
  return sanitiseText(bytes.subarray(HEADER_LENGTH))
}

function decodeRow(bytes: Buffer, index: number, flags: Flag[]): ScrapeRow {
  const at = HEADER_LENGTH + SCRAPE_ROW_LENGTH * index
  const row = {
    seeders: bytes.readUInt32BE(at),
    downloads: bytes.readUInt32BE(at + 4),
    leechers: bytes.readUInt32BE(at + 8),
  }
  if (row.seeders >= 2 ** 31 || row.leechers >= 2 ** 31) addFlag(flags, 'counts_invalid')
  return row
}

function checkAnnounce(request: UdpAnnounce): void {
  checkLength('info hash', request.infoHash, HASH_LENGTH)
  checkLength('peer id', request.peerId, HASH_LENGTH)
  checkAmount('downloaded', request.downloaded)
  checkAmount('left', request.left)
  checkAmount('uploaded', request.uploaded)
  checkInteger('key', request.key, 0, 0xffffffff)
  checkInteger('num want', request.numWant, -0x80000000, 0x7fffffff)
  checkInteger('port', request.port, 0, 65535)
}

function writeHeader(packet: Buffer, connectionId: Uint8Array, action: number, transactionId: number): void {
  checkLength('connection id', connectionId, 8)
  packet.set(connectionId, 0)
  packet.writeUInt32BE(action, 8)
  packet.writeUInt32BE(transactionId, 12)
}

function writeUInt64(packet: Buffer, value: number | bigint, at: number): void {
  if (typeof value === 'bigint') {
    packet.writeBigUInt64BE(value, at)
    return
  }
  packet.writeUInt32BE(Math.floor(value / 2 ** 32), at)
  packet.writeUInt32BE(value % 2 ** 32, at + 4)
}

function writeIpv4(packet: Buffer, ip: string | null, at: number): void {
  if (ip === null) {
    packet.writeUInt32BE(0, at)
    return
  }
  if (!isIPv4(ip)) throw new RangeError(`ip "${ip}", expected an IPv4 address: UDP announces have no room for others`)
  packet.set(ip.split('.').map(Number), at)
}

function writeUrlData(packet: Buffer, url: Buffer): void {
  let at = ANNOUNCE_REQUEST_LENGTH
  for (let start = 0; start < url.length; start += MAX_OPTION_LENGTH) {
    const chunk = url.subarray(start, start + MAX_OPTION_LENGTH)
    packet[at] = URL_DATA
    packet[at + 1] = chunk.length
    packet.set(chunk, at + 2)
    at += 2 + chunk.length
  }
}
