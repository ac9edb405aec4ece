import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { bencodeText, udp } from '../support/encode.js'
import { httpAnswer, listen, startRawTcp } from '../support/http-tracker.js'
import type { Authority } from '../support/tls.js'
import { announced, kindOf, type Respond, scripted, startUdpTracker } from '../support/udp-tracker.js'
import { startWsTracker, wsAnswer } from '../support/ws-tracker.js'

/** A tracker of the soak and the verdict that every check of it must have, as `verdictOf` words it. */
export interface Target {
  readonly url: string
  readonly verdict: string
}

/** Starts tracker `number`, which says that number in all that it answers: an answer of another one is seen as such. */
export type StartTarget = (number: number, authority: Authority) => Promise<Target>

/** The interval by which tracker `number` is known, s: neither low nor high. */
const intervalOf = (number: number): number => 1000 + number
const okOf = (number: number, flags = ''): string => `ok ${intervalOf(number)}${flags}`

const bodyOf = (number: number): Buffer =>
  bencodeText({ complete: 1, incomplete: 0, interval: intervalOf(number), peers: '' })

/** Where no other program is given a port by chance. */
const QUIET_HOST = '127.0.3.1'

/** How many of each kind there are. Together they are one turn of the soak. */
export const kinds: readonly (readonly [count: number, start: StartTarget])[] = [
  [30, udpTarget((number) => good(number), okOf)],
  [10, udpTarget((number) => good(number), okOf, { host: '::1', family: 6 })],
  [10, named(udpTarget((number) => good(number), okOf))],
  [10, shouting(named(udpTarget((number) => good(number), okOf)))],
  [8, udpTarget(() => () => [], failed('udp.timeout in udp_connect'))],
  [4, udpTarget(() => scripted({ announce: () => [] }), failed('udp.timeout in udp_announce'))],
  [12, udpTarget(forgetful, okOf)],
  [10, udpTarget(refusing, (number) => `rejected other refusal ${number}`)],
  [10, udpTarget(confused, (number) => okOf(number, ' foreign_packets'))],
  [4, udpTarget(strange, failed('udp.timeout in udp_announce'))],
  [4, closed('udp', () => startUdpTracker(() => [], { host: QUIET_HOST }), 'failed net.refused in udp_connect')],
  [20, httpTarget((number) => httpAnswer(bodyOf(number)), okOf)],
  [8, named(httpTarget((number) => httpAnswer(bodyOf(number)), okOf))],
  [8, httpTarget((number) => httpAnswer(gzipSync(bodyOf(number)), ['Content-Encoding: gzip']), okOf)],
  [8, redirecting],
  [6, httpTarget(() => httpAnswer('<html><title>Sold</title>'), failed('http.not_a_tracker in transfer'))],
  [6, rawTarget((socket) => socket.resetAndDestroy(), failed('net.reset in processing'))],
  [3, rawTarget(drip, failed('http.timeout in transfer'))],
  [3, closed('http', () => startRawTcp(() => {}, { host: QUIET_HOST }), 'failed net.refused in connect')],
  [8, tlsTarget((authority) => authority.issue('IP:127.0.0.1'), okOf)],
  [2, tlsTarget((authority) => authority.issue('IP:127.0.0.1', -1), failed('tls.cert_expired in tls'))],
  [12, wsTarget((number, socket, text) => socket.send(wsAnswer(text, { interval: intervalOf(number) })), okOf)],
  [4, wsTarget((_, socket) => socket.close(1008, 'no'), failed('ws.closed in ws_reply'))],
  [4, async (number) => ({ url: `udp://gone-${number}.soak.test:6969`, verdict: 'failed dns.nxdomain in resolve' })],
]

type Verdict = (number: number) => string

function failed(how: string): Verdict {
  return () => `failed ${how}`
}

function udpTarget(respond: (number: number) => Respond, verdict: Verdict, place = {}): StartTarget {
  return async (number) => ({ url: (await startUdpTracker(respond(number), place)).url, verdict: verdict(number) })
}

