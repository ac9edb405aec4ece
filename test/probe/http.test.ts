import type { RequestListener } from 'node:http'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { answering, checkHttp, checkLocal, checkRaw, summary, using } from '../support/check-local.js'
import { bencodeText } from '../support/encode.js'
import { goodAnswer, httpAnswer, startHttpTracker, startRawTcp } from '../support/http-tracker.js'

const good = goodAnswer()
const refusal = bencodeText({ 'failure reason': 'unregistered torrent' })
const refused = 'rejected not_registered "unregistered torrent"'

describe('the request to an HTTP tracker', () => {
  it('has each parameter once, the info hash first, and few headers (H003)', () =>
    using(startHttpTracker(answering(good)), async ({ url, requests }) => {
      await checkLocal(url)
      const [request] = requests
      const query = request?.url?.split('?')[1]?.split('&') ?? []
      const names = query.map((parameter) => parameter.split('=')[0])
      expect(names[0]).toBe('info_hash')
      expect(names.toSorted()).toEqual([
        'compact',
        'downloaded',
        'event',
        'info_hash',
        'key',
        'left',
        'numwant',
        'peer_id',
        'port',
        'uploaded',
      ])
      expect(query).toEqual(expect.arrayContaining(['compact=1', 'event=started', 'left=1000']))
      expect(Object.keys(request?.headers ?? {}).length).toBeLessThanOrEqual(16)
      expect(request?.headers).toMatchObject({
        host: new URL(url).host,
        connection: 'close',
        'user-agent': 'trackerwatch',
      })
    }))

  it('keeps what the URL has, byte by byte (H005, H007)', () =>
    using(startHttpTracker(answering(good)), async ({ url, requests }) => {
      await checkLocal(`${url}?passkey=a%20b&x=%FF#fragment`)
      expect(requests[0]?.url).toMatch(/^\/announce\?passkey=a%20b&x=%FF&info_hash=%?[^#]+$/)
    }))

  it('carries user and password of the URL, not in Host (H009)', () =>
    using(startHttpTracker(answering(good)), async ({ port, requests }) => {
      await checkLocal(`http://user:p%40ss@127.0.0.1:${port}/announce`)
      expect(requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`)
      expect(requests[0]?.headers.host).toBe(`127.0.0.1:${port}`)
    }))

  it('has the user agent and the headers that were asked for (H010)', () =>
    using(startHttpTracker(answering(good)), async ({ url, requests }) => {
      await checkLocal(url, { userAgent: 'Client/1', headers: { 'X-Key': 'v' } })
      expect(requests[0]?.headers).toMatchObject({ 'user-agent': 'Client/1', 'x-key': 'v' })
    }))
})

describe('the body of an HTTP tracker', () => {
  it.each<[string, string, RequestListener]>([
    ['is empty (H040)', 'failed http.empty in transfer', answering('')],
    [
      'is a web page (H041)',
      'failed http.not_a_tracker in transfer',
      answering('<!doctype html><title>Domain for sale</title>'),
    ],
    ['is JSON (H042)', 'failed http.not_a_tracker in transfer', answering('{"ok":true}')],
    ['is bencode called text/html (H043)', 'ok', answering(good, { 'Content-Type': 'text/html' })],
    [
      'begins with a byte order mark (H044)',
      'failed bencode.leading_garbage in transfer',
      answering(`\ufeff${good.toString('latin1')}`),
    ],
    [
      'begins with a PHP notice (H044)',
      'failed bencode.leading_garbage in transfer',
      answering(`\r\nNotice: x in y${good.toString('latin1')}`),
    ],
    ['ends in CRLF (H045)', 'ok', answering(Buffer.concat([good, Buffer.from('\r\n')]))],
    [
      'goes on behind its end (H046)',
      'ok bencode.trailing_data',
      answering(Buffer.concat([good, Buffer.from('6:peers60:')])),
    ],
    [
      'is cut off, and its length says so (H047)',
      'failed bencode.truncated in transfer',
      answering(good.subarray(0, -3)),
    ],
    ['would hang a naive decoder (H052)', 'failed bencode.invalid in transfer', answering('d1:a-3:e')],
    ['is nested a million times (H053)', 'failed bencode.limit in transfer', answering('l'.repeat(1_000_000))],
    ['is an empty dictionary (H038)', 'failed tracker.unrecognized_reply in transfer', answering('de')],
    ['is a list (H039)', 'failed bencode.not_dict in transfer', answering('le')],
  ])('%s', async (_, expected, respond) => {
    expect(summary((await checkHttp(respond)).outcome)).toBe(expected)
  })

  it('is quoted where it is a web page (H041)', async () => {
    const { outcome } = await checkHttp(answering('<!doctype html><title>Domain for sale</title>'))
    expect(outcome).toMatchObject({ reason: 'not_a_tracker', detail: expect.stringContaining('Domain for sale') })
  })

  it('is read to its announced end, also where the server keeps the connection: we close it (H117)', () =>
    using(
      startRawTcp((socket) => void socket.write(httpAnswer(good, ['Connection: keep-alive']))),
      async (tracker) => {
        expect(summary((await checkLocal(tracker.url)).outcome)).toBe('ok')
        await tracker.closed()
      },
    ))
})

describe('the status of an HTTP tracker', () => {
  const failed = 'failed http.status in transfer'
  it.each<[string, string, string | Uint8Array, string, readonly string[]]>([
    ['400 Invalid Request', failed, '<title>Invalid Request</title>', 'H059', []],
    ['200 Not Authorized', refused, refusal, 'H060', []],
    ['403 Forbidden', `${refused} http.error_status`, refusal, 'H061', []],
    ['500 Internal Server Error', failed, 'oops', 'H062', []],
    ['502 Bad Gateway', failed, '', 'H062', []],
    ['503 Service Unavailable', failed, 'later', 'H062', ['Retry-After: 60']],
    ['429 Too Many Requests', failed, 'slow', 'H062', []],
    ['521 Web Server Is Down', failed, '', 'H062', []],
    ['404 Not Found', failed, '', 'H062', []],
    ['410 Gone', failed, '', 'H062', []],
    ['404 Not Found', failed, good, 'H063', []],
    ['204 No Content', failed, '', 'H064', []],
    ['304 Not Modified', failed, '', 'H064', []],
    ['206 Partial Content', failed, good, 'H064', []],
    ['300 Multiple Choices', failed, '', 'H106', []],
    ['407 Proxy Authentication Required', failed, '', 'H119', []],
    ['403 Forbidden', 'failed http.challenge in transfer', 'Just a moment', 'H065', ['cf-mitigated: challenge']],
    ['999 Whatever', failed, '', 'H099', []],
  ])('%s: %s (%#, %s)', async (status, expected, body, _, headers) => {
    expect(await checkRaw((socket) => socket.end(httpAnswer(body, headers, status)))).toBe(expected)
  })

  it('is told with the words of the server, and that the body would have been fine (H059, H063)', async () => {
    const { outcome } = await checkHttp(answering(good, {}, 404))
    expect(outcome).toMatchObject({ reason: 'http_status', detail: 'HTTP 404 Not Found, with a valid body' })
  })

  it.each([
    ['ICY 200 OK\r\n\r\n', 'H094'],
    ['SSH-2.0-OpenSSH_9.2\r\n', 'H094'],
    [good.toString('latin1'), 'H095'],
    ['HTTP/1.1 20 Low\r\n\r\n', 'H099'],
  ])('that is no HTTP, %j, cannot be parsed (%s)', async (bytes) => {
    expect(await checkRaw((socket) => socket.end(bytes))).toBe('failed http.parse in processing')
  })

  it.each([
    ['103 before the answer', 'HTTP/1.1 103 Early Hints\r\n\r\n', 'H096'],
    ['100 before the answer', 'HTTP/1.1 100 Continue\r\n\r\n', 'H096'],
  ])('%s is passed over (%#)', async (_, before) => {
    expect(await checkRaw((socket) => socket.end(Buffer.concat([Buffer.from(before), httpAnswer(good)])))).toBe('ok')
  })

  it('101 is no answer (H098)', async () => {
    const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'
    expect(await checkRaw((socket) => socket.write(upgrade))).toMatch(/^failed http\.status/)
  })
})

describe('the content encoding of an HTTP tracker', () => {
  const gzip = gzipSync(good)
  const badCrc = Buffer.concat([gzip.subarray(0, -8), Buffer.alloc(8, 0xff)])
  it.each<[string, string, string | undefined, Uint8Array]>([
    ['gzip (H066)', 'ok', 'gzip', gzip],
    ['x-gzip', 'ok', 'x-gzip', gzip],
    ['gzip that no header names (H067)', 'ok http.unlabelled_gzip', undefined, gzip],
    ['plain bencode that is called gzip (H068)', 'ok http.mislabelled_encoding', 'gzip', good],
    ['gzip cut off behind the answer (H069)', 'ok http.truncated_gzip', 'gzip', gzip.subarray(0, -8)],
    ['gzip with a wrong checksum (H070)', 'ok http.truncated_gzip', 'gzip', badCrc],
    ['gzip cut off in the answer (H070)', 'failed bencode.truncated in transfer', 'gzip', gzip.subarray(0, 20)],
    ['no gzip at all (H070)', 'failed http.encoding in transfer', 'gzip', Buffer.from('rubbish')],
    ['deflate with its header (H071)', 'ok', 'deflate', deflateSync(good)],
    ['deflate without it (H071)', 'ok', 'deflate', deflateRawSync(good)],
    ['brotli (H071)', 'ok', 'br', brotliCompressSync(good)],
    ['gzip in gzip', 'ok', 'gzip, gzip', gzipSync(gzip)],
    ['zstd (H072)', 'failed http.unsupported_encoding in transfer', 'zstd', Buffer.from('28b52ffd', 'hex')],
    ['a bomb of 200 MB (H073)', 'failed http.too_large in transfer', 'gzip', gzipSync(Buffer.alloc(200_000_000))],
  ])('%s', async (_, expected, encoding, body) => {
    const headers: Record<string, string> = encoding === undefined ? {} : { 'Content-Encoding': encoding }
    expect(summary((await checkHttp(answering(body, headers))).outcome)).toBe(expected)
  })
})

describe('what an HTTP tracker says about us', () => {
  it('is kept without the passkey that we sent (H120)', () =>
    using(
      startHttpTracker(
        answering(bencodeText({ 'failure reason': 'unknown passkey 0123456789abcdef0123456789abcdef' })),
      ),
      async ({ url }) => {
        const { outcome } = await checkLocal(`${url}?passkey=0123456789abcdef0123456789abcdef`)
        expect(outcome).toMatchObject({ kind: 'rejected', code: 'auth' })
        expect(JSON.stringify(outcome)).not.toContain('0123456789abcdef')
      },
    ))
})
