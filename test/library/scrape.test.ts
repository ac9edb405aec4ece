import { describe, expect, it } from 'vitest'
import { scrape } from '../../src/index.js'
import { using } from '../support/check-local.js'
import { udp } from '../support/encode.js'
import { goodTracker, scripted, startUdpTracker } from '../support/udp-tracker.js'
import { startWsTracker } from '../support/ws-tracker.js'

const A = 'aa'.repeat(20)
const B = 'bb'.repeat(20)
const latin1 = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1')

describe('a scrape over UDP', () => {
  it('may be refused', () =>
    using(
      startUdpTracker(scripted({ scrape: (id) => [udp.errorReply(id, 'scrape not allowed')] })),
      async ({ url }) => {
        expect(await scrape(url, A)).toEqual({ failureReason: 'scrape not allowed' })
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
