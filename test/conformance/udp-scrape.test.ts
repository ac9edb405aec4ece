import { describe, expect, it } from 'vitest'
import { scrape } from '../../src/index.js'
import { checkLocal, SHORT_MS, summary, using } from '../support/check-local.js'
import { type ScrapeRow, udp } from '../support/encode.js'
import { announced, kindOf, type Respond, scripted, startUdpTracker } from '../support/udp-tracker.js'

const A = 'aa'.repeat(20)
const B = 'bb'.repeat(20)
const C = 'cc'.repeat(20)
const row = { seeders: 1, completed: 2, leechers: 3 }
/** The same as a caller sees it. */
const seen = { seeders: 1, downloads: 2, leechers: 3 }
const rowBytes = udp.scrapeReply(0, [row]).subarray(8)

function withRows(...rows: readonly ScrapeRow[]): Respond {
  return scripted({ scrape: (id) => [udp.scrapeReply(id, rows)] })
}

/** Behind the 8 bytes that every reply begins with. */
function withBody(body: Buffer): Respond {
  return scripted({ scrape: (id) => [Buffer.concat([udp.scrapeReply(id, []), body])] })
}

/** Every info hash has as many seeders as its last byte says. */
const numbered: Respond = scripted({
  scrape: (id, packet) => {
    const count = (packet.length - 16) / 20
    const seeders = Array.from({ length: count }, (_, index) => packet[35 + 20 * index] ?? 0)
    return [
      udp.scrapeReply(
        id,
        seeders.map((number) => ({ ...row, seeders: number })),
      ),
    ]
  },
})

function scrapeOf(respond: Respond, infoHashes: Parameters<typeof scrape>[1]) {
  return using(startUdpTracker(respond), async ({ url, received }) => ({
    answer: await scrape(url, infoHashes, { timeoutMs: 5000 }),
    received,
  }))
}

/** The error that a scrape of one torrent ends with. */
function failureOf(respond: Respond): Promise<string> {
  return using(startUdpTracker(respond), ({ url }) =>
    scrape(url, A, { timeoutMs: 2 * SHORT_MS }).then(
      () => 'answered',
      ({ name, code }) => `${name} ${code}`,
    ),
  )
}

function infoHashes(count: number): string[] {
  return Array.from({ length: count }, (_, index) => (index + 1).toString(16).padStart(40, '0'))
}

describe('the requests of a UDP scrape', () => {
  it('U016 a scrape of one torrent is 36 bytes, action 2, with the connection id in front', async () => {
    const { received } = await scrapeOf(withRows(row), A)
    const [connect = Buffer.alloc(0), request = Buffer.alloc(0)] = received
    expect(received.map(kindOf)).toEqual(['connect', 'scrape'])
    expect(request.toString('hex')).toBe(`112233445566778800000002${request.toString('hex', 12, 16)}${A}`)
    expect(request.readUInt32BE(12)).not.toBe(connect.readUInt32BE(12))
  })

  it('U017 74 torrents are one request of 1496 bytes, 75 are two over the same connection', async () => {
    const lengths = { 74: [16, 1496], 75: [16, 1496, 36] }
    for (const [count, expected] of Object.entries(lengths)) {
      const asked = infoHashes(Number(count))
      const { answer, received } = await scrapeOf(numbered, asked)
      expect(received.map((packet) => packet.length)).toEqual(expected)
      const rows = asked.map((hash, index) => [hash, { ...seen, seeders: index + 1 }] as const)
      expect(answer).toEqual({ torrents: new Map(rows) })
    }
  })

  it('U018 a torrent given several times is asked for once, and every spelling finds its row', async () => {
    const [first = '', second = ''] = infoHashes(20).slice(9)
    const given = [first, first.toUpperCase(), Buffer.from(first, 'hex'), `urn:btih:${first}`, second, first]
    const { answer, received } = await scrapeOf(numbered, given)
    expect(received[1]?.toString('hex', 16)).toBe(first + second)
    const rows = { [first]: { ...seen, seeders: 10 }, [second]: { ...seen, seeders: 11 } }
    expect(answer).toEqual({ torrents: new Map(Object.entries(rows)) })
  })
})

describe('the answers to a UDP scrape', () => {
  it('U074 a row is seeders, downloads and leechers in this order', async () => {
    const { answer } = await scrapeOf(withRows({ seeders: 4, completed: 5, leechers: 6 }), A)
    expect(answer).toEqual({ torrents: new Map([[A, { seeders: 4, downloads: 5, leechers: 6 }]]) })
  })

  it.concurrent('U075 8 bytes without a row are udp.truncated', async () => {
    expect(await failureOf(withRows())).toBe('InvalidResponseError udp.truncated')
  })

  it.concurrent('U076 11 bytes of a row are udp.truncated', async () => {
    expect(await failureOf(withBody(rowBytes.subarray(0, 11)))).toBe('InvalidResponseError udp.truncated')
  })

  it('U077 two rows for three torrents are scrape_partial, and the third is unknown', async () => {
    const { answer } = await scrapeOf(withRows(row, row), [A, B, C])
    const rows = { [A]: seen, [B]: seen, [C]: null }
    expect(answer).toEqual({ torrents: new Map(Object.entries(rows)), flags: ['scrape_partial'] })
  })

  it('U078 two rows for one torrent are scrape_extra_rows, and the first is its', async () => {
    const { answer } = await scrapeOf(withRows(row, { seeders: 7, completed: 8, leechers: 9 }), A)
    expect(answer).toEqual({ torrents: new Map([[A, seen]]), flags: ['scrape_extra_rows'] })
  })

  it('U079 five bytes behind a row are udp.scrape_misaligned', async () => {
    const { answer } = await scrapeOf(withBody(Buffer.concat([rowBytes, Buffer.alloc(5)])), A)
    expect(answer).toEqual({ torrents: new Map([[A, seen]]), flags: ['udp.scrape_misaligned'] })
  })
})

describe('a scrape beside a check', () => {
  /** What a check and a scrape of the same tracker come to. */
  function bothOf(respond: Respond): Promise<readonly [check: string, scrape: string]> {
    return using(startUdpTracker(respond), async ({ url }) => {
      const { outcome } = await checkLocal(url)
      const scraped = await scrape(url, A, { timeoutMs: SHORT_MS }).then(
        (answer) => ('torrents' in answer ? 'ok' : 'refused'),
        ({ name, code }) => `${name} ${code}`,
      )
      return [summary(outcome), scraped]
    })
  }

  it('U080 a tracker that answers announces and no scrape is ok, and its scrape is udp.timeout', async () => {
    const respond = scripted({ announce: announced(), scrape: () => [] })
    expect(await bothOf(respond)).toEqual(['ok', 'TimeoutError udp.timeout'])
  })

  it('U081 a tracker that refuses announces is rejected, though its scrape is answered', async () => {
    const refuse = (id: number) => [udp.errorReply(id, 'unregistered torrent')]
    const respond = scripted({ announce: refuse, scrape: (id) => [udp.scrapeReply(id, [row])] })
    expect(await bothOf(respond)).toEqual(['rejected not_registered "unregistered torrent"', 'ok'])
  })
})
