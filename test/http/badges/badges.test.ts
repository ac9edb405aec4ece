import { describe, expect, it } from 'vitest'
import { renderBadge } from '../../../src/http/badges/badge.js'
import { textWidth } from '../../../src/http/badges/width.js'
import { entryOf } from '../../export/entries.js'
import { wellFormed } from '../../support/xml.js'
import { appOver } from '../support.js'

const entry = entryOf('udp://a.example:1')
const secret = entryOf('https://t.example/0123456789abcdef0123/announce')
const down = entryOf('udp://down.example:1', { status: 'down' })
const app = appOver({ entries: [entry, secret, down] })

async function textOf(path: string, over = app): Promise<string> {
  const response = await over.request(path)
  expect([path, response.status]).toEqual([path, 200])
  const svg = await response.text()
  wellFormed(svg)
  return /<title>(.*)<\/title>/.exec(svg)?.[1] ?? ''
}

describe('a badge', () => {
  it.each([
    [`/badge/${entry.id}/status.svg`, 'tracker: up'],
    [`/badge/${down.id}/status.svg`, 'tracker: down'],
    [`/badge/${entry.id}/uptime.svg`, 'uptime 30d: 99.65 %'],
    [`/badge/${entry.id}/uptime.svg?window=7d`, 'uptime 7d: 99.65 %'],
    [`/badge/${entry.id}/latency.svg`, 'latency 24h: 41 ms'],
    [`/badge/${entry.id}/status.svg?label=my%20tracker`, 'my tracker: up'],
    [`/badge/${entry.id}/status.svg?label=`, 'up'],
    ['/badge/list/alive.svg', 'alive trackers: 1'],
  ])('at %s says %j', async (path, expected) => {
    expect(await textOf(path)).toBe(expected)
  })

  it.each([
    ['/badge/000000000000/status.svg', 'tracker: unknown'],
    [`/badge/${secret.id}/status.svg`, 'tracker: unknown'],
    [`/badge/${secret.id}/uptime.svg`, 'uptime: unknown'],
    [`/badge/${encodeURIComponent(entry.tracker.url)}/status.svg`, 'tracker: unknown'],
    [`/badge/${entry.id}/uptime.svg?window=2h`, 'uptime: unknown window'],
    [`/badge/${entry.id}/uptime.svg?window=constructor`, 'uptime: unknown window'],
    ['/badge/list/nothing.svg', 'list: unknown'],
  ])('at %s is grey and no error, so that no README breaks', async (path, expected) => {
    expect(await textOf(path)).toBe(expected)
    expect(await (await app.request(path)).text()).toContain('fill="#616161"')
  })

  it('is kept for a minute, and answers 304 to who has it', async () => {
    const path = `/badge/${entry.id}/status.svg`
    const { headers } = await app.request(path)
    expect(headers.get('Content-Type')).toBe('image/svg+xml; charset=utf-8')
    expect(headers.get('Cache-Control')).toBe('public, max-age=60')
    expect(headers.get('Access-Control-Allow-Origin')).toBe('*')
    const again = await app.request(path, { headers: { 'If-None-Match': headers.get('ETag') ?? '' } })
    expect([again.status, await again.text()]).toEqual([304, ''])
    expect(again.headers.get('Content-Security-Policy')).toContain("default-src 'none'")
  })

  it('is also there as shields.io reads it', async () => {
    const response = await app.request(`/badge/${entry.id}/status.json?label=x`)
    expect(response.headers.get('Content-Type')).toBe('application/json')
    expect(await response.json()).toEqual({ schemaVersion: 1, label: 'x', message: 'up', color: '#2e7d32' })
  })

  it('answers 404 for what there is no badge of', async () => {
    const response = await app.request(`/badge/${entry.id}/secret.svg`)
    expect([response.status, await response.text()]).toEqual([404, 'nothing is served at this address\n'])
  })

  it.each(['"><script>alert(1)</script>', '\u0000\u0008\uffff\ud800', ']]>&amp;<!--', "' onload='x"])(
    'shows the label %j as text',
    async (label) => {
      const response = await app.request(`/badge/${entry.id}/status.svg?${new URLSearchParams({ label })}`)
      const svg = await response.text()
      wellFormed(svg)
      expect(svg).not.toMatch(/<script|<!--|onload='|style=/)
    },
  )

  it('has a label of at most 64 characters, whatever they are', async () => {
    const title = await textOf(`/badge/${entry.id}/status.svg?label=${encodeURIComponent('🌍'.repeat(500))}`)
    expect(title).toBe(`${'🌍'.repeat(64)}: up`)
  })
})

describe('renderBadge', () => {
  const badge = { label: 'uptime', message: '99 %', tone: 'good' } as const

  it.each([
    ['flat', 20, 'rx="3"'],
    ['flat-square', 20, 'rx="0"'],
    ['for-the-badge', 28, '>UPTIME<'],
  ] as const)('knows the style %s', (style, height, mark) => {
    const svg = renderBadge(badge, style)
    expect(svg).toContain(`height="${height}" role="img" aria-label="uptime: 99 %"`)
    expect(svg).toContain(mark)
  })

  it('takes an unknown style for flat', async () => {
    const plain = await (await app.request(`/badge/${entry.id}/status.svg`)).text()
    expect(await (await app.request(`/badge/${entry.id}/status.svg?style=toString`)).text()).toBe(plain)
  })

  it('is as wide as its texts', () => {
    const widthOf = (message: string) => Number(/width="(\d+)"/.exec(renderBadge({ ...badge, message }, 'flat'))?.[1])
    expect(widthOf('mmmm') - widthOf('iiii')).toBe(Math.round(textWidth('mmmm')) - Math.round(textWidth('iiii')))
    expect(textWidth('mmmm')).toBeGreaterThan(3 * textWidth('iiii'))
  })
})
