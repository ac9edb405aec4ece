import { describe, expect, it } from 'vitest'
import { answering, checkLocal, summary, using } from '../support/check-local.js'
import { goodAnswer, startHttpTracker, startRawTcp } from '../support/http-tracker.js'

const good = goodAnswer()

describe('redirects that are to be reported', () => {
  const reported = async (location: string, path = '/announce') => {
    const respond = answering('', { Location: location }, 302)
    return using(startHttpTracker(respond), async ({ port, requests }) => {
      const { outcome, alive, probes } = await checkLocal(`http://127.0.0.1:${port}${path}`, { redirects: 'report' })
      return { outcome, alive, probes, port, asked: requests.length }
    })
  }

  it('make the check fail with the place, which is not contacted', () =>
    using(startHttpTracker(answering(good)), async (there) => {
      const { outcome, alive, probes, asked } = await reported(there.url)
      expect(outcome).toEqual({
        kind: 'failed',
        reason: 'redirected',
        code: 'http.redirected',
        phase: 'transfer',
        detail: `HTTP 302 redirect to ${there.url}`,
      })
      expect(alive).toBe(false)
      expect(probes[0]?.latencyMs).toBeNull()
      expect(asked).toBe(1)
      expect(there.connections()).toBe(0)
    }))

  it.each([
    ['a place on the same host', '/new?x=1', /^HTTP 302 redirect to http:\/\/127\.0\.0\.1:\d+\/new\?x=1$/],
    [
      'a place with a passkey',
      'https://t.example/0123456789abcdef0123/announce',
      'HTTP 302 redirect to https://t.example/***/announce',
    ],
    [
      'a place that echoes the password of the tracker',
      'http://t.example/login?from=hunter2hunter2',
      'HTTP 302 redirect to http://t.example/login?from=***',
    ],
    ['a place that is none', 'javascript:alert(1)', 'HTTP 302 redirect to javascript:alert(1)'],
    ['no URL', 'http://', 'HTTP 302 redirect to http://'],
    [
      'a place of great length',
      `http://t.example/${'a/'.repeat(2000)}`,
      /^HTTP 302 redirect to http:\/\/t\.example\/(?:a\/)+a?…?$/,
    ],
  ])('name %s', async (_, location, detail) => {
    const { outcome } = await reported(location, '/announce?passkey=hunter2hunter2')
    const expected = typeof detail === 'string' ? detail : expect.stringMatching(detail)
    expect(outcome).toMatchObject({ code: 'http.redirected', detail: expected })
    expect('detail' in outcome && outcome.detail.length).toBeLessThan(260)
  })

  it('have nothing to do with trackers that do not redirect', () =>
    using(startHttpTracker(answering(good)), async ({ url }) => {
      expect(summary((await checkLocal(url, { redirects: 'report' })).outcome)).toBe('ok')
    }))
})

describe('headers', () => {
  const headers = { Cookie: 'pass=secret', 'X-Mine': '1' }

  it('go along to a place of the same origin, and not to another one', () =>
    using(startHttpTracker(answering(good)), (there) =>
      using(
        startHttpTracker(({ url }, response) => {
          const location = url?.startsWith('/announce?') ? '/moved' : there.url
          response.writeHead(302, { Location: location }).end()
        }),
        async ({ url, requests }) => {
          await checkLocal(url, { headers, userAgent: 'mine' })
          const sent = [...requests, ...there.requests].map((request) => request.headers)
          expect(sent.map(({ cookie }) => cookie)).toEqual(['pass=secret', 'pass=secret', undefined])
          expect(sent.map((one) => one['x-mine'])).toEqual(['1', '1', undefined])
          expect(sent.map((one) => one['user-agent'])).toEqual(['mine', 'mine', 'mine'])
        },
      ),
    ))

  it('go along again where the way leads back', async () => {
    let back = ''
    await using(
      startHttpTracker((_, response) => response.writeHead(302, { Location: back }).end()),
      (there) =>
        using(
          startHttpTracker(({ url }, response) => {
            if (url === '/back') return void response.end(good)
            response.writeHead(302, { Location: there.url }).end()
          }),
          async ({ url, port, requests }) => {
            back = `http://127.0.0.1:${port}/back`
            await checkLocal(url, { headers })
            expect(there.requests.map((request) => request.headers.cookie)).toEqual([undefined])
            expect(requests.map((request) => request.headers.cookie)).toEqual(['pass=secret', 'pass=secret'])
          },
        ),
    )
  })

  it('go along over WebSocket, with the user agent', async () => {
    let upgrade = ''
    const closing = startRawTcp((socket, request) => {
      upgrade = request
      socket.destroy()
    })
    await using(closing, ({ url }) => checkLocal(url.replace('http:', 'ws:'), { headers, userAgent: 'mine' }))
    expect(upgrade.split('\r\n')).toEqual(
      expect.arrayContaining(['Cookie: pass=secret', 'X-Mine: 1', 'User-Agent: mine']),
    )
  })

  it.each([
    [{ Host: 'x' }, 'header Host is set by the probe itself, expected another one'],
    [{ connection: 'keep-alive' }, 'header connection is set by the probe itself, expected another one'],
    [{ 'Sec-WebSocket-Key': 'x' }, 'header Sec-WebSocket-Key is set by the probe itself, expected another one'],
    [{ 'a b': 'secret' }, 'header name "a b", expected letters, digits and dashes'],
    [
      { 'X-A': 'secret\r\nX-B: secret' },
      'value of header X-A, expected printable text in one line, at most 4096 characters',
    ],
    [{ 'x-a': '1', 'X-A': '2' }, 'header X-A is given twice'],
    [
      Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`X-${index}`, ''])),
      'header X-10 is one too many, expected at most 10',
    ],
  ])('that cannot be sent are refused before anything is: %j', async (wrong, message) => {
    await expect(checkLocal('http://127.0.0.1:1/announce', { headers: wrong })).rejects.toThrow(new RangeError(message))
  })
})
