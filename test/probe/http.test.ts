import type { RequestListener } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/tracker/outcome.js'
import { answering, checkHttp, checkLocal, summary, using } from '../support/check-local.js'
import { closedTcpPort, goodAnswer, startHttpTracker } from '../support/http-tracker.js'

/** What is no numbered case: those are in test/conformance. */
describe('an HTTP tracker', () => {
  it('is asked with the headers that the caller wants, over a connection that stays open for the farewell', () =>
    using(startHttpTracker(answering(goodAnswer())), async ({ url, requests }) => {
      await checkLocal(url, { userAgent: 'Client/1', headers: { 'X-Key': 'v' } })
      expect(requests[0]?.headers).toMatchObject({ 'user-agent': 'Client/1', 'x-key': 'v', connection: 'keep-alive' })
    }))

  it('that names itself in its redirect does not give its secret away', async () => {
    const closed = `http://127.0.0.1:${await closedTcpPort()}`
    const redirect: RequestListener = ({ url = '' }, response) =>
      response.writeHead(302, { Location: `${closed}/login?from=${encodeURIComponent(url)}` }).end()
    const { probes } = await using(startHttpTracker(redirect), ({ url }) =>
      checkLocal(url.replace('/announce', '/0123456789abcdef0123456789abcdef/announce')),
    )
    expect(probes[0]?.redirectedTo).toMatch(/^http:.*\/login\?from=%2F\*\*\*%2Fannounce/)
    expect(probes[0]?.redirectedTo).not.toContain('0123456789abcdef')
  })

  it.each([
    ['refusal', 'failure reason', (outcome: Outcome) => outcome.kind === 'rejected' && outcome.message],
    ['warning', 'warning message', (outcome: Outcome) => outcome.kind === 'ok' && outcome.announce.warningMessage],
  ] as const)('that repeats a header in its %s does not give it away', async (_, key, said) => {
    const repeating: RequestListener = ({ headers }, response) =>
      response.end(goodAnswer({ [key]: `no user ${headers.cookie}` }))
    const { outcome } = await using(startHttpTracker(repeating), ({ url }) =>
      checkLocal(url, { headers: { Cookie: 'uid=1; pass=hunter2' } }),
    )
    expect(said(outcome)).toBe('no user ***')
  })

  it('that redirects to a closed port has failed there', async () => {
    const Location = `http://127.0.0.1:${await closedTcpPort()}/x`
    const { outcome, probes } = await checkHttp((_, response) => response.writeHead(302, { Location }).end())
    expect(summary(outcome)).toBe('failed net.refused in connect')
    expect(probes[0]?.redirectedTo).toBe(Location)
  })
})
