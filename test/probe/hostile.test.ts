import { describe, expect, it } from 'vitest'
import { checkLocal, SHORT_MS, using } from '../support/check-local.js'
import { httpAnswer, startRawTcp } from '../support/http-tracker.js'

// Damaged answers of all kinds are in test/properties.
describe('a tracker', () => {
  it.each([
    'http://[::1',
    'http://exa mple/',
    '//',
    'http://\u00ff\u00fe/',
    `http://h/${'x'.repeat(5000)}`,
    'http://h:99999/',
    '#',
    'HTTP://%00/',
    'http:',
    'data:,x',
    'http://user:pass@127.0.0.1:1/\u00e9',
    '\\\\host\\x',
    '?\u0001',
    'http://a..b/',
    'http://xn--/',
  ])('may redirect to %j', async (location) => {
    const answer = httpAnswer('', [`Location: ${Buffer.from(location).toString('latin1')}`], '302 Found')
    await using(
      startRawTcp((socket) => socket.end(answer)),
      async ({ url }) => {
        const { outcome } = await checkLocal(url, { timeoutMs: SHORT_MS })
        expect(['failed', 'skipped']).toContain(outcome.kind)
      },
    )
  })
})

describe('headers that cannot be sent', () => {
  it.each(['http', 'ws'])('over %s are an error of the caller, and leave nothing open', async (scheme) => {
    await using(
      startRawTcp(() => {}),
      async ({ url, closed }) => {
        const checking = checkLocal(url.replace('http', scheme), { headers: { 'bad name': 'x' } })
        await expect(checking).rejects.toThrow(RangeError)
        await closed()
      },
    )
  })
})
