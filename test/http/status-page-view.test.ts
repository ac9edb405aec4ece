import { describe, expect, it } from 'vitest'
import { ago, entryOf, probe, timeout } from '../export/entries.js'
import { markupOf, textOf } from './page-text.js'
import { appOver } from './support.js'

const HOUR_MS = 3_600_000

const fast = { ...entryOf('udp://b.example:1/announce', { latencyMs: 9, uptime: 0.9 }), ...sinceHours(5) }
const slow = { ...entryOf('http://a.example/announce', { latencyMs: 80, uptime: 0.99 }), ...sinceHours(1) }
const dead = {
  ...entryOf('udp://d.example:1', { status: 'down', outcome: timeout, latencyMs: null, uptime: null, group: 'mine' }),
  ...sinceHours(3, 'down'),
}
const six = {
  ...entryOf('wss://c.example/', { probes: [probe(4, timeout), probe(6)], status: 'degraded', uptime: 0.95 }),
  ...sinceHours(2, 'degraded'),
}
const entries = [fast, slow, dead, six]

function sinceHours(hours: number, status: 'up' | 'down' | 'degraded' = 'up') {
  const { health } = entryOf('udp://x.example:1', { status })
  return { health: health === null ? null : { ...health, since: ago(hours * HOUR_MS) } }
}

/** The hosts of the rows, one letter each. */
async function hostsAt(path: string): Promise<string> {
  const page = await markupOf(appOver({ entries }), path)
  return [...page.matchAll(/<a href="\/tracker\/[0-9a-f]+">[a-z]+:\/\/([a-d])\.example/g)]
    .map(([, host]) => host)
    .join('')
}

