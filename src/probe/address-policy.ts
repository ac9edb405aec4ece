import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { SkipReason } from '../tracker/outcome.js'

/** Why a host or address is not to be contacted from here. */
export interface Refused {
  readonly reason: SkipReason
  readonly code: string
  readonly detail: string
}

/** Networks that are reached through a program of their own; their names must not even be asked of the DNS (RFC 7686). */
const OVERLAYS: Readonly<Record<string, string>> = {
  onion: 'net.overlay_tor',
  i2p: 'net.overlay_i2p',
  loki: 'net.overlay_loki',
  ygg: 'net.overlay_yggdrasil',
  meshname: 'net.overlay_yggdrasil',
}
const LOCAL_SUFFIXES = new Set(['localhost', 'local', 'invalid', 'test', 'example', 'internal'])
const YGGDRASIL = ipaddr.parseCIDR('200::/7')
const CJDNS = ipaddr.parseCIDR('fc00::/8')
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96')
/** Deprecated, but a system with automatic tunnels still sends what goes there to the IPv4 address inside. */
const IPV4_COMPATIBLE = ipaddr.parseCIDR('::/96')

/** What the name alone says, before any query. Null where it may be asked. */
export function refuseName(host: string, allowPrivate: boolean): Refused | null {
  if (isIP(host) !== 0) return refuseAddress(host, allowPrivate)
  const suffix = host.slice(host.lastIndexOf('.') + 1)
  const overlay = Object.hasOwn(OVERLAYS, suffix) ? OVERLAYS[suffix] : undefined
  if (overlay !== undefined) {
    return {
      reason: 'overlay_network',
      code: overlay,
      detail: `.${suffix} is an overlay network, not reachable from here`,
    }
  }
  if (allowPrivate || (suffix !== host && !LOCAL_SUFFIXES.has(suffix))) return null
  return { reason: 'local_name', code: 'policy.local_name', detail: `${host} names a host of the local network` }
}

/** What policy says of the address that would really be contacted. Null where it may be. */
export function refuseAddress(address: string, allowPrivate: boolean): Refused | null {
  if (allowPrivate && !address.includes(':')) return null
  const parsed = embeddedIpv4(ipaddr.parse(address))
  if (isIpv6(parsed) && parsed.match(YGGDRASIL)) {
    return { reason: 'overlay_network', code: 'net.overlay_yggdrasil', detail: `${address} is a Yggdrasil address` }
  }
  const range = parsed.range()
  if (allowPrivate || range === 'unicast') return null
  const what = isIpv6(parsed) && parsed.match(CJDNS) ? 'cjdns or unique local' : range
  return { reason: 'private_address', code: 'policy.private_address', detail: `${address} is a ${what} address` }
}

/** An IPv4 address in IPv6 clothes is judged as what it is. */
function embeddedIpv4(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (!isIpv6(address)) return address
  if (address.isIPv4MappedAddress()) return address.toIPv4Address()
  const isCompatible = address.match(IPV4_COMPATIBLE) && address.range() === 'unicast'
  return isCompatible || address.match(NAT64) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address
}

function isIpv6(address: ipaddr.IPv4 | ipaddr.IPv6): address is ipaddr.IPv6 {
  return address.kind() === 'ipv6'
}
