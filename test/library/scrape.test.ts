import { describe, expect, it } from 'vitest'
import { scrape } from '../../src/index.js'
import { SHORT_MS, using } from '../support/check-local.js'
import { bencodeText, udp } from '../support/encode.js'
import { startHttpTracker } from '../support/http-tracker.js'
import { goodTracker, kindOf, scripted, startUdpTracker } from '../support/udp-tracker.js'
import { startWsTracker } from '../support/ws-tracker.js'

const A = 'aa'.repeat(20)
const B = 'bb'.repeat(20)
const row = { seeders: 1, completed: 2, leechers: 3 }
const latin1 = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1')

describe('a scrape over UDP', () => {
  it('has seeders, downloads and leechers of each info hash, in their order on the wire (U016, U074)', () =>
    using(
      startUdpTracker(
        scripted({ scrape: (id) => [udp.scrapeReply(id, [row, { seeders: 4, completed: 5, leechers: 6 }])] }),
      ),
      async (tracker) => {
        const { torrents } = { torrents: undefined, ...(await scrape(tracker.url, [A, B])) }
        expect(torrents).toEqual(
          new Map([
            [A, { seeders: 1, downloads: 2, leechers: 3 }],
            [B, { seeders: 4, downloads: 5, leechers: 6 }],
          ]),
        )
        expect(tracker.received.map(kindOf)).toEqual(['connect', 'scrape'])
        expect(tracker.received[1]?.length).toBe(56)
      },
    ))

  it('asks for each info hash once (U018)', () =>
    using(startUdpTracker(scripted({ scrape: (id) => [udp.scrapeReply(id, [row])] })), async (tracker) => {
      await scrape(tracker.url, [A, A.toUpperCase(), Buffer.from(A, 'hex')])
      expect(tracker.received[1]?.length).toBe(36)
    }))

  it('of 75 info hashes is two requests (U017)', async () => {
    const rows = (packet: Buffer) => new Array((packet.length - 16) / 20).fill(row)
    const counting = scripted({ scrape: (id, packet) => [udp.scrapeReply(id, rows(packet))] })
    await using(startUdpTracker(counting), async (tracker) => {
      const many = Array.from({ length: 75 }, (_, index) => index.toString(16).padStart(40, '0'))
      const answer = await scrape(tracker.url, many)
      expect('torrents' in answer && [...answer.torrents.keys()]).toEqual(many)
      const lengths = tracker.received.filter((packet) => kindOf(packet) === 'scrape').map((packet) => packet.length)
      expect(lengths).toEqual([16 + 74 * 20, 36])
    })
  })

  it('with fewer rows than asked for leaves the rest unknown (U077)', () =>
    using(startUdpTracker(scripted({ scrape: (id) => [udp.scrapeReply(id, [row])] })), async ({ url }) => {
      expect(await scrape(url, [A, B])).toMatchObject({
        torrents: new Map([
          [A, { seeders: 1, downloads: 2, leechers: 3 }],
          [B, null],
        ]),
      })
    }))

  it.each([
    ['no row (U075)', (id: number) => udp.scrapeReply(id, [])],
    ['11 bytes of one (U076)', (id: number) => udp.scrapeReply(id, [row]).subarray(0, 19)],
  ])('with %s has no answer', async (_, reply) => {
    await using(startUdpTracker(scripted({ scrape: (id) => [reply(id)] })), async ({ url }) => {
      await expect(scrape(url, A, { timeoutMs: SHORT_MS })).rejects.toMatchObject({
        name: 'InvalidResponseError',
        code: 'udp.truncated',
      })
    })
  })

  it('may be refused', () =>
    using(
      startUdpTracker(scripted({ scrape: (id) => [udp.errorReply(id, 'scrape not allowed')] })),
      async ({ url }) => {
        expect(await scrape(url, A)).toEqual({ failureReason: 'scrape not allowed' })
      },
    ))
})

describe('a scrape over HTTP', () => {
  it('asks at the scrape path for all info hashes (H012, H013, H107)', () => {
    const files = {
      [latin1(A)]: { complete: 1, downloaded: 2, incomplete: 3 },
      [latin1(B)]: { complete: 4, incomplete: 6 },
    }
    return using(
      startHttpTracker((_, response) => response.end(bencodeText({ files }))),
      async ({ url, requests }) => {
        expect(await scrape(`${url}.php?passkey=x`, [A, B])).toEqual({
          torrents: new Map([
            [A, { seeders: 1, downloads: 2, leechers: 3 }],
            [B, { seeders: 4, downloads: null, leechers: 6 }],
          ]),
        })
        expect(requests[0]?.url).toBe(
          `/scrape.php?passkey=x&info_hash=${'%AA'.repeat(20)}&info_hash=${'%BB'.repeat(20)}`,
        )
      },
    )
  })

  it('knows nothing of a torrent that the tracker leaves out (H108)', () =>
    using(
      startHttpTracker((_, response) => response.end(bencodeText({ files: {} }))),
      async ({ url }) => {
        expect(await scrape(url, A)).toEqual({ torrents: new Map([[A, null]]) })
      },
    ))

  it('may be refused (H111)', () =>
    using(
      startHttpTracker((_, response) => response.end(bencodeText({ 'failure reason': 'no' }))),
      async ({ url }) => {
        expect(await scrape(url, A)).toEqual({ failureReason: 'no' })
      },
    ))

  it('has no place for a URL that names no announce (H014)', () =>
    using(
      startHttpTracker((_, response) => response.end()),
      async ({ port, requests }) => {
        await expect(scrape(`http://127.0.0.1:${port}/x`, A)).rejects.toMatchObject({
          name: 'BadRequestError',
          code: 'scrape.unsupported',
        })
        expect(requests).toEqual([])
      },
    ))
})

describe('a scrape over WebSocket', () => {
  it('finds each torrent by its 20 characters (W027)', () => {
    const files = { [latin1(A)]: { complete: 1, downloaded: 2, incomplete: 3 } }
    return using(
      startWsTracker((socket) => socket.send(JSON.stringify({ action: 'scrape', files }))),
      async ({ url, received }) => {
        expect(await scrape(url, A)).toEqual({ torrents: new Map([[A, { seeders: 1, downloads: 2, leechers: 3 }]]) })
        expect(await scrape(url, [A, B])).toMatchObject({
          torrents: new Map([
            [A, expect.any(Object)],
            [B, null],
          ]),
        })
        expect(received.map((text) => JSON.parse(text))).toEqual([
          { action: 'scrape', info_hash: latin1(A) },
          { action: 'scrape', info_hash: [latin1(A), latin1(B)] },
        ])
      },
    )
  })
})

describe('a scrape that is wrong', () => {
  it.each([
    ['no info hash', [], /^no info hash given/],
    ['a bad one', ['xyz'], /^info hash "xyz"/],
  ])('is told of %s', async (_, infoHashes, message) => {
    await using(startUdpTracker(goodTracker), async ({ url, received }) => {
      await expect(scrape(url, infoHashes)).rejects.toThrow(message)
      await expect(scrape(url, infoHashes)).rejects.toBeInstanceOf(RangeError)
      expect(received).toEqual([])
    })
  })

  it('of a URL is a BadRequestError', async () => {
    await expect(scrape('nonsense', A)).rejects.toMatchObject({ name: 'BadRequestError', code: 'url.no_scheme' })
  })
})
