import { describe, expect, it } from 'vitest'
import { usableIn } from '../../src/export/format.js'
import { formatNames, formatOfExtension, formats } from '../../src/export/formats.js'
import { renderLists } from '../../src/export/lists.js'
import { select } from '../../src/tracker/select.js'
import { type FormatContract, formatContract } from './contract.js'
import { entryOf, NOW, probe, rules } from './entries.js'

/** How an independent reader gets the URLs back, written from the readers' own rules (see the titles of the formats). */
const contracts: Record<(typeof formatNames)[number], FormatContract> = {
  lines: { empty: '', parse: (text) => text.split('\n').filter((line) => line !== '') },
  blank: { empty: '', parse: (text) => text.split('\n\n').filter((line) => line !== '') },
  aria2: { empty: '', parse: (text) => text.split(',').filter((url) => url !== ''), without: /^wss?:/ },
  json: { empty: '[]\n', parse: (text) => JSON.parse(text) },
  csv: {
    empty:
      'url,scheme,host,port,status,since,uptime_24h,uptime_7d,uptime_30d,uptime_90d,uptime_1y,latency_ms,added_at,checked_at\r\n',
    parse: (text) =>
      text
        .split('\r\n')
        .slice(1, -1)
        .map((row) => row.split(',')[0] ?? ''),
  },
}

describe.each(formatNames)('the list format "%s"', (name) => {
  formatContract(formats[name], contracts[name])
})

describe('the list formats', () => {
  const two = [entryOf('udp://a.example:1/announce'), entryOf('udp://[2001:db8::1]:6969', { probes: [probe(6)] })]

  it('write one URL per line, the last line ended too', () => {
    expect(formats.lines.render(two)).toBe('udp://a.example:1/announce\nudp://[2001:db8::1]:6969\n')
  })

  it('write an empty line after each URL, as newTrackon does', () => {
    expect(formats.blank.render(two)).toBe('udp://a.example:1/announce\n\nudp://[2001:db8::1]:6969\n\n')
  })

  it('write a single line for aria2 with nothing at its end', () => {
    expect(formats.aria2.render(two)).toBe('udp://a.example:1/announce,udp://[2001:db8::1]:6969')
  })

  it('leave out for aria2 what a comma inside would split', () => {
    expect(formats.aria2.render([entryOf('http://a.example/x,y')])).toBe('')
  })

  it('quote a comma and a quotation mark in CSV', () => {
    const [, row = ''] = formats.csv.render([entryOf('http://a.example/"x",y')]).split('\r\n')
    expect(row).toMatch(/^"http:\/\/a\.example:80\/""x"",y",http,a\.example,80,up,/)
  })

  it('write moments in UTC, ratios from 0 to 1, and nothing for what is not known in CSV', () => {
    const checked = entryOf('udp://a.example:1', { uptime: 0.99999999, latencyMs: 41.25 })
    const unchecked = entryOf('udp://b.example:1', { unchecked: true, uptime: null, latencyMs: null, ageDays: 1 })
    expect(formats.csv.render([checked, unchecked]).split('\r\n').slice(1, 3)).toEqual([
      'udp://a.example:1,udp,a.example,1,up,2026-11-22T07:00:00.000Z,0.999999,0.999999,0.999999,0.999999,0.999999,41.3,2026-09-23T10:00:00.000Z,2026-11-22T09:59:00.000Z',
      'udp://b.example:1,udp,b.example,1,pending,,,,,,,,2026-11-21T10:00:00.000Z,',
    ])
  })

  it('are told apart by their extensions', () => {
    expect(formatNames.map((name) => formatOfExtension(formats[name].extension))).toEqual(formatNames)
    expect(formatOfExtension('.xml')).toBeNull()
  })
})

describe('usableIn', () => {
  const criteria = { list: 'alive', order: 'uptime' } as const

  it('leaves out what the readers of a format do not speak, before a limit counts', () => {
    const entries = [entryOf('ws://a.example:1/'), entryOf('udp://b.example:1'), entryOf('https://c.example/')]
    const first = (name: (typeof formatNames)[number]) => {
      const chosen = select(entries, usableIn(formats[name], { ...criteria, limit: 1 }), { rules, at: NOW })
      return formats[name].render(chosen).trim()
    }
    expect(first('lines')).toBe('https://c.example:443/')
    const noHttps = (name: (typeof formatNames)[number]) =>
      select(entries, usableIn(formats[name], { ...criteria, limit: 1, schemes: ['ws', 'udp'] }), { rules, at: NOW })
    expect(noHttps('aria2').map(({ tracker }) => tracker.scheme)).toEqual(['udp'])
    expect(noHttps('lines').map(({ tracker }) => tracker.scheme)).toEqual(['udp'])
    expect(usableIn(formats.aria2, { ...criteria, schemes: ['ws'] }).schemes).toEqual([])
  })
})

describe('renderLists', () => {
  it('renders every list in every format under the name it has on the web', () => {
    const files = renderLists([entryOf('udp://a.example:1')], { rules, at: NOW })
    expect(files).toHaveLength(8 * 5)
    expect(files.find(({ name }) => name === 'udp.blank.txt')?.text).toBe('udp://a.example:1\n\n')
    expect(files.find(({ name }) => name === 'ws.json')?.text).toBe('[]\n')
  })
})
