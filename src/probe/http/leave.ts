import type { Socket } from 'node:net'
import { withDeadline } from '../deadline.js'
import { createExchange, type Exchange } from '../exchange.js'
import type { Target } from '../prober.js'
import { openStream } from '../stream-socket.js'
import { type HttpRequest, requestText } from './request.js'
import { requestTold } from './trace.js'

/** The most that taking leave may take on one connection, ms: a process that only checks lives so much longer at most. */
const LEAVE_MS = 2000

/**
 * Tells a tracker that has taken us for a peer that we are none: on `socket`, if the answer has left it open, else on one
 * short connection more. Takes `socket` over and closes it. Nobody waits for it, and what happens here does not matter to
 * the verdict; each connection is closed when the tracker answers or closes, or after 2 s.
 */
export function takeLeave(socket: Socket, target: Target, farewell: HttpRequest, exchange: Exchange): void {
  const { tls, trace } = exchange
  const onAnother = (): void => void leaveAnew(target, farewell, tls)
  if (!socket.readable || !socket.writable) {
    socket.destroy()
    onAnother()
    return
  }
  trace?.(requestTold(farewell))
  say(socket, farewell, onAnother)
}

async function leaveAnew(target: Target, farewell: HttpRequest, tls: Exchange['tls']): Promise<void> {
  try {
    const socket = await withDeadline(LEAVE_MS, undefined, (signal) =>
      openStream(target, createExchange(signal, { attempts: 1, timeoutMs: LEAVE_MS, tls }, 'connect')),
    )
    say(socket, farewell, () => {})
  } catch {
    // A tracker that cannot be told forgets us by itself.
  }
}

/** Sends the request and closes the connection once something comes back, which is not read. */
function say(socket: Socket, request: HttpRequest, onUnanswered: () => void): void {
  let isOver = false
  const end = (): void => {
    isOver = true
    clearTimeout(timer)
    socket.destroy()
  }
  const timer = setTimeout(end, LEAVE_MS)
  socket.on('data', end)
  socket.on('close', () => {
    if (isOver) return
    end()
    onUnanswered()
  })
  // What node:http has accepted for the announce needs no second look.
  socket.write(requestText(request), 'latin1')
}
