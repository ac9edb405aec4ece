import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/tracker/outcome.js'
import { SHORT_MS, summary } from '../support/check-local.js'
import { startDnsServer } from '../support/dns-server.js'
import { closedTcpPort, goodAnswer, httpAnswer, startHttpTracker, startRawTcp } from '../support/http-tracker.js'
import { closedUdpPort, goodTracker, scripted, startUdpTracker } from '../support/udp-tracker.js'
import { startRawWs, startWsTracker, wsAnswer } from '../support/ws-tracker.js'
import { checkInChild } from './child.js'

/** A tracker of every kind, living, silent, refusing and unfinished, and what a check makes of it. */
async function startAll() {
  const dns = await startDnsServer(({ name }) => (name.startsWith('silent') ? 'silent' : { addresses: ['127.0.0.1'] }))
  const trackers = await Promise.all([
    startUdpTracker(goodTracker),
    startUdpTracker(() => []),
    startUdpTracker(scripted({ announce: () => [] })),
    startHttpTracker((_, response) => response.end(goodAnswer())),
    startRawTcp(() => {}),
    startRawTcp((socket) => void socket.write(httpAnswer('d8:interval').subarray(0, -4))),
    // The server that keeps the connection open, and the one that never answers a close frame.
    startRawTcp((socket) => void socket.write(httpAnswer(goodAnswer(), ['Connection: keep-alive']))),
    startWsTracker((socket, text) => socket.send(wsAnswer(text))),
    startRawWs(() => {}),
    startWsTracker((socket) => socket.close(1008, 'no')),
  ])
  const byName = trackers.slice(0, 4).map(({ url }) => url.replace('127.0.0.1', 'named.tracker.test'))
  return {
    urls: [
      ...trackers.map(({ url }) => url),
      ...byName,
      `udp://silent.tracker.test:1`,
      `udp://127.0.0.1:${await closedUdpPort()}`,
      `http://127.0.0.1:${await closedTcpPort()}/announce`,
      `ws://127.0.0.1:${await closedTcpPort()}/`,
    ],
    dnsServers: [dns.address],
    stop: () => Promise.all([...trackers, dns].map((one) => one.stop())),
  }
}

const verdicts = [
  'ok',
  'failed udp.timeout in udp_connect',
  'failed udp.timeout in udp_announce',
  'ok',
  'failed http.timeout in processing',
  'failed http.timeout in transfer',
  'ok',
  'ok',
  'failed ws.timeout in ws_reply',
  'failed ws.closed in ws_reply',
  'ok',
  'failed udp.timeout in udp_connect',
  'failed udp.timeout in udp_announce',
  'ok',
  'failed dns.timeout in resolve',
  'failed net.refused in udp_connect',
  'failed net.refused in connect',
  'failed net.refused in connect',
]

/** Whatever a busy machine did to the latency meanwhile. */
function verdictOf(outcome: Outcome): string {
  return summary(outcome).replace(' clock_skew', '')
}

describe('a process that checks trackers', () => {
  it('has nothing left open when the checks are over, and ends by itself', async () => {
    const all = await startAll()
    try {
      const { urls, dnsServers } = all
      const options = { timeoutMs: 6 * SHORT_MS, dnsServers, allowPrivate: true }
      const report = await checkInChild({ urls, options })
      expect(report.outcomes.map(([, outcome]) => verdictOf(outcome))).toEqual(verdicts)
      expect(report.left).toEqual([])
    } finally {
      await all.stop()
    }
  })

  it('has nothing left open when it was aborted in the middle', async () => {
    const all = await startAll()
    try {
      const { urls, dnsServers } = all
      const options = { timeoutMs: 600_000, dnsServers, allowPrivate: true }
      const report = await checkInChild({ urls, options, abortAfterMs: SHORT_MS })
      expect(report).toEqual({ outcomes: [], aborted: true, left: [] })
    } finally {
      await all.stop()
    }
  })

  it('keeps its deadlines while garbage is collected', async () => {
    const all = await startAll()
    try {
      const { urls, dnsServers } = all
      const options = { timeoutMs: 6 * SHORT_MS, dnsServers, allowPrivate: true }
      const report = await checkInChild({ urls, options }, { flags: ['--expose-gc'] })
      expect(report.outcomes.map(([, outcome]) => verdictOf(outcome))).toEqual(verdicts)
    } finally {
      await all.stop()
    }
  })
})
