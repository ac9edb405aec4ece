import { describe, expect, it } from 'vitest'
import { permanentId } from '../../../src/http/feeds/feed.js'
import type { ListChange } from '../../../src/tracker/membership.js'
import { trackerId } from '../../../src/tracker/state.js'
import { ago } from '../../export/entries.js'
import { appOver } from '../support.js'

const url = 'udp://a.example:1/announce'
const secret = 'http://private.example:80/0123456789abcdef0123456789abcdef/announce'
const change = (minutes: number, more: Partial<ListChange> = {}): ListChange => ({
  list: 'stable',
  url,
  at: ago(minutes * 60_000),
  entered: true,
  reason: 'qualified',
  uptime: 0.9612,
  ...more,
})
const listChanges = [
  change(1, { entered: false, reason: 'uptime', uptime: 0.9391 }),
  change(2, { list: 'best', reason: 'rank' }),
  change(3, { url: secret, entered: false, reason: 'unwatched', uptime: null }),
  change(4),
]
const app = appOver({ entries: [], listChanges })

async function get(path: string) {
  const response = await app.request(`http://trackers.example${path}`)
  return { response, status: response.status, text: await response.text() }
}

describe('GET /lists/<list>/changes.json', () => {
  it('tells what entered and left, newest first, and why', async () => {
    const { response, text } = await get('/lists/stable/changes.json')
    expect(response.headers.get('Content-Type')).toBe('application/json')
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe('*')
    const { list, changes } = JSON.parse(text)
    expect(list).toBe('stable')
    expect(changes).toEqual([
      {
        at: '2026-11-22T09:59:00.000Z',
        entered: false,
        tracker: trackerId(url),
        url,
        reason: 'uptime',
        because: 'Its uptime fell to 93.9 %',
        uptime: 0.9391,
      },
      expect.objectContaining({ reason: 'unwatched', url: 'http://private.example:80/***/announce', uptime: null }),
      expect.objectContaining({ entered: true, because: 'It meets every rule, with an uptime of 96.1 %' }),
    ])
  })

  it('is an empty list where nothing has entered yet', async () => {
    expect(JSON.parse((await get('/lists/ws/changes.json')).text)).toEqual({ list: 'ws', changes: [] })
  })

  it('has as many as are asked for', async () => {
    expect(JSON.parse((await get('/lists/stable/changes.json?limit=1')).text).changes).toHaveLength(1)
  })

  it.each(['limit=0', 'limit=1001', 'limit=x', 'limit=', 'limit=1&limit=2', 'day=1'])('refuses ?%s', async (query) => {
    expect(await get(`/lists/stable/changes.json?${query}`)).toMatchObject({
      status: 400,
      text: `query ${JSON.stringify(query)}, expected at most limit, a whole number from 1 to 1000\n`,
    })
  })

  it('does not know other lists', async () => {
    expect((await get('/lists/dead/changes.json')).text).toBe(
      'no list "dead", expected one of alive, stable, best, all, udp, http, https, ws\n',
    )
    expect((await get('/lists/toString/changes.atom')).status).toBe(404)
  })
})

describe('GET /lists/<list>/changes.atom', () => {
  it('has an entry with a permanent id for each', async () => {
    const { response, text } = await get('/lists/stable/changes.atom')
    expect(response.headers.get('Content-Type')).toBe('application/atom+xml; charset=utf-8')
    expect(text).toContain(`<id>${permanentId('list', 'stable')}</id>`)
    expect(text).toContain(
      '<link rel="self" type="application/atom+xml" href="http://trackers.example/lists/stable/changes.atom"/>',
    )
    expect(text).toContain(`<id>${permanentId('list', 'stable', trackerId(url), String(ago(60_000).getTime()))}</id>`)
    expect(text).toContain(`<title>${url} left stable</title>`)
    expect(text).toContain('<summary>Its uptime fell to 93.9 %.</summary>')
    expect(text).toContain(`href="http://trackers.example/tracker/${trackerId(url)}"`)
    expect(text).not.toContain('0123456789abcdef0123456789abcdef')
    const ids = [...text.matchAll(/<id>(.*?)<\/id>/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(4)
  })
})
