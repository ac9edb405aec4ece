import { describe, expect, it } from 'vitest'
import type { CheckTrackerOptions } from '../../src/probe/check-trackers.js'
import { createResolver } from '../../src/probe/dns/resolve.js'
import { createExchange } from '../../src/probe/exchange.js'
import type { TraceEvent } from '../../src/probe/trace.js'
import { tracedNames } from '../../src/probe/traced-names.js'
import { checkLocal, SHORT_MS, using } from '../support/check-local.js'
import { startDnsServer } from '../support/dns-server.js'
import { udp } from '../support/encode.js'
import { goodAnswer, startHttpTracker, startRawTcp } from '../support/http-tracker.js'
import { CONNECTION_ID, closedUdpPort, goodTracker, scripted, startUdpTracker } from '../support/udp-tracker.js'
import { startWsTracker, wsAnswer } from '../support/ws-tracker.js'

/** The events of a check, and its result. */
async function traced(url: string, options: CheckTrackerOptions = {}) {
  const events: TraceEvent[] = []
  const result = await checkLocal(url, { ...options, onTrace: (event) => events.push(event) })
  return { events: [...events], result }
}

function kindsOf(events: readonly TraceEvent[]): readonly string[] {
  return events.map(({ kind }) => kind)
}

/** The events of one kind. */
function only<K extends TraceEvent['kind']>(events: readonly TraceEvent[], kind: K) {
  return events.filter((event): event is Extract<TraceEvent, { kind: K }> => event.kind === kind)
}

describe('what a check tells over UDP', () => {
  it('is each packet, sent and received, and what came of it', () =>
    using(startUdpTracker(goodTracker), async ({ url, received }) => {
      const { events, result } = await traced(url)
      expect(kindsOf(events)).toEqual([
        'probe_began',
        ...['datagram_sent', 'datagram_received'],
        ...['datagram_sent', 'datagram_received'],
        'datagram_sent',
        'probe_settled',
        'family_settled',
      ])
      const sent = only(events, 'datagram_sent')
      expect(sent.map(({ attempt, attempts }) => [attempt, attempts])).toEqual([
        [1, 3],
        [1, 3],
        [1, 0],
      ])
      expect(sent.slice(0, 2).map(({ bytes }) => Buffer.from(bytes))).toEqual(received.slice(0, 2))
      expect(only(events, 'probe_settled')[0]?.result).toEqual(result.probes[0])
    }))

  it('says of each packet that was ignored why it was', () => {
    const strange = scripted({
      connect: (transactionId) => [
        Buffer.from('abc'),
        udp.connectReply(transactionId ^ 1, CONNECTION_ID),
        udp.scrapeReply(transactionId, []),
        udp.connectReply(transactionId, CONNECTION_ID.subarray(0, 7)),
        udp.connectReply(transactionId, CONNECTION_ID),
        udp.connectReply(transactionId, CONNECTION_ID),
      ],
    })
    return using(startUdpTracker(strange), async ({ url }) => {
      const { events, result } = await traced(url)
      expect(result.outcome.kind).toBe('ok')
      const received = only(events, 'datagram_received')
      expect(received.map(({ verdict, why }) => `${verdict} ${why}`)).toEqual([
        'ignored short',
        'ignored transaction_id',
        'ignored action',
        'ignored truncated',
        'taken null',
        expect.stringMatching(/^ignored (late|transaction_id)$/),
        'taken null',
      ])
      expect(received.map(({ tookMs }) => tookMs === null)).toEqual([true, true, false, false, false, true, false])
    })
  })

  it('numbers what is sent again', () =>
    using(
      startUdpTracker(() => []),
      async ({ url }) => {
        const { events } = await traced(url, { timeoutMs: 1500, attempts: 3 })
        expect(only(events, 'datagram_sent').map(({ attempt }) => attempt)).toEqual([1, 2, 3])
        expect(only(events, 'datagram_received')).toEqual([])
      },
    ))

  it('has the word of the kernel that the port is closed', async () => {
    const { events } = await traced(`udp://127.0.0.1:${await closedUdpPort()}/announce`, { timeoutMs: SHORT_MS })
    expect(only(events, 'socket_error').map(({ again }) => again)).toEqual([true, false])
  })
})

