import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../../src/store/store.js'
import { lists } from '../../../src/tracker/select.js'
import { apiOver, filledStore, HOSTILE, idOf, MASKED_URL, PASSKEY, privateId, schemasOf } from './support.js'

let store: Store

beforeAll(async () => {
  store = await filledStore()
})

afterAll(() => store.close())

/** Answers of every operation, of every kind of tracker. */
function pathsOf(): Readonly<Record<string, readonly string[]>> {
  const ids = [idOf('a'), idOf('b'), idOf('c'), idOf('new'), privateId]
  const ofEach = (rest: string) => ids.map((id) => `/trackers/${id}${rest}`)
  return {
    getSummary: ['/summary'],
    listTrackers: ['/trackers', '/trackers?fields=url,uptime', '/trackers?limit=2'],
    getTracker: ofEach(''),
    getHistory: [...ofEach('/history?window=7d'), ...ofEach('/history?window=7d&unit=day')],
    listChecks: ofEach('/checks?limit=1000'),
    listStatusChanges: ofEach('/changes?limit=1000'),
    listTrackerIncidents: ofEach('/incidents?limit=1000'),
    listIncidents: ['/incidents', '/incidents?limit=2'],
    listLists: ['/lists'],
    getList: ['/lists/all', '/lists/alive?limit=1'],
  }
}

describe('the answers of the API', () => {
  it('are exactly what the schemas of the document say, each operation of it', async () => {
    const { api, get } = apiOver(store)
    const paths = pathsOf()
    const schemas = schemasOf(api)
    expect([...schemas.keys()].toSorted()).toEqual(Object.keys(paths).toSorted())
    for (const [operation, schema] of schemas) {
      for (const path of paths[operation] ?? []) {
        const { status, body } = await get(path)
        expect({ path, status }).toEqual({ path, status: 200 })
        expect({ path, error: schema.safeParse(body).error?.issues }).toEqual({ path, error: undefined })
      }
    }
  })

  it('are not empty in the tests above', async () => {
    const { get } = apiOver(store)
    for (const path of ['/checks', '/changes', '/incidents']) {
      for (const id of [idOf('a'), privateId]) {
        expect((await get(`/trackers/${id}${path}`)).body.items.length, path).toBeGreaterThan(0)
      }
    }
    expect((await get(`/trackers/${idOf('a')}/history?window=7d`)).body.items.length).toBeGreaterThan(20)
    expect((await get(`/trackers/${privateId}`)).body.lastCheck.probes).toHaveLength(2)
  })

  it('never tell a passkey, neither in URLs nor in what a tracker says', async () => {
    const { api, get } = apiOver(store)
    for (const path of Object.values(pathsOf()).flat()) {
      expect(await (await api.request(`/api/v1${path}`)).text(), path).not.toContain(PASSKEY)
    }
    const { body } = await get(`/trackers/${privateId}`)
    expect(body).toMatchObject({ url: MASKED_URL, message: `${HOSTILE} ${MASKED_URL}`, group: HOSTILE })
  })

  it('tell a tracker as check --json does, with durations in ms', async () => {
    const { get } = apiOver(store)
    const { body } = await get(`/trackers/${idOf('c')}`)
    expect(body).toMatchObject({
      id: idOf('c'),
      url: 'udp://c.example:6969/announce',
      status: 'up',
      alive: true,
      outcome: 'ok',
      reason: null,
      code: null,
      uptime: { '24h': 1 },
      latencyMs: 41.25,
      families: [4],
      intervalMs: 1_800_000,
      minIntervalMs: null,
      archivedAt: null,
      lastCheck: { probes: [{ family: 4, address: '192.0.2.7', outcome: 'ok', phases: { resolve: 3.125 }, peers: 1 }] },
      addresses: [{ address: '192.0.2.7', family: 4 }],
    })
    expect(body.related.map(({ id }) => id).toSorted()).toEqual([idOf('a'), idOf('b'), privateId].toSorted())
  })

  it('count in the summary every tracker once, and name every status and scheme', async () => {
    const { body } = await apiOver(store).get('/summary')
    expect(body).toMatchObject({
      trackers: 5,
      version: '1.2.3',
      blind: ['no IPv6'],
      byScheme: { udp: 4, https: 1, ws: 0 },
    })
    expect(body.byStatus).toMatchObject({ up: 2, down: 1, pending: 1, rejecting: 1, paused: 0 })
    expect(body.lists.all).toBe(4)
  })

  it('find a tracker that is watched no more, and one that was never checked', async () => {
    const { get } = apiOver(store)
    expect((await get(`/trackers/${idOf('new')}`)).body).toMatchObject({
      status: 'pending',
      since: null,
      lastCheck: null,
    })
    expect((await get(`/trackers/${idOf('new')}/history`)).body).toMatchObject({ total: null, items: [] })
    expect((await get(`/trackers/${idOf('new')}/checks`)).body).toEqual({ items: [], next: null })
  })

  it('give the trackers of a list as the list itself, filters and order included', async () => {
    const { get } = apiOver(store)
    const urls = async (path: string) => (await get(path)).body.items.map(({ url }) => url)
    expect(await urls('/lists/alive')).toEqual(['udp://c.example:6969/announce', 'udp://a.example:6969/announce'])
    expect(await urls('/lists/alive?min_uptime=0.9')).toEqual(['udp://c.example:6969/announce'])
    expect(await urls('/lists/all?scheme=https')).toEqual([])
    expect((await get('/lists')).body.items).toContainEqual({
      list: 'alive',
      title: lists.alive.title,
      trackers: 2,
      href: '/api/v1/lists/alive',
    })
  })
})
