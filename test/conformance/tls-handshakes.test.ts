import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { tlsModes } from '../../src/tracker/policy.js'
import { isInstalled, titleFor } from '../deploy/programs.js'
import { checkLocal, SHORT_MS, summary, using } from '../support/check-local.js'
import { goodAnswer, httpAnswer, startHttpTracker, startRawTcp, type TcpTracker } from '../support/http-tracker.js'
import { createAuthority } from '../support/tls.js'
import { expectEach } from '../support/variants.js'

/** No mode makes a handshake succeed: the verdicts of both, which are to be the same, and the detail of one. */
async function handshake(
  starting: Promise<TcpTracker>,
  timeoutMs = 5000,
): Promise<{ verdict: string; detail: string }> {
  return using(starting, async ({ url }) => {
    const secure = url.replace('http:', 'https:')
    const checks = await Promise.all(tlsModes.map((tls) => checkLocal(secure, { tls, timeoutMs })))
    const verdicts = new Set(checks.map(({ outcome }) => summary(outcome)))
    const [first] = checks
    return { verdict: [...verdicts].join(' or '), detail: first?.outcome.kind === 'failed' ? first.outcome.detail : '' }
  })
}

/** A server that does this once the ClientHello is there. */
function helloed(respond: (socket: Socket) => void): Promise<TcpTracker> {
  return startRawTcp(() => {}, { onConnection: (socket) => void socket.once('data', () => respond(socket)) })
}

describe('the TLS handshake with a tracker', () => {
  it('T010 a plain HTTP server is not TLS, with the hint to try http', async () => {
    const { verdict, detail } = await handshake(startHttpTracker((_, response) => response.end(goodAnswer())))
    expect(verdict).toBe('failed tls.not_tls in tls')
    expect(detail).toContain('http://')
  })

  it('T012 a stall has timed out in the handshake', async () => {
    const { verdict } = await handshake(
      startRawTcp(() => {}),
      SHORT_MS,
    )
    expect(verdict).toBe('failed tls.timeout in tls')
  })

  it('T013 an end or a reset at the ClientHello is a reset in TLS', () =>
    expectEach<(socket: Socket) => void, string>(
      {
        end: [(socket) => void socket.end(), 'failed tls.reset in tls'],
        reset: [(socket) => void socket.resetAndDestroy(), 'failed tls.reset in tls'],
      },
      async (respond) => (await handshake(helloed(respond))).verdict,
    ))

  it('T017 an alert is one, whatever the server alerts', () =>
    expectEach(
      {
        'unrecognized_name (112)': [112, 'failed tls.alert in tls'],
        'internal_error (80)': [80, 'failed tls.alert in tls'],
        'handshake_failure (40)': [40, 'failed tls.alert in tls'],
      },
      async (description) => {
        const alert = Buffer.from([21, 3, 3, 0, 2, 2, description])
        return (await handshake(helloed((socket) => socket.end(alert)))).verdict
      },
    ))
})

describe.skipIf(!isInstalled('openssl'))(titleFor('a TLS server', 'openssl'), () => {
  const authority = isInstalled('openssl') ? createAuthority() : null
  const certificate = authority?.selfSigned('IP:127.0.0.1') ?? { key: '', cert: '' }
  authority?.remove()

  it('T011 asked by http closes, alerts or says so, with the hint to try https where it can be told', () => {
    const plain = '<html>The plain HTTP request was sent to HTTPS port</html>'
    const alert = Buffer.from([21, 3, 1, 0, 2, 2, 70])
    return expectEach<Promise<TcpTracker>, string>(
      {
        closes: [startRawTcp(() => {}, { tls: certificate }), 'failed net.closed in processing, no hint'],
        resets: [startRawTcp((socket) => socket.resetAndDestroy()), 'failed net.reset in processing, no hint'],
        alerts: [startRawTcp((socket) => socket.end(alert)), 'failed http.parse in processing, hint'],
        says: [
          startRawTcp((socket) => socket.end(httpAnswer(plain, [], '400 Bad Request'))),
          'failed http.status in transfer, hint',
        ],
      },
      (starting) =>
        using(starting, async ({ url }) => {
          const { outcome } = await checkLocal(url.replace('https:', 'http:'), { timeoutMs: 5000 })
          const hint = outcome.kind === 'failed' && outcome.detail.includes('https://') ? 'hint' : 'no hint'
          return `${summary(outcome)}, ${hint}`
        }),
    )
  })

  it('T014 of old versions only has none in common with us', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    const { verdict } = await handshake(startRawTcp(() => {}, { tls: { ...certificate, ...old } }))
    expect(verdict).toBe('failed tls.protocol_version in tls')
  })

  it('T019 that speaks only HTTP/2 alerts, or is no HTTP server to us', async () => {
    const alerting = startRawTcp(() => {}, { tls: { ...certificate, ALPNProtocols: ['h2'] } })
    expect((await handshake(alerting)).verdict).toBe('failed tls.alert in tls')
    // An empty SETTINGS frame (RFC 9113, 6.5), by a server that pays no heed to what was offered.
    const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])
    const heedless = startRawTcp((socket) => socket.end(settings), { tls: certificate })
    await using(heedless, async ({ url }) => {
      const { outcome } = await checkLocal(url, { tls: 'report' })
      expect(summary(outcome)).toBe('failed http.parse in processing')
    })
  })
})
