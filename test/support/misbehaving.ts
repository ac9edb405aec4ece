import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { startDnsServer } from './dns-server.js'
import { udp } from './encode.js'
import { closedTcpPort, goodAnswer, httpAnswer, startHttpTracker, startRawTcp } from './http-tracker.js'
import {
  announced,
  closedUdpPort,
  connected,
  goodTracker,
  type Respond,
  scripted,
  startUdpTracker,
} from './udp-tracker.js'
import { startRawWs, startWsTracker, upgradeAnswer, wsAnswer, wsFrame } from './ws-tracker.js'

/** One tracker for each way to misbehave, beside some that behave. */
export interface Zoo {
  /** What it does → its announce URL. */
  readonly trackers: Readonly<Record<string, string>>
  readonly dnsServers: readonly string[]
  readonly stop: () => Promise<void>
}

interface Place {
  readonly url: string
  readonly stop: () => Promise<unknown>
}

const HEAD = 'HTTP/1.1 200 OK\r\n'
const junk = Buffer.alloc(300, 0xa5)
/** 20 MB of nothing in 20 kB. */
const bomb = gzipSync(Buffer.alloc(20_000_000))
const reply = { interval: 1800, leechers: 1, seeders: 0, peers: Buffer.alloc(0) }

const overUdp: Readonly<Record<string, Respond>> = {
  'udp behaves': goodTracker,
  'udp is silent': () => [],
  'udp is silent behind the connect': scripted({ announce: () => [] }),
  'udp answers all things at once, again and again': scripted({
    connect: (id) => [...connected(id), ...connected(id), udp.announceReply(id, reply), udp.errorReply(id, 'no')],
    announce: (id) => Array.from({ length: 20 }, () => udp.announceReply(id, reply)),
  }),
  'udp answers late': (_, __, send) => {
    setTimeout(() => send(junk), 900).unref()
    return []
  },
  'udp floods with strangers': (packet) => Array.from({ length: 200 }, () => Buffer.concat([packet, junk])),
  'udp sends nothing in a packet': () => [Buffer.alloc(0), Buffer.alloc(1), Buffer.alloc(7)],
  'udp is cut short': scripted({ connect: (id) => [udp.connectReply(id, Buffer.alloc(8)).subarray(0, 12)] }),
  'udp mistakes the action': scripted({ announce: (id) => connected(id) }),
  'udp refuses without end': scripted({ announce: (id) => [udp.errorReply(id, 'Connection ID missmatch')] }),
  'udp refuses with 60 kB': scripted({ announce: (id) => [udp.errorReply(id, 'x'.repeat(60_000))] }),
  'udp sends 10,000 peers': scripted({ announce: announced({ peers: Buffer.alloc(60_000, 7) }) }),
}
const overTcp: Readonly<Record<string, (socket: Socket) => void>> = {
  'http is silent': () => {},
  'http drips its headers': (socket) => drip(socket, `${HEAD}X: `),
  'http drips its body': (socket) => drip(socket, `${HEAD}Content-Length: 100000\r\n\r\n`),
  'http never ends its body': pour,
  'http never ends its headers': (socket) => void socket.write(`${HEAD}X: ${'y'.repeat(200_000)}`),
  'http resets the connection': (socket) => void socket.resetAndDestroy(),
  'http hangs up': (socket) => void socket.end(),
  'http hangs up in the middle': (socket) => void socket.end(httpAnswer(goodAnswer()).subarray(0, -9)),
  'http sends no HTTP': (socket) => void socket.end(junk),
  'http goes on behind its answer': (socket) => void socket.write(Buffer.concat([httpAnswer(goodAnswer()), junk])),
  'http continues for ever': (socket) => void socket.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(2000)),
  'http sends a bomb': (socket) => void socket.end(httpAnswer(bomb, ['Content-Encoding: gzip'])),
  'http sends broken gzip': (socket) => void socket.end(httpAnswer(junk, ['Content-Encoding: gzip'])),
  'http nests 100,000 lists': (socket) => void socket.end(httpAnswer('l'.repeat(100_000))),
  'http redirects to itself': (socket) =>
    void socket.end('HTTP/1.1 302 Found\r\nLocation: /announce\r\nContent-Length: 0\r\n\r\n'),
  'http redirects to nowhere': (socket) =>
    void socket.end('HTTP/1.1 302 Found\r\nLocation: http://[::\r\nContent-Length: 0\r\n\r\n'),
  'http keeps the connection': (socket) => void socket.write(httpAnswer(goodAnswer(), ['Connection: keep-alive'])),
}

/** `onConnection`: nothing waits for a request here. */
const overTls: Readonly<Record<string, (socket: Socket) => void>> = {
  'tls is silent': () => {},
  'tls hangs up': (socket) => void socket.end(),
  'tls resets the connection': (socket) => void socket.resetAndDestroy(),
  'tls sends junk': (socket) => void socket.write(junk),
  'tls drips': (socket) => drip(socket, '\x16\x03\x03'),
}

