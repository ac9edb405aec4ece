import { describe, expect, it } from 'vitest'
import type { ListChange } from '../../src/tracker/membership.js'
import { ago, entryOf, timeout } from '../export/entries.js'
import { markupOf, textOf } from './page-text.js'
import { appOver } from './support.js'

const entries = [
  entryOf('udp://a.example:1/announce', { latencyMs: 20 }),
  entryOf('https://b.example/announce', { uptime: 0.97 }),
  entryOf('wss://c.example/', { uptime: 0.96 }),
  entryOf('udp://down.example:1', { status: 'down', outcome: timeout, uptime: 0.5, latencyMs: null }),
]
const left: ListChange = {
  list: 'stable',
  url: 'udp://down.example:1',
  at: ago(3 * 3_600_000),
  entered: false,
  reason: 'not_alive',
  uptime: 0.5,
}
const app = appOver({ entries, listChanges: [left] })
const host = 'http://monitor.example:8080'

/** Content of the element with this id, as a reader copies it. */
function copyable(markup: string, id: string): string | null {
  const text = new RegExp(`<pre id="${id}">([^]*?)</pre>`).exec(markup)?.[1]
  return (
    text?.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&').replaceAll('&lt;', '<') ?? null
  )
}

/** What stands under the heading, up to the next one of its level. */
function section(markup: string, heading: string): string {
  const from = markup.indexOf(`>${heading}`)
  expect(from).toBeGreaterThan(0)
  const to = markup.indexOf('<h2', from)
  return textOf(markup.slice(from, to === -1 ? undefined : to))
}

