import { describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { checkLocal, SHORT_MS, using } from '../support/check-local.js'
import { goodAnswer, httpAnswer, startRawTcp } from '../support/http-tracker.js'
import { startWsTracker } from '../support/ws-tracker.js'

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

describe('a tracker that means harm', () => {
  it.each([
    ['constructor', '200 OK'],
    ['__proto__', '200 OK'],
    ['constructor', '500 Oops'],
  ])('may call its content encoding %s, with %s', async (coding, status) => {
    const answer = httpAnswer('x', [`Content-Encoding: ${coding}`], status)
    await using(
      startRawTcp((socket) => socket.end(answer)),
      async ({ url }) => {
        const { outcome } = await checkLocal(url, { timeoutMs: SHORT_MS })
        const code = status === '200 OK' ? 'http.unsupported_encoding' : 'http.status'
        expect(outcome).toMatchObject({ kind: 'failed', code })
      },
    )
  })

  it('cannot keep us busy with messages that answer nothing', async () => {
    const message = JSON.stringify({ action: 'other', junk: 'x'.repeat(200_000) })
    const flood = (socket: WebSocket): void => {
      for (let count = 0; count < 20; count++) socket.send(message)
    }
    await using(startWsTracker(flood), async ({ url }) => {
      const { outcome } = await checkLocal(url)
      expect(outcome).toMatchObject({ kind: 'failed', code: 'ws.too_large', phase: 'ws_reply' })
    })
  })

  it('cannot bring a passkey to light by a warning that repeats it, nor by one that is cut in its midst', async () => {
    const passkey = '0123456789abcdef0123456789abcdef'
    const warnings = [`${passkey} ends soon`, `${'x'.repeat(180)} ${passkey}`]
    for (const warning of warnings) {
      const answer = httpAnswer(goodAnswer({ 'warning message': warning }))
      await using(
        startRawTcp((socket) => socket.end(answer)),
        async ({ url }) => {
          const { outcome } = await checkLocal(url.replace('/announce', `/${passkey}/announce`))
          expect(outcome.kind === 'ok' && outcome.announce.warningMessage).toMatch(/^(?:x+ \*\*\*|\*\*\* ends soon)$/)
        },
      )
    }
  })
})
