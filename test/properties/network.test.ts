import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bencodeText, compactPeers, udp } from '../support/encode.js'
import { httpAnswer, startRawTcp } from '../support/http-tracker.js'
import { kindOf, type Respond, startUdpTracker } from '../support/udp-tracker.js'
import { startRawWs, upgradeAnswer, wsAnswer, wsFrame } from '../support/ws-tracker.js'
import { body, httpBytes, noise, wsFields } from './answers.js'
import { type AskerTask, askInChild } from './ask-in-child.js'
import { type Damages, damaged, damages } from './damage.js'
import { useLuck } from './seed.js'

/**
 * Trackers that send anything. Whoever asks them gets an outcome or a documented error in bounded time and memory, has
 * no socket, timer or listener left, and the process ends by itself. What was sent can be seen by the seed and the
 * number of the input.
 */
const { sample, seed } = useLuck()
const limits = { timeoutMs: 300, atOnce: 40 }
/** The most that a process takes which has held all that these trackers send; half of it is Node with tsx. */
const MOST_MB = 350

type What = AskerTask['asks'][number]['what']

interface Server {
  readonly url: string
  readonly stop: () => Promise<void>
}

/** Asks each of the servers and says what is wrong. */
async function wrongWith(servers: readonly Server[], whatOf: (index: number) => What): Promise<object> {
  try {
    const asks = servers.map(({ url }, index) => ({ url, what: whatOf(index) }))
    const { said, listeners, left, peakMb } = await askInChild({ asks, ...limits })
    const bugs = said.flatMap((one, index) =>
      one.startsWith('bug') || one === 'nothing' ? [{ index, said: one }] : [],
    )
    // Had everything failed alike, nothing would have been tried.
    expect(new Set(said).size).toBeGreaterThan(2)
    return { bugs, listeners, left, isTooLarge: peakMb > MOST_MB }
  } finally {
    await Promise.all(servers.map(({ stop }) => stop()))
  }
}

const nothingWrong = { bugs: [], listeners: 0, left: [], isTooLarge: false }
const whats = ['check', 'query', 'scrape'] as const
const byTurns = (index: number): What => whats[index % whats.length] ?? 'check'

const peers = compactPeers('192.0.2.1:6881', '198.51.100.7:80')
const udpReplies: Readonly<Record<string, readonly ((id: number) => Buffer)[]>> = {
  connect: [(id) => udp.connectReply(id, Buffer.alloc(8, 7)), (id) => udp.errorReply(id, '\u001b[2Jbanned\0')],
  announce: [
    (id) => udp.announceReply(id, { interval: 1800, leechers: 1, seeders: 0, peers }),
    (id) => udp.errorReply(id, 'Connection ID missmatch.\0'),
    (id) => udp.errorReply(id, '\u001b[31mno\u0007'),
  ],
  scrape: [(id) => udp.scrapeReply(id, [{ seeders: 1, completed: 2, leechers: 3 }]), (id) => udp.errorReply(id, 'no')],
}

/** Damages its replies in one phase; before that it behaves. */
interface UdpScript {
  readonly phase: 'connect' | 'asked'
  readonly which: number
  readonly made: readonly Damages[]
  readonly junk: readonly Uint8Array[]
}
const udpScript: fc.Arbitrary<UdpScript> = fc.record({
  phase: fc.constantFrom('connect' as const, 'asked' as const, 'asked' as const),
  which: fc.nat(2),
  made: fc.array(damages, { minLength: 1, maxLength: 3 }),
  junk: fc.array(noise, { maxLength: 2 }),
})

function sayingOverUdp({ phase, which, made, junk }: UdpScript): Respond {
  return (packet) => {
    const kind = kindOf(packet)
    const usual = udpReplies[kind] ?? []
    const id = packet.length < 16 ? 0 : packet.readUInt32BE(12)
    if (phase === 'asked' && kind === 'connect') return usual.slice(0, 1).map((reply) => reply(id))
    const whole = usual[which % usual.length]?.(id) ?? Buffer.alloc(0)
    return [...junk.map((bytes) => Buffer.from(bytes)), ...made.map((damage) => damaged(whole, damage))]
  }
}

