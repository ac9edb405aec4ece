import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { decodeErrorMessage, decodeUdpPacket } from '../bittorrent/udp-packets.js'
import type { Phase } from '../tracker/outcome.js'
import { type Exchange, ProbeError, type Target } from './prober.js'

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

/** A connected socket to one address. One request is under way at a time. */
export interface UdpConversation {
  request<T>(request: UdpRequest<T>): Promise<UdpReply<T>>
  /** Sends once and waits for nothing. */
  tell(encode: (transactionId: number) => Buffer): void
  close(): void
}

const ERROR_ACTION = 3

interface Waiting {
  receive(bytes: Buffer): void
  fail(error: Error): void
}

/**
 * A connected socket per probe: the kernel reports a closed port at once, drops what comes from elsewhere, and probes
 * cannot take each other's answers or buffer space.
 */
export async function openConversation(target: Target, exchange: Exchange): Promise<UdpConversation> {
  const socket = createSocket({
    type: target.family === 4 ? 'udp4' : 'udp6',
    ipv6Only: target.family === 6,
    // Addresses only: without this, dgram asks getaddrinfo's threads even for literals.
    lookup: (host, _options, callback) => callback(null, host, target.family),
  })
  let waiting: Waiting | null = null
  socket.on('message', (bytes) => waiting?.receive(bytes))
  // Stays until the socket is closed: a late ICMP message must never become an uncaught exception.
  socket.on('error', (error) => waiting?.fail(error))
  try {
    await connect(socket, target, exchange.signal)
  } catch (error) {
    socket.close()
    throw error
  }
  const send = (bytes: Buffer): void => {
    socket.send(bytes, (error) => {
      if (error !== null) waiting?.fail(error)
    })
  }
  return {
    request: async (request) => {
      try {
        return await transact(request, exchange, send, (next) => {
          waiting = next
        })
      } finally {
        waiting = null
      }
    },
    tell: (encode) => send(encode(newTransactionId())),
    close: () => socket.close(),
  }
}

function connect(socket: Socket, target: Target, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    // Settles within the tick or two that binding takes: there is no handshake to wait for.
    socket.connect(target.tracker.port, target.address, (error?: Error | null) => {
      if (error === undefined || error === null) resolve()
      else reject(error)
    })
  })
}

/**
 * Sends, and sends again while no answer comes: with 3 attempts at 0, 1 and 3 parts of the 7 that the time has, each
 * with a new transaction id, all of which stay valid: so the answer tells which send it belongs to.
 */
function transact<T>(
  request: UdpRequest<T>,
  exchange: Exchange,
  send: (bytes: Buffer) => void,
  listen: (waiting: Waiting) => void,
): Promise<UdpReply<T>> {
  const { signal, attempts } = exchange
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const sentAt = new Map<number, number>()
    const firstRepeatMs = repeatAfterMs(exchange)
    let timer: NodeJS.Timeout | undefined
    let fault: Error | null = null
    let refused = false

    const onAbort = (): void => settle(() => reject(fault ?? signal.reason))
    const settle = (finish: () => void): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      finish()
    }
    const transmit = (): void => {
      const transactionId = newTransactionId()
      const again = sentAt.size > 0
      sentAt.set(transactionId, performance.now())
      exchange.sent(again)
      if (sentAt.size < attempts) timer = setTimeout(transmit, firstRepeatMs * 2 ** (sentAt.size - 1))
      send(request.encode(transactionId))
    }
    const receive = (bytes: Buffer): void => {
      const packet = decodeUdpPacket(bytes)
      const sent = packet === null ? undefined : sentAt.get(packet.transactionId)
      if (packet === null || sent === undefined) {
        exchange.flag('foreign_packets')
        return
      }
      if (packet.action === ERROR_ACTION) {
        exchange.leave(performance.now() - sent)
        settle(() => resolve({ refusal: decodeErrorMessage(bytes), byteSwapped: packet.byteswapped }))
        return
      }
      if (packet.action !== request.action) {
        fault = new ProbeError('udp.bad_action', `action ${packet.action} in answer to ${request.name}`)
        return
      }
      const value = request.decode(bytes)
      if (value === null) {
        fault = new ProbeError('udp.truncated', `${request.name} response of ${bytes.length} bytes, too short`)
        return
      }
      exchange.leave(performance.now() - sent)
      settle(() => resolve({ value }))
    }
    const fail = (error: NodeJS.ErrnoException): void => {
      const maybeRestarting = error.code === 'ECONNREFUSED' && !refused && attempts > 1
      if (!maybeRestarting) {
        settle(() => reject(error))
        return
      }
      refused = true
      fault = error
      clearTimeout(timer)
      timer = setTimeout(transmit, firstRepeatMs / 2)
    }

    listen({ receive, fail })
    signal.addEventListener('abort', onAbort, { once: true })
    exchange.enter(request.phase)
    transmit()
  })
}

/** Not below one datagram per second to one address, unless the time is too short for that. */
function repeatAfterMs({ attempts, timeoutMs }: Exchange): number {
  return Math.max(timeoutMs / (2 ** attempts - 1), Math.min(1000, timeoutMs / 3))
}

/** Random and never 0, which some trackers use for requests that they could not parse (BEP 15). */
function newTransactionId(): number {
  return randomBytes(4).readUInt32BE() || 1
}