const overWs: Readonly<Record<string, (socket: Socket, request: string) => void>> = {
  'ws never upgrades': () => {},
  'ws upgrades wrongly': (socket, request) => void socket.write(upgradeAnswer(request, { accept: 'no' })),
  'ws upgrades and hangs up': (socket, request) => void socket.end(upgradeAnswer(request)),
  'ws upgrades and is silent': (socket, request) => void socket.write(upgradeAnswer(request)),
  'ws breaks the protocol': (socket, request) => after(socket, request, Buffer.from([0xf3, 0x01, 0x00])),
  'ws pings without end': (socket, request) =>
    after(socket, request, Buffer.concat(Array.from({ length: 500 }, () => wsFrame(0x89, 'ping')))),
  'ws announces a frame of 4 GB': (socket, request) =>
    after(socket, request, Buffer.from([0x82, 0x7f, 0, 0, 0, 1, 0, 0, 0, 0])),
  'ws never finishes a message': (socket, request) => after(socket, request, wsFrame(0x01, 'x'.repeat(1000))),
}

/** Starts all of them. */
export async function startZoo(): Promise<Zoo> {
  const dns = await startDnsServer(({ name }) => (name === 'nobody.test' ? 'silent' : { addresses: ['127.0.0.1'] }))
  const places: Readonly<Record<string, Place>> = {
    ...(await startEach(overUdp, (respond) => startUdpTracker(respond))),
    ...(await startEach(overTcp, (respond) => startRawTcp(respond))),
    ...(await startEach(overTls, async (onConnection) => {
      const tracker = await startRawTcp(() => {}, { onConnection })
      return { ...tracker, url: tracker.url.replace('http:', 'https:') }
    })),
    ...(await startEach(overWs, async (respond) => {
      const tracker = await startRawTcp(respond)
      return { ...tracker, url: tracker.url.replace('http:', 'ws:') }
    })),
    'http behaves': await startHttpTracker((_, response) => response.end(goodAnswer())),
    'ws behaves': await startWsTracker((socket, text) => socket.send(wsAnswer(text))),
    'ws closes': await startWsTracker((socket) => socket.close(1008, 'no')),
    'ws sends no JSON': await startRawWs((socket) => void socket.write(wsFrame(0x81, '{"'))),
    'udp answers from elsewhere': await startElsewhere(),
  }
  const named = places['udp behaves']?.url.replace('127.0.0.1', 'some.test') ?? ''
  const closed = { udp: await closedUdpPort(), tcp: await closedTcpPort() }
  return {
    trackers: {
      ...Object.fromEntries(Object.entries(places).map(([what, { url }]) => [what, url])),
      'udp has a name': named,
      'udp has a name that nobody answers for': 'udp://nobody.test:1/announce',
      'udp is closed': `udp://127.0.0.1:${closed.udp}`,
      'http is closed': `http://127.0.0.1:${closed.tcp}/announce`,
      'https is closed': `https://127.0.0.1:${closed.tcp}/announce`,
      'ws is closed': `ws://127.0.0.1:${closed.tcp}/`,
    },
    dnsServers: [dns.address],
    stop: async () => void (await Promise.all([...Object.values(places), dns].map((one) => one.stop()))),
  }
}

async function startEach<T>(
  ways: Readonly<Record<string, T>>,
  start: (way: T) => Promise<Place>,
): Promise<Readonly<Record<string, Place>>> {
  const entries = Object.entries(ways).map(async ([what, way]) => [what, await start(way)] as const)
  return Object.fromEntries(await Promise.all(entries))
}

/** Answers come from another port. */
async function startElsewhere(): Promise<Place> {
  const other = createSocket('udp4').bind(0, '127.0.0.1')
  await once(other, 'listening')
  const tracker = await startUdpTracker((packet, { port, address }) => {
    other.send(udp.connectReply(packet.readUInt32BE(12), Buffer.alloc(8)), port, address)
    return []
  })
  const stop = async (): Promise<void> => {
    other.close()
    await Promise.all([once(other, 'close'), tracker.stop()])
  }
  return { url: tracker.url, stop }
}

function drip(socket: Socket, begin: string): void {
  socket.write(begin)
  const dripping = setInterval(() => socket.write('x'), 20)
  socket.once('close', () => clearInterval(dripping))
}

function pour(socket: Socket): void {
  const more = (): void => {
    while (socket.writable && socket.write(junk)) {}
  }
  socket.on('drain', more)
  socket.write(`${HEAD}\r\n`)
  more()
}

/** Upgrades, and sends this when the announce has come. */
function after(socket: Socket, request: string, bytes: Buffer): void {
  socket.write(upgradeAnswer(request))
  socket.once('data', () => socket.write(bytes))
}