describe('a view of the status page', () => {
  it.each([
    ['/', 'badc', 'all, in the order of the configuration'],
    ['/?order=desc', 'cdab', 'the other way round'],
    ['/?q=B.EXAMPLE', 'b', 'part of the URL, in either case'],
    ['/?q=announce', 'ba', 'part of the path'],
    ['/?q=connect+request', 'd', 'part of the reason'],
    ['/?q=3+packets', 'd', 'part of what the network said'],
    ['/?q=%20%20', 'badc', 'nothing to search for'],
    ['/?status=down', 'd', 'one status'],
    ['/?scheme=udp', 'bd', 'one scheme'],
    ['/?group=mine', 'd', 'one group'],
    ['/?family=6', 'c', 'those that work over IPv6'],
    ['/?family=4', 'bad', 'those that work over IPv4, or might'],
    ['/?scheme=udp&status=up', 'b', 'all filters at once'],
    ['/?sort=name', 'abcd', 'by name'],
    ['/?sort=status', 'dcba', 'what needs looking at first; equals as configured'],
    ['/?sort=since', 'acdb', 'the newest change first'],
    ['/?sort=since&order=asc', 'bdca', 'the oldest change first'],
    ['/?sort=latency', 'bcad', 'the fastest first, without latency last'],
    ['/?sort=latency&order=desc', 'acbd', 'the slowest first, without latency last'],
    ['/?sort=30d', 'acbd', 'the highest uptime first, without any last'],
    ['/?sort=30d&order=asc', 'bcad', 'the lowest uptime first, without any last'],
    ['/?utm_source=x', 'badc', 'a parameter that is not ours'],
  ])('%s shows %s: %s', async (path, hosts) => {
    expect(await hostsAt(path)).toBe(hosts)
  })

  it.each([
    ['/?status=dead', 'status &quot;dead&quot;, expected one of pending, up, degraded'],
    ['/?scheme=ftp', 'scheme &quot;ftp&quot;, expected one of udp, http'],
    ['/?group=gone', 'group &quot;gone&quot;, expected the name of a group'],
    ['/?family=5', 'family &quot;5&quot;, expected one of 4, 6'],
    ['/?sort=<b>', 'sort &quot;&lt;b&gt;&quot;, expected one of name, status'],
    ['/?sort=name&order=up', 'order &quot;up&quot;, expected one of asc, desc'],
  ])('leaves out what it does not understand, and says so: %s', async (path, note) => {
    const text = textOf(await markupOf(appOver({ entries }), path))
    expect(text).toContain(`Left out of the filter: ${note}`)
    expect([...(await hostsAt(path))].toSorted().join('')).toBe('abcd')
  })

  it('shows in the form what is filtered and sorted by', async () => {
    const page = await markupOf(appOver({ entries }), '/?q=%22%3E&status=down&group=mine&sort=7d&order=asc')
    expect(page).toContain('name="q" value="&quot;&gt;"')
    const chosen = [...page.matchAll(/<option value="([^"]*)" selected="">/g)].map(([, value]) => value)
    expect(chosen).toEqual(['down', 'mine', '7d', 'asc'])
    expect(page).toContain('<form id="filters" class="filters" method="get" action="/">')
  })

  it('offers groups only where there are several', async () => {
    expect(await markupOf(appOver({ entries: [fast, slow] }), '/')).not.toContain('name="group"')
  })

  it('counts by status what the other filters leave, as links that keep those', async () => {
    const page = await markupOf(appOver({ entries }), '/?scheme=udp&status=down')
    const counts = page.slice(page.indexOf('<ul id="counts"'), page.indexOf('</ul>'))
    expect(textOf(counts)).toBe('All 2 ● Up 1 ■ Down 1')
    expect([...counts.matchAll(/href="([^"]+)"/g)].map(([, href]) => href)).toEqual([
      '/?scheme=udp',
      '/?status=up&amp;scheme=udp',
      '/?status=down&amp;scheme=udp',
    ])
    expect(counts).toContain('<a id="count-down" class="view" href="/?status=down&amp;scheme=udp" aria-current="true">')
  })

  it('sorts by links in the headers, the other way round at the second click', async () => {
    const page = await markupOf(appOver({ entries }), '/?q=example&sort=latency')
    expect(page).toMatch(/<th scope="col" class="num latency" aria-sort="ascending">/)
    expect(page).toContain('<a id="by-latency" class="view" href="/?q=example&amp;sort=latency&amp;order=desc">')
    expect(page).toContain('<a id="by-30d" class="view" href="/?q=example&amp;sort=30d">')
    const again = await markupOf(appOver({ entries }), '/?sort=30d&order=asc')
    expect(again).toContain('<a id="by-30d" class="view" href="/?sort=30d">')
    expect(again.match(/aria-sort/g)).toHaveLength(1)
    const third = await markupOf(appOver({ entries }), '/?sort=latency&order=desc')
    expect(third).toContain('<a id="by-latency" class="view" href="/?sort=latency">')
  })

  it('says that nothing is like that, and how to see everything', async () => {
    const page = await markupOf(appOver({ entries }), '/?q=nowhere')
    expect(textOf(page)).toContain('No tracker is like that. Show all')
    expect(page).not.toContain('<table')
  })

  it('does not find a secret by searching for it', async () => {
    const secret = '0123456789abcdef0123456789abcdef'
    const entry = entryOf(`https://e.example/${secret}/announce`)
    expect(textOf(await markupOf(appOver({ entries: [entry] }), `/?q=${secret}`))).toContain('No tracker is like that.')
    expect(textOf(await markupOf(appOver({ entries: [entry] }), '/?q=e.example'))).toContain(
      'https://e.example:443/***',
    )
  })
})

describe('the parts of the status page that change', () => {
  it('are to be had alone, of the same view', async () => {
    const part = await markupOf(appOver({ entries }), '/?scheme=udp&sort=name&fragment=rows')
    expect(part).toMatch(/^<div id="summary">/)
    expect(part).not.toMatch(/<html|<form|<nav/)
    expect([...part.matchAll(/<tr id="t-([0-9a-f]+)"/g)].map(([, id]) => id)).toEqual([fast.id, dead.id])
    expect(part).toContain('data-title="3 of 4 trackers up · stable list 2 – trackerwatch" data-last-event-id="run-0"')
  })

  it('are fewer rows where only some are wanted, with the ids of all in their order', async () => {
    const part = await markupOf(appOver({ entries }), `/?sort=name&fragment=rows&ids=${dead.id},ffffffffffff`)
    expect([...part.matchAll(/<tr id="t-([0-9a-f]+)"/g)].map(([, id]) => id)).toEqual([dead.id])
    expect(part).toContain(`<tbody id="rows" data-ids="${[slow, fast, six, dead].map(({ id }) => id).join(' ')}">`)
  })

  it('are the same rows as those of the page', async () => {
    const app = appOver({ entries })
    const [page, part] = [await markupOf(app, '/'), await markupOf(app, '/?fragment=rows')]
    const rows = (markup: string) => markup.slice(markup.indexOf('<tbody'), markup.indexOf('</tbody>'))
    expect(rows(part)).toBe(rows(page))
    expect(rows(page)).toContain('<tr')
  })
})
