import type { TLSSocket } from 'node:tls'
import { createSecureContext } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/tracker/outcome.js'
import { tlsModes } from '../../src/tracker/policy.js'
import { isInstalled, titleFor } from '../deploy/programs.js'
import { checkInChild } from '../probe/child.js'
import { checkLocal, summary, using } from '../support/check-local.js'
import { type DnsServer, startDnsServer } from '../support/dns-server.js'
import { goodAnswer, httpAnswer, startHttpTracker, startRawTcp, type TcpTracker } from '../support/http-tracker.js'
import { type Authority, type Certificate, createAuthority } from '../support/tls.js'
import { startWsTracker, wsAnswer } from '../support/ws-tracker.js'

const NAME = 'tracker.test'
const DAY_MS = 86_400_000

interface Seen {
  readonly outcome: Outcome
  readonly expiresAt: string | null
}

/** The names under which each tracker was asked for (SNI); false for none. */
const askedFor = new Map<string, Set<string | false | null>>()

/** A good tracker behind TLS. */
function good(name: string, certificate: Certificate, options: object = {}): Promise<TcpTracker> {
  const respond: Parameters<typeof startRawTcp>[0] = (socket) => {
    const names = askedFor.get(name) ?? new Set()
    askedFor.set(name, names.add((socket as TLSSocket).servername))
    socket.end(httpAnswer(goodAnswer()))
  }
  return startRawTcp(respond, { tls: { ...certificate, ...options } })
}

/** Every tracker by a name for it; its URL has `NAME` for a host, unless it goes by its address. */
async function startAll({ issue, issueFrom, issueThrough, selfSigned }: Authority) {
  const stranger = createAuthority()
  const unknown = stranger.issue(`DNS:${NAME}`)
  stranger.remove()
  const through = issueThrough(`DNS:${NAME}`)
  const here = issue(`DNS:${NAME}`)
  const context = createSecureContext(here)
  const ws = (tls: Certificate) => startWsTracker((socket, text) => socket.send(wsAnswer(text)), { tls })
  return {
    valid: await good('valid', here),
    expired: await good('expired', issue(`DNS:${NAME}`, -1)),
    'not yet valid': await good('not yet valid', issueFrom(`DNS:${NAME}`, '480101')),
    'self-signed': await good('self-signed', selfSigned(`DNS:${NAME}`)),
    'unknown authority': await good('unknown authority', unknown),
    'missing intermediate': await good('missing intermediate', through),
    'with its intermediate': await good('with its intermediate', { ...through, cert: through.chain }),
    'other name': await good('other name', issue('DNS:other.test')),
    'by address': await good('by address', issue('IP:127.0.0.1')),
    'by SNI': await good('by SNI', issue('DNS:other.test'), {
      SNICallback: (name: string, use: (error: null, context?: object) => void) =>
        use(null, name === NAME ? context : undefined),
    }),
    'TLS 1.3 only': await good('TLS 1.3 only', here, { minVersion: 'TLSv1.3' }),
    'wants a client certificate': await good('wants a client certificate', here, {
      requestCert: true,
      rejectUnauthorized: true,
    }),
    'ends soon': await good('ends soon', issue(`DNS:${NAME}`, 3)),
    'two faults': await good('two faults', issue('DNS:other.test', -1)),
    'wss valid': await ws(here),
    'wss expired': await ws(issue(`DNS:${NAME}`, -1)),
    'wss self-signed': await ws(selfSigned(`DNS:${NAME}`)),
    'wss other name': await ws(issue('DNS:other.test')),
  }
}
type Name = keyof Awaited<ReturnType<typeof startAll>>

