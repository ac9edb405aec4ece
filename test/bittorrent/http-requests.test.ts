import { describe, expect, it } from 'vitest'
import {
  announcePath,
  type HttpAnnounce,
  percentEncodeBytes,
  scrapePath,
  scrapeRequestPath,
} from '../../src/bittorrent/http-announce.js'

const HASH = Buffer.from('a2a15537542b22925ad10486bf7a8b2a9c42f0d1', 'hex')
const HASH_TEXT = '%A2%A1U7T%2B%22%92Z%D1%04%86%BFz%8B%2A%9CB%F0%D1'

const request: HttpAnnounce = {
  infoHash: HASH,
  peerId: Buffer.from('-TW0001-abcdefghijkl'),
  event: 'started',
  left: 1000,
  downloaded: 0,
  uploaded: 0,
  port: 51413,
  numWant: 5,
  key: 0xab,
  ip: null,
  trackerId: null,
}

function query(changes: Partial<HttpAnnounce> = {}): string[] {
  return announcePath('/announce', { ...request, ...changes })
    .slice('/announce?'.length)
    .split('&')
}

describe('percentEncodeBytes', () => {
  it.each([
    ['002025262b2f3d7e80ff', '%00%20%25%26%2B%2F%3D~%80%FF'],
    ['a2a15537542b22925ad10486bf7a8b2a9c42f0d1', HASH_TEXT],
    [Buffer.from('AZaz09-._~').toString('hex'), 'AZaz09-._~'],
    [Buffer.from("!*()'@[^`{:;<,?#").toString('hex'), '%21%2A%28%29%27%40%5B%5E%60%7B%3A%3B%3C%2C%3F%23'],
  ])('writes %s as %s', (hex, text) => {
    expect(percentEncodeBytes(Buffer.from(hex, 'hex'))).toBe(text)
  })
})

describe('the path of an announce', () => {
  it('has every parameter once, the info hash first', () => {
    expect(query()).toEqual([
      `info_hash=${HASH_TEXT}`,
      'peer_id=-TW0001-abcdefghijkl',
      'port=51413',
      'uploaded=0',
      'downloaded=0',
      'left=1000',
      'compact=1',
      'numwant=5',
      'key=000000AB',
      'event=started',
    ])
  })

  it('stays under the 2048 bytes that aquatic reads, for any info hash', () => {
    const widest = { infoHash: Buffer.alloc(20), peerId: Buffer.alloc(20), left: 2n ** 64n - 1n }
    expect(announcePath('/announce', { ...request, ...widest }).length).toBeLessThan(400)
  })

  it('leaves out what was not asked for', () => {
    const parameters = query({ event: 'none', numWant: -1 }).join('&')
    expect(parameters).not.toMatch(/event|numwant|ip=|ipv4|ipv6|trackerid/)
  })

  it.each(['started', 'stopped', 'completed'] as const)('has the event %s', (event) => {
    expect(query({ event })).toContain(`event=${event}`)
  })

  it('echoes a tracker id byte by byte', () => {
    expect(query({ trackerId: 'a b\xff' })).toContain('trackerid=a%20b%FF')
  })

  it('sends an address that was asked for', () => {
    expect(query({ ip: '2001:db8::1' })).toContain('ip=2001%3Adb8%3A%3A1')
  })

  it('writes large amounts as digits', () => {
    const parameters = query({ left: 2n ** 53n + 1n, uploaded: 1e21 / 1e3, downloaded: 2n ** 64n - 1n })
    expect(parameters).toContain('left=9007199254740993')
    expect(parameters).toContain('uploaded=1000000000000000000')
    expect(parameters).toContain('downloaded=18446744073709551615')
  })

  it.each([
    ['/announce', '/announce?'],
    ['/announce?', '/announce?'],
    ['/a?passkey=a%20b&x=%FF', '/a?passkey=a%20b&x=%FF&'],
    ['/a?x=1&', '/a?x=1&'],
    ['/a?x=1#fragment', '/a?x=1&'],
    ['/a#x?y', '/a?'],
    ['/', '/?'],
    ['', '/?'],
    ['?x=1', '/?x=1&'],
  ])('of %j begins with %j', (path, start) => {
    const whole = announcePath(path, request)
    expect(whole.slice(0, whole.indexOf('info_hash='))).toBe(start)
    expect(whole).not.toContain('#')
  })

  it.each([
    [{ port: 65536 }, 'port 65536, expected an integer from 0 to 65535'],
    [{ left: -1 }, 'left -1, expected an integer from 0 to 2^64-1'],
    [{ key: 2 ** 32 }, 'key 4294967296, expected an integer from 0 to 4294967295'],
    [{ infoHash: Buffer.alloc(32) }, 'info hash of 32 bytes, expected 20'],
  ])('is refused for %o', (changes, message) => {
    expect(() => query(changes)).toThrow(new RangeError(message))
  })
})

describe('the path of a scrape', () => {
  it.each([
    ['/announce', '/scrape'],
    ['/x/announce', '/x/scrape'],
    ['/announce.php?x=1', '/scrape.php?x=1'],
    ['/announce?x=2/4', '/scrape?x=2/4'],
    ['/announce/KEY', '/scrape/KEY'],
    ['/KEY/announce', '/KEY/scrape'],
    ['/announce/announce', '/announce/scrape'],
    ['/announce#x', '/scrape'],
  ])('for %s is %s', (path, scrape) => {
    expect(scrapePath(path)).toBe(scrape)
  })

  it.each([['/a'], ['/'], [''], ['/x%064announce'], ['/ANNOUNCE'], ['/xannounce'], ['/a?b=/announce']])(
    'does not exist for %j',
    (path) => {
      expect(scrapePath(path)).toBeNull()
      expect(scrapeRequestPath(path, [HASH])).toBeNull()
    },
  )

  it('repeats the parameter for each info hash', () => {
    const hashes = [HASH, Buffer.alloc(20, 0x61), Buffer.alloc(20, 0x62)]
    expect(scrapeRequestPath('/announce?passkey=x', hashes)).toBe(
      `/scrape?passkey=x&info_hash=${HASH_TEXT}&info_hash=${'a'.repeat(20)}&info_hash=${'b'.repeat(20)}`,
    )
  })

  it('is never one for all torrents', () => {
    expect(() => scrapeRequestPath('/announce', [])).toThrow(RangeError)
  })
})
