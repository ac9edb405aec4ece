import { describe, expect, it } from 'vitest'
import { checkTracker } from '../../src/probe/check-trackers.js'
import { all, readUrl, UNDERSTOOD, verdictsOn } from '../support/urls.js'

/** The sentence for the operator. */
async function detailOf(url: string): Promise<string> {
  const { outcome } = await checkTracker(url)
  return outcome.kind === 'skipped' ? outcome.detail : outcome.kind
}

describe('a text is no announce URL, an operator’s error, and nobody is asked about it', () => {
  it('P003 if its port is 0, above 65535, empty, or not made of ASCII digits alone', async () => {
    const ports = ['0', '65536', '99999', '', ' 80', '+80', '-1', '8e1', '80a', '0x50', '８０', '80.0']
    const urls = ports.flatMap((port) => [`udp://h.example.com:${port}`, `http://h.example.com:${port}/announce`])
    expect(await verdictsOn(urls)).toEqual(all(urls, 'skipped url.bad_port'))
    const { outcome } = await checkTracker('udp://h.example.com:99999')
    const detail = 'port "99999", expected 1 to 65535'
    expect(outcome).toEqual({ kind: 'skipped', reason: 'invalid_url', code: 'url.bad_port', detail })
  })

  it('P006 if its IPv6 address has a zone', async () => {
    const urls = ['udp://[fe80::1%25eth0]:80', 'udp://[fe80::1%eth0]:80', 'http://[fe80::1%25eth0]/announce']
    expect(await verdictsOn(urls)).toEqual(all(urls, 'skipped url.bad_host'))
  })

  it('P008 if its host ends in a number and is no IPv4 address', async () => {
    const urls = ['udp://256.1.1.1:1', 'udp://a.b.c.1:2', 'udp://1.2.3.4.5:1', 'http://1.2.3.256/announce']
    expect(await verdictsOn(urls)).toEqual(all(urls, 'skipped url.bad_host'))
  })

  it('P011 if browsers would have to guess where its host begins', async () => {
    const urls = ['http:tracker.com/a', 'http:///tracker.com/a', 'http:/tracker.com/a', 'http://h\\announce']
    expect(await verdictsOn(urls)).toEqual(all(urls, 'skipped url.malformed'))
  })

  it('P012 if it has no host, or is empty', async () => {
    const urls = ['udp:tracker.com:80', 'udp:///announce', 'udp://:80', 'http://', '', '  \n']
    expect(await verdictsOn(urls)).toEqual(all(urls, 'skipped url.malformed'))
  })

  it('P013 if it has no scheme, with a hint at those that there are', async () => {
    const urls = ['tracker.com:80/announce', '//tracker.com', 'tracker.com', '192.0.2.1:6969']
    expect(await verdictsOn(urls)).toEqual(all(urls, 'skipped url.no_scheme'))
    expect(await detailOf('tracker.com:80/announce')).toBe(
      'no scheme, expected one of udp://, http://, https://, ws://, wss:// in front',
    )
  })

  it('P014 if there is white space inside; around it there may be some', async () => {
    expect(await readUrl(' \t\r\nudp://tracker.com:80/announce \n')).toEqual({
      url: 'udp://tracker.com:80/announce',
      verdict: UNDERSTOOD,
      names: ['tracker.com'],
    })
    const urls = [
      'http://h.com/a b',
      'http://h.com/a\tb',
      'http://h.e\nxample.com/a',
      'udp://h .com:80',
      'http://h.com/\0',
    ]
    expect(await verdictsOn(urls)).toEqual(all(urls, 'skipped url.malformed'))
  })

  it('P015 if it is two glued together, with a hint at that', async () => {
    const urls = ['udp://h:80/announceudp://i:80/announce', 'udp://h:80http://i/announce', 'http://h/ahttps://i/a']
    expect(await verdictsOn(urls)).toEqual(all(urls, 'skipped url.concatenated'))
    expect(await detailOf(urls[0] ?? '')).toBe('two URLs in one, expected white space or a line break between them')
    // An URL inside the query of another is none of that.
    expect((await readUrl('http://tracker.com/a?back=http://i/')).verdict).toBe(UNDERSTOOD)
  })

  it('P026 if its scheme is not that of a tracker', async () => {
    const urls = ['dht://tracker.com', 'ftp://tracker.com/announce', 'magnet:?xt=urn:btih:0', 'wsss://tracker.com/']
    expect(await verdictsOn(urls)).toEqual(all(urls, 'skipped url.unsupported_scheme'))
    expect(await detailOf('ftp://tracker.com')).toBe('scheme "ftp", expected one of udp, http, https, ws, wss')
  })

  it('P028 if it is longer than 2048 characters', async () => {
    const head = 'http://tracker.com:80/'
    expect((await readUrl(head.padEnd(2048, 'a'))).verdict).toBe(UNDERSTOOD)
    expect((await readUrl(head.padEnd(2049, 'a'))).verdict).toBe('skipped url.too_long')
    // Written out, what is not ASCII takes more.
    expect((await readUrl(head.padEnd(1000, 'ä'))).verdict).toBe('skipped url.too_long')
  })
})
