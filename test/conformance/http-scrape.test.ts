import { describe, expect, it } from 'vitest'
import { scrape } from '../../src/index.js'
import { checkLocal, summary, using } from '../support/check-local.js'
import { startDnsServer, zoneOf } from '../support/dns-server.js'
import { bencodeText } from '../support/encode.js'
import { goodAnswer, startHttpTracker } from '../support/http-tracker.js'
import { expectEach } from '../support/variants.js'

const A = 'a2a15537542b22925ad10486bf7a8b2a9c42f0d1'
const B = 'bb'.repeat(20)
const C = 'cc'.repeat(20)
const ESCAPED_A = '%A2%A1U7T%2B%22%92Z%D1%04%86%BFz%8B%2A%9CB%F0%D1'
const numbers = { complete: 5, downloaded: 50, incomplete: 10 }
const row = { seeders: 5, downloads: 50, leechers: 10 }
const known = { torrents: new Map([[A, row]]) }

function latin1(hex: string): string {
  return Buffer.from(hex, 'hex').toString('latin1')
}

/** What a scrape of `A` makes of a tracker that answers every request with this. */
function scrapeOf(body: Uint8Array) {
  return using(
    startHttpTracker((_, response) => response.end(body)),
    ({ url }) => scrape(url, A),
  )
}

/** What a scrape asks for at a tracker with this path: path and query, or the code of the error. */
function scrapedAt(path: string, infoHashes: readonly string[] = [A]): Promise<string | undefined> {
  return using(
    startHttpTracker((_, response) => response.end(bencodeText({ files: {} }))),
    async ({ port, requests }) => {
      const failure: unknown = await scrape(`http://127.0.0.1:${port}${path}`, infoHashes).catch((error) => error)
      if (requests.length > 0) return requests[0]?.url
      return failure instanceof Error && 'code' in failure ? String(failure.code) : 'nothing'
    },
  )
}

describe('the request of an HTTP scrape', () => {
  it('H012 three info hashes are three parameters', async () => {
    const asked = await scrapedAt('/announce?passkey=x', [A, B, C])
    const others = ['%BB', '%CC'].map((byte) => `&info_hash=${byte.repeat(20)}`)
    expect(asked).toBe(`/scrape?passkey=x&info_hash=${ESCAPED_A}${others.join('')}`)
  })

  it('H013 the path is that of the announce with one word changed', () => {
    const of = (start: string): string => `${start}info_hash=${ESCAPED_A}`
    return expectEach(
      {
        alone: ['/announce', of('/scrape?')],
        'in a folder': ['/x/announce', of('/x/scrape?')],
        'with an ending': ['/announce.php?x=1', of('/scrape.php?x=1&')],
        'a slash in the query': ['/announce?x=2/4', of('/scrape?x=2/4&')],
        'a passkey behind it': ['/announce/KEY', of('/scrape/KEY?')],
        'a passkey before it': ['/KEY/announce', of('/KEY/scrape?')],
      },
      (path) => scrapedAt(path),
    )
  })

  it('H014 a path that names no announce has no scrape, and nothing is sent', () => {
    const paths = ['/a', '/', '', '/x%064announce', '/ANNOUNCE', '/xannounce']
    const variants = Object.fromEntries(paths.map((path) => [path, [path, 'scrape.unsupported'] as const]))
    return expectEach<string, string | undefined>(variants, (path) => scrapedAt(path))
  })

  it('H015 the name of the host stays as it is', () =>
    using(startDnsServer(zoneOf({ 'announce.test': ['127.0.0.1'] })), (dns) =>
      using(
        startHttpTracker((_, response) => response.end(bencodeText({ files: {} }))),
        async ({ port, requests }) => {
          await scrape(`http://announce.test:${port}/announce`, A, { dnsServers: [dns.address] })
          expect(requests[0]?.headers.host).toBe(`announce.test:${port}`)
          expect(requests[0]?.url).toMatch(/^\/scrape\?/)
        },
      ),
    ))
})

describe('the answer to an HTTP scrape', () => {
  it('H107 the row of a torrent gives its numbers', async () => {
    expect(await scrapeOf(bencodeText({ files: { [latin1(A)]: numbers } }))).toEqual(known)
  })

  it('H108 no row at all is a torrent that the tracker does not know', async () => {
    expect(await scrapeOf(Buffer.from('d5:filesdee'))).toEqual({
      torrents: new Map([[A, null]]),
      flags: ['scrape_unknown_torrent'],
    })
  })

  it('H109 an info hash that was encoded as UTF-8 text is found', async () => {
    const key = Buffer.from(latin1(A), 'utf8')
    expect(key.length).toBe(30)
    const mangled = { [key.toString('latin1')]: numbers }
    for (const files of [mangled, { ...mangled, [latin1(B)]: {} }]) {
      expect(await scrapeOf(bencodeText({ files }))).toEqual({ ...known, flags: ['scrape_key_mangled'] })
    }
  })

  it('H110 a dictionary without files is no answer to a scrape', async () => {
    await expect(scrapeOf(bencodeText({ interval: 1800 }))).rejects.toMatchObject({
      name: 'InvalidResponseError',
      code: 'tracker.unrecognized_reply',
    })
  })

  it('H111 a failure reason refuses the scrape and not the announce', () =>
    using(
      startHttpTracker((request, response) => {
        response.end(request.url?.startsWith('/scrape') ? bencodeText({ 'failure reason': 'no' }) : goodAnswer())
      }),
      async ({ url }) => {
        expect(await scrape(url, A)).toEqual({ failureReason: 'no' })
        expect(summary((await checkLocal(url)).outcome)).toBe('ok')
      },
    ))

  it('H112 more than the numbers is fine', async () => {
    const more = { ...numbers, downloaders: 3, name: 'x' }
    const body = bencodeText({ files: { [latin1(A)]: more }, flags: { min_request_interval: 900 } })
    expect(await scrapeOf(body)).toEqual(known)
  })

  it('H113 a list for files has no rows', async () => {
    expect(await scrapeOf(bencodeText({ files: [numbers] }))).toEqual({
      torrents: new Map([[A, null]]),
      flags: ['type_files'],
    })
  })

  it('H114 a tracker without a scrape is as good as any', () =>
    using(
      startHttpTracker((request, response) => {
        if (request.url?.startsWith('/announce')) response.end(goodAnswer())
        else response.writeHead(404).end()
      }),
      async ({ url }) => {
        expect(summary((await checkLocal(url)).outcome)).toBe('ok')
        await expect(scrape(url, A)).rejects.toMatchObject({ name: 'BadRequestError', code: 'http.status' })
      },
    ))

  it('H115 an answer of 600 kB is read', async () => {
    const others = Array.from({ length: 8500 }, (_, index) => [latin1(index.toString(16).padStart(40, '0')), numbers])
    const body = bencodeText({ files: { ...Object.fromEntries(others), [latin1(A)]: numbers } })
    expect(body.length).toBeGreaterThan(600_000)
    expect(await scrapeOf(body)).toEqual(known)
  })
})
