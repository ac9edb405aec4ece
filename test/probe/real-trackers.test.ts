import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { checkTracker } from '../../src/probe/check-trackers.js'
import { query, type ScrapeResponse, scrape, TrackerEvent } from '../../src/probe/query.js'
import { isInstalled, titleFor } from '../deploy/programs.js'
import { type BittorrentTracker, startBittorrentTracker } from '../support/bittorrent-tracker.js'
import { checkLocal, summary } from '../support/check-local.js'
import { type Opentracker, opentrackerKnowsIpv6, startOpentracker } from '../support/opentracker.js'

const SEEDER = '-TT0001-seederseeder'
const LEECHER = '-TT0001-leecherleech'

/** Two peers come to one torrent; the second is told of the first, and the numbers count both. */
async function announceTwice(url: string, infoHash: string): Promise<void> {
  const started = { event: TrackerEvent.STARTED }
  await query(url, infoHash, SEEDER, { ...started, left: 0, port: 7001 })
  const answer = await query(url, infoHash, LEECHER, { ...started, left: 1, port: 7002 })
  expect(answer).toMatchObject({ seeders: 1, leechers: 1, interval: expect.any(Number) })
  const peers = 'peers' in answer ? [...(answer.peers ?? []), ...(answer.peers6 ?? [])] : []
  expect(peers.map(({ port }) => port)).toContain(7001)
}

async function scrapeBoth(url: string, infoHash: string): Promise<void> {
  const torrents = torrentsOf(await scrape(url, infoHash))
  expect(torrents.get(infoHash)).toMatchObject({ seeders: 1, leechers: 1 })
}

describe.skipIf(!isInstalled('opentracker'))(titleFor('opentracker', 'opentracker'), () => {
  const listed = { udp: 'aa'.repeat(20), http: 'bb'.repeat(20) }
  let tracker: Opentracker
  beforeAll(async () => {
    tracker = await startOpentracker(Object.values(listed))
  })
  afterAll(() => tracker.stop())

  describe.each(['udp', 'http'] as const)('over %s', (protocol) => {
    it('names the first peer to the second and counts both', async () => {
      await announceTwice(tracker[protocol], listed[protocol])
      await scrapeBoth(tracker[protocol], listed[protocol])
    })

    it('is alive for an info hash of its whitelist', async () => {
      const result = await checkLocal(tracker[protocol], { infoHash: listed[protocol] })
      expect(summary(result.outcome)).toBe('ok')
    })

    it('refuses any other info hash, which a policy may take for alive', async () => {
      const result = await checkLocal(tracker[protocol], { aliveWhen: 'response' })
      expect(result.outcome).toMatchObject({ kind: 'rejected', code: 'not_registered' })
      expect(result.alive).toBe(true)
    })
  })
})

const knowsIpv6 = isInstalled('opentracker') && opentrackerKnowsIpv6()
const overIpv6 = knowsIpv6
  ? 'opentracker over IPv6'
  : `opentracker over IPv6 (skipped: ${isInstalled('opentracker') ? 'this build of it is for IPv4 only' : 'it is not installed'})`

describe.skipIf(!knowsIpv6)(overIpv6, () => {
  it.each(['udp', 'http'] as const)(
    'names the first peer to the second, counts both and is alive, over %s',
    async (protocol) => {
      const infoHash = 'dd'.repeat(20)
      const tracker = await startOpentracker([infoHash], { host: '::1' })
      try {
        await announceTwice(tracker[protocol], infoHash)
        await scrapeBoth(tracker[protocol], infoHash)
        expect(summary((await checkLocal(tracker[protocol], { infoHash })).outcome)).toBe('ok')
      } finally {
        await tracker.stop()
      }
    },
  )
})

function torrentsOf(response: ScrapeResponse) {
  if (response.failureReason === undefined) return response.torrents
  throw new Error(response.failureReason)
}

/** A WebTorrent client by hand that has announced and keeps its socket. */
async function stayAsSeeder(url: string, infoHash: string): Promise<WebSocket> {
  const socket = new WebSocket(url)
  await once(socket, 'open')
  const bytes = Buffer.from(infoHash, 'hex').toString('latin1')
  const announce = { action: 'announce', info_hash: bytes, peer_id: SEEDER, numwant: 0, offers: [] }
  socket.send(JSON.stringify({ ...announce, uploaded: 0, downloaded: 0, left: 0, event: 'started' }))
  await once(socket, 'message')
  return socket
}

describe('bittorrent-tracker', () => {
  let tracker: BittorrentTracker
  beforeAll(async () => {
    tracker = await startBittorrentTracker()
  })
  afterAll(() => tracker.stop())

  it.each(['udp4', 'http', 'http6'] as const)(
    'names the first peer to the second and counts both, over %s',
    async (protocol) => {
      const infoHash = { udp4: 'c4', http: 'c0', http6: 'c1' }[protocol].repeat(20)
      await announceTwice(tracker[protocol], infoHash)
      await scrapeBoth(tracker[protocol], infoHash)
    },
  )

  it('counts both peers over udp6, where it names none of them', async () => {
    const infoHash = 'c6'.repeat(20)
    await query(tracker.udp6, infoHash, SEEDER, { event: TrackerEvent.STARTED, left: 0, port: 7001 })
    const answer = await query(tracker.udp6, infoHash, LEECHER, { event: TrackerEvent.STARTED, left: 1, port: 7002 })
    expect(answer).toMatchObject({ seeders: 1, leechers: 1 })
    await scrapeBoth(tracker.udp6, infoHash)
  })

  it.each(['ws', 'ws6'] as const)(
    'counts both over %s, where a peer is there as long as its socket',
    async (protocol) => {
      const infoHash = { ws: 'cc', ws6: 'cd' }[protocol].repeat(20)
      const seeder = await stayAsSeeder(tracker[protocol], infoHash)
      const answer = await query(tracker[protocol], infoHash, LEECHER, { event: TrackerEvent.STARTED, left: 1 })
      expect(answer).toMatchObject({ seeders: 1, leechers: 1, interval: expect.any(Number) })
      expect(torrentsOf(await scrape(tracker[protocol], infoHash)).get(infoHash)).toMatchObject({ seeders: 1 })
      seeder.terminate()
    },
  )

  it.each(['udp4', 'udp6', 'http', 'http6', 'ws', 'ws6'] as const)('is alive over %s', async (protocol) => {
    const result = await checkTracker(tracker[protocol], { allowPrivate: true })
    expect(summary(result.outcome)).toBe('ok')
  })
})
