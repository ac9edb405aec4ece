import { isIPv4, isIPv6 } from 'node:net'
import type { HttpBindings } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'

/** Whoever is at the other end of the connection, a proxy for one; null where there is no connection. */
export function clientAddress(c: Context): string | null {
  return hasConnection(c) ? plainAddress(getConnInfo(c).remote.address ?? '') : null
}

/** Ends the connection of a request at once, whatever still waits to be sent. */
export function cutConnection(c: Context): void {
  if (hasConnection(c)) c.env.outgoing.destroy()
}

function hasConnection(c: Context): c is Context<{ Bindings: HttpBindings }> {
  return typeof c.env === 'object' && c.env !== null && 'incoming' in c.env
}

export function isLoopback(address: string | null): boolean {
  return address !== null && (address === '::1' || (isIPv4(address) && address.startsWith('127.')))
}

/** What counts as one client: an IPv4 address, or the /64 that an IPv6 host may choose its addresses from. */
export function clientKey(address: string | null): string {
  if (address === null) return 'unknown'
  return isIPv6(address) ? `${groupsOf(address).slice(0, 4).join(':')}::/64` : address
}

/** An IPv4 address in IPv6 clothes is what it is; a zone is of no meaning to others. */
function plainAddress(address: string): string {
  const withoutZone = address.replace(/%.*$/, '')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(withoutZone)?.[1]
  return mapped ?? withoutZone
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): readonly string[] {
  // The URL parser writes the last 32 bits as groups too, however they were given.
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::')
  const before = head === '' ? [] : head.split(':')
  if (tail === undefined) return before
  const after = tail === '' ? [] : tail.split(':')
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after]
}
