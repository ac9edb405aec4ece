import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { createServer, isIPv4, type Socket } from 'node:net'

/** What a name server says about a name; `silent` is no answer at all. An answer without what was asked for is NODATA. */
export type DnsAnswer =
  | {
      readonly addresses?: readonly string[]
      /** TXT records, each in its chunks of at most 255 characters (latin1). */
      readonly texts?: readonly (readonly string[])[]
      /** The name is an alias of the first, that of the second, and so on; the records belong to the last. */
      readonly aliases?: readonly string[]
      readonly ttlS?: number
    }
  | 'nxdomain'
  | 'servfail'
  | 'refused'
  | 'silent'
  /** Over UDP: that the answer is too long for it, ask again over TCP. */
  | 'truncated'

export interface DnsQuery {
  readonly name: string
  readonly type: 'A' | 'AAAA' | 'TXT' | 'other'
  /** How often this name and type was asked for before. */
  readonly earlier: number
  readonly transport: 'udp' | 'tcp'
}

/** A scripted name server. */
export interface DnsServer {
  /** `address:port`, fit for `dnsServers`. */
  readonly address: string
  readonly queries: readonly DnsQuery[]
  readonly stop: () => Promise<void>
}

const RCODES = { nxdomain: 3, servfail: 2, refused: 5, truncated: 0 }
const TYPES: Readonly<Record<number, 'A' | 'AAAA' | 'TXT'>> = { 1: 'A', 16: 'TXT', 28: 'AAAA' }

interface Behaviour {
  /**
   * What it says about the root, which tells a name server that lives from one that does not. By default it lives,
   * whatever it says about other names. These queries are not among `queries`.
   */
  readonly root?: DnsAnswer
  /** Listen on the TCP port of the same number too. Default false: connections are refused. */
  readonly tcp?: boolean
}

/** Names that `zone` does not know do not exist. An answer may be a promise: it is sent when that resolves. */
export async function startDnsServer(
  zone: (query: DnsQuery) => DnsAnswer | undefined | Promise<DnsAnswer>,
  { root = {}, tcp = false }: Behaviour = {},
): Promise<DnsServer> {
  const queries: DnsQuery[] = []
  let open = true
  /** The answer, if there is to be one. */
  const answer = async (packet: Buffer, transport: DnsQuery['transport']): Promise<Buffer | null> => {
    const { name, type, end } = readQuestion(packet)
    const earlier = queries.filter((one) => one.name === name && one.type === type).length
    const query = { name, type, earlier, transport }
    if (name !== '') queries.push(query)
    const said = name === '' ? root : ((await zone(query)) ?? 'nxdomain')
    return said === 'silent' || !open ? null : encode(packet, end, type, said)
  }
  for (;;) {
    const udp = await listenUdp(answer)
    // The port may be taken over TCP: then another one.
    const tcpServer = tcp ? await listenTcp(udp.port, answer).catch(() => null) : { stop: async () => {} }
    const stop = async (): Promise<void> => {
      open = false
      await Promise.all([udp.stop(), tcpServer?.stop()])
    }
    if (tcpServer !== null) return { address: `127.0.0.1:${udp.port}`, queries, stop }
    await udp.stop()
  }
}

async function listenUdp(answer: (packet: Buffer, transport: 'udp') => Promise<Buffer | null>) {
  const socket = createSocket('udp4')
  socket.on('message', async (packet: Buffer, from: RemoteInfo) => {
    const reply = await answer(packet, 'udp')
    if (reply !== null) socket.send(reply, from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const stop = async (): Promise<void> => {
    socket.close()
    await once(socket, 'close')
  }
  return { port: socket.address().port, stop }
}

/** Queries and answers behind their length (RFC 1035, 4.2.2). */
async function listenTcp(
  port: number,
  answer: (packet: Buffer, transport: 'tcp') => Promise<Buffer | null>,
): Promise<{ readonly stop: () => Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let received = Buffer.alloc(0)
    socket.on('error', () => {})
    const reply = async (packet: Buffer): Promise<void> => {
      const bytes = await answer(packet, 'tcp')
      if (bytes === null) return
      const length = Buffer.alloc(2)
      length.writeUInt16BE(bytes.length)
      socket.write(Buffer.concat([length, bytes]))
    }
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0)
        void reply(received.subarray(2, end))
        received = received.subarray(end)
      }
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  return { stop }
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

/** RFC 1035, 4.1: header, the question again, and the records. */
function encode(
  packet: Buffer,
  questionEnd: number,
  type: DnsQuery['type'],
  said: Exclude<DnsAnswer, 'silent'>,
): Buffer {
  const rcode = typeof said === 'string' ? RCODES[said] : 0
  const records = typeof said === 'string' ? [] : recordsOf(said, type, packet.subarray(questionEnd - 4, questionEnd))
  const flags = [said === 'truncated' ? 0x83 : 0x81, 0x80 | rcode]
  const header = Buffer.from([...packet.subarray(0, 2), ...flags, 0, 1, 0, 0, 0, 0, 0, 0])
  header.writeUInt16BE(records.length, 6)
  return Buffer.concat([header, packet.subarray(12, questionEnd), ...records])
}

/** The aliases and then what was asked for. The first name is that of the question, so a pointer to it will do. */
function recordsOf(said: Exclude<DnsAnswer, string>, type: DnsQuery['type'], typeAndClass: Buffer): readonly Buffer[] {
  const { aliases = [], ttlS = 60 } = said
  const owners = [Buffer.from([0xc0, 12]), ...aliases.map(nameBytes)]
  const asAlias = Buffer.from([0, 5, ...typeAndClass.subarray(2)])
  const links = owners.slice(1).map((alias, index) => record(owners[index], asAlias, ttlS, alias))
  return [...links, ...contentsOf(said, type).map((data) => record(owners.at(-1), typeAndClass, ttlS, data))]
}

function record(owner: Buffer = Buffer.alloc(0), typeAndClass: Buffer, ttlS: number, data: Buffer): Buffer {
  const numbers = Buffer.alloc(6)
  numbers.writeUInt32BE(ttlS)
  numbers.writeUInt16BE(data.length, 4)
  return Buffer.concat([owner, typeAndClass, numbers, data])
}

function nameBytes(name: string): Buffer {
  const labels = name.split('.').map((label) => `${String.fromCharCode(label.length)}${label}`)
  return Buffer.from(`${labels.join('')}\0`, 'latin1')
}

function contentsOf(said: Exclude<DnsAnswer, string>, type: DnsQuery['type']): readonly Buffer[] {
  if (type === 'TXT') return (said.texts ?? []).map(textBytes)
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
