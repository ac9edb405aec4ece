import { describe, expect, it } from 'vitest'
import { entryOf as entry } from '../export/entries.js'
import { appOver } from './support.js'

const secret = '0123456789abcdef0123456789abcdef'
const plain = entry('udp://t.example.org:6969/announce')
const fresh = { ...entry('https://t.example.org:443/announce'), health: null, group: 'mine' }
const hidden = entry(`https://private.example.org:443/${secret}/announce`)

describe('/sd', () => {
  it('lists every watched tracker for Prometheus, but for those with a secret in their URL', async () => {
    const response = await appOver({ entries: [plain, fresh, hidden] }).request('/sd')
    expect(response.status).toBe(200)
    expect(response.headers.get('Content-Type')).toBe('application/json')
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(await response.json()).toEqual([
      {
        targets: ['udp://t.example.org:6969/announce'],
        labels: {
          __meta_trackerwatch_id: plain.id,
          __meta_trackerwatch_scheme: 'udp',
          __meta_trackerwatch_host: 't.example.org',
          __meta_trackerwatch_group: plain.group,
          __meta_trackerwatch_status: plain.health?.status,
        },
      },
      {
        targets: ['https://t.example.org:443/announce'],
        labels: {
          __meta_trackerwatch_id: fresh.id,
          __meta_trackerwatch_scheme: 'https',
          __meta_trackerwatch_host: 't.example.org',
          __meta_trackerwatch_group: 'mine',
          __meta_trackerwatch_status: 'pending',
        },
      },
    ])
  })

  it('is an empty list where nothing is watched, and takes no parameter', async () => {
    const app = appOver({ entries: [] })
    expect(await (await app.request('/sd')).json()).toEqual([])
    const refused = await app.request('/sd?group=mine')
    expect(refused.status).toBe(400)
    expect(await refused.text()).toBe('unknown parameter "group", expected none\n')
  })

  it('is no page: what is below is told in plain text', async () => {
    const response = await appOver({ entries: [] }).request('/sd/x')
    expect(response.status).toBe(404)
    expect(response.headers.get('Content-Type')).toBe('text/plain; charset=utf-8')
  })
})
