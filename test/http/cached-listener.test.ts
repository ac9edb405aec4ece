import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { Hono } from 'hono'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createResponseCache } from '../../src/http/response-cache.js'
import { startServer } from '../../src/http/server.js'
import { entryOf } from '../export/entries.js'
import { appOver } from './support.js'

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** As it stands, instead of that of the URL. */
  readonly path?: string
}

async function ask(url: string, { method = 'GET', headers = {}, path }: Asked = {}) {
  const call = request(url, { method, headers, agent: false, ...(path !== undefined && { path }) })
  const answered = once(call, 'response')
  call.end()
  const [response]: IncomingMessage[] = await answered
  if (response === undefined) throw new Error('no response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }
}

async function serving(app: Pick<Hono, 'fetch'>, cache = createResponseCache({ freshMs: 600_000 })) {
  const server = await startServer(app, { host: '127.0.0.1', port: 0 }, cache)
  onTestFinished(server.stop)
  return server.url
}

/** Tells how often it was asked, and by what. */
function counting() {
  const asked: { readonly url: string; readonly headers: readonly string[] }[] = []
  const app = new Hono()
  app.all('*', (c) => {
    asked.push({ url: c.req.url, headers: [...c.req.raw.headers.keys()] })
    return c.text(`answer ${asked.length}`)
  })
  return { app, asked }
}

describe('answers from the cache', () => {
  it.each([
    '/',
    '/?q=x',
    '/tracker/0123456789ab',
    '/lists/all.txt',
    '/api/live',
    '/api/v1/trackers',
    '/badge/x/status.svg',
    '/feed.atom',
  ])('serve %s again, for HEAD too', async (path) => {
    const { app, asked } = counting()
    const url = await serving(app)
    const answers = [await ask(url + path), await ask(url + path), await ask(url + path, { method: 'HEAD' })]
    expect(answers.map(({ status, body }) => [status, body.toString()])).toEqual([
      [200, 'answer 1'],
      [200, 'answer 1'],
      [200, ''],
    ])
    expect(answers.map(({ headers }) => headers['content-length'])).toEqual(['8', '8', '8'])
    expect(asked).toHaveLength(1)
  })

  it.each(['/metrics', '/-/healthy', '/-/ready', '/events', '/api/v1/export/checks.csv', '/probe?target=x', '/submit'])(
    'are never taken for %s',
    async (path) => {
      const { app, asked } = counting()
      const url = await serving(app)
      await ask(url + path)
      expect((await ask(url + path)).body.toString()).toBe('answer 2')
      expect(asked).toHaveLength(2)
    },
  )

  it.each(['/lists/../events', '/lists/%2e%2e/events', '/api/v1/%65xport/checks.ndjson'])(
    'are never taken for %s, which leads elsewhere',
    async (path) => {
      const { app } = counting()
      const url = await serving(app)
      await ask(url, { path })
      expect((await ask(url, { path })).body.toString()).toBe('answer 2')
    },
  )

  it.each(['one.example/events?', 'user@one.example'])('are never taken with the Host %s', async (host) => {
    const { app, asked } = counting()
    const url = await serving(app)
    expect((await ask(`${url}/lists/`, { headers: { Host: host } })).status).toBe(400)
    expect(asked).toEqual([])
  })

  it('are never taken for a POST, nor for a reader who shows who he is', async () => {
    const { app, asked } = counting()
    const url = await serving(app)
    await ask(`${url}/api/add`, { method: 'POST' })
    await ask(`${url}/api/add`, { headers: { Authorization: 'Bearer x' } })
    await ask(`${url}/api/add`, { headers: { Cookie: 'a=b' } })
    await ask(`${url}/api/add`)
    expect(asked).toHaveLength(4)
  })

  it('are each host’s own, and do not depend on what else the first reader sent', async () => {
    const { app, asked } = counting()
    const url = await serving(app)
    await ask(`${url}/feed.atom`, { headers: { Host: 'one.example', 'X-Secret': '1', Origin: 'http://x.example' } })
    await ask(`${url}/feed.atom`, { headers: { Host: 'two.example' } })
    expect(asked.map((question) => question.url)).toEqual([
      'http://one.example/feed.atom',
      'http://two.example/feed.atom',
    ])
    expect(asked[0]?.headers).toEqual(['accept', 'accept-encoding'])
  })

  it('are compressed for those who can read that, and plain for the others', async () => {
    const entries = Array.from({ length: 200 }, (_, index) => entryOf(`udp://tracker-${index}.example:6969/announce`))
    const url = await serving(appOver({ entries }))
    const plain = await ask(`${url}/lists/all.txt`)
    const packed = await ask(`${url}/lists/all.txt`, { headers: { 'Accept-Encoding': 'br, gzip' } })
    const refused = await ask(`${url}/lists/all.txt`, { headers: { 'Accept-Encoding': 'gzip;q=0' } })
    expect(packed.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(packed.body)).toEqual(plain.body)
    expect(packed.body.length).toBeLessThan(plain.body.length / 4)
    expect([plain.headers['content-encoding'], refused.headers['content-encoding']]).toEqual([undefined, undefined])
    expect(refused.body).toEqual(plain.body)
  })

  it.each([
    ['*, gzip;q=0', undefined],
    ['gzip;q=0, *', undefined],
    ['GZIP; q=0.5, br', 'gzip'],
    ['*;q=0.1', 'gzip'],
    ['x-gzip, identity', undefined],
    ['', undefined],
  ])('are packed as the reader says: %j', async (accepted, encoding) => {
    const url = await serving(appOver({ entries: [entryOf('udp://a.example:1')] }))
    const answer = await ask(`${url}/lists/all.txt`, { headers: { 'Accept-Encoding': accepted } })
    expect(answer.headers['content-encoding']).toBe(encoding)
    expect((encoding === 'gzip' ? gunzipSync(answer.body) : answer.body).toString()).toBe('udp://a.example:1\n')
  })

  it.each([
    '/',
    '/incidents',
    `/tracker/${entryOf('udp://a.example:1').id}`,
    '/lists/',
    '/lists/all.csv',
    '/api/live',
    '/api/v1/',
    '/api/v1/trackers',
    '/feed.atom',
    '/feed.json',
    `/badge/${entryOf('udp://a.example:1').id}/status.svg`,
  ])('vary with the encoding of %s alone, also for HEAD, for 304, and past the cache', async (path) => {
    const url = (await serving(appOver({ entries: [entryOf('udp://a.example:1')] }))) + path
    const readers = [{}, { Cookie: 'a=b' }].flatMap((who) =>
      [{}, { 'Accept-Encoding': 'gzip' }].map((accepted) => ({ ...who, ...accepted })),
    )
    for (const reader of readers) {
      for (const method of ['GET', 'HEAD']) {
        const first = await ask(url, { method, headers: reader })
        const asked = { ...reader, 'If-None-Match': String(first.headers.etag) }
        const again = await ask(url, { method, headers: asked })
        expect([first.status, again.status]).toEqual([200, 304])
        const said = [first, again].map(({ headers }) => [headers.vary, headers['cache-control']])
        expect(said).toEqual([0, 1].map(() => ['Accept-Encoding', first.headers['cache-control']]))
        expect(first.headers['cache-control']).toMatch(/^(?:no-cache|public, max-age=\d+)$/)
      }
    }
  })

  it('are the same from any site and for every Accept', async () => {
    const url = await serving(appOver({ entries: [entryOf('udp://a.example:1')] }))
    const readers = [
      {},
      { Origin: 'http://other.example' },
      { Accept: 'text/csv' },
      { Accept: 'application/x-ndjson' },
      { Accept: 'text/html,*/*;q=0.8' },
      { 'Accept-Language': 'de' },
    ]
    for (const path of ['/', '/lists/all.json', '/api/v1/summary', '/api/v1/nothing']) {
      const answers = await Promise.all(readers.map((headers) => ask(url + path, { headers: { ...headers } })))
      const [first] = answers.map(({ status, headers, body }) => {
        const { date, ...rest } = headers
        return { status, headers: rest, text: body.toString() }
      })
      for (const { status, headers, body } of answers) {
        const { date, ...rest } = headers
        expect({ status, headers: rest, text: body.toString() }).toEqual(first)
      }
    }
    const list = await ask(`${url}/lists/all.json`, { headers: { Origin: 'http://other.example' } })
    expect(list.headers['access-control-allow-origin']).toBe('*')
  })

  it('are 304 for a reader who has them, with the headers that guard a browser', async () => {
    const url = await serving(appOver({ entries: [entryOf('udp://a.example:1')] }))
    const first = await ask(`${url}/lists/all.txt`)
    const etag = String(first.headers.etag)
    for (const known of [etag, `"other", W/${etag}`, '*']) {
      const again = await ask(`${url}/lists/all.txt`, { headers: { 'If-None-Match': known } })
      expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, etag])
      expect(again.headers).toMatchObject({
        'access-control-allow-origin': '*',
        'x-content-type-options': 'nosniff',
        'content-security-policy': first.headers['content-security-policy'],
      })
      expect(again.headers['content-type']).toBeUndefined()
    }
    expect((await ask(`${url}/lists/all.txt`, { headers: { 'If-None-Match': '"other"' } })).status).toBe(200)
  })

  it('are made anew once something has changed', async () => {
    const { app } = counting()
    const cache = createResponseCache({ freshMs: 600_000 })
    const url = await serving(app, cache)
    await ask(url)
    cache.clear()
    expect((await ask(url)).body.toString()).toBe('answer 2')
  })

  it('are not kept where the app could not answer', async () => {
    const store = new Proxy({}, { get: () => () => Promise.reject(new Error('broken')) })
    const broken = appOver({ entries: [] }, { store: store as never })
    const url = await serving(broken)
    const answer = await ask(`${url}/lists/all.txt`)
    expect([answer.status, answer.headers['content-type']]).toEqual([500, 'text/plain; charset=utf-8'])
  })

  it('leave a Host that is none to the app', async () => {
    const { app } = counting()
    const url = await serving(app)
    expect((await ask(url, { headers: { Host: '[' } })).status).toBe(400)
  })
})
