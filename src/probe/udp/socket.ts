import { randomInt } from 'node:crypto'
import { DeadlineError } from '../deadline.js'
import { dropPhase, type Exchange, enterPhase } from '../exchange.js'
import { ProbeError, type Target } from '../prober.js'
import type { Asked, UdpConversation, UdpReply, UdpRequest, Waiting } from './conversation.js'
import { createDatagramSocket } from './datagram-socket.js'
import { askUnconnected } from './other-address.js'
import { receive, receiveFromOther } from './receive.js'

/**
 * A connected socket per probe: the kernel reports a closed port at once, drops what comes from elsewhere, and probes
 * cannot take each other's answers or buffer space.
 */
export function openConversation(target: Target, exchange: Exchange): Promise<UdpConversation> {
  return new Promise((resolve, reject) => {
    exchange.signal.throwIfAborted()
    const socket = createDatagramSocket(target.family)
    const conversation: UdpConversation = { socket, exchange, connection: null, waiting: null }
    // Binding fails here when descriptors or ports have run out.
    let onError = (error: Error): void => {
      socket.close()
      reject(error)
    }
    socket.on('message', (bytes) => receive(conversation, socket, bytes))
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
 * with a new transaction id. `asked` is what a lapsed request has behind it.
 */
export function transact<T>(
  conversation: UdpConversation,
  request: UdpRequest<T>,
  asked?: Asked,
): Promise<UdpReply<T>> {
  const { exchange } = conversation
  return new Promise((resolve, reject) => {
    exchange.signal.throwIfAborted()
    const waiting: Waiting<T> = {
      request,
      sends: asked?.sends ?? [],
      timer: undefined,
      fault: asked?.fault ?? null,
      refused: false,
      open: null,
      resolve,
      reject,
    }
    conversation.waiting = waiting
    enterPhase(exchange, request.phase)
    transmit(conversation, waiting)
  })
}

/** Sends once and waits for nothing. */
export function tell({ socket, exchange }: UdpConversation, encode: (transactionId: number) => Buffer): void {
  const bytes = encode(newTransactionId())
  exchange.trace?.({ kind: 'datagram_sent', bytes, attempt: 1, attempts: 0 })
  socket.send(bytes)
}

function transmit<T>(conversation: UdpConversation, waiting: Waiting<T>): void {
  const { exchange, connection } = conversation
  const { request, sends, fault } = waiting
  const atMs = performance.now()
  if (connection !== null && atMs >= connection.endsMs) {
    conversation.waiting = null
    dropPhase(exchange)
    waiting.resolve({ lapsed: waiting })
    return
  }
  const transactionId = newTransactionId()
  exchange.packetsSent++
  if (sends.length > 0) exchange.packetsLost++
  sends.push({ transactionId, atMs })
  if (sends.length < exchange.attempts) {
    const repeatMs = repeatAfterMs(exchange) * 2 ** (sends.length - 1)
    waiting.timer = setTimeout(transmitUnanswered, repeatMs, conversation, waiting)
  }
  const bytes = request.encode(transactionId)
  exchange.trace?.({ kind: 'datagram_sent', bytes, attempt: sends.length, attempts: exchange.attempts })
  const isLast = sends.length > 1 && sends.length === exchange.attempts
  if (isLast && fault === null && request.phase === 'udp_connect') sendUnconnected(conversation, waiting, bytes)
  else send(conversation, bytes)
}

/** After a stall a timer comes before the answer that lies in the socket's buffer: that is read first. */
function transmitUnanswered<T>(conversation: UdpConversation, waiting: Waiting<T>): void {
  const { timer } = waiting
  setImmediate(() => {
    if (conversation.waiting === waiting && waiting.timer === timer) transmit(conversation, waiting)
  })
}

function send(conversation: UdpConversation, bytes: Buffer): void {
  const { socket } = conversation
  socket.send(bytes, (error) => {
    if (error !== null && conversation.socket === socket) receiveError(conversation, error)
  })
}

/**
 * Nothing came back so far, so the last connect request leaves in a way that tells silence from answers that come from
 * elsewhere. The connected socket goes on waiting for answers to the earlier ones.
 */
function sendUnconnected<T>(conversation: UdpConversation, waiting: Waiting<T>, bytes: Buffer): void {
  const tracker = conversation.socket.remoteAddress()
  const open = createDatagramSocket(tracker.family === 'IPv6' ? 6 : 4)
  waiting.open = open
  askUnconnected(open, tracker, bytes, {
    onTracker: (heard) => receive(conversation, open, heard),
    onOther: (heard, from) => receiveFromOther(conversation, heard, from),
    onError: (error) => {
      if (conversation.socket === open) receiveError(conversation, error)
      if (conversation.waiting !== waiting || waiting.open !== open) return
      // No descriptor to spare, say: the verdict comes first.
      waiting.open = null
      open.close()
      send(conversation, bytes)
    },
  })
}

/** A refusal by the kernel may be that of a tracker which is just restarting: it is asked once more. */
function receiveError(conversation: UdpConversation, error: NodeJS.ErrnoException): void {
  const { exchange, waiting } = conversation
  if (waiting === null) return
  const maybeRestarting = error.code === 'ECONNREFUSED' && !waiting.refused && exchange.attempts > 1
  exchange.trace?.({ kind: 'socket_error', message: error.message, again: maybeRestarting })
  if (!maybeRestarting) {
    waiting.fault = error
    giveUp(conversation, error)
    return
  }
  waiting.refused = true
  waiting.fault = error
  clearTimeout(waiting.timer)
  waiting.timer = setTimeout(transmitUnanswered, repeatAfterMs(exchange) / 2, conversation, waiting)
}

function giveUp(conversation: UdpConversation, reason: unknown): void {
  const { exchange, waiting } = conversation
  if (waiting === null) return
  clearTimeout(waiting.timer)
  waiting.open?.close()
  conversation.waiting = null
  const timedOut = reason instanceof DeadlineError && exchange.flags.includes('foreign_packets')
  waiting.reject(waiting.fault ?? (timedOut ? strangersOnly(reason) : reason))
}

/** What an operator may want to know of a timeout. */
function strangersOnly({ message }: DeadlineError): ProbeError {
  return new ProbeError('udp.timeout', `${message}, though packets came that belong to no request of ours`)
}

/** Not below one datagram per second to one address, unless the time is too short for the usual three then. */
function repeatAfterMs({ attempts, timeoutMs }: Exchange): number {
  return Math.max(timeoutMs / (2 ** attempts - 1), Math.min(1000, timeoutMs / 4))
}

/** Random and never 0, which some trackers use for requests that they could not parse (BEP 15). */
function newTransactionId(): number {
  return randomInt(1, 2 ** 32)
}
