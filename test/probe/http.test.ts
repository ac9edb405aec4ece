import { describe, expect, it } from 'vitest'
import { answering, checkHttp, checkLocal, summary, using } from '../support/check-local.js'
import { closedTcpPort, goodAnswer, startHttpTracker } from '../support/http-tracker.js'

/** What is no numbered case: those are in test/conformance. */
describe('an HTTP tracker', () => {
  it('is asked with the headers that the caller wants, over a connection that stays open for the farewell', () =>
    using(startHttpTracker(answering(goodAnswer())), async ({ url, requests }) => {
      await checkLocal(url, { userAgent: 'Client/1', headers: { 'X-Key': 'v' } })
      expect(requests[0]?.headers).toMatchObject({ 'user-agent': 'Client/1', 'x-key': 'v', connection: 'keep-alive' })
    }))

  it('that redirects to a closed port has failed there', async () => {
    const Location = `http://127.0.0.1:${await closedTcpPort()}/x`
    const { outcome, probes } = await checkHttp((_, response) => response.writeHead(302, { Location }).end())
    expect(summary(outcome)).toBe('failed net.refused in connect')
    expect(probes[0]?.redirectedTo).toBe(Location)
  })
})
