import { createSocket, type Socket, type SocketOptions } from 'node:dgram'
import { isIPv6 } from 'node:net'

// Addresses only: without this, dgram asks getaddrinfo's threads even for literals.
const lookup: SocketOptions['lookup'] = (address, _options, callback) =>
  callback(null, address, isIPv6(address) ? 6 : 4)
const OPTIONS = {
  4: { type: 'udp4', lookup },
  6: { type: 'udp6', ipv6Only: true, lookup },
} as const satisfies Record<4 | 6, SocketOptions>

/** A UDP socket for addresses of one family, never for names. */
export function createDatagramSocket(family: 4 | 6): Socket {
  return createSocket(OPTIONS[family])
}
