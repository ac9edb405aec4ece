import type { RequestListener } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createResolver } from '../../src/probe/dns/resolve.js'
import { createExchange } from '../../src/probe/exchange.js'
import { http } from '../../src/probe/http.js'
import { createIdentity } from '../../src/probe/identity.js'
import { followRedirects, RefusedRedirect } from '../../src/probe/redirects.js'
import type { CheckResult } from '../../src/tracker/outcome.js'
import { parseTracker } from '../../src/tracker/tracker.js'
import { isInstalled, titleFor } from '../deploy/programs.js'
import { checkInChild } from '../probe/child.js'
import { answering, checkHttp, checkLocal, summary, using } from '../support/check-local.js'
import { startDnsServer, zoneOf } from '../support/dns-server.js'
import { goodAnswer, httpAnswer, startHttpTracker, startRawTcp } from '../support/http-tracker.js'
import { createAuthority } from '../support/tls.js'
import { expectEach } from '../support/variants.js'

const good = goodAnswer()

/** Sends an announce to `location`, in which PORT stands for its own, and answers well whatever else is asked for. */
function redirecting(location: string | null, status = 302): RequestListener {
  return (request, response) => {
    if (request.url?.startsWith('/dir/announce?info_hash=') !== true) return void response.end(good)
    const port = String(request.socket.localPort)
    response.writeHead(status, location === null ? {} : { Location: location.replace('PORT', port) }).end()
  }
}

function checkRedirect(respond: RequestListener): Promise<CheckResult & { readonly requested: readonly unknown[] }> {
  return using(startHttpTracker(respond), async ({ port, requests }) => {
    const result = await checkLocal(`http://127.0.0.1:${port}/dir/announce`)
    return { ...result, requested: requests.map(({ url }) => url) }
  })
}

describe('a redirect of an HTTP tracker', () => {
  it('H016 to another origin does not take the password along', () =>
    using(startHttpTracker(answering(good)), (there) =>
      using(
        startHttpTracker((request, response) => {
          const here = request.url?.startsWith('/announce') === true
          response.writeHead(302, { Location: here ? '/same' : there.url }).end()
        }),
        async ({ port, requests }) => {
          await checkLocal(`http://user:secret@127.0.0.1:${port}/announce`)
          const sent = requests.map(({ headers }) => headers.authorization !== undefined)
          expect(sent).toEqual([true, true])
          expect(there.requests[0]?.headers.authorization).toBeUndefined()
        },
      ),
    ))

  it('H100 is followed as it stands, relative or not, and where it led to is told', () =>
    expectEach<readonly [number, string], unknown>(
      {
        'an absolute URL': [
          [301, 'http://127.0.0.1:PORT/x'],
          ['ok http.redirected', '/x', '/x'],
        ],
        'an absolute path': [
          [302, '/x'],
          ['ok http.redirected', '/x', '/x'],
        ],
        'a relative path': [
          [303, 'x?y=1'],
          ['ok http.redirected', '/dir/x?y=1', '/dir/x?y=1'],
        ],
        'another host': [
          [307, '//127.0.0.1:PORT/x'],
          ['ok http.redirected', '/x', '/x'],
        ],
        'a query': [
          [308, '?y=1'],
          ['ok http.redirected', '/dir/announce?y=1', '/dir/announce?y=1'],
        ],
        'with our query repeated': [
          [301, '/x?y=1&info_hash=abc&peer_id=def'],
          ['ok http.redirected', '/x?y=1&info_hash=abc&peer_id=def', '/x?y=1'],
        ],
        'a passkey': [
          [301, '/0123456789abcdef/announce'],
          ['ok http.redirected', '/0123456789abcdef/announce', '/***/announce'],
        ],
      },
      async ([status, location]) => {
        const { outcome, probes, requested } = await checkRedirect(redirecting(location, status))
        return [summary(outcome), requested[1], probes[0]?.redirectedTo?.replace(/^http:\/\/127\.0\.0\.1:\d+/, '')]
      },
    ))

  it('H101 is followed five times and not more', () =>
    expectEach<RequestListener, unknown>(
      {
        'in a circle': [
          (_, response) => response.writeHead(302, { Location: '/dir/announce' }).end(),
          ['failed http.redirect_loop in transfer', 6],
        ],
        'six times on and on': [
          ({ url = '' }, response) => response.writeHead(302, { Location: `${url}x` }).end(),
          ['failed http.redirect_loop in transfer', 6],
        ],
        'five times': [
          ({ url = '' }, response) => {
            const hop = Number(/^\/(\d)$/.exec(url)?.[1] ?? 0)
            if (hop === 5) response.end(good)
            else response.writeHead(302, { Location: `/${hop + 1}` }).end()
          },
          ['ok http.redirected', 6],
        ],
      },
      async (respond) => {
        const { outcome, requested } = await checkRedirect(respond)
        return [summary(outcome), requested.length]
      },
    ))

  it('H102 to nowhere, or to what is no HTTP, is invalid', () => {
    const places = [null, '', 'udp://127.0.0.1:1/announce', 'ws://127.0.0.1:1/', 'javascript:alert(1)', 'http://']
    const expected = 'failed http.redirect_invalid in transfer'
    const variants = Object.fromEntries(places.map((place) => [String(place), [place, expected] as const]))
    return expectEach<string | null, string>(variants, async (place) =>
      summary((await checkRedirect(redirecting(place))).outcome),
    )
  })

  it('H105 that ends in a web page is none of a tracker', async () => {
    const { outcome } = await checkHttp((request, response) => {
      if (request.url?.startsWith('/x')) return void response.end('<html>')
      response.writeHead(302, { Location: '/x' }).end()
    })
    expect(summary(outcome)).toBe('failed http.not_a_tracker in transfer')
  })
})