function httpTarget(answer: (number: number) => Buffer, verdict: Verdict): StartTarget {
  return rawTarget((socket, number) => socket.end(answer(number)), verdict)
}

function rawTarget(respond: (socket: Socket, number: number) => void, verdict: Verdict): StartTarget {
  return async (number) => ({
    url: (await startRawTcp((socket) => respond(socket, number))).url,
    verdict: verdict(number),
  })
}

function tlsTarget(
  certificate: (authority: Authority) => { key: string; cert: string },
  verdict: Verdict,
): StartTarget {
  return async (number, authority) => {
    const answer = (socket: Socket): void => void socket.end(httpAnswer(bodyOf(number)))
    return { url: (await startRawTcp(answer, { tls: certificate(authority) })).url, verdict: verdict(number) }
  }
}

function wsTarget(
  respond: (number: number, ...said: Parameters<Parameters<typeof startWsTracker>[0]>) => void,
  verdict: Verdict,
): StartTarget {
  return async (number) => {
    const { url } = await startWsTracker((socket, text) => respond(number, socket, text))
    return { url, verdict: verdict(number) }
  }
}

/** A port that was open a moment ago. */
function closed(
  scheme: string,
  start: () => Promise<{ readonly port: number; readonly stop: () => Promise<void> }>,
  verdict: string,
): StartTarget {
  return async () => {
    const { port, stop } = await start()
    await stop()
    return { url: `${scheme}://${QUIET_HOST}:${port}/announce`, verdict }
  }
}

/** From `/announce` to another path of the same tracker. */
async function redirecting(number: number): Promise<Target> {
  const server = createServer((request, response) => {
    if (request.url === '/here') response.end(bodyOf(number))
    else response.writeHead(302, { Location: '/here' }).end()
  })
  return { url: (await listen(server, {}, 'http')).url, verdict: okOf(number, ' http.redirected') }
}

/** Reached by a name that the soak's name server knows. */
function named(start: StartTarget): StartTarget {
  return async (number, authority) => {
    const { url, verdict } = await start(number, authority)
    return { url: url.replace('127.0.0.1', `tracker-${number}.soak.test`), verdict }
  }
}

/** With its scheme and host in capitals. */
function shouting(start: StartTarget): StartTarget {
  return async (number, authority) => {
    const { url, verdict } = await start(number, authority)
    return { url: url.replace(/^[^/]+\/\/[^/]+/, (origin) => origin.toUpperCase()), verdict }
  }
}

function good(number: number): Respond {
  return scripted({ announce: announced({ interval: intervalOf(number) }) })
}

function refusing(number: number): Respond {
  return scripted({ announce: (transactionId) => [udp.errorReply(transactionId, `refusal ${number}`)] })
}

/** Loses the first connect and the first announce of every conversation. */
function forgetful(number: number): Respond {
  const seen = new Set<string>()
  const answer = good(number)
  return (packet, from, send) => {
    const phase = `${from.port} ${kindOf(packet)}`
    if (!seen.delete(phase)) {
      seen.add(phase)
      return []
    }
    return answer(packet, from, send)
  }
}

/** Answers with the transaction id and the number of another one before it answers. */
function confused(number: number): Respond {
  return scripted({
    announce: (id, packet) => [
      ...alien(id, number),
      ...(announced({ interval: intervalOf(number) })(id, packet) ?? []),
    ],
  })
}

function strange(number: number): Respond {
  return scripted({ announce: (id) => alien(id, number) })
}

function alien(transactionId: number, number: number): readonly Buffer[] {
  const body = { interval: intervalOf(number) + 10_000, leechers: 0, seeders: 0, peers: Buffer.alloc(0) }
  return [udp.announceReply(transactionId ^ 1, body)]
}

/** A byte now and then. */
function drip(socket: Socket): void {
  socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n')
  const dripping = setInterval(() => socket.write('d'), 200)
  socket.once('close', () => clearInterval(dripping))
}
