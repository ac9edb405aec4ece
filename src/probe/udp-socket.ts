import { randomInt } from 'node:crypto'
import { createSocket, type Socket, type SocketOptions } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { decodeErrorMessage, decodeUdpPacket } from '../bittorrent/udp-packets.js'
import type { Phase } from '../tracker/outcome.js'
import { addFlag, type Exchange, endPhase, enterPhase } from './exchange.js'
import { ProbeError, type Target } from './prober.js'

/** One request to a UDP tracker (BEP 15) as the conversation needs to know it. */
export interface UdpRequest<T> {
  readonly phase: Phase
  /** The action of the answer waited for. */
  readonly action: number
  readonly encode: (transactionId: number) => Buffer
  /** Null for an answer too short to hold what it must. */
  readonly decode: (bytes: Buffer) => T | null
  readonly name: string
}

/** The answer to a request, or the text of the tracker's error packet. */
export type UdpReply<T> =
  | { readonly value: T; readonly refusal?: never }
  | { readonly refusal: string; readonly byteSwapped: boolean }

/**
 * A connected socket to one address, for the functions below. One request is under way at a time. Plain data, as the
 * exchange: what a probe allocates while it waits is what the garbage collector has to carry.
 */
export interface UdpConversation {
  readonly socket: Socket
  readonly exchange: Exchange
  waiting: Waiting<unknown> | null
}

/** The request under way. */
interface Waiting<T> {
  readonly request: UdpRequest<T>
  /** All stay valid, so the answer tells which send it belongs to. */
  readonly sends: { readonly transactionId: number; readonly atMs: number }[]
  /** Of the next send. */
  timer: NodeJS.Timeout | undefined
  /** What is known better than "no answer", should none come. */
  fault: Error | null
  refused: boolean
  resolve(reply: UdpReply<T>): void
  reject(error: unknown): void
}

const ERROR_ACTION = 3

// Addresses only: without this, dgram asks getaddrinfo's threads even for literals.
const lookup: SocketOptions['lookup'] = (address, _options, callback) =>
  callback(null, address, isIPv6(address) ? 6 : 4)
const SOCKET_OPTIONS = {
  4: { type: 'udp4', lookup },
  6: { type: 'udp6', ipv6Only: true, lookup },
} as const satisfies Record<Target['family'], SocketOptions>

/**
 * A connected socket per probe: the kernel reports a closed port at once, drops what comes from elsewhere, and probes
 * cannot take each other's answers or buffer space.
 */
export function openConversation(target: Target, exchange: Exchange): Promise<UdpConversation> {
  return new Promise((resolve, reject) => {
    exchange.signal.throwIfAborted()
    const socket = createSocket(SOCKET_OPTIONS[target.family])
    const conversation: UdpConversation = { socket, exchange, waiting: null }
    // Binding fails here when descriptors or ports have run out.
    let onError = (error: Error): void => {
      socket.close()
      reject(error)
    }
    socket.on('message', (bytes) => receive(conversation, bytes))
    // Stays until the socket is closed: a late ICMP message must never become an uncaught exception.
    socket.on('error', (error) => onError(error))
    // Never removed: the signal is this probe's own and goes with it.
    exchange.signal.addEventListener('abort', () => giveUp(conversation, exchange.signal.reason))
    // Settles within the tick or two that binding takes: there is no handshake to wait for.
    socket.connect(target.tracker.port, target.address, (error?: Error | null) => {
      if (error !== undefined && error !== null) {
        onError(error)
        return
      }
      onError = (late) => receiveError(conversation, late)
      resolve(conversation)
    })
  })
}

/**
 * Sends, and sends again while no answer comes: with 3 attempts at 0, 1 and 3 parts of the 7 that the time has, each
 * with a new transaction id.
 */
