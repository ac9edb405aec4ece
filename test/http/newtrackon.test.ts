import { describe, expect, it } from 'vitest'
import type { Membership } from '../../src/tracker/select.js'
import { entryOf, NOW, ok, probe, rules, timeout } from '../export/entries.js'
import { appOver } from './support.js'

const entries = [
  entryOf('udp://dual.example:1', { uptime: 0.999, probes: [probe(4), probe(6)] }),
  entryOf('udp://v4.example:1', { uptime: 0.98 }),
  entryOf('http://v6.example:80/announce', { uptime: 0.97, probes: [probe(6)] }),
  entryOf('https://young.example:443/announce', { uptime: 0.96, ageDays: 3 }),
  entryOf('udp://down.example:1', { status: 'down', outcome: timeout, uptime: 0.955, latencyMs: null }),
  entryOf('http://nodns.example:80/announce', { status: 'down', outcome: timeout, uptime: 0.4, probes: [] }),
  entryOf('ws://new.example:80/', { unchecked: true, uptime: null, latencyMs: null, ageDays: 0 }),
]
const app = appOver({ entries })

async function get(path: string, method = 'GET') {
  const response = await app.request(path, { method })
  return { response, status: response.status, text: await response.text() }
}

function hostsIn(text: string): string {
  expect(text).toMatch(/^(?:\S+\n\n)*$/)
  return [...text.matchAll(/:\/\/(\w+)/g)].map(([, host]) => host).join(' ')
}

