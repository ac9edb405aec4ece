import { describe, expect, it } from 'vitest'
import type { AppDeps } from '../../src/http/deps.js'
import { entryOf } from '../export/entries.js'
import { appOver, connectionFrom } from './support.js'

const entries = [entryOf('udp://a.example:1')]
const app = appOver({ entries })

const paths = [
  '/',
  '/tracker/none',
  '/lists/',
  '/lists/all.txt',
  '/metrics',
  '/-/healthy',
  '/favicon.svg',
  '/nothing',
  '/feed.atom',
  '/events',
  '/submit',
  '/badge/x/status.svg',
]

const here = connectionFrom('127.0.0.1')

describe('the app', () => {
  it.each(paths)('answers %s with the headers that keep a browser safe', async (path) => {
    const { headers } = await app.request(path)
    expect(headers.get('Content-Security-Policy')).toMatch(/^default-src 'none'; script-src 'self';/)
    expect(headers.get('Content-Security-Policy')).not.toContain('unsafe')
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(headers.get('X-Frame-Options')).toBe('DENY')
    expect(headers.get('Referrer-Policy')).toBe('same-origin')
  })

  it.each(['/?info_hash=x', '/announce?port=1&info_hash=%ff%fe', '/lists/all.txt?info_hash', '/metrics?info_hash='])(
    'refuses the announce %s',
    async (path) => {
      const response = await app.request(path)
      expect([response.status, await response.text()]).toEqual([403, 'this is a monitor of trackers, not a tracker\n'])
    },
  )

  it('does not take another parameter for an announce', async () => {
    expect((await app.request('/?my_info_hash=x')).status).toBe(200)
  })

  it('serves the metrics with the content type of their renderer', async () => {
    const response = await app.request('/metrics')
    expect(response.headers.get('Content-Type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(await response.text()).toBe('trackerwatch_up 1\n')
  })

  it('serves its stylesheet under a name that may be cached for ever', async () => {
    const page = await (await app.request('/')).text()
    const [, path = ''] = /<link rel="stylesheet" href="([^"]+)"/.exec(page) ?? []
    const response = await app.request(path)
    expect(path).toMatch(/^\/assets\/[0-9a-f]{10}\/style\.css$/)
    expect(response.headers.get('Content-Type')).toBe('text/css; charset=utf-8')
    expect(response.headers.get('Cache-Control')).toContain('immutable')
  })

  it.each([
    ['/-/reload', 'GET', 'POST'],
    ['/', 'POST', 'GET, HEAD'],
    ['/lists/all.txt', 'DELETE', 'GET, HEAD'],
  ])('answers 405 for %s by %s and names the method', async (path, method, allow) => {
    const response = await app.request(path, { method })
    expect([response.status, response.headers.get('Allow')]).toEqual([405, allow])
    expect(await response.text()).toBe(`method ${method} is not possible here, expected ${allow}\n`)
  })

  it('answers 404 with a page to a browser’s address and with a line to a program’s', async () => {
    const page = await app.request('/nothing')
    expect([page.status, page.headers.get('Content-Type')]).toEqual([404, 'text/html; charset=UTF-8'])
    const line = await app.request('/api/nothing')
    expect([line.status, await line.text()]).toEqual([404, 'nothing is served at this address\n'])
  })
})

describe('when a dependency fails', () => {
  const failure = new Error('disk I/O error at /secret/place')
  const reject = () => Promise.reject(failure)

  it.each(['/', '/lists/', '/lists/all.txt', '/api/stable', '/tracker/0123456789ab', '/metrics'])(
    'answers %s with 500, tells the log why and the reader nothing',
    async (path) => {
      const logged: unknown[] = []
      const store = new Proxy({} as AppDeps['store'], { get: () => reject })
      const log = { error: (...line: unknown[]) => logged.push(line) }
      const broken = appOver({ entries }, { store, renderMetrics: reject, log })
      const response = await broken.request(path)
      const text = await response.text()
      expect([response.status, text]).toEqual([500, 'trackerwatch could not answer this request; its log says why\n'])
      expect(response.headers.get('Content-Type')).toBe('text/plain; charset=utf-8')
      expect(response.headers.get('Cache-Control')).toBeNull()
      expect(logged).toEqual([[{ err: failure, method: 'GET', path }, 'request failed']])
    },
  )
})