describe('a redirect between HTTP and HTTPS', () => {
  it.skipIf(!isInstalled('openssl'))(
    titleFor('H103 to HTTPS is followed, and back to plain HTTP with one more flag', 'openssl'),
    async () => {
      const authority = createAuthority()
      const tls = authority.issue('IP:127.0.0.1')
      const to = (location: string) => httpAnswer('', [`Location: ${location}`], '301 Moved Permanently')
      try {
        await using(startHttpTracker(answering(good)), (plain) =>
          using(startHttpTracker(answering(good), { tls }), (secure) =>
            using(
              startRawTcp((socket) => socket.end(to(secure.url))),
              (upgrade) =>
                using(
                  startRawTcp((socket) => socket.end(to(plain.url)), { tls }),
                  async (downgrade) => {
                    const task = {
                      urls: [upgrade.url, downgrade.url],
                      options: { timeoutMs: 10_000, allowPrivate: true },
                    }
                    // Node reads at its start whom it trusts.
                    const { outcomes } = await checkInChild(task, { env: { NODE_EXTRA_CA_CERTS: authority.caFile } })
                    expect(outcomes.map(([, outcome]) => summary(outcome))).toEqual([
                      'ok http.redirected',
                      'ok http.redirected http.redirect_downgrade',
                    ])
                  },
                ),
            ),
          ),
        )
      } finally {
        authority.remove()
      }
    },
  )
})

describe('a redirect into a private network', () => {
  it('H104 is not followed where private addresses are not to be contacted, and nothing is sent there', () =>
    using(startDnsServer(zoneOf({ 'inside.net': ['127.0.0.1'] })), (dns) =>
      expectEach<string, readonly [string, number]>(
        {
          'an address': ['http://127.0.0.1:PORT/x', ['policy.private_address', 0]],
          'an address in disguise': ['http://0x7f.1:PORT/x', ['policy.private_address', 0]],
          'a name of such an address': ['http://inside.net:PORT/x', ['policy.private_address', 0]],
          'a local name': ['http://localhost:PORT/x', ['policy.local_name', 0]],
        },
        (location) =>
          using(startHttpTracker(answering(good)), async (inside) => {
            const to = location.replace('PORT', String(inside.port))
            const redirect = startHttpTracker((_, response) => response.writeHead(302, { Location: to }).end())
            const code = await using(redirect, ({ url }) => refusalFromOutside(url, dns.address))
            return [code, inside.connections()] as const
          }),
      ),
    ))
})

/**
 * The code of the refusal that an announce meets as if the first tracker, on loopback like all in a test, had passed
 * the policy: a check would not begin with it.
 */
async function refusalFromOutside(url: string, dnsServer: string): Promise<string> {
  const { tracker } = parseTracker(url)
  if (tracker === undefined) throw new Error(`${url} does not parse`)
  const resolver = createResolver({ servers: [dnsServer] })
  const { peerId, key, port } = createIdentity()
  const amounts = { left: 0, downloaded: 0, uploaded: 0, numWant: 0 }
  const nothing = { ip: null, trackerId: null, headers: {}, leave: false, event: 'none' as const }
  const request = { infoHash: new Uint8Array(20), peerId, key, port, userAgent: 'test', ...amounts, ...nothing }
  const limits = { attempts: 1, timeoutMs: 5000, tls: 'strict', redirects: 'follow' } as const
  const options = { ...limits, allowPrivate: false, bep34: 'ignore' as const, resolver }
  const exchange = createExchange(new AbortController().signal, options, 'connect')
  try {
    const start = { tracker, family: 4, address: '127.0.0.1' } as const
    await followRedirects(start, options, exchange, (target) => http.announce(target, request, exchange))
    return 'followed'
  } catch (error) {
    if (error instanceof RefusedRedirect) return error.outcome.code
    throw error
  } finally {
    resolver.close()
  }
}
