import { describe, expect, it } from 'vitest'
import { query, TrackerEvent } from '../../src/index.js'
import { hostHeader } from '../../src/probe/http/request.js'
import { parseTracker } from '../../src/tracker/tracker.js'
import { answering, checkLocal, using } from '../support/check-local.js'
import { startDnsServer } from '../support/dns-server.js'
import { bencodeText } from '../support/encode.js'
import { goodAnswer, httpAnswer, startHttpTracker, startRawTcp } from '../support/http-tracker.js'
import { expectEach } from '../support/variants.js'

const HASH = 'a2a15537542b22925ad10486bf7a8b2a9c42f0d1'
const PEER = '-TT0001-123456789012'
const good = goodAnswer()

interface Place {
  readonly url: string
  readonly port: number
}

/** The header of the first request that a tracker receives, as it came. */
async function firstRequest(ask: (place: Place) => Promise<unknown>, host = '127.0.0.1'): Promise<string> {
  const received: string[] = []
  const respond = startRawTcp(
    (socket, text) => {
      received.push(text)
      socket.end(httpAnswer(good))
    },
    { host },
  )
  await using(respond, ask)
  return received[0] ?? ''
}

/** What it asked for: path and query. */
async function firstTarget(ask: (place: Place) => Promise<unknown>): Promise<string> {
  return (await firstRequest(ask)).split(' ')[1] ?? ''
}

function parametersOf(target: string): readonly (readonly [string, string])[] {
  const pairs = target.slice(target.indexOf('?') + 1).split('&')
  return pairs.map((pair) => [pair.split('=')[0] ?? '', pair.slice(pair.indexOf('=') + 1)])
}

function headerIn(request: string, name: string): string | null {
  return new RegExp(`^${name}: (.*)\r$`, 'im').exec(request)?.[1] ?? null
}

describe('the parameters of an HTTP announce', () => {
  it('H001 an info hash with bytes of every class is escaped byte by byte', async () => {
    const bytes = '002025262b2f3d7e80ff'
    const target = await firstTarget(({ url }) => query(url, bytes + bytes, PEER))
    const escaped = '%00%20%25%26%2B%2F%3D~%80%FF'
    expect(parametersOf(target)).toContainEqual(['info_hash', escaped + escaped])
  })

  it('H002 the info hash of reference is written as in the specification', async () => {
    const target = await firstTarget(({ url }) => query(url, HASH, PEER))
    expect(parametersOf(target)).toContainEqual(['info_hash', '%A2%A1U7T%2B%22%92Z%D1%04%86%BFz%8B%2A%9CB%F0%D1'])
  })

  it('H003 a check announces each parameter once, the info hash first, within what small servers read', async () => {
    const request = await firstRequest(({ url }) => checkLocal(url))
    const parameters = parametersOf(request.split(' ')[1] ?? '')
    const names = parameters.map(([name]) => name)
    expect(names[0]).toBe('info_hash')
    const numbers = ['compact', 'downloaded', 'left', 'numwant', 'port', 'uploaded']
    expect(names.toSorted()).toEqual([...numbers, 'event', 'info_hash', 'key', 'peer_id'].toSorted())
    expect(Object.fromEntries(parameters)).toMatchObject({ compact: '1', event: 'started', uploaded: '0' })
    for (const [name, value] of parameters) expect(value, name).toMatch(numbers.includes(name) ? /^\d+$/ : /./)
    expect(request.length).toBeLessThanOrEqual(2048)
    expect(request.trimEnd().split('\r\n').slice(1).length).toBeLessThanOrEqual(16)
  })

  it('H004 an announce without an event has no such parameter', async () => {
    const target = await firstTarget(({ url }) => query(url, HASH, PEER, { event: TrackerEvent.NONE }))
    expect(target).not.toContain('event')
  })

  it('H011 the tracker id of an earlier answer is echoed, escaped byte by byte', async () => {
    const earlier = await using(
      startHttpTracker(answering(goodAnswer({ 'tracker id': Buffer.from('ff20542b', 'hex') }))),
      ({ url }) => query(url, HASH, PEER),
    )
    const { trackerId = '' } = { trackerId: undefined, ...earlier }
    const target = await firstTarget(({ url }) => query(url, HASH, PEER, { trackerId }))
    expect(parametersOf(target)).toContainEqual(['trackerid', '%FF%20T%2B'])
  })
})

