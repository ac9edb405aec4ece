/** Trackers for the bench, in a process of their own: what they cost is not charged to the program measured. */
import { createSocket, type Socket } from 'node:dgram'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** `healthy` answers after 20 ms, `silent` never, `closed` has nobody listening. */
export interface Farm {
  readonly healthy: readonly string[]
  readonly silent: readonly string[]
  readonly closed: readonly string[]
  /** `address:port` of a name server that knows `*.live.test`, all at 127.0.0.1, and is silent about all else. */
  readonly dns: string
  /** `host:port` of HTTP trackers, answering after 20 ms. */
  readonly namedHttp: readonly string[]
  /** Announce URLs of HTTP trackers by their addresses, answering after 20 ms. */
  readonly http: readonly string[]
}

/** How many trackers of each kind. */
export type FarmSize = Readonly<Record<'healthy' | 'silent' | 'closed' | 'namedHttp' | 'http', number>>

const DELAY_MS = 20

process.once('message', async (wanted: FarmSize) => {
  const farm: Farm = {
    healthy: await sockets(wanted.healthy, answer),
    silent: await sockets(wanted.silent, () => {}),
    closed: await closedPorts(wanted.closed),
    dns: await nameServer(),
    namedHttp: await namedHttpTrackers(wanted.namedHttp),
    http: await httpTrackers(wanted.http),
  }
  process.send?.(farm)
})
process.once('disconnect', () => process.exit(0))

function answer(socket: Socket, packet: Buffer, port: number, address: string): void {
  const action = packet.length === 16 ? 0 : packet.readUInt32BE(8)
  const reply = Buffer.alloc(action === 0 ? 16 : 20)
  reply.writeUInt32BE(action, 0)
  packet.copy(reply, 4, 12, 16)
  if (action === 0) reply.writeBigUInt64BE(0x1122334455667788n, 8)
  else reply.writeUInt32BE(1800, 8)
  setTimeout(() => socket.send(reply, port, address), DELAY_MS)
}

/** Spread over loopback addresses: the ports of one are needed by the probes too. */
async function sockets(
  count: number,
  onPacket: (socket: Socket, packet: Buffer, port: number, address: string) => void,
): Promise<string[]> {
  const addresses: string[] = []
  for (let index = 0; index < count; index++) {
    const host = `127.0.1.${1 + Math.floor(index / 1000)}`
    const { socket, port } = await bound(host)
    socket.on('message', (packet, from) => onPacket(socket, packet, from.port, from.address))
    addresses.push(`${host}:${port}`)
  }
  return addresses
}

async function closedPorts(count: number): Promise<string[]> {
  const open = await Promise.all(Array.from({ length: count }, () => bound('127.0.2.1')))
  for (const { socket } of open) socket.close()
  return open.map(({ port }) => `127.0.2.1:${port}`)
}

function bound(host: string): Promise<{ socket: Socket; port: number }> {
  const socket = createSocket({ type: 'udp4', lookup: (name, _options, callback) => callback(null, name, 4) })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(0, host, () => resolve({ socket, port: socket.address().port }))
  })
}

async function nameServer(): Promise<string> {
  const { socket, port } = await bound('127.0.0.1')
  socket.on('message', (query, from) => {
    const end = query.indexOf(0, 12)
    const name = query.toString('latin1', 12, end)
    if (!name.includes('live')) return
    const isA = query.readUInt16BE(end + 1) === 1
    const question = query.subarray(12, end + 5)
    const header = Buffer.from([...query.subarray(0, 2), 0x81, 0x80, 0, 1, 0, isA ? 1 : 0, 0, 0, 0, 0])
    const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 1, 1])
    socket.send(Buffer.concat(isA ? [header, question, record] : [header, question]), from.port, from.address)
  })
  return `127.0.0.1:${port}`
}

async function namedHttpTrackers(count: number): Promise<string[]> {
  const port = await httpServer('127.0.1.1')
  return Array.from({ length: count }, (_, index) => `http-${index}.live.test:${port}`)
}

/** Spread over loopback addresses too: a port that a connection to one had is not free again for a minute. */
async function httpTrackers(count: number): Promise<string[]> {
  const urls: string[] = []
  for (let host = 1; urls.length < count; host++) {
    const port = await httpServer(`127.0.3.${host}`)
    const here = Math.min(100, count - urls.length)
    urls.push(...Array.from({ length: here }, (_, index) => `http://127.0.3.${host}:${port}/${index}/announce`))
  }
  return urls
}

async function httpServer(host: string): Promise<number> {
  const server = createServer((_request, response) => {
    setTimeout(() => response.end('d8:completei0e10:incompletei1e8:intervali1800e5:peers0:e'), DELAY_MS)
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return (server.address() as AddressInfo).port
}
