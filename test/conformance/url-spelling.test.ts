import { createServer } from 'node:https'
import { describe, expect, it } from 'vitest'
import { checkTrackers } from '../../src/probe/check-trackers.js'
import { checkLocal, summary, using } from '../support/check-local.js'
import { startDnsServer, zoneOf } from '../support/dns-server.js'
import { bencodeText } from '../support/encode.js'
import { goodAnswer, listen, startHttpTracker } from '../support/http-tracker.js'
import { createAuthority } from '../support/tls.js'
import { goodTracker, kindOf, startUdpTracker } from '../support/udp-tracker.js'
import { readUrl, UNDERSTOOD } from '../support/urls.js'
import { startWsTracker, wsAnswer } from '../support/ws-tracker.js'

const local = { allowPrivate: true }

describe('the URL of a tracker', () => {
  it('P001 has its host in lower case, over UDP too', async () => {
    expect(await readUrl('udp://Tracker.Example.COM:80/announce')).toEqual({
      url: 'udp://tracker.example.com:80/announce',
      verdict: UNDERSTOOD,
      names: ['tracker.example.com'],
    })
  })

  it('P002 keeps port 80 over UDP, and has to name a port there', async () => {
    expect(await readUrl('udp://h:80', local)).toEqual({ url: 'udp://h:80', verdict: UNDERSTOOD, names: ['h'] })
    expect(await readUrl('udp://h', local)).toEqual({ url: 'udp://h', verdict: 'skipped url.missing_port', names: [] })
  })

  it('P004 may have a port with a zero in front, which is decimal', async () => {
    expect((await readUrl('udp://h:08080', local)).url).toBe('udp://h:8080')
  })

  it('P005 has an IPv6 address in brackets', async () => {
    expect(await readUrl('udp://[2001:DB8::1]:6969')).toMatchObject({
      url: 'udp://[2001:db8::1]:6969',
      verdict: 'skipped policy.private_address',
    })
    expect((await readUrl('udp://2001:db8::1:6969')).verdict).toBe('skipped url.bad_host')
    await using(startUdpTracker(goodTracker, { host: '::1', family: 6 }), async ({ port }) => {
      expect(summary((await checkLocal(`udp://[::1]:${port}`)).outcome)).toBe('ok')
    })
  })

  it('P009 may have a host outside of ASCII, which is asked for in punycode', async () => {
    expect(await readUrl('udp://münchen.de:80')).toMatchObject({
      url: 'udp://xn--mnchen-3ya.de:80',
      names: ['xn--mnchen-3ya.de'],
    })
  })

  it('P010 may have a percent-encoded host, which has to be a host when it is decoded', async () => {
    expect(await readUrl('udp://%74racker.com:80')).toEqual({
      url: 'udp://tracker.com:80',
      verdict: UNDERSTOOD,
      names: ['tracker.com'],
    })
    expect((await readUrl('udp://a,b:80')).verdict).toBe('skipped url.bad_host')
    expect((await readUrl('udp://a%2cb:80')).verdict).toBe('skipped url.bad_host')
  })

  it('P016 has scheme and host in lower case and its path as it is', async () => {
    expect((await readUrl('HTTP://Host.Example.COM/Announce?Key=A')).url).toBe(
      'http://host.example.com:80/Announce?Key=A',
    )
  })

  it('P017 is the same with and without the default port, which UDP does not have', async () => {
    const spelt = ['http://h:80/a', 'http://h/a', 'https://h/a', 'https://h:443/a', 'udp://h:80']
    const read = await Promise.all(spelt.map((url) => readUrl(url, local)))
    expect(read.map(({ url }) => url)).toEqual([
      'http://h:80/a',
      'http://h:80/a',
      'https://h:443/a',
      'https://h:443/a',
      'udp://h:80',
    ])
    await using(startUdpTracker(goodTracker), async ({ port, received }) => {
      const urls = [`udp://127.0.0.1:${port}/a`, `UDP://127.0.0.1:0${port}/a`]
      const results = await checkTrackers(urls, local)
      expect([...results.keys()]).toEqual(urls)
      expect(new Set(results.values()).size).toBe(1)
      expect(received.filter((packet) => kindOf(packet) === 'connect')).toHaveLength(1)
    })
  })

  it('P018 loses the dot at the end of its host, for the key, the Host header and TLS', async () => {
    expect(await readUrl('http://tracker.com./a')).toMatchObject({
      url: 'http://tracker.com:80/a',
      names: ['tracker.com'],
    })
    const hosts = await using(startDnsServer(zoneOf({ 'name.test': ['127.0.0.1'] })), (dns) =>
      using(
        startHttpTracker((_, response) => response.end(goodAnswer())),
        async ({ port, requests }) => {
          await checkLocal(`http://name.test.:${port}/a`, { dnsServers: [dns.address] })
          return requests.map(({ headers }) => headers.host?.replace(/\d+$/, 'PORT'))
        },
      ),
    )
    expect(hosts).toEqual(['name.test:PORT'])
    expect(await serverNameAskedFor('name.test.')).toBe('name.test')
  })

  it('P019 has a host that can exist: labels of letters, digits, inner dashes and underscores', async () => {
    const bad = ['udp://h..x:80', 'udp://-h:80', 'udp://h-:80', 'udp://.h:80']
    const read = await Promise.all(bad.map((url) => readUrl(url, local)))
    expect(read.map(({ verdict }) => verdict)).toEqual(bad.map(() => 'skipped url.bad_host'))
    expect(await readUrl('udp://h_x:80', local)).toMatchObject({ verdict: UNDERSTOOD, names: ['h_x'] })
  })

  it('P020 may have user and password, which are sent over HTTP and WebSocket and shown nowhere; UDP cannot', async () => {
    const basic = `Basic ${Buffer.from('me:s3cret').toString('base64')}`
    await using(
      startHttpTracker((_, response) => response.end(bencodeText({ 'failure reason': 'no, me, with s3cret' }))),
      async ({ url, requests }) => {
        const { outcome } = await checkLocal(url.replace('://', '://me:s3cret@'))
        expect(requests.map(({ headers }) => headers.authorization)).toEqual([basic])
        expect(summary(outcome)).toBe('rejected other "no, me, with ***"')
      },
    )
    await using(
      startWsTracker((socket, text) => socket.send(wsAnswer(text))),
      async ({ url, upgrades }) => {
        expect(summary((await checkLocal(url.replace('://', '://me:s3cret@'))).outcome)).toBe('ok')
        expect(upgrades.map(({ headers }) => headers.authorization)).toEqual([basic])
      },
    )
    expect((await readUrl('udp://me:s3cret@tracker.com:80')).verdict).toBe('skipped url.userinfo')
  })

  it('P021 has a slash before its query, if it has no path', async () => {
    expect((await readUrl('http://tracker.com?x=1')).url).toBe('http://tracker.com:80/?x=1')
    await using(
      startHttpTracker((_, response) => response.end(goodAnswer())),
      async ({ port, requests }) => {
        await checkLocal(`http://127.0.0.1:${port}?x=1`)
        expect(requests.map(({ url }) => url?.slice(0, 16))).toEqual(['/?x=1&info_hash='])
      },
    )
  })

  it('P022 has dot segments that UDP trackers get as they are; for HTTP they are resolved', async () => {
    const path = '/x/../a/%2e%2E/b?c=/../d'
    const sent = await using(startUdpTracker(goodTracker), async ({ port, received }) => {
      await checkLocal(`udp://127.0.0.1:${port}${path}`)
      return received.find((packet) => kindOf(packet) === 'announce')?.subarray(98)
    })
    // BEP 41: option 2 is URLData, behind its length.
    expect(sent?.subarray(0, 2 + path.length)).toEqual(Buffer.from(`\x02${String.fromCharCode(path.length)}${path}`))
    await using(
      startHttpTracker((_, response) => response.end(goodAnswer())),
      async ({ port, requests }) => {
        await checkLocal(`http://127.0.0.1:${port}${path}`)
        expect(requests.map(({ url }) => url?.replace(/&info_hash.*/, ''))).toEqual(['/b?c=/../d'])
      },
    )
  })

  it('P029 has port 80 for ws and 443 for wss, if it names none', async () => {
    const read = await Promise.all(['ws://tracker.com/a', 'wss://tracker.com'].map((url) => readUrl(url)))
    expect(read.map(({ url }) => url)).toEqual(['ws://tracker.com:80/a', 'wss://tracker.com:443/'])
  })
})

/** The name that the handshake asks a server for (SNI) when the URL has this host. */
async function serverNameAskedFor(host: string): Promise<string> {
  const authority = createAuthority()
  let asked = ''
  const { key, cert } = authority.selfSigned('DNS:name.test')
  const server = createServer({
    key,
    cert,
    SNICallback: (name, done) => {
      asked = name
      done(null)
    },
  })
  try {
    return await using(startDnsServer(zoneOf({ 'name.test': ['127.0.0.1'] })), (dns) =>
      using(listen(server, {}, 'https'), async ({ port }) => {
        await checkLocal(`https://${host}:${port}/a`, { dnsServers: [dns.address] })
        return asked
      }),
    )
  } finally {
    authority.remove()
  }
}
