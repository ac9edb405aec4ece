import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { clientKey } from '../../src/http/client-address.js'
import { createBuckets } from '../../src/http/limits.js'
import { startServer } from '../../src/http/server.js'
import { bearerToken, isToken } from '../../src/http/tokens.js'
import { appOver, connectionFrom } from './support.js'

describe('a token bucket', () => {
  it('lets a client take what it holds, and then as fast as it fills', () => {
    let nowMs = 0
    const buckets = createBuckets({ capacity: 2, perSecond: 0.5, nowMs: () => nowMs })
    expect([buckets.take('a'), buckets.take('a'), buckets.take('a')]).toEqual([0, 0, 2])
    nowMs = 1_999
    expect(buckets.take('a')).toBe(1)
    nowMs = 2_000
    expect([buckets.take('a'), buckets.take('a')]).toEqual([0, 2])
  })

  it('holds no more after a long time, and is not emptied by refusals', () => {
    let nowMs = 0
    const buckets = createBuckets({ capacity: 1, perSecond: 1, nowMs: () => nowMs })
    buckets.take('a')
    for (let i = 0; i < 100; i += 1) buckets.take('a')
    nowMs = 1_000
    expect(buckets.take('a')).toBe(0)
    nowMs = 1_000_000
    expect([buckets.take('a'), buckets.take('a')]).toEqual([0, 1])
  })

  it('is one of each client, and only so many are remembered: the last seen', () => {
    const buckets = createBuckets({ capacity: 1, perSecond: 1, maxClients: 2, nowMs: () => 0 })
    expect([buckets.take('a'), buckets.take('b'), buckets.take('a')]).toEqual([0, 0, 1])
    expect(buckets.take('c')).toBe(0)
    expect(buckets.take('a')).toBe(1)
    expect(buckets.take('b')).toBe(0)
  })
})

describe('clientKey', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    [null, 'unknown'],
  ])('of %s is %s', (address, key) => {
    expect(clientKey(address)).toBe(key)
  })
})

describe('tokens', () => {
  it.each([
    ['secret-0123456789', 'secret-0123456789', true],
    ['secret-012345678', 'secret-0123456789', false],
    ['', '', true],
    ['', null, false],
    [null, 'secret-0123456789', false],
    [null, null, false],
  ])('%j for %j: %s', (given, expected, same) => {
    expect(isToken(given, expected)).toBe(same)
  })

  it.each([
    ['Bearer abc', 'abc'],
    ['bearer  abc ', 'abc'],
    ['Basic abc', null],
    ['Bearer', null],
    ['Bearer a b', null],
  ])('the header %j says %j', (header, expected) => {
    expect(bearerToken(new Request('http://x/', { headers: { Authorization: header } }))).toBe(expected)
  })
})

describe('what costs', () => {
  const reload = (app: ReturnType<typeof appOver>, address: string) =>
    app.request('/-/reload', { method: 'POST' }, connectionFrom(address))

  it('is refused to a client that asks too often, and to no other', async () => {
    const app = appOver({ entries: [] })
    for (let i = 0; i < 20; i += 1) expect((await reload(app, '127.0.0.1')).status).toBe(200)
    const refused = await reload(app, '127.0.0.1')
    expect([refused.status, await refused.text()]).toEqual([
      429,
      'too many requests from your address, try again in 3 s\n',
    ])
    expect(refused.headers.get('Retry-After')).toBe('3')
    expect(refused.headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect((await reload(app, '127.0.0.2')).status).toBe(200)
    expect((await reload(app, '::ffff:127.0.0.1')).status).toBe(429)
  })

  it('may not be sent a long body', async () => {
    const server = await startServer(appOver({ entries: [] }), { host: '127.0.0.1', port: 0 })
    const socket = connect(server.port, '127.0.0.1')
    socket.write(`POST /-/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${5 * 1024 * 1024}\r\n\r\n`)
    const [head] = await once(socket, 'data')
    expect(String(head)).toMatch(/^HTTP\/1\.1 413 /)
    socket.destroy()
    await server.stop()
  })
})

describe('a request to the server itself', () => {
  async function status(head: string, ...rest: string[]): Promise<string> {
    const server = await startServer(appOver({ entries: [] }), { host: '127.0.0.1', port: 0 })
    const socket = connect(server.port, '127.0.0.1')
    socket.write(`${head}\r\nHost: localhost\r\n`)
    for (const part of rest) socket.write(part)
    const [answer] = await once(socket, 'data')
    socket.destroy()
    await server.stop()
    return String(answer).slice(9, 12)
  }

  const chunked = 'Transfer-Encoding: chunked\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n'

  it('may have no body and say nothing of one', async () => {
    expect(await status('POST /-/reload HTTP/1.1', '\r\n')).toBe('200')
  })

  it('may send its body in pieces', async () => {
    // The default is closed: what matters is that it comes to the door.
    expect(await status('POST /api/add HTTP/1.1', chunked, '6\r\nnew_tr\r\n0\r\n\r\n')).toBe('403')
  })

  it('may not send more pieces than a body may have', async () => {
    const piece = `100000\r\n${'x'.repeat(0x10_00_00)}\r\n`
    expect(await status('POST /api/add HTTP/1.1', chunked, piece.repeat(5), '0\r\n\r\n')).toBe('413')
  })
})

describe('the server', () => {
  it('cuts a client that never ends its headers, and others are served meanwhile', async () => {
    const server = await startServer(appOver({ entries: [] }), { host: '127.0.0.1', port: 0, headMs: 20 })
    const slow = connect(server.port, '127.0.0.1')
    slow.write('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
    let answer = ''
    slow.on('data', (chunk) => {
      answer += String(chunk)
    })
    await once(slow, 'close')
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    await server.stop()
  })
})
