import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { isIPv4 } from 'node:net'

/** What a name server says about a name; `silent` is no answer at all. An answer without what was asked for is NODATA. */
export type DnsAnswer =
  | { readonly addresses: readonly string[]; readonly ttlS?: number }
  /** TXT records, each in its chunks of at most 255 characters (latin1), beside the addresses. */
  | { readonly addresses?: readonly string[]; readonly texts: readonly (readonly string[])[]; readonly ttlS?: number }
  | 'nxdomain'
  | 'servfail'
  | 'refused'
  | 'silent'

export interface DnsQuery {
  readonly name: string
  readonly type: 'A' | 'AAAA' | 'TXT' | 'other'
  /** How often this name and type was asked for before. */
  readonly earlier: number
}

/** A scripted name server. */
export interface DnsServer {
  /** `address:port`, fit for `dnsServers`. */
  readonly address: string
  readonly queries: readonly DnsQuery[]
  readonly stop: () => Promise<void>
}

const RCODES = { nxdomain: 3, servfail: 2, refused: 5 }
const TYPES: Readonly<Record<number, 'A' | 'AAAA' | 'TXT'>> = { 1: 'A', 16: 'TXT', 28: 'AAAA' }

/** Names that `zone` does not know do not exist. An answer may be a promise: it is sent when that resolves. */
export async function startDnsServer(
  zone: (query: DnsQuery) => DnsAnswer | undefined | Promise<DnsAnswer>,
): Promise<DnsServer> {
  const socket = createSocket('udp4')
  const queries: DnsQuery[] = []
  let open = true
  const answer = async (packet: Buffer, from: RemoteInfo): Promise<void> => {
    const { name, type, end } = readQuestion(packet)
    const earlier = queries.filter((one) => one.name === name && one.type === type).length
    const query = { name, type, earlier }
    queries.push(query)
    const said = (await zone(query)) ?? 'nxdomain'
    if (said !== 'silent' && open) socket.send(encode(packet, end, type, said), from.port, from.address)
  }
  socket.on('message', answer)
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    address: `127.0.0.1:${socket.address().port}`,
    queries,
    stop: async () => {
      open = false
      socket.close()
      await once(socket, 'close')
    },
  }
}

/** All of `names`, each with its addresses. */
export function zoneOf(names: Readonly<Record<string, readonly string[]>>) {
  return ({ name }: DnsQuery): DnsAnswer | undefined => {
    const addresses = names[name]
    return addresses === undefined ? undefined : { addresses }
  }
}

function readQuestion(packet: Buffer): { name: string; type: DnsQuery['type']; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = packet[at] ?? 0; length > 0; length = packet[at] ?? 0) {
    labels.push(packet.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), type: TYPES[packet.readUInt16BE(at + 1)] ?? 'other', end: at + 5 }
}

/** RFC 1035, 4.1: header, the question again, and the records, each behind a pointer to its name. */
function encode(
  packet: Buffer,
  questionEnd: number,
  type: DnsQuery['type'],
  said: Exclude<DnsAnswer, 'silent'>,
): Buffer {
  const rcode = typeof said === 'string' ? RCODES[said] : 0
  const contents = typeof said === 'string' ? [] : contentsOf(said, type)
  const ttlS = typeof said === 'string' ? 0 : (said.ttlS ?? 60)
  const header = Buffer.from([...packet.subarray(0, 2), 0x81, 0x80 | rcode, 0, 1, 0, contents.length, 0, 0, 0, 0])
  const records = contents.map((data) => {
    // The type and the class as they were asked for.
    const fixed = Buffer.from([0xc0, 12, ...packet.subarray(questionEnd - 4, questionEnd), 0, 0, 0, 0, 0, 0])
    fixed.writeUInt32BE(ttlS, 6)
    fixed.writeUInt16BE(data.length, 10)
    return Buffer.concat([fixed, data])
  })
  return Buffer.concat([header, packet.subarray(12, questionEnd), ...records])
}

function contentsOf(said: Exclude<DnsAnswer, string>, type: DnsQuery['type']): readonly Buffer[] {
  if (type === 'TXT') return 'texts' in said ? said.texts.map(textBytes) : []
  if (type === 'other') return []
  const addresses = (said.addresses ?? []).filter((address) => isIPv4(address) === (type === 'A'))
  return addresses.map((address) => (type === 'A' ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address)))
}

/** Each chunk behind its length. */
function textBytes(chunks: readonly string[]): Buffer {
  return Buffer.concat(chunks.map((chunk) => Buffer.from(`${String.fromCharCode(chunk.length)}${chunk}`, 'latin1')))
}

/** Of `2001:db8::1` or `::ffff:192.0.2.1`. */
function ipv6Bytes(address: string): Buffer {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number)
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
  const [head = '', tail] = hex.split('::')
  const before = head.split(':').filter(Boolean)
  const after = (tail ?? '').split(':').filter(Boolean)
  const groups = [...before, ...new Array(8 - before.length - after.length).fill('0'), ...after]
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex')
}