describe('what a check tells over HTTP', () => {
  it('is the connection, the request, the head of the answer and its body', () =>
    using(
      startHttpTracker((_, response) => response.writeHead(200, { 'X-Two': ['a', 'b'] }).end(goodAnswer())),
      async ({ url, port }) => {
        const { events } = await traced(url)
        expect(kindsOf(events).slice(0, 5)).toEqual([
          'probe_began',
          'connected',
          'request_sent',
          'response_received',
          'body_received',
        ])
        expect(kindsOf(events).slice(-2)).toEqual(['probe_settled', 'family_settled'])
        expect(only(events, 'connected')[0]).toMatchObject({ address: '127.0.0.1', port })
        const [request] = only(events, 'request_sent')
        expect(request).toMatchObject({ method: 'GET', path: expect.stringMatching(/^\/announce\?info_hash=/) })
        expect(request?.headers).toContainEqual(['Host', `127.0.0.1:${port}`])
        const [response] = only(events, 'response_received')
        expect(response).toMatchObject({ httpVersion: '1.1', status: 200, statusText: 'OK' })
        expect(response?.headers.filter(([name]) => name === 'X-Two')).toEqual([
          ['X-Two', 'a'],
          ['X-Two', 'b'],
        ])
        expect(only(events, 'body_received')[0]).toMatchObject({ contentEncoding: null, complete: true })
        expect(Buffer.from(only(events, 'body_received')[0]?.bytes ?? [])).toEqual(goodAnswer())
      },
    ))

  it('is each place that a redirect leads to', () =>
    using(
      startHttpTracker((_, response) => response.end(goodAnswer())),
      (second) =>
        using(
          startHttpTracker((_, response) => response.writeHead(302, { Location: `${second.url}?x=1` }).end()),
          async ({ url }) => {
            const { events } = await traced(url)
            expect(kindsOf(events)).toContain('redirected')
            expect(only(events, 'redirected')[0]).toMatchObject({ status: 302, to: `${second.url}?x=1` })
            expect(
              only(events, 'connected')
                .map(({ port }) => port)
                .slice(1),
            ).toContain(second.port)
            expect(only(events, 'request_sent').map(({ path }) => path)).toContain('/announce?x=1')
          },
        ),
    ))

  it('is the bytes that are not HTTP', () =>
    using(
      startRawTcp((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')),
      async ({ url }) => {
        const { events } = await traced(url)
        const [unreadable] = only(events, 'unreadable_received')
        expect(Buffer.from(unreadable?.bytes ?? []).toString()).toBe('SSH-2.0-OpenSSH_9.2\r\n')
      },
    ))
})

describe('what a check tells over WebSocket', () => {
  it('is the upgrade and each message, taken or ignored', () => {
    const respond: Parameters<typeof startWsTracker>[0] = (socket, text) => {
      if (text.includes('"stopped"')) return
      socket.send('{"action":"announce","info_hash":"short"}')
      socket.send('{"offer":{}}')
      socket.send(wsAnswer(text))
    }
    return using(startWsTracker(respond), async ({ url, received }) => {
      const { events } = await traced(url)
      expect(kindsOf(events)).toEqual([
        ...['probe_began', 'connected', 'request_sent', 'response_received', 'message_sent'],
        ...['message_received', 'message_received', 'message_received', 'message_sent'],
        ...['probe_settled', 'family_settled'],
      ])
      expect(only(events, 'request_sent')[0]?.headers).toContainEqual(['Upgrade', 'websocket'])
      expect(only(events, 'response_received')[0]?.status).toBe(101)
      expect(only(events, 'message_sent')[0]?.text).toBe(received[0])
      expect(only(events, 'message_received').map(({ verdict }) => verdict)).toEqual(['ignored', 'ignored', 'taken'])
      expect(only(events, 'message_received')[0]?.why).toMatch(/^info_hash of 5 characters/)
    })
  })

  it('is that the other side closed it', () =>
    using(
      startWsTracker((socket) => socket.close(1008, 'go away')),
      async ({ url }) => {
        const { events } = await traced(url)
        expect(only(events, 'connection_closed')[0]).toMatchObject({ code: 1008, reason: 'go away' })
      },
    ))

  it('is a status instead of the upgrade', () =>
    using(
      startHttpTracker((_, response) => response.writeHead(403).end()),
      async ({ url }) => {
        const { events } = await traced(url.replace('http:', 'ws:'))
        expect(only(events, 'response_received').map(({ status }) => status)).toEqual([403])
        expect(only(events, 'message_sent')).toEqual([])
      },
    ))
})

describe('what a check tells of a name', () => {
  it('is what was asked of the DNS, what came, and which addresses are not contacted', () =>
    using(
      startDnsServer(({ type }) =>
        type === 'TXT' ? { texts: [['BITTORRENT UDP:6969']] } : { addresses: ['10.0.0.1'] },
      ),
      async ({ address }) => {
        const options = { dnsServers: [address], allowPrivate: false, timeoutMs: SHORT_MS }
        const { events } = await traced('udp://tracker.example.com:6969/announce', options)
        expect(kindsOf(events).toSorted()).toEqual([
          ...['family_settled', 'family_settled', 'name_answered', 'name_asked', 'name_asked', 'name_asked'],
          ...['name_unanswered', 'owner_said'],
        ])
        expect(
          only(events, 'name_asked')
            .map(({ record }) => record)
            .toSorted(),
        ).toEqual(['A', 'AAAA', 'TXT'])
        expect(only(events, 'name_answered')[0]).toMatchObject({
          record: 'A',
          addresses: [{ address: '10.0.0.1', refused: 'policy.private_address' }],
        })
        expect(only(events, 'name_unanswered')[0]).toMatchObject({ record: 'AAAA', code: 'dns.nodata' })
        expect(only(events, 'owner_said')[0]).toMatchObject({
          record: { entries: [{ protocol: 'udp', port: 6969 }], records: 1 },
          unknown: false,
        })
      },
    ))
})

describe('a listener', () => {
  it('hears of its own check alone, in the order of time, with the place of each event', () =>
    using(startUdpTracker(goodTracker), (one) =>
      using(startUdpTracker(goodTracker), async (other) => {
        const [{ events }] = await Promise.all([traced(one.url), checkLocal(other.url), traced(other.url)])
        expect(new Set(events.map(({ url }) => url))).toEqual(new Set([one.url]))
        expect(events.map(({ atMs }) => atMs)).toEqual(events.map(({ atMs }) => atMs).toSorted((a, b) => a - b))
        const places = events.filter(({ kind }) => kind !== 'family_settled').map(({ probe }) => probe)
        expect(new Set(places.map((place) => JSON.stringify(place)))).toEqual(
          new Set([JSON.stringify({ family: 4, address: '127.0.0.1' })]),
        )
      }),
    ))

  it('changes nothing about the result', () =>
    using(startUdpTracker(goodTracker), async ({ url }) => {
      const { result } = await traced(url)
      const untold = await checkLocal(url)
      expect(Object.keys(result)).toEqual(Object.keys(untold))
      expect(result.outcome).toEqual(untold.outcome)
      expect(Object.keys(result.probes[0] ?? {})).toEqual(Object.keys(untold.probes[0] ?? {}))
    }))

  it('is the only one that anything is made for', () => {
    const options = { resolver: createResolver(), allowPrivate: true }
    expect(tracedNames(options, undefined)).toBe(options)
    const exchange = createExchange(
      new AbortController().signal,
      { attempts: 1, timeoutMs: 1, tls: 'strict' },
      'udp_connect',
    )
    expect(exchange.trace).toBeUndefined()
  })
})