describe('GET /lists/', () => {
  it('shows the stable list, its URL, how many are on it, and the first of them', async () => {
    const markup = await markupOf(app, `${host}/lists/`)
    expect(copyable(markup, 'list-url')).toBe(`${host}/lists/stable.txt`)
    expect(textOf(markup)).toContain('3 trackers 79 bytes')
    expect(textOf(markup)).toMatch(/Uptime 30d Latency udp:\/\/a\.example:1\/announce . ?Up 100 % 20 ms https:/)
    expect(markup).toContain(
      '<link rel="alternate" type="application/atom+xml" title="What entered and left the list stable"',
    )
  })

  it.each([
    ['list=alive&format=blank', '/lists/alive.blank.txt', '3 trackers'],
    ['list=alive&scheme=udp&scheme=wss', '/lists/alive.txt?scheme=udp,wss', '2 trackers'],
    ['list=all&min_uptime=&window=7d&limit=2&family=', '/lists/all.txt?window=7d&limit=2', '2 trackers'],
    ['list=alive&order=latency&max_latency_ms=30', '/lists/alive.txt?max_latency_ms=30&order=latency', '1 tracker '],
    ['list=alive&order=uptime', '/lists/alive.txt', '3 trackers'],
    ['list=all&format=aria2&limit=3', '/lists/all.aria2?limit=3', '3 trackers'],
    ['list=http', '/lists/http.txt', 'No tracker fits this choice now.'],
  ])('takes ?%s over into the URL to subscribe to', async (query, path, sentence) => {
    const markup = await markupOf(app, `${host}/lists/?${query}`)
    expect(copyable(markup, 'list-url')).toBe(host + path)
    expect(textOf(markup)).toContain(sentence)
    const list = await app.request(copyable(markup, 'list-url') ?? '')
    expect(list.status).toBe(200)
  })

  it('keeps in the form what was chosen', async () => {
    const markup = await markupOf(app, '/lists/?list=best&format=csv&scheme=ws&min_uptime=0.977&min_age_days=3')
    for (const chosen of [
      /value="best" selected/,
      /value="csv" selected/,
      /value="ws" checked/,
      /value="0.977" selected[^>]*>97\.7 %/,
      /name="min_age_days"[^>]*value="3"/,
    ]) {
      expect(markup).toMatch(chosen)
    }
    expect(markup).not.toMatch(/value="udp" checked/)
  })

  it.each([
    ['limit=0', 'parameter "limit" is "0", expected a whole number from 1 to 100000'],
    ['list=dead', 'list "dead", expected one of alive, stable, best, all, udp, http, https, ws'],
    ['format=__proto__', 'format "__proto__", expected one of lines, blank, aria2, json, csv'],
    ['q=%3Cscript%3E', 'unknown parameter "q", expected'],
  ])('says what is wrong with ?%s, gives no URL then, and still has the form', async (query, sentence) => {
    const response = await app.request(`/lists/?${query}`)
    const markup = await response.text()
    expect(response.status).toBe(400)
    expect(textOf(markup).replaceAll('&quot;', '"')).toContain(sentence)
    expect(markup).not.toContain('No tracker fits')
    expect(copyable(markup, 'list-url')).toBeNull()
    expect(markup).toContain('id="choose"')
    expect(markup).not.toContain('<script>')
  })

  it('tells each client how, with only the schemes that it speaks', async () => {
    const markup = await markupOf(app, `${host}/lists/?list=alive&limit=5`)
    expect(copyable(markup, 'qbittorrent')).toBe(`${host}/lists/alive.txt?limit=5`)
    expect(copyable(markup, 'aria2')).toBe(
      `aria2c --bt-tracker="$(curl -fsS '${host}/lists/alive.aria2?scheme=udp,http,https&limit=5')" file.torrent`,
    )
    expect(copyable(markup, 'transmission')).toContain(
      `curl -fsS '${host}/lists/alive.txt?scheme=udp,http,https&limit=5' |\n  jq -Rs`,
    )
    const ofUdp = await markupOf(app, `${host}/lists/?list=udp&format=blank`)
    expect(copyable(ofUdp, 'qbittorrent')).toBe(`${host}/lists/udp.blank.txt`)
    expect(copyable(ofUdp, 'aria2')).toContain(`'${host}/lists/udp.aria2'`)
  })

  it('has nothing for Transmission and aria2 where only WebSocket is chosen', async () => {
    for (const query of ['list=ws', 'list=alive&scheme=ws&scheme=wss']) {
      const markup = await markupOf(app, `/lists/?${query}`)
      expect(copyable(markup, 'qbittorrent')).not.toBeNull()
      expect([copyable(markup, 'transmission'), copyable(markup, 'aria2')]).toEqual([null, null])
      expect(markup.match(/Nothing of this selection: it speaks no WebSocket/g)).toHaveLength(2)
    }
  })

  it('lets no host name out of the quotes of a command', async () => {
    const markup = await markupOf(app, "http://a'$(id)'b/lists/")
    expect(copyable(markup, 'aria2')).toContain(`'http://a'\\''$(id)'\\''b/lists/stable.aria2?scheme=udp,http,https'`)
  })

  it('names the place that the operator says', async () => {
    const other = appOver({ entries }, { publicUrl: () => 'https://trackers.example' })
    const markup = await markupOf(other, `${host}/lists/?list=all`)
    expect(copyable(markup, 'list-url')).toBe('https://trackers.example/lists/all.txt')
    expect(markup).not.toContain(host)
  })

  it('says how the lists are made, with the numbers in force', async () => {
    const stable = { minUptime: 0.9, window: '7d' as const, minAgeMs: 3 * 86_400_000, margin: 0.05, graceMs: 1_800_000 }
    const other = appOver({ entries }, { listRules: () => ({ stable, best: { limit: 7 } }) })
    const text = section(await markupOf(other, '/lists/'), 'How they are made')
    expect(text).toContain('was up at least 90.0 % of the time observed in 7d, and has been watched for 3 d or longer')
    expect(text).toContain('falls below 85.0 %, or until it has not been alive for 30 min')
    expect(text).toContain('at most 7 of those alive')
    expect(text).toContain('among the first 14')
  })

  it('tells what entered and left of late, and where all of it is', async () => {
    const markup = await markupOf(app, '/lists/')
    expect(section(markup, 'What entered and left stable')).toMatch(
      /3 h ago − ?Left udp:\/\/down\.example:1 It is not alive All of it: Atom feed , JSON/,
    )
    expect(markup).toContain('href="/lists/stable/changes.atom"')
    expect(section(await markupOf(app, '/lists/?list=best'), 'What entered and left best')).toContain('Nothing yet.')
  })

  it('warns of a list that qBittorrent would refuse', async () => {
    const long = (index: number) => entryOf(`udp://${'x'.repeat(60)}.example:1/${'y'.repeat(1000)}.${index}`)
    const many = Array.from({ length: 1000 }, (_, index) => long(index))
    const warning = 'more than 1 MiB, which qBittorrent refuses'
    expect(textOf(await markupOf(appOver({ entries: many }), '/lists/?list=all'))).toContain(warning)
    expect(textOf(await markupOf(appOver({ entries: many }), '/lists/?list=all&limit=900'))).not.toContain(warning)
  })

  it('documents every list, format and filter', async () => {
    const markup = await markupOf(app, '/lists/')
    expect(markup).toContain('href="/lists/best.blank.txt"')
    for (const name of [
      'scheme',
      'min_uptime',
      'window',
      'min_age_days',
      'max_latency_ms',
      'family',
      'limit',
      'order',
    ]) {
      expect(markup).toContain(`<code>${name}</code>`)
    }
  })

  it('stands without a tracker', async () => {
    expect(textOf(await markupOf(appOver({ entries: [] }), '/lists/'))).toContain('0 trackers 0 bytes')
  })

  it('keeps the choice on the way from /lists', async () => {
    const moved = await app.request('/lists?list=udp')
    expect([moved.status, moved.headers.get('Location')]).toEqual([301, '/lists/?list=udp'])
  })
})