describe.skipIf(!isInstalled('openssl'))(titleFor('the certificate of a tracker', 'openssl'), () => {
  let authority: Authority
  let dns: DnsServer
  let trackers: Awaited<ReturnType<typeof startAll>>
  const results = { strict: new Map<string, Seen>(), report: new Map<string, Seen>() }

  /** In a process for each mode that trusts our authority: Node reads that at its start. */
  beforeAll(async () => {
    authority = createAuthority()
    dns = await startDnsServer(() => ({ addresses: ['127.0.0.1'] }))
    trackers = await startAll(authority)
    const urls = Object.entries(trackers).map(([name, { url }]) =>
      // Spelt like this, and known by its right name.
      name === 'by address' ? url : url.replace('127.0.0.1', name === 'valid' ? 'TRACKER.test.' : NAME),
    )
    const options = { timeoutMs: 10_000, allowPrivate: true, dnsServers: [dns.address], family: 4 as const }
    const env = { NODE_EXTRA_CA_CERTS: authority.caFile }
    await Promise.all(
      tlsModes.map(async (tls) => {
        const { outcomes } = await checkInChild({ urls, options: { ...options, tls } }, { env })
        for (const [index, [, outcome, expiresAt]] of outcomes.entries()) {
          results[tls].set(Object.keys(trackers)[index] ?? '', { outcome, expiresAt })
        }
      }),
    )
  }, 60_000)
  afterAll(async () => {
    await Promise.all([...Object.values(trackers), dns].map((one) => one.stop()))
    authority.remove()
  })

  /** What a strict check makes of it, and one that reports. */
  function verdicts(name: Name): { readonly strict: string; readonly report: string } {
    const inMode = (tls: 'strict' | 'report'): string => {
      const seen = results[tls].get(name)
      return seen === undefined ? 'not checked' : summary(seen.outcome)
    }
    return { strict: inMode('strict'), report: inMode('report') }
  }
  const refusedFor = (code: string) => ({ strict: `failed ${code} in tls`, report: `ok ${code}` })
  const FINE = { strict: 'ok', report: 'ok' }

  it('T001 a chain that clients trust is fine, and it is known when it ends', () => {
    expect(verdicts('valid')).toEqual(FINE)
    const leftMs = Date.parse(results.strict.get('valid')?.expiresAt ?? '') - Date.now()
    expect(Math.ceil(leftMs / DAY_MS)).toBe(365)
  })

  it('T002 an expired one fails, or is reported, and it is known when it ended', () => {
    expect(verdicts('expired')).toEqual(refusedFor('tls.cert_expired'))
    for (const tls of tlsModes) {
      expect(Date.parse(results[tls].get('expired')?.expiresAt ?? '')).toBeLessThan(Date.now())
    }
  })

  it('T003 one that is not yet valid fails, or is reported', () => {
    expect(verdicts('not yet valid')).toEqual(refusedFor('tls.cert_not_yet_valid'))
  })

  it('T004 a self-signed one fails, or is reported', () => {
    expect(verdicts('self-signed')).toEqual(refusedFor('tls.cert_self_signed'))
  })

  it('T005 one of an unknown authority, or without the intermediate one, fails, or is reported', () => {
    expect({
      unknown: verdicts('unknown authority'),
      missing: verdicts('missing intermediate'),
      whole: verdicts('with its intermediate'),
    }).toEqual({
      unknown: refusedFor('tls.cert_untrusted'),
      missing: refusedFor('tls.cert_untrusted'),
      whole: FINE,
    })
  })

  it('T006 one for another name fails, or is reported, and its names are told', () => {
    expect(verdicts('other name')).toEqual(refusedFor('tls.cert_name_mismatch'))
    expect(results.strict.get('other name')?.outcome).toMatchObject({
      detail: expect.stringMatching(/^certificate of tracker\.test .*DNS:other\.test/),
    })
  })

  it('T007 one for an address goes with a URL by address, for which no name is asked', () => {
    expect(verdicts('by address')).toEqual(FINE)
    expect(askedFor.get('by address')).toEqual(new Set([false]))
  })

  it('T008 a tracker is asked for by its name in lower case and without the dot at its end', () => {
    expect(askedFor.get('valid')).toEqual(new Set([NAME]))
  })

  it('T009 the one shown for the name counts, whatever others are shown', () => {
    expect(verdicts('by SNI')).toEqual(FINE)
  })

  it('T015 a server that speaks only TLS 1.3 is fine', () => {
    expect(verdicts('TLS 1.3 only')).toEqual(FINE)
  })

  it('T016 a server that demands one of us has failed behind the handshake, in either mode', () => {
    const failed = 'failed tls.client_cert_required in processing'
    expect(verdicts('wants a client certificate')).toEqual({ strict: failed, report: failed })
  })

  it('T018 one that ends in three days is flagged, in either mode', () => {
    expect(verdicts('ends soon')).toEqual({ strict: 'ok tls.cert_expiring', report: 'ok tls.cert_expiring' })
  })

  it('T020 of two faults the first is the verdict, and both are told and reported', () => {
    expect(verdicts('two faults')).toEqual({
      strict: 'failed tls.cert_expired in tls',
      report: 'ok tls.cert_expired tls.cert_name_mismatch',
    })
    expect(results.strict.get('two faults')?.outcome).toMatchObject({
      detail: expect.stringMatching(/CERT_HAS_EXPIRED.*ALTNAME_INVALID.*DNS:other\.test/),
    })
  })

  it('T021 a bad one behind a redirect counts as well, and it is known where', async () => {
    await using(good('redirected to', authority.selfSigned('IP:127.0.0.1')), (there) =>
      using(
        startHttpTracker((_, response) => response.writeHead(302, { Location: there.url }).end()),
        async ({ url }) => {
          const strict = await checkLocal(url)
          const report = await checkLocal(url, { tls: 'report' })
          expect([strict, report].map(({ outcome }) => summary(outcome))).toEqual([
            'failed tls.cert_self_signed in tls',
            'ok http.redirected tls.cert_self_signed',
          ])
          expect(strict.probes[0]).toMatchObject({ redirectedTo: there.url })
        },
      ),
    )
  })

  it('W030 that of a WebSocket tracker is judged alike', () => {
    expect({
      valid: verdicts('wss valid'),
      expired: verdicts('wss expired'),
      selfSigned: verdicts('wss self-signed'),
      otherName: verdicts('wss other name'),
    }).toEqual({
      valid: FINE,
      expired: refusedFor('tls.cert_expired'),
      selfSigned: refusedFor('tls.cert_self_signed'),
      otherName: refusedFor('tls.cert_name_mismatch'),
    })
  })
})
