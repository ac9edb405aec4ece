import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/tracker/outcome.js'
import { answering, checkLocal, summary, using } from '../support/check-local.js'
import { bencodeText } from '../support/encode.js'
import { goodAnswer, httpAnswer, startHttpTracker, startRawTcp } from '../support/http-tracker.js'
import { expectEach } from '../support/variants.js'

interface Answer {
  readonly status: string
  readonly body?: string | Uint8Array
  readonly headers?: readonly string[]
}

const good = goodAnswer()
const refusal = bencodeText({ 'failure reason': 'unregistered torrent' })

function outcomeOf({ status, body = '', headers = [] }: Answer): Promise<Outcome> {
  return using(
    startRawTcp((socket) => socket.end(httpAnswer(body, headers, status))),
    async ({ url }) => (await checkLocal(url)).outcome,
  )
}

async function summaryOf(answer: Answer): Promise<string> {
  return summary(await outcomeOf(answer))
}

async function detailOf(answer: Answer): Promise<string> {
  const outcome = await outcomeOf(answer)
  return outcome.kind === 'failed' ? `${outcome.reason} ${outcome.code}: ${outcome.detail}` : summary(outcome)
}

describe('a refusal by an HTTP status', () => {
  it('H059 400 with a page, as opentracker sends it for a parameter it dislikes, is an HTTP error', () =>
    using(
      startRawTcp((socket) => {
        const head = 'HTTP/1.0 400 Invalid Request\r\nContent-Type: text/html\r\nContent-Length: 83\r\n\r\n'
        socket.end(`${head}<!DOCTYPE html><title>Invalid Request</title><h1>Invalid Request</h1>${' '.repeat(15)}`)
      }),
      async ({ url }) => {
        expect((await checkLocal(url)).outcome).toEqual({
          kind: 'failed',
          reason: 'http_status',
          code: 'http.status',
          phase: 'transfer',
          detail: 'HTTP 400 Invalid Request',
        })
      },
    ))

  it('H060 200 in other words with a failure reason is a refusal like any', async () => {
    expect(await summaryOf({ status: '200 Not Authorized', body: refusal })).toBe(
      'rejected not_registered "unregistered torrent"',
    )
  })

  it('H061 403 with a failure reason is a refusal with a flag', async () => {
    expect(await summaryOf({ status: '403 Forbidden', body: refusal })).toBe(
      'rejected not_registered "unregistered torrent" http.error_status',
    )
  })

  it('H062 an error status tells its kind, and how long to wait', async () => {
    const at = (date: string): readonly string[] => ['Date: Sun, 06 Nov 1994 08:49:37 GMT', `Retry-After: ${date}`]
    const failed = (detail: string, retryAfterS?: number) => ({
      ...{ kind: 'failed', reason: 'http_status', code: 'http.status', phase: 'transfer', detail },
      ...(retryAfterS === undefined ? {} : { retryAfterS }),
    })
    const slow = 'HTTP 429 Too Many Requests, overloaded'
    await expectEach<Answer, unknown>(
      {
        '500': [{ status: '500 Internal Server Error' }, failed('HTTP 500 Internal Server Error, server error')],
        '502': [{ status: '502 Bad Gateway' }, failed('HTTP 502 Bad Gateway, server error')],
        '503, in seconds': [
          { status: '503 Service Unavailable', headers: ['Retry-After: 120'] },
          failed('HTTP 503 Service Unavailable, overloaded', 120),
        ],
        '429, without a word': [{ status: '429 Too Many Requests' }, failed(slow)],
        '429, a date': [
          { status: '429 Too Many Requests', headers: at('Sun, 06 Nov 1994 08:59:37 GMT') },
          failed(slow, 600),
        ],
        '429, a date that is over': [
          { status: '429 Too Many Requests', headers: at('Sun, 06 Nov 1994 08:00:00 GMT') },
          failed(slow),
        ],
        '429, for ever': [
          { status: '429 Too Many Requests', headers: ['Retry-After: 9999999999'] },
          failed(slow, 604_800),
        ],
        '521': [{ status: '521 ' }, failed('HTTP 521, origin unreachable behind Cloudflare')],
        '404': [{ status: '404 Not Found' }, failed('HTTP 404 Not Found, nothing at this path')],
        '410': [{ status: '410 Gone' }, failed('HTTP 410 Gone, nothing at this path')],
      },
      outcomeOf,
    )
  })

  it('H063 404 with a whole answer is an error, and the answer is mentioned', async () => {
    expect(await detailOf({ status: '404 Not Found', body: good })).toBe(
      'http_status http.status: HTTP 404 Not Found, nothing at this path, with a valid body',
    )
  })

  it('H064 a success without or with part of a body is an error', () =>
    expectEach<Answer, string>(
      {
        '204': [{ status: '204 No Content' }, 'failed http.status in transfer'],
        '304': [{ status: '304 Not Modified' }, 'failed http.status in transfer'],
        '206': [{ status: '206 Partial Content', body: good }, 'failed http.status in transfer'],
      },
      summaryOf,
    ))

  it('H065 a challenge for browsers is told from other errors', () => {
    const page = '<!DOCTYPE html><html><head><title>Just a moment...</title>'
    const expected = (status: string): string => `http_status http.challenge: HTTP ${status}, a browser challenge`
    return expectEach<Answer, string>(
      {
        'by its header, 403': [
          { status: '403 Forbidden', body: 'x', headers: ['cf-mitigated: challenge'] },
          expected('403 Forbidden'),
        ],
        'by its header, 503': [
          { status: '503 Service Unavailable', headers: ['cf-mitigated: challenge'] },
          expected('503 Service Unavailable'),
        ],
        'by its title': [{ status: '503 Service Unavailable', body: page }, expected('503 Service Unavailable')],
      },
      detailOf,
    )
  })

  it('H098 101, which nobody asked for, is an error', () =>
    using(
      startRawTcp((socket) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n')
      }),
      async (tracker) => {
        const { outcome } = await checkLocal(tracker.url)
        expect(outcome).toMatchObject({ kind: 'failed', code: 'http.status', detail: 'HTTP 101 Switching Protocols' })
        await tracker.closed()
      },
    ))

  it('H099 a status of an unknown class is an error, one of two digits is no HTTP', () =>
    expectEach<Answer, string>(
      {
        '999': [{ status: '999 Whatever', body: good }, 'failed http.status in transfer'],
        '20': [{ status: '20 Low', body: good }, 'failed http.parse in processing'],
      },
      summaryOf,
    ))

  it('H106 a redirect that names no place by its nature is an error', () =>
    expectEach<Answer, string>(
      {
        '300': [{ status: '300 Multiple Choices', headers: ['Location: /x'] }, 'failed http.status in transfer'],
        '304': [{ status: '304 Not Modified', headers: ['Location: /x'] }, 'failed http.status in transfer'],
        '305': [{ status: '305 Use Proxy', headers: ['Location: /x'] }, 'failed http.status in transfer'],
      },
      summaryOf,
    ))

  it('H119 407, as of a proxy, asks for a login', async () => {
    expect(await detailOf({ status: '407 Proxy Authentication Required' })).toBe(
      'http_status http.status: HTTP 407 Proxy Authentication Required, asks for a login',
    )
  })

  it('H120 our passkey in the words of a refusal is masked', () =>
    using(
      startHttpTracker(
        answering(bencodeText({ 'failure reason': 'unknown passkey 0123456789abcdef0123456789abcdef' })),
      ),
      async ({ url }) => {
        const { outcome } = await checkLocal(`${url}?passkey=0123456789abcdef0123456789abcdef`)
        expect(outcome).toMatchObject({ kind: 'rejected', code: 'auth', message: 'unknown passkey ***' })
      },
    ))
})