/** The content of a close frame: a code and a reason. */
const closing = fc
  .tuple(fc.constantFrom(1000, 1008, 1005, 4000), fc.constantFrom('', 'no', '\u001b[2Jgo away'))
  .map(([code, reason]) => Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]))

/** What a WebSocket server sends: an answer in a frame, a damaged frame, a damaged upgrade, or anything after a good one. */
const wsScript = fc.oneof(
  { weight: 4, arbitrary: fc.record({ fields: wsFields, text: damages, frame: fc.constant<Damages>([]) }) },
  fc.record({ fields: wsFields, text: damages, frame: damages }),
  fc.record({ lines: fc.constantFrom('', 'X: y\r\n', 'Sec-WebSocket-Protocol: a\r\n'), upgrade: damages }),
  fc.record({ opcode: fc.constantFrom(0x01, 0x82, 0x88, 0x89, 0xc1), payload: fc.oneof(noise, closing) }),
  fc.record({ frames: fc.oneof(noise, body) }),
)
type WsScript = typeof wsScript extends fc.Arbitrary<infer T> ? T : never

async function startWs(script: WsScript): Promise<Server> {
  if ('upgrade' in script) {
    const { lines, upgrade } = script
    const server = await startRawTcp((socket, request) =>
      socket.end(damaged(Buffer.from(upgradeAnswer(request, { lines })), upgrade)),
    )
    return { ...server, url: server.url.replace('http:', 'ws:') }
  }
  return startRawWs((socket, question) => {
    if ('frames' in script) socket.end(script.frames)
    else if ('opcode' in script) socket.end(wsFrame(script.opcode, script.payload))
    else
      socket.end(
        damaged(wsFrame(0x81, damaged(Buffer.from(wsAnswer(question, script.fields)), script.text)), script.frame),
      )
  })
}

describe(`whatever a tracker sends (TRACKERWATCH_SEED=${seed})`, { timeout: 600_000 }, () => {
  it('in datagrams, it is told what it was', async () => {
    const scripts = sample(udpScript, 300)
    const servers = await Promise.all(scripts.map((script) => startUdpTracker(sayingOverUdp(script))))
    expect(await wrongWith(servers, byTurns)).toEqual(nothingWrong)
  })

  it('over HTTP, it is told what it was', async () => {
    const answers = sample(httpBytes, 500)
    const servers = await Promise.all(answers.map((bytes) => startRawTcp((socket) => socket.end(bytes))))
    expect(await wrongWith(servers, byTurns)).toEqual(nothingWrong)
  })

  it('over WebSocket, it is told what it was', async () => {
    const servers = await Promise.all(sample(wsScript, 400).map(startWs))
    expect(await wrongWith(servers, byTurns)).toEqual(nothingWrong)
  })

  it('while it goes on for ever or says nothing, the time is over some day', async () => {
    const pieces = sample(fc.oneof(httpBytes, noise), 40)
    const endless = [
      ...pieces.map((piece) => startRawTcp((socket) => void socket.write(piece))),
      startRawTcp((socket) => {
        const pour = (): void => {
          while (socket.writable && socket.write(Buffer.alloc(65_536, 'x')));
        }
        socket.on('drain', pour).write(
          httpAnswer('', ['Connection: close'])
            .toString()
            .replace(/Content-Length.*\r\n/, ''),
        )
        pour()
      }),
      startRawWs((socket) => void socket.write(wsFrame(0x01, bencodeText({ a: 'x'.repeat(100_000) })))),
    ]
    expect(await wrongWith(await Promise.all(endless), () => 'check')).toEqual(nothingWrong)
  })
})
