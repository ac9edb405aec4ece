import { expect } from 'vitest'
import { openSockets, socketsSince } from '../support/check-local.js'
import { closedTcpPort, goodAnswer, httpAnswer, startRawTcp } from '../support/http-tracker.js'
import { announced, closedUdpPort, connected, kindOf, startUdpTracker } from '../support/udp-tracker.js'
import { startRawWs, wsAnswer, wsFrame } from '../support/ws-tracker.js'
import { proberContract } from './prober-contract.js'

proberContract({
  name: 'udp',
  start: async (onAsked) => {
    const tracker = await startUdpTracker((packet, _from, send) => {
      const transactionId = packet.readUInt32BE(12)
      if (kindOf(packet) === 'connect') return connected(transactionId)
      const answerTo = (id: number) => announced()(id, packet)?.forEach(send)
      onAsked({
        answer: () => answerTo(transactionId),
        stray: () => answerTo(transactionId ^ 1),
        raw: (bytes) => send(Buffer.from(bytes)),
      })
      return []
    })
    const before = openSockets()
    return { ...tracker, closed: async () => expect(await socketsSince(before)).toEqual([]) }
  },
  closedUrl: async () => `udp://127.0.0.1:${await closedUdpPort()}/announce`,
  timedOut: 'failed udp.timeout in udp_announce',
  refused: 'failed net.refused in udp_connect',
  earlierPhases: ['udp_connect'],
})

proberContract({
  name: 'http',
  start: (onAsked) =>
    startRawTcp((socket) =>
      onAsked({
        answer: () => void socket.write(httpAnswer(goodAnswer())),
        stray: () => void socket.write('HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n'),
        raw: (bytes) => void socket.end(bytes),
      }),
    ),
  closedUrl: async () => `http://127.0.0.1:${await closedTcpPort()}/announce`,
  timedOut: 'failed http.timeout in processing',
  refused: 'failed net.refused in connect',
  earlierPhases: ['connect', 'send'],
})

proberContract({
  name: 'ws',
  start: (onAsked) =>
    startRawWs((socket, question) => {
      const offer = wsAnswer(question, { interval: undefined, offer: { type: 'offer', sdp: '' }, offer_id: 'x' })
      onAsked({
        answer: () => void socket.write(wsFrame(0x81, wsAnswer(question))),
        stray: () => void socket.write(wsFrame(0x81, offer)),
        raw: (bytes) => void socket.end(bytes),
      })
    }),
  closedUrl: async () => `ws://127.0.0.1:${await closedTcpPort()}/announce`,
  timedOut: 'failed ws.timeout in ws_reply',
  refused: 'failed net.refused in connect',
  earlierPhases: ['connect', 'ws_upgrade'],
})