describe('the operator’s routes', () => {
  it('say that the process lives', async () => {
    expect(await (await app.request('/-/healthy')).text()).toBe('ok\n')
  })

  it.each([
    [true, 200],
    [false, 503],
  ])('say whether it is ready: %s', async (ready, status) => {
    const response = await appOver({ entries }, { ready: () => ({ ready, detail: 'the store is open' }) }).request(
      '/-/ready',
    )
    expect([response.status, await response.text()]).toEqual([status, 'the store is open\n'])
  })

  it('reload, and list every problem where that fails', async () => {
    const reloaded = await app.request('/-/reload', { method: 'POST' }, here)
    expect([reloaded.status, await reloaded.text()]).toEqual([200, 'configuration reloaded\n'])
    const problems = ['a.yaml:1:1: x: unknown key', 'a.yaml:2:1: y: unknown key']
    const failing = appOver({ entries }, { reload: async () => ({ ok: false, problems }) })
    const response = await failing.request('/-/reload', { method: 'POST' }, here)
    expect(response.status).toBe(500)
    expect(await response.text()).toContain(problems.join('\n'))
  })

  it.each<[Record<string, string>, number]>([
    [{}, 200],
    [{ 'Sec-Fetch-Site': 'same-origin', Origin: 'http://localhost' }, 200],
    [{ 'Sec-Fetch-Site': 'none' }, 200],
    [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
    [{ 'Sec-Fetch-Site': 'same-site' }, 403],
    [{ Origin: 'https://evil.example' }, 403],
    [{ Origin: 'http://localhost:81' }, 403],
    [{ Origin: 'null' }, 403],
  ])('reload on a POST with %j: %i', async (headers, status) => {
    let reloads = 0
    const reload = async () => {
      reloads += 1
      return { ok: true } as const
    }
    const response = await appOver({ entries }, { reload }).request('/-/reload', { method: 'POST', headers }, here)
    expect([response.status, reloads]).toEqual([status, status === 200 ? 1 : 0])
  })

  it.each([
    ['http://127.0.0.1:10069', '127.0.0.1', 200],
    ['http://[::1]:10069', '::1', 200],
    ['http://localhost:10069', '::ffff:127.0.0.1', 200],
    ['http://192.0.2.1:10069', '127.0.0.1', 200],
    ['http://127.0.0.1:10069', '192.0.2.9', 403],
    ['http://127.0.0.1:10069', '2001:db8::1', 403],
    // A name that somebody has pointed at this machine (DNS rebinding): the page that asks is of the same site.
    ['http://rebound.example:10069', '127.0.0.1', 403],
    ['http://127.0.0.1.rebound.example:10069', '127.0.0.1', 403],
  ])('reload without a token at %s for %s: %i', async (site, address, status) => {
    const call = { method: 'POST', headers: { Origin: site, Host: new URL(site).host } }
    const response = await app.request(`${site}/-/reload`, call, connectionFrom(address))
    expect(response.status).toBe(status)
  })

  it('do not reload for a request whose sender is not known', async () => {
    expect((await app.request('/-/reload', { method: 'POST' })).status).toBe(403)
  })

  it.each([
    ['Bearer operator-0123456789', 200],
    ['Bearer operator-012345678', 401],
    ['Bearer ', 401],
    [null, 401],
  ])('reload where there is a token with %j alone: %i, wherever it comes from', async (authorization, status) => {
    const guarded = appOver({ entries }, { token: () => 'operator-0123456789' })
    const headers: Record<string, string> = authorization === null ? {} : { Authorization: authorization }
    for (const address of ['127.0.0.1', '192.0.2.9']) {
      const response = await guarded.request('/-/reload', { method: 'POST', headers }, connectionFrom(address))
      expect(response.status).toBe(status)
      expect(response.headers.get('WWW-Authenticate')).toBe(status === 401 ? 'Bearer realm="trackerwatch"' : null)
    }
  })
})
