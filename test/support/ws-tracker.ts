import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Socket } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { type WebSocket, WebSocketServer } from 'ws'
import { listen, startRawTcp, type TcpTracker } from './http-tracker.js'

export interface WsTracker extends TcpTracker {
  /** Every message that came in, as text. */
  readonly received: readonly string[]
  /** The requests for an upgrade. */
  readonly upgrades: readonly IncomingMessage[]
}

/** A tracker behind a proper WebSocket server; `respond` is called for each message. */
export async function startWsTracker(
  respond: (socket: WebSocket, text: string) => void,
  place: { readonly tls?: TlsOptions } = {},
): Promise<WsTracker> {
  const server = place.tls === undefined ? createServer() : createSecureServer(place.tls)
  const received: string[] = []
  const upgrades: IncomingMessage[] = []
  new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket, request) => {
    upgrades.push(request)
    socket.on('error', () => {})
    socket.on('message', (data) => {
      received.push(String(data))
      respond(socket, String(data))
    })
  })
  return { ...(await listen(server, {}, place.tls === undefined ? 'ws' : 'wss')), received, upgrades }
}

/** The info hash of a request, as its text has it. */
export function infoHashOf(text: string): string {
  return String(JSON.parse(text).info_hash)
}

/** The usual answer to an announce, with what is given in place of it. */
export function wsAnswer(request: string, changes: object = {}): string {
  const usual = { action: 'announce', interval: 120, complete: 1, incomplete: 2, info_hash: infoHashOf(request) }
  return JSON.stringify({ ...usual, ...changes })
}

/** A tracker whose frames are written by hand. `respond` gets the socket after the upgrade and the text of the announce. */
export async function startRawWs(respond: (socket: Socket, text: string) => void): Promise<TcpTracker> {
  const tracker = await startRawTcp((socket, request) => {
    socket.write(upgradeAnswer(request))
    socket.once('data', (frame: Buffer) => respond(socket, unmask(frame)))
  })
  return { ...tracker, url: tracker.url.replace('http:', 'ws:') }
}

/** RFC 6455, 4.2.2. */
export function upgradeAnswer(
  request: string,
  changes: { readonly accept?: string; readonly lines?: string } = {},
): string {
  const key = /sec-websocket-key: *(\S+)/i.exec(request)?.[1] ?? ''
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
  return `${head}Sec-WebSocket-Accept: ${changes.accept ?? accept}\r\n${changes.lines ?? ''}\r\n`
}

/** A frame by hand (RFC 6455, 5.2). `first` holds FIN, RSV and opcode: 0x81 is a whole text. */
export function wsFrame(first: number, payload: string | Uint8Array, mask?: Uint8Array): Buffer {
  const bytes = Buffer.from(payload)
  const masked = mask === undefined ? bytes : bytes.map((byte, index) => byte ^ (mask[index % 4] ?? 0))
  const length = lengthOf(bytes.length, mask === undefined ? 0 : 0x80)
  return Buffer.concat([Buffer.from([first]), length, mask ?? Buffer.alloc(0), masked])
}

function lengthOf(length: number, maskBit: number): Buffer {
  if (length < 126) return Buffer.from([maskBit | length])
  const wide = length > 0xffff
  const bytes = Buffer.alloc(wide ? 9 : 3)
  bytes[0] = maskBit | (wide ? 127 : 126)
  bytes.writeUIntBE(length, wide ? 3 : 1, wide ? 6 : 2)
  return bytes
}

/** The text in a client's frame of less than 64 KiB. */
function unmask(frame: Buffer): string {
  const isLong = ((frame[1] ?? 0) & 0x7f) === 126
  const at = isLong ? 4 : 2
  const length = isLong ? frame.readUInt16BE(2) : (frame[1] ?? 0) & 0x7f
  const mask = frame.subarray(at, at + 4)
  return frame
    .subarray(at + 4, at + 4 + length)
    .map((byte, index) => byte ^ (mask[index % 4] ?? 0))
    .toString()
}
