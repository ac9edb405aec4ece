import { describe, expect, it } from 'vitest'
import { problemSchema } from '../../../src/http/api/v1/problem.js'
import { entryOf } from '../../export/entries.js'
import { appOver, connectionFrom } from '../support.js'

const entry = entryOf('udp://a.example:6969/announce')
const app = appOver({ entries: [entry] })

async function problemAt(path: string, init: RequestInit = {}, over = app) {
  const answer = await over.request(path, init, connectionFrom('192.0.2.1'))
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
  expect(answer.headers.get('Cache-Control')).toBe('no-store')
  expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
  const problem = problemSchema.parse(await answer.json())
  expect(problem.status).toBe(answer.status)
  return { problem, headers: answer.headers }
}

describe('a problem of the API', () => {
  it('names every parameter that is wrong, its value and what was expected', async () => {
    const { problem } = await problemAt('/api/v1/trackers?limit=0&status=up,dwon&Sort=name&limit=5&family=5&q=')
    expect(problem).toMatchObject({ type: '/api/v1/#invalid-request', title: 'The request is not valid', status: 400 })
    const details = Object.fromEntries((problem.errors ?? []).map(({ parameter, detail }) => [parameter, detail]))
    expect(Object.keys(details).toSorted()).toEqual(['Sort', 'family', 'limit', 'q', 'status'])
    expect(details.limit).toBe('parameter "limit" is given twice, expected once')
    expect(details.status).toMatch(/^parameter "status" is "up,dwon", expected one or several of pending, up, /)
    expect(details.Sort).toMatch(/^unknown parameter "Sort", expected q, status, scheme, /)
    expect(details.family).toBe('parameter "family" is "5", expected one of 4, 6')
    expect(details.q).toBe('parameter "q" is "", expected text of 1 to 200 characters')
    expect(problem.detail).toBe((problem.errors ?? []).map(({ detail }) => detail).join('; '))
  })

  it.each([
    ['/trackers?limit=1001', 'parameter "limit" is "1001", expected a whole number from 1 to 1000'],
    ['/trackers?limit=1e2', 'parameter "limit" is "1e2", expected a whole number from 1 to 1000'],
    ['/summary?x=1', 'unknown parameter "x", none is expected'],
    ['/lists/alive?min_uptime=2', 'parameter "min_uptime" is "2", expected a number from 0 to 1 such as 0.95'],
    ['/lists/alive?limit=0&order=x', /^parameter "limit" is "0", .*; parameter "order" is "x", expected one of uptime/],
    [
      '/incidents?from=2026-02-30',
      /^parameter "from" is "2026-02-30", expected a date such as 2026-11-22, or a moment/,
    ],
    ['/incidents?from=2026-11-22T10:00', /^parameter "from" is "2026-11-22T10:00", expected a date/],
    ['/incidents?from=2026-11-22&to=2026-11-21', /^parameter "from" is .*, expected a moment before "to", 2026-11-21T/],
    ['/incidents?from=2030-01-01', /^parameter "from" is .*, expected a moment before now/],
    ['/incidents?to=1960-01-01', /^parameter "to" is "1960-.*, expected a moment after 1970-01-01T00:00:00.000Z$/],
    ['/incidents?from=2026-11-21T24:00:00Z', /^parameter "from" is "2026-11-21T24:00:00Z", expected a date/],
    [
      `/trackers/${entry.id}/history?from=2030-01-01`,
      /^parameter "from" is "2030-01-01T.*, expected a moment before now, 2026-/,
    ],
    [
      `/trackers/${entry.id}/history?from=2026-11-22&to=2026-11-21`,
      /^parameter "from" is .*, expected a moment before "to", 2026-11-21T/,
    ],
    [
      `/trackers/${entry.id}/history?from=1970-01-01`,
      'parameter "from" is "1970-01-01T00:00:00.000Z", expected at most 20 years before now, which is as long as a window of days may be',
    ],
    [
      `/trackers/${entry.id}/history?from=1970-01-01&to=2026-01-01`,
      /^parameter "from" is .*, expected at most 20 years before "to", /,
    ],
    [
      `/trackers/${entry.id}/history?from=1970-01-01&unit=day`,
      /^parameter "unit" is "day", .* at most 20 years with it/,
    ],
    [`/trackers/${entry.id}/history?window=7d&from=2026-01-01`, /^parameter "window" .* either "window" or "from"/],
    [`/trackers/${entry.id}/history?unit=hour&window=1y`, /^parameter "unit" is "hour", .* at most 92 days/],
    ['/export/checks.csv?tracker=abc', /^parameter "tracker" is "abc", expected 1 to 100 ids/],
    ['/export/checks.csv?tracker=0123456789ab', 'parameter "tracker" is "0123456789ab", expected ids of trackers'],
  ])('says what is wrong with %s', async (path, detail) => {
    const { problem } = await problemAt(`/api/v1${path}`)
    expect(problem.status).toBe(400)
    if (typeof detail === 'string') expect(problem.detail).toBe(detail)
    else expect(problem.detail).toMatch(detail)
  })

  it.each([
    ['/api/v1/trackers/0123456789ab', 'no tracker has the id "0123456789ab"'],
    ['/api/v1/trackers/0123456789ab/checks', 'no tracker has the id "0123456789ab"'],
    ['/api/v1/trackers/udp%3A%2F%2Fa.example%3A6969%2Fannounce', 'there is no id "udp://a.example:6969/announce"'],
    ['/api/v1/lists/dead', 'there is no list "dead"'],
    ['/api/v1/export/all.csv', 'there is no file "all.csv"'],
    ['/api/v1/nothing', 'nothing is served at this address'],
    ['/api/v1/trackers/', 'nothing is served at this address'],
  ])('is a 404 for %s', async (path, detail) => {
    const { problem } = await problemAt(path)
    expect(problem).toMatchObject({ type: '/api/v1/#not-found', status: 404, detail })
  })

  it('is a 405 for a method that is not there, with those that are', async () => {
    for (const method of ['POST', 'DELETE', 'PUT']) {
      const { problem, headers } = await problemAt('/api/v1/trackers', { method })
      expect(problem).toMatchObject({ type: '/api/v1/#method-not-allowed', status: 405 })
      expect(headers.get('Allow')).toBe('GET, HEAD')
    }
  })

  it('is a 500 without what went wrong inside, which the log has', async () => {
    const logged: unknown[] = []
    const log = { error: (fields: object) => logged.push(fields) }
    const status = () => {
      throw new Error('the secret inside')
    }
    const { problem } = await problemAt('/api/v1/summary', {}, appOver({ entries: [] }, { status, log }))
    expect(problem).toMatchObject({ type: '/api/v1/#internal', status: 500 })
    expect(JSON.stringify(problem)).not.toContain('secret')
    expect(logged).toMatchObject([{ err: new Error('the secret inside'), path: '/api/v1/summary' }])
  })

  it('is one too where the request is refused before it comes to a route', async () => {
    const { problem } = await problemAt('/api/v1/trackers?info_hash=x')
    expect(problem).toMatchObject({ type: '/api/v1/#forbidden', status: 403 })
    const own = appOver({ entries: [] })
    let last = await own.request('/api/v1/export/days.csv', {}, connectionFrom('192.0.2.9'))
    for (let asked = 0; asked < 30 && last.ok; asked++) {
      await last.text()
      last = await own.request('/api/v1/export/days.csv', {}, connectionFrom('192.0.2.9'))
    }
    expect(last.status).toBe(429)
    expect(Number(last.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect(problemSchema.parse(await last.json())).toMatchObject({ type: '/api/v1/#too-many-requests' })
  })
})

describe('an answer of the API', () => {
  it('has an ETag, and is 304 without a body for it', async () => {
    const first = await app.request('/api/v1/trackers')
    const tag = first.headers.get('ETag') ?? ''
    expect(tag).not.toBe('')
    expect(first.headers.get('Cache-Control')).toBe('public, max-age=10')
    const again = await app.request('/api/v1/trackers', { headers: { 'If-None-Match': tag } })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
    expect(again.headers.get('Access-Control-Allow-Origin')).toBe('*')
    const changed = appOver({ entries: [] })
    expect((await changed.request('/api/v1/trackers', { headers: { 'If-None-Match': tag } })).status).toBe(200)
  })

  it('is the same for HEAD, without a body', async () => {
    const head = await app.request('/api/v1/trackers', { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect(head.headers.get('Content-Type')).toBe('application/json')
    expect(await head.text()).toBe('')
  })

  it('may be read by every site, which may ask first', async () => {
    const headers = { Origin: 'https://other.example', 'Access-Control-Request-Method': 'GET' }
    const preflight = await app.request('/api/v1/trackers', { method: 'OPTIONS', headers })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(preflight.headers.get('Access-Control-Allow-Methods')).toBe('GET, HEAD')
    const answer = await app.request('/api/v1/trackers?limit=1', { headers })
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(answer.headers.get('Access-Control-Expose-Headers')).toBe('ETag, Link, Retry-After')
  })
})