describe("newTrackon's API", () => {
  it.each([
    ['stable', 'dual v4 v6 down'],
    ['stable?min_age_days=0', 'dual v4 v6 young down'],
    ['stable?min_age_days=3', 'dual v4 v6 young down'],
    ['stable?min_age_days=4', 'dual v4 v6 down'],
    ['stable?min_age_days=60', 'dual v4 v6 down'],
    ['stable?min_age_days=61', ''],
    ['live', 'dual v4 v6 young'],
    ['all', 'dual v4 v6 young down nodns new'],
    ['0', 'dual v4 v6 young down nodns new'],
    ['96', 'dual v4 v6 young'],
    ['96?min_age_days=10', 'dual v4 v6'],
    ['live?min_age_days=10', 'dual v4 v6'],
    ['095', 'dual v4 v6 young down'],
    ['100', ''],
    ['udp', 'dual v4 down'],
    ['http', 'v6 young'],
    ['http?min_age_days=10', 'v6'],
    ['all?include_ipv4_only_trackers=false', 'dual v6'],
    ['live?include_ipv4_only_trackers=0', 'dual v6'],
    ['90?include_ipv6_only_trackers=false', 'dual v4 young down'],
    ['udp?include_ipv4_only_trackers=0', 'dual'],
    ['http?include_ipv6_only_trackers=0', 'young'],
    ['stable?include_ipv6_only_trackers=false', 'dual v4 down'],
    ['all?include_ipv4_only_trackers=no', 'dual v4 v6 young down nodns new'],
    ['all?include_ipv4_only_trackers=', 'dual v4 v6 young down nodns new'],
    ['all?include_ipv6_only_trackers=0', 'dual v4 young down'],
    ['all?include_ipv4_only_trackers=0&include_ipv6_only_trackers=False', 'dual'],
    ['all?include_ipv4_only_trackers=true&something=else', 'dual v4 v6 young down nodns new'],
  ])('answers /api/%s with "%s", each URL followed by an empty line', async (path, hosts) => {
    const { status, text } = await get(`/api/${path}`)
    expect(status).toBe(200)
    expect(hostsIn(text)).toBe(hosts)
  })

  it.each(['stable', 'live', '95', '101', 'nonsense', 'best', 'all?min_age_days=x'])(
    'lets every site read /api/%s',
    async (path) => {
      const { response } = await get(`/api/${path}`)
      expect(response.headers.get('Access-Control-Allow-Origin')).toBe('*')
    },
  )

  it.each([
    ['stable', 200],
    ['live', 200],
    ['0', 200],
    ['101', 400],
    ['all?min_age_days=x', 400],
    ['nonsense', 404],
    ['95.5', 404],
    ['live?info_hash=x', 403],
    ['nonsense?info_hash', 403],
  ])('answers /api/%s in plain text with status %i, for every site to read', async (path, expected) => {
    const { status, response } = await get(`/api/${path}`)
    expect(status).toBe(expected)
    expect(response.headers.get('Content-Type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe('*')
  })

  it('has the thresholds of the stable list where the operator has others, and no memory of who was on it', async () => {
    const strict = { ...rules, stable: { ...rules.stable, minUptime: 0.97, minAgeMs: 0 } }
    const members: Membership = new Map([['stable', new Map([['https://young.example:443/announce', NOW]])]])
    const other = appOver({ entries, members }, { listRules: () => strict })
    const read = async (path: string) => hostsIn(await (await other.request(`/api/${path}`)).text())
    expect(await read('stable')).toBe('dual v4 v6')
    expect(await read('udp')).toBe('dual v4')
  })

  it('has trackers that make up peers nowhere but under all', async () => {
    const fake = entryOf('udp://fake.example:1', { outcome: { ...ok, flags: ['fake_peers'] } })
    const other = appOver({ entries: [fake] })
    for (const path of ['stable', 'live', 'udp', '95', '0']) {
      expect([path, await (await other.request(`/api/${path}`)).text()]).toEqual([path, ''])
    }
    expect(await (await other.request('/api/all')).text()).toBe('udp://fake.example:1\n\n')
  })

  it('writes IPv6 addresses in brackets and every port, the default ones too', async () => {
    const other = appOver({
      entries: [entryOf('http://[2001:db8::1]/announce'), entryOf('https://a.example/announce')],
    })
    const text = await (await other.request('/api/live')).text()
    expect(text).toBe('http://[2001:db8::1]:80/announce\n\nhttps://a.example:443/announce\n\n')
  })

  it('sends readers of best to stable for good, with their parameters', async () => {
    const plain = await get('/api/best')
    expect([plain.status, plain.response.headers.get('Location')]).toEqual([301, '/api/stable'])
    const { response } = await get('/api/best?min_age_days=0')
    expect(response.headers.get('Location')).toBe('/api/stable?min_age_days=0')
  })

  it.each(['101', '1000', '99999999999999999999999'])('refuses a percentage of %s in its words', async (percentage) => {
    const { status, text } = await get(`/api/${percentage}`)
    expect({ status, text }).toEqual({ status: 400, text: 'The percentage has to be between 0 an 100' })
  })

  it.each(['95.5', '-1', 'x', '', 'v2', 'stable/'])('does not know /api/%s', async (path) => {
    expect((await get(`/api/${path}`)).status).toBe(404)
  })

  it.each(['-1', '1.5', '', 'x'])('refuses a least age of "%s" with the reason', async (age) => {
    const { status, text } = await get(`/api/all?min_age_days=${age}`)
    expect({ status, text }).toEqual({
      status: 400,
      text: `parameter "min_age_days" is "${age}", expected a whole number of days, 0 or more`,
    })
  })

  it('answers 304 to a reader that has the list already', async () => {
    const { response } = await get('/api/live')
    const headers = { 'If-None-Match': response.headers.get('ETag') ?? '' }
    const again = await app.request('/api/live', { headers })
    expect(again.status).toBe(304)
    expect(again.headers.get('Access-Control-Allow-Origin')).toBe('*')
  })

  it('refuses to be taken for a tracker', async () => {
    const { status, response } = await get('/api/stable?info_hash=%124Vx%9A%BC%DE%F1%23Eg%89%AB%CD%EF%124Vx%9A')
    expect(status).toBe(403)
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe('*')
  })
})
