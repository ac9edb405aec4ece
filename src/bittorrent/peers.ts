import type { Flag, Peer } from '../tracker/outcome.js'

const STRIDE4 = 6
const STRIDE6 = 18

/** Compact IPv4 peers, 6 bytes each (BEP 23). Whole entries only: the caller notes a remainder. */
export function decodePeers4(bytes: Uint8Array): Peer[] {
  const peers: Peer[] = []
  for (let at = 0; at + STRIDE4 <= bytes.length; at += STRIDE4) {
    peers.push({ ip: formatIpv4(bytes, at), port: uint16(bytes, at + 4) })
  }
  return peers
}

/** Compact IPv6 peers, 18 bytes each (BEP 7). Whole entries only: the caller notes a remainder. */
export function decodePeers6(bytes: Uint8Array): Peer[] {
  const peers: Peer[] = []
  for (let at = 0; at + STRIDE6 <= bytes.length; at += STRIDE6) {
    peers.push({ ip: formatIpv6(bytes, at), port: uint16(bytes, at + 16) })
  }
  return peers
}

/** The text of an address of 4 or 16 bytes; null for any other length. */
export function formatIp(bytes: Uint8Array): string | null {
  if (bytes.length === 4) return formatIpv4(bytes, 0)
  return bytes.length === 16 ? formatIpv6(bytes, 0) : null
}

export interface PeerField {
  readonly peers: readonly Peer[] | null
  readonly peers6: readonly Peer[] | null
  readonly flag: Flag | null
}

/**
 * The peers of a UDP announce reply. The family of the packet decides the stride, never the content (BEP 15); the one
 * exception is a known server defect, IPv4 peers in an IPv6 reply, which the length gives away.
 */
export function decodeDatagramPeers(bytes: Uint8Array, family: 4 | 6): PeerField {
  const misaligned = 'udp.peer_list_misaligned'
  if (family === 4) {
    return { peers: decodePeers4(bytes), peers6: null, flag: bytes.length % STRIDE4 === 0 ? null : misaligned }
  }
  if (bytes.length % STRIDE6 === 0) return { peers: null, peers6: decodePeers6(bytes), flag: null }
  if (bytes.length % STRIDE4 === 0) {
    return { peers: decodePeers4(bytes), peers6: [], flag: 'udp.ipv4_peers_in_ipv6_reply' }
  }
  return { peers: null, peers6: decodePeers6(bytes), flag: misaligned }
}

function formatIpv4(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`
}

/** RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as `::`. */
function formatIpv6(bytes: Uint8Array, at: number): string {
  const groups: number[] = []
  for (let offset = 0; offset < 16; offset += 2) groups.push(uint16(bytes, at + offset))
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (mapped) return `::ffff:${formatIpv4(bytes, at + 12)}`
  const run = longestZeroRun(groups)
  const hex = groups.map((group) => group.toString(16))
  if (run.length < 2) return hex.join(':')
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let start = 0
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start }
  }
  return best
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}
