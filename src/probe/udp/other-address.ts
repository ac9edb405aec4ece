import type { Socket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import { ProbeError } from '../prober.js'

/** Who is told of what an unconnected socket hears. */
export interface Listener {
  readonly onTracker: (bytes: Buffer) => void
  /** `from` is another address, or another port of the same. */
  readonly onOther: (bytes: Buffer, from: AddressInfo) => void
  /** The request could not be sent, or something has happened to the socket since. */
  readonly onError: (error: Error) => void
}

/**
 * Sends a request to the tracker from `socket`, which is fresh and not connected. Unlike a connected one it hears a
 * server of several addresses that answers from another than the one asked, which most clients drop: such a tracker is
 * of no use, but its operator should learn why. In return no closed port is reported, so this is not the socket to ask
 * from first.
 */
export function askUnconnected(socket: Socket, tracker: AddressInfo, request: Buffer, listener: Listener): void {
  socket.on('message', (bytes, from) => {
    if (from.address === tracker.address && from.port === tracker.port) listener.onTracker(bytes)
    else listener.onOther(bytes, from)
  })
  socket.on('error', listener.onError)
  socket.send(request, tracker.port, tracker.address, (error) => {
    if (error !== null) listener.onError(error)
  })
}

export function otherAddressError({ address, port }: AddressInfo): ProbeError {
  const message = `the answer came from ${address} port ${port}, which was not asked: most clients drop it`
  return new ProbeError('udp.reply_from_other_address', message)
}
