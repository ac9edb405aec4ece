import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { query, scrape, TrackerEvent } from '../../src/probe/query.js'
import { checkLocal, SHORT_MS, summary, using } from '../support/check-local.js'
import { bencodeText } from '../support/encode.js'
import { listen } from '../support/http-tracker.js'
import { startWsTracker, type WsTracker, wsAnswer } from '../support/ws-tracker.js'

const FIRST = Buffer.from(Uint8Array.from({ length: 20 }, (_, index) => 13 * index))
const SECOND = Buffer.from(Uint8Array.from({ length: 20 }, (_, index) => 0xff - index))

/** A tracker that answers announces, and scrapes like this. */
function startScraped(answer: (asked: string | readonly string[]) => string | null): Promise<WsTracker> {
  return startWsTracker((socket, text) => {
    const { action, info_hash: asked } = JSON.parse(text)
    const reply = action === 'scrape' ? answer(asked) : wsAnswer(text)
    if (reply !== null) socket.send(reply)
  })
}

describe('the scrape of a WebSocket tracker', () => {
  it('W027 of one torrent or of two is read by the 20 characters of each', async () => {
    const files = {
      [FIRST.toString('latin1')]: { complete: 1, incomplete: 2, downloaded: 3 },
      [SECOND.toString('latin1')]: { complete: 4, incomplete: 5, downloaded: 6 },
    }
    const asked: unknown[] = []
    const answering = startScraped((hashes) => {
      asked.push(hashes)
      return JSON.stringify({ action: 'scrape', files })
    })
    await using(answering, async ({ url }) => {
      const first = { seeders: 1, leechers: 2, downloads: 3 }
      const second = { seeders: 4, leechers: 5, downloads: 6 }
      const hex = [FIRST, SECOND].map((infoHash) => infoHash.toString('hex'))
      expect(await scrape(url, FIRST)).toEqual({ torrents: new Map([[hex[0], first]]) })
      expect(await scrape(url, [FIRST, SECOND])).toEqual({
        torrents: new Map([
          [hex[0], first],
          [hex[1], second],
        ]),
      })
    })
    expect(asked).toEqual([FIRST.toString('latin1'), [FIRST, SECOND].map((one) => one.toString('latin1'))])
  })

  it('W028 that is not served, by silence or refusal, leaves the announce alive', async () => {
    await using(
      startScraped(() => null),
      async ({ url }) => {
        expect(summary((await checkLocal(url)).outcome)).toBe('ok')
        await expect(scrape(url, FIRST, { timeoutMs: SHORT_MS })).rejects.toMatchObject({
          name: 'TimeoutError',
          code: 'ws.timeout',
        })
      },
    )
    await using(
      startScraped(() => '{"failure reason":"scrape is not supported"}'),
      async ({ url }) => {
        expect(summary((await checkLocal(url)).outcome)).toBe('ok')
        expect(await scrape(url, FIRST)).toEqual({ failureReason: 'scrape is not supported' })
      },
    )
  })
})

describe('the connection to a WebSocket tracker', () => {
  it('W031 serves one peer id only, whoever comes again takes another', async () => {
    const peersBySocket = new Map<WebSocket, string[]>()
    const tracker = startWsTracker((socket, text) => {
      peersBySocket.set(socket, [...(peersBySocket.get(socket) ?? []), JSON.parse(text).peer_id])
      socket.send(wsAnswer(text))
    })
    await using(tracker, async ({ url, received }) => {
      await checkLocal(url)
      await checkLocal(url)
      for (const peerId of ['-TT0001-firstpeerid1', '-TT0001-secondpeerid']) {
        await query(url, FIRST, peerId, { event: TrackerEvent.STARTED })
      }
      // Both checks take leave.
      await expect.poll(() => received.length, { interval: 5 }).toBe(6)
    })
    const peers = [...peersBySocket.values()]
    expect(peers.map((ids) => ids.length)).toEqual([2, 2, 1, 1])
    expect(peers.map((ids) => new Set(ids).size)).toEqual([1, 1, 1, 1])
  })

  it('W032 is one thing, and an http URL of the same place another: its body decides', async () => {
    const server = createServer((_, response) => response.end(bencodeText({ 'failure reason': 'websocket only' })))
    new WebSocketServer({ server }).on('connection', (socket) => {
      socket.on('message', (data) => socket.send(wsAnswer(String(data))))
    })
    await using(listen(server, {}, 'ws'), async ({ url }) => {
      expect(summary((await checkLocal(url)).outcome)).toBe('ok')
      const overHttp = await checkLocal(url.replace('ws:', 'http:'))
      expect(summary(overHttp.outcome)).toBe('rejected other "websocket only"')
    })
  })
})