describe('the URL of an HTTP announce', () => {
  it('H005 a query in the URL stays as it is, byte by byte, in front of ours', async () => {
    const target = await firstTarget(({ url }) => checkLocal(`${url}?passkey=a%20b&x=%FF`))
    expect(target).toMatch(/^\/announce\?passkey=a%20b&x=%FF&info_hash=/)
  })

  it('H006 a URL that ends in a joint gets no second one', () =>
    expectEach(
      {
        'a question mark': ['?', '/announce?info_hash='],
        'an ampersand': ['?x=1&', '/announce?x=1&info_hash='],
      },
      async (end) => {
        const target = await firstTarget(({ url }) => checkLocal(`${url}${end}`))
        return target.slice(0, target.indexOf('=', target.indexOf('info_hash')) + 1)
      },
    ))

  it('H007 a fragment is not sent', async () => {
    const target = await firstTarget(({ url }) => checkLocal(`${url}?a=b#x`))
    expect(target).toMatch(/^\/announce\?a=b&info_hash=[^#]+$/)
  })
})

describe('the headers of an HTTP announce', () => {
  it('H008 Host has a port that is not the usual one, an IPv6 address in brackets, a name in punycode', async () => {
    await using(
      startDnsServer(() => ({ addresses: ['127.0.0.1'] })),
      (dns) =>
        expectEach<{ host: string; listen?: string }, string | undefined>(
          {
            'an IPv4 address': [{ host: '127.0.0.1' }, '127.0.0.1:PORT'],
            'an IPv6 address': [{ host: '[::1]', listen: '::1' }, '[::1]:PORT'],
            'a name in capitals': [{ host: 'Tracker.TEST' }, 'tracker.test:PORT'],
            'an international name': [{ host: 'münchen.test' }, 'xn--mnchen-3ya.test:PORT'],
          },
          async ({ host, listen }) => {
            let told = 0
            const request = await firstRequest(({ port }) => {
              told = port
              return checkLocal(`http://${host}:${port}/announce`, { dnsServers: [dns.address] })
            }, listen)
            return headerIn(request, 'Host')?.replace(String(told), 'PORT')
          },
        ),
    )
    // Nobody but root may listen on the usual ports.
    const hostOf = (url: string): string | null => {
      const { tracker } = parseTracker(url)
      return tracker === undefined ? null : hostHeader(tracker)
    }
    const urls = [
      'http://h.test/a',
      'http://h.test:80/a',
      'https://h.test/a',
      'https://[::1]:443/a',
      'http://h.test:443/a',
    ]
    expect(urls.map(hostOf)).toEqual(['h.test', 'h.test', 'h.test', '[::1]', 'h.test:443'])
  })

  it('H009 user and password of the URL are sent as Basic, not in Host, and appear in no result', async () => {
    const echo = bencodeText({ 'failure reason': 'who is user:p@ss-word?' })
    await using(startHttpTracker(answering(echo)), async ({ port, requests }) => {
      const { outcome } = await checkLocal(`http://user:p%40ss-word@127.0.0.1:${port}/announce`)
      const basic = `Basic ${Buffer.from('user:p@ss-word').toString('base64')}`
      expect(requests[0]?.headers).toMatchObject({ authorization: basic, host: `127.0.0.1:${port}` })
      expect(outcome).toMatchObject({ kind: 'rejected', message: 'who is ***?' })
    })
  })

  it('H010 there is always a user agent, and it is the one that was asked for', () =>
    expectEach<Parameters<typeof checkLocal>[1], unknown>(
      {
        'nothing asked for': [{}, expect.stringMatching(/^trackerwatch/)],
        'as an option': [{ userAgent: 'Client/1.2 (+https://client.example)' }, 'Client/1.2 (+https://client.example)'],
        'as a header': [{ headers: { 'User-Agent': 'Client/3' } }, 'Client/3'],
      },
      async (options) => headerIn(await firstRequest(({ url }) => checkLocal(url, options)), 'User-Agent'),
    ))
})