export function transact<T>(conversation: UdpConversation, request: UdpRequest<T>): Promise<UdpReply<T>> {
  const { exchange } = conversation
  return new Promise((resolve, reject) => {
    exchange.signal.throwIfAborted()
    const waiting: Waiting<T> = { request, sends: [], timer: undefined, fault: null, refused: false, resolve, reject }
    conversation.waiting = waiting
    enterPhase(exchange, request.phase)
    transmit(conversation, waiting)
  })
}

/** Sends once and waits for nothing. */
export function tell({ socket }: UdpConversation, encode: (transactionId: number) => Buffer): void {
  socket.send(encode(newTransactionId()))
}

function transmit<T>(conversation: UdpConversation, waiting: Waiting<T>): void {
  const { socket, exchange } = conversation
  const { request, sends } = waiting
  const transactionId = newTransactionId()
  exchange.packetsSent++
  if (sends.length > 0) exchange.packetsLost++
  sends.push({ transactionId, atMs: performance.now() })
  if (sends.length < exchange.attempts) {
    const repeatMs = repeatAfterMs(exchange) * 2 ** (sends.length - 1)
    waiting.timer = setTimeout(transmit, repeatMs, conversation, waiting)
  }
  socket.send(request.encode(transactionId), (error) => {
    if (error !== null) receiveError(conversation, error)
  })
}

function receive(conversation: UdpConversation, bytes: Buffer): void {
  const { exchange, waiting } = conversation
  if (waiting === null) return
  const { request } = waiting
  const packet = decodeUdpPacket(bytes)
  const sent = packet === null ? undefined : waiting.sends.find((one) => one.transactionId === packet.transactionId)
  if (packet === null || sent === undefined) {
    addFlag(exchange, 'foreign_packets')
    return
  }
  if (packet.action === ERROR_ACTION) {
    settle(conversation, sent.atMs)
    waiting.resolve({ refusal: decodeErrorMessage(bytes), byteSwapped: packet.byteswapped })
    return
  }
  if (packet.action !== request.action) {
    waiting.fault = new ProbeError('udp.bad_action', `action ${packet.action} in answer to ${request.name}`)
    return
  }
  const value = request.decode(bytes)
  if (value === null) {
    waiting.fault = new ProbeError('udp.truncated', `${request.name} response of ${bytes.length} bytes, too short`)
    return
  }
  settle(conversation, sent.atMs)
  waiting.resolve({ value })
}

/** A refusal by the kernel may be that of a tracker which is just restarting: it is asked once more. */
function receiveError(conversation: UdpConversation, error: NodeJS.ErrnoException): void {
  const { exchange, waiting } = conversation
  if (waiting === null) return
  const maybeRestarting = error.code === 'ECONNREFUSED' && !waiting.refused && exchange.attempts > 1
  if (!maybeRestarting) {
    waiting.fault = error
    giveUp(conversation, error)
    return
  }
  waiting.refused = true
  waiting.fault = error
  clearTimeout(waiting.timer)
  waiting.timer = setTimeout(transmit, repeatAfterMs(exchange) / 2, conversation, waiting)
}

function settle(conversation: UdpConversation, sentAtMs: number): void {
  clearTimeout(conversation.waiting?.timer)
  conversation.waiting = null
  endPhase(conversation.exchange, performance.now() - sentAtMs)
}

function giveUp(conversation: UdpConversation, reason: unknown): void {
  const { waiting } = conversation
  if (waiting === null) return
  clearTimeout(waiting.timer)
  conversation.waiting = null
  waiting.reject(waiting.fault ?? reason)
}

/** Not below one datagram per second to one address, unless the time is too short for the usual three then. */
function repeatAfterMs({ attempts, timeoutMs }: Exchange): number {
  return Math.max(timeoutMs / (2 ** attempts - 1), Math.min(1000, timeoutMs / 4))
}

/** Random and never 0, which some trackers use for requests that they could not parse (BEP 15). */
function newTransactionId(): number {
  return randomInt(1, 2 ** 32)
}
