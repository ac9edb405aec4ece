import { describe, expect, it } from 'vitest'
import type { Membership } from '../../src/tracker/select.js'
import { entryOf, NOW, probe, rules, timeout } from '../export/entries.js'
import { appOver } from './support.js'

const app = appOver({
  entries: [
    entryOf('udp://a.example:1', { probes: [probe(4), probe(6)] }),
    entryOf('https://b.example/announce', { uptime: 0.96, latencyMs: 300 }),
    entryOf('udp://young.example:1', { ageDays: 2 }),
    entryOf('udp://down.example:1', { status: 'down', outcome: timeout, uptime: 0.5, latencyMs: null }),
    entryOf('http://private.example/0123456789abcdef0123456789abcdef/announce'),
  ],
})

async function get(path: string, headers: Record<string, string> = {}) {
  const response = await app.request(path, { headers })
  return { response, status: response.status, text: await response.text() }
}

describe('GET /lists/<list><extension>', () => {
  it.each([
    ['alive.txt', 'udp://a.example:1\nudp://young.example:1\nhttps://b.example:443/announce\n'],
    ['stable.blank.txt', 'udp://a.example:1\n\nhttps://b.example:443/announce\n\n'],
    ['udp.aria2', 'udp://a.example:1,udp://young.example:1'],
    ['https.json', '[\n  "https://b.example:443/announce"\n]\n'],
    ['ws.txt', ''],
    ['all.txt?limit=1', 'udp://a.example:1\n'],
    ['all.txt?scheme=https,ws', 'https://b.example:443/announce\n'],
    ['all.txt?max_latency_ms=300.0&scheme=https', 'https://b.example:443/announce\n'],
    ['alive.txt?min_uptime=0.97&window=7d&min_age_days=3', 'udp://a.example:1\n'],
    ['alive.txt?family=6&order=latency', 'udp://a.example:1\n'],
  ])('answers %s', async (path, expected) => {
    const { status, text } = await get(`/lists/${path}`)
    expect({ status, text }).toEqual({ status: 200, text: expected })
  })

  it.each([
    ['txt', 'text/plain; charset=utf-8'],
    ['aria2', 'text/plain; charset=utf-8'],
    ['json', 'application/json'],
    ['csv', 'text/csv; charset=utf-8; header=present'],
  ])('names the type of .%s, lets any site read it, and lets it be cached', async (extension, type) => {
    const { response } = await get(`/lists/alive.${extension}`)
    expect(response.headers.get('Content-Type')).toBe(type)
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(response.headers.get('Cache-Control')).toBe('public, max-age=60')
  })

  it('has for stable and best who is on them, but by its own rule for a reader with a threshold of his own', async () => {
    const entries = [
      entryOf('udp://new.example:1'),
      entryOf('udp://worse.example:1', { uptime: 0.945 }),
      entryOf('http://blink.example:1', { status: 'down', outcome: timeout, uptime: 0.96 }),
      entryOf('udp://top.example:1', { uptime: 0.9999 }),
    ]
    const on = (...names: string[]) => new Map(names.map((name) => [name, NOW]))
    const members: Membership = new Map([
      ['stable', on('udp://worse.example:1', 'http://blink.example:1/')],
      ['best', on('udp://worse.example:1', 'udp://top.example:1')],
    ])
    const other = appOver({ entries, members }, { listRules: () => ({ ...rules, best: { limit: 2 } }) })
    const read = async (path: string) => {
      const text = await (await other.request(`/lists/${path}`)).text()
      return [...text.matchAll(/:\/\/(\w+)/g)].map(([, name]) => name).join(' ')
    }
    expect(await read('stable.txt')).toBe('blink worse')
    expect(await read('stable.txt?scheme=udp&order=latency&limit=1')).toBe('worse')
    expect(await read('stable.txt?min_uptime=0.95')).toBe('new top')
    expect(await read('stable.txt?window=7d')).toBe('new top')
    expect(await read('stable.txt?min_age_days=1')).toBe('new top')
    expect(await read('best.txt')).toBe('top worse')
    expect(await read('best.txt?scheme=udp')).toBe('top worse')
    expect(await read('best.txt?scheme=http')).toBe('')
    expect(await read('best.txt?min_age_days=1')).toBe('new top')
    expect(await read('alive.txt')).toBe('new top worse')
  })

  it('has one entry of two URLs that differ in spelling alone, the port written and IPv6 in brackets', async () => {
    const spellings = ['http://a.example/announce', 'HTTP://A.example:80/announce', 'http://[2001:DB8:0::1]/announce']
    const other = appOver({ entries: spellings.map((url) => entryOf(url)) })
    const text = await (await other.request('/lists/alive.txt')).text()
    expect(text).toBe('http://[2001:db8::1]:80/announce\nhttp://a.example:80/announce\n')
  })

  it('never shows a passkey, masked or not', async () => {
    for (const extension of ['txt', 'blank.txt', 'aria2', 'json', 'csv']) {
      expect((await get(`/lists/all.${extension}`)).text).not.toContain('private.example')
    }
  })

  it('answers 304 without a body to a reader that has the list already', async () => {
    const { response } = await get('/lists/alive.txt')
    const again = await get('/lists/alive.txt', { 'If-None-Match': response.headers.get('ETag') ?? '' })
    expect({ status: again.status, text: again.text }).toEqual({ status: 304, text: '' })
    expect(again.response.headers.get('Access-Control-Allow-Origin')).toBe('*')
    const other = await get('/lists/udp.txt', { 'If-None-Match': response.headers.get('ETag') ?? '' })
    expect(other.status).toBe(200)
  })

  it('answers HEAD like GET, without the body', async () => {
    const response = await app.request('/lists/alive.txt', { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(response.headers.get('Content-Type')).toBe('text/plain; charset=utf-8')
    expect(await response.text()).toBe('')
  })

  it('is compressed for a reader that takes gzip, under an ETag that still leads to 304', async () => {
    const { response } = await get('/lists/alive.txt', { 'Accept-Encoding': 'gzip' })
    expect(response.headers.get('Content-Encoding')).toBe('gzip')
    const etag = response.headers.get('ETag') ?? ''
    expect((await get('/lists/alive.txt', { 'Accept-Encoding': 'gzip', 'If-None-Match': etag })).status).toBe(304)
  })

  it.each([
    ['min_uptime=95', 'parameter "min_uptime" is "95", expected a number from 0 to 1 such as 0.95'],
    ['min_uptime=', 'parameter "min_uptime" is "", expected a number from 0 to 1 such as 0.95'],
    ['min_uptime=1e-3', 'parameter "min_uptime" is "1e-3", expected a number from 0 to 1 such as 0.95'],
    ['window=1d', 'parameter "window" is "1d", expected one of 24h, 7d, 30d, 90d, 1y'],
    ['window=toString', 'parameter "window" is "toString", expected one of 24h, 7d, 30d, 90d, 1y'],
    ['min_age_days=-1', 'parameter "min_age_days" is "-1", expected a number of days from 0 to 36500'],
    ['max_latency_ms=fast', 'parameter "max_latency_ms" is "fast", expected a number of milliseconds from 0 to 600000'],
    ['family=5', 'parameter "family" is "5", expected 4 or 6'],
    ['limit=0', 'parameter "limit" is "0", expected a whole number from 1 to 100000'],
    ['limit=1.5', 'parameter "limit" is "1.5", expected a whole number from 1 to 100000'],
    ['order=random', 'parameter "order" is "random", expected one of uptime, latency, shuffle'],
    [
      'scheme=udp,ftp',
      'parameter "scheme" is "udp,ftp", expected one or several of udp, http, https, ws, wss, separated by commas',
    ],
    ['limit=1&limit=2', 'parameter "limit" is given twice, expected once'],
    [
      '__proto__=1',
      'unknown parameter "__proto__", expected scheme, min_uptime, window, min_age_days, max_latency_ms, family, limit, order',
    ],
  ])('refuses ?%s with one sentence', async (query, sentence) => {
    const { status, text, response } = await get(`/lists/alive.txt?${query}`)
    expect({ status, text }).toEqual({ status: 400, text: `${sentence}\n` })
    expect(response.headers.get('Content-Type')).toBe('text/plain; charset=utf-8')
  })

  it('cuts what it repeats of a very long value', async () => {
    const { text } = await get(`/lists/alive.txt?order=${'x'.repeat(5000)}`)
    expect(text.length).toBeLessThan(200)
  })

  it.each([
    ['/lists/dead.txt', 'no list "dead", expected one of alive, stable, best, all, udp, http, https, ws'],
    ['/lists/toString.txt', 'no list "toString", expected one of alive, stable, best, all, udp, http, https, ws'],
    [
      '/lists/alive.xml',
      'no list file "alive.xml", expected one of alive.txt, alive.blank.txt, alive.aria2, alive.json, alive.csv',
    ],
    [
      '/lists/alive',
      'no list file "alive", expected one of alive.txt, alive.blank.txt, alive.aria2, alive.json, alive.csv',
    ],
    ['/lists/a/b.txt', 'nothing is served at this address'],
  ])('answers 404 for %s and names what there is', async (path, sentence) => {
    const { status, text } = await get(path)
    expect({ status, text }).toEqual({ status: 404, text: `${sentence}\n` })
  })

  it('shows an index with the definition of every list', async () => {
    const { status, text } = await get('/lists/')
    expect(status).toBe(200)
    expect(text).toContain('href="/lists/best.blank.txt"')
    expect(text).toContain('up at least 95.0 %')
    const moved = await get('/lists')
    expect([moved.status, moved.response.headers.get('Location')]).toEqual([301, '/lists/'])
  })
})
