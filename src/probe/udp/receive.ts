import type { Socket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import { decodeErrorMessage, decodeUdpPacket, udpAction } from '../../bittorrent/udp-packets.js'
import { addFlag, type Exchange, endPhase } from '../exchange.js'
import { ProbeError } from '../prober.js'
import type { DatagramReceived } from '../trace.js'
import type { UdpConversation, UdpReply, Waiting } from './conversation.js'
import { otherAddressError } from './other-address.js'

/** What `socket` heard from the tracker: the answer to the request under way, or something to pass over. */
export function receive(conversation: UdpConversation, socket: Socket, bytes: Buffer): void {
  const { exchange, waiting } = conversation
  if (waiting === null) {
    tellReceived(exchange, bytes, 'late')
    return
  }
  const { request } = waiting
  const packet = decodeUdpPacket(bytes)
  const sent = packet === null ? undefined : waiting.sends.find((one) => one.transactionId === packet.transactionId)
  if (packet === null || sent === undefined) {
    addFlag(exchange, 'foreign_packets')
    tellReceived(exchange, bytes, packet === null ? 'short' : 'transaction_id')
    return
  }
  if (packet.action === udpAction.error) {
    tellReceived(exchange, bytes, null, sent.atMs)
    settle(conversation, sent.atMs)
    goOn(conversation, socket, waiting, { refusal: decodeErrorMessage(bytes), byteSwapped: packet.byteswapped })
    return
  }
  if (packet.action !== request.action) {
    waiting.fault = new ProbeError('udp.bad_action', `action ${packet.action} in answer to ${request.name}`)
    tellReceived(exchange, bytes, 'action', sent.atMs)
    return
  }
  const value = request.decode(bytes)
  if (value === null) {
    waiting.fault = new ProbeError('udp.truncated', `${request.name} response of ${bytes.length} bytes, too short`)
    tellReceived(exchange, bytes, 'truncated', sent.atMs)
    return
  }
  tellReceived(exchange, bytes, null, sent.atMs)
  settle(conversation, sent.atMs)
  goOn(conversation, socket, waiting, { value })
}

/** What came from elsewhere is never an answer, but better than none. */
export function receiveFromOther({ exchange, waiting }: UdpConversation, bytes: Buffer, from: AddressInfo): void {
  const packet = decodeUdpPacket(bytes)
  const sent = waiting?.sends.find((one) => one.transactionId === packet?.transactionId)
  tellReceived(exchange, bytes, 'source', sent?.atMs, from)
  if (waiting === null) return
  if (sent === undefined) {
    addFlag(exchange, 'foreign_packets')
    return
  }
  waiting.fault ??= otherAddressError(from)
}

/** From the socket that was answered: some trackers tie the connection id to our port (torrust). */
function goOn<T>(conversation: UdpConversation, socket: Socket, waiting: Waiting<T>, reply: UdpReply<T>): void {
  const { open } = waiting
  if (socket !== open) {
    open?.close()
    waiting.resolve(reply)
    return
  }
  const { address, port } = conversation.socket.remoteAddress()
  conversation.socket.close()
  conversation.socket = open
  open.connect(port, address, (error?: Error | null) => {
    if (error === undefined || error === null) waiting.resolve(reply)
    else waiting.reject(error)
  })
}

function settle(conversation: UdpConversation, sentAtMs: number): void {
  clearTimeout(conversation.waiting?.timer)
  conversation.waiting = null
  endPhase(conversation.exchange, performance.now() - sentAtMs)
}

/** `why` is null for the packet that answers; `sentAtMs` is of the send that it names. */
function tellReceived(
  { trace }: Exchange,
  bytes: Uint8Array,
  why: DatagramReceived['why'],
  sentAtMs: number | null = null,
  from: DatagramReceived['from'] = null,
): void {
  if (trace === undefined) return
  const tookMs = sentAtMs === null ? null : performance.now() - sentAtMs
  trace({ kind: 'datagram_received', bytes, verdict: why === null ? 'taken' : 'ignored', why, tookMs, from })
}
