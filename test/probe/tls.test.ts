import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/tracker/outcome.js'
import { isInstalled, titleFor } from '../deploy/programs.js'
import { checkLocal, SHORT_MS, summary, using } from '../support/check-local.js'
import { type DnsServer, startDnsServer } from '../support/dns-server.js'
import { goodAnswer, httpAnswer, startHttpTracker, startRawTcp, type TcpTracker } from '../support/http-tracker.js'
import { type Authority, createAuthority } from '../support/tls.js'
import { startWsTracker, wsAnswer } from '../support/ws-tracker.js'
import { checkInChild } from './child.js'

const NAME = 'tracker.test'
const DAY_MS = 86_400_000

describe.skipIf(!isInstalled('openssl'))(titleFor('a tracker behind TLS', 'openssl'), () => {
  let authority: Authority
  let dns: DnsServer
  const trackers: TcpTracker[] = []
  const seenNames: (string | false | null)[] = []
  const results = new Map<string, { outcome: Outcome; expiresAt: string | null }>()

  const good = (certificate: { key: string; cert: string }, options: object = {}) =>
    startRawTcp(
      (socket) => {
        seenNames.push((socket as TLSSocket).servername)
        socket.end(httpAnswer(goodAnswer()))
      },
      { tls: { ...certificate, ...options } },
    )

  /** All in one process that trusts our authority: Node reads that at its start. */
  beforeAll(async () => {
    authority = createAuthority()
    dns = await startDnsServer(() => ({ addresses: ['127.0.0.1'] }))
    const { issue, issueFrom, selfSigned } = authority
    const other = createAuthority()
    const cases = {
      valid: await good(issue(`DNS:${NAME}`)),
      expired: await good(issue(`DNS:${NAME}`, -1)),
      'not yet valid': await good(issueFrom(`DNS:${NAME}`, '480101')),
      'self-signed': await good(selfSigned(`DNS:${NAME}`)),
      untrusted: await good(other.issue(`DNS:${NAME}`)),
      'wrong name': await good(issue('DNS:other.test')),
      'ends soon': await good(issue(`DNS:${NAME}`, 3)),
      'TLS 1.3 only': await good(issue(`DNS:${NAME}`), { minVersion: 'TLSv1.3' }),
      'client certificate': await good(issue(`DNS:${NAME}`), { requestCert: true, rejectUnauthorized: true }),
      websocket: await startWsTracker((socket, text) => socket.send(wsAnswer(text)), { tls: issue(`DNS:${NAME}`) }),
      'websocket, expired': await startWsTracker(() => {}, { tls: issue(`DNS:${NAME}`, -1) }),
      address: await good(issue('IP:127.0.0.1')),
    }
    other.remove()
    trackers.push(...Object.values(cases))
    const urls = Object.entries(cases).map(([name, { url }]) =>
      name === 'address' ? url : url.replace('127.0.0.1', NAME),
    )
    const options = { timeoutMs: 10_000, allowPrivate: true, dnsServers: [dns.address], family: 4 as const }
    const env = { NODE_EXTRA_CA_CERTS: authority.caFile }
    const report = await checkInChild({ urls, options }, { env })
    for (const [index, [, outcome, expiresAt]] of report.outcomes.entries()) {
      results.set(Object.keys(cases)[index] ?? '', { outcome, expiresAt })
    }
  })
  afterAll(async () => {
    await Promise.all([...trackers, dns].map((one) => one.stop()))
    authority.remove()
  })

  it.each([
    ['valid', 'ok', 'T001'],
    ['expired', 'failed tls.cert_expired in tls', 'T002'],
    ['not yet valid', 'failed tls.cert_not_yet_valid in tls', 'T003'],
    ['self-signed', 'failed tls.cert_self_signed in tls', 'T004'],
    ['untrusted', 'failed tls.cert_untrusted in tls', 'T005'],
    ['wrong name', 'failed tls.cert_name_mismatch in tls', 'T006'],
    ['address', 'ok', 'T007'],
    ['TLS 1.3 only', 'ok', 'T015'],
    ['client certificate', 'failed tls.client_cert_required in processing', 'T016'],
    ['ends soon', 'ok tls.cert_expiring', 'T018'],
    ['websocket', 'ok', 'T001'],
    ['websocket, expired', 'failed tls.cert_expired in tls', 'W030'],
  ])('with a certificate that is %s: %s (%s)', (name, expected) => {
    const result = results.get(name)
    expect(result === undefined ? null : summary(result.outcome)).toBe(expected)
  })

  it('is asked for by its name, an address by none (T007, T008)', () => {
    expect(new Set(seenNames)).toEqual(new Set([NAME, false]))
  })

  it('has told when its certificate ends, also where it was refused for that', () => {
    const days = (name: string): number => (Date.parse(results.get(name)?.expiresAt ?? '') - Date.now()) / DAY_MS
    expect(days('ends soon')).toBeGreaterThan(2)
    expect(days('ends soon')).toBeLessThanOrEqual(3)
    expect(days('expired')).toBeLessThan(0)
  })

  it('has names, which are told where none is the right one (T006)', () => {
    expect(results.get('wrong name')?.outcome).toMatchObject({ detail: expect.stringContaining('other.test') })
  })

  it('may speak only an old TLS (T014)', async () => {
    const old = {
      ...authority.selfSigned('IP:127.0.0.1'),
      maxVersion: 'TLSv1.1' as const,
      minVersion: 'TLSv1' as const,
    }
    await using(
      startRawTcp(() => {}, { tls: { ...old, ciphers: 'DEFAULT@SECLEVEL=0' } }),
      async ({ url }) => {
        expect(summary((await checkLocal(url)).outcome)).toBe('failed tls.protocol_version in tls')
      },
    )
  })

  it('called http is none of http (T011)', async () => {
    await using(good(authority.selfSigned('IP:127.0.0.1')), async ({ url }) => {
      const { outcome } = await checkLocal(url.replace('https:', 'http:'), { timeoutMs: 5000 })
      expect(outcome).toMatchObject({ kind: 'failed', phase: 'processing' })
    })
  })

  it('may be reached by a redirect, and its certificate counts there too (T021)', async () => {
    await using(good(authority.selfSigned('IP:127.0.0.1')), ({ url }) =>
      using(
        startHttpTracker((_, response) => response.writeHead(302, { Location: url }).end()),
        async (first) => {
          expect(summary((await checkLocal(first.url)).outcome)).toBe('failed tls.cert_self_signed in tls')
        },
      ),
    )
  })
})

