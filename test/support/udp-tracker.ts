import { randomInt } from 'node:crypto'
import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { udp } from './encode.js'

/** A scripted UDP tracker. */
export interface UdpTracker {
  /** Announce URL. */
  readonly url: string
  readonly port: number
  /** Every datagram that came in, in order. */
  readonly received: readonly Buffer[]
  readonly stop: () => Promise<void>
}

/** Datagrams to send back at once; `send` is for those that come later. */
export type Respond = (packet: Buffer, from: RemoteInfo, send: (bytes: Buffer) => void) => readonly Buffer[] | undefined

export async function startUdpTracker(
  respond: Respond,
  { host = '127.0.0.1', family = 4 as 4 | 6, port = 0 } = {},
): Promise<UdpTracker> {
  const socket = createSocket({ type: `udp${family}`, ipv6Only: family === 6 })
  const received: Buffer[] = []
  let open = true
  socket.on('message', (packet, from) => {
    received.push(packet)
    const send = (bytes: Buffer): void => {
      if (open) socket.send(bytes, from.port, from.address)
    }
    for (const bytes of respond(packet, from, send) ?? []) send(bytes)
  })
  socket.bind(port, host)
  await once(socket, 'listening')
  const bound = socket.address().port
  const stop = async (): Promise<void> => {
    open = false
    socket.close()
    await once(socket, 'close')
  }
  return { url: `udp://${family === 6 ? `[${host}]` : host}:${bound}/announce`, port: bound, received, stop }
}

/** What to answer to one kind of request; `transactionId` is that of the request. */
export type Reply = (transactionId: number, packet: Buffer) => readonly Buffer[] | undefined

export const CONNECTION_ID = Buffer.from('1122334455667788', 'hex')

/** A tracker that behaves, where `script` says nothing else. */
export function scripted(script: { connect?: Reply; announce?: Reply; scrape?: Reply } = {}): Respond {
  const replies: Record<string, Reply> = {
    connect: script.connect ?? connected,
    announce: script.announce ?? announced(),
    scrape: script.scrape ?? ((transactionId) => [udp.scrapeReply(transactionId, [])]),
  }
  return (packet) => replies[kindOf(packet)]?.(packet.readUInt32BE(12), packet)
}

export const goodTracker: Respond = scripted()

export function connected(transactionId: number): readonly Buffer[] {
  return [udp.connectReply(transactionId, CONNECTION_ID)]
}

/** The answer to an announce, with what is given in place of the usual. */
export function announced(changes: Partial<Parameters<typeof udp.announceReply>[1]> = {}): Reply {
  const body = { interval: 1800, leechers: 1, seeders: 0, peers: Buffer.alloc(0), ...changes }
  return (transactionId) => [udp.announceReply(transactionId, body)]
}

/** What a request asks for, by its action (BEP 15). */
export function kindOf(packet: Buffer): 'connect' | 'announce' | 'scrape' | 'other' {
  if (packet.length < 16) return 'other'
  return (['connect', 'announce', 'scrape'] as const)[packet.readUInt32BE(8)] ?? 'other'
}

/**
 * A port that nobody listens on: it was free a moment ago, and is none of those that the system hands out, where the
 * socket of another test may turn up.
 */
export async function closedUdpPort(host = '127.0.0.1'): Promise<number> {
  for (;;) {
    try {
      const tracker = await startUdpTracker(() => [], { host, port: randomInt(10_000, 30_000) })
      await tracker.stop()
      return tracker.port
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
    }
  }
}

/** Resolves when the port has refused a datagram of ours: who asked before us has been told the same. */
export async function refusalFrom(port: number): Promise<void> {
  const socket = createSocket('udp4')
  socket.connect(port, '127.0.0.1', () => socket.send('?'))
  const [error] = await once(socket, 'error')
  socket.close()
  if (error.code !== 'ECONNREFUSED') throw error
}