describe('an https URL', () => {
  it('of a plain HTTP server is not TLS (T010)', () =>
    using(
      startHttpTracker((_, response) => response.end(goodAnswer())),
      async ({ url }) => {
        const { outcome } = await checkLocal(url.replace('http:', 'https:'))
        expect(summary(outcome)).toBe('failed tls.not_tls in tls')
      },
    ))

  it('of a server that stalls has timed out in the handshake (T012)', () =>
    using(
      startRawTcp(() => {}),
      async ({ url }) => {
        const { outcome } = await checkLocal(url.replace('http:', 'https:'), { timeoutMs: SHORT_MS })
        expect(outcome).toMatchObject({ kind: 'failed', reason: 'timeout', code: 'tls.timeout', phase: 'tls' })
      },
    ))

  it.each<[string, Parameters<typeof startRawTcp>[1]]>([
    ['ends', { onConnection: (socket) => void socket.end() }],
    ['is reset', { onConnection: (socket) => void socket.once('data', () => socket.resetAndDestroy()) }],
  ])('of a connection that %s in the handshake was reset (T013)', async (_, place) => {
    await using(
      startRawTcp(() => {}, place),
      async ({ url }) => {
        expect(summary((await checkLocal(url.replace('http:', 'https:'))).outcome)).toBe('failed tls.reset in tls')
      },
    )
  })

  it.each([
    ['unrecognized_name (T017)', 112],
    ['internal_error', 80],
    ['handshake_failure', 40],
  ])('of a server that alerts %s has failed in TLS', async (_, description) => {
    const alert = Buffer.from([21, 3, 3, 0, 2, 2, description])
    const onConnection: NonNullable<Parameters<typeof startRawTcp>[1]>['onConnection'] = (socket) =>
      void socket.once('data', () => socket.end(alert))
    await using(
      startRawTcp(() => {}, { onConnection }),
      async ({ url }) => {
        expect(summary((await checkLocal(url.replace('http:', 'https:'))).outcome)).toBe('failed tls.alert in tls')
      },
    )
  })
})
