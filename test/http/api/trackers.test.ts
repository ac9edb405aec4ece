import { describe, expect, it } from 'vitest'
import { trackerId } from '../../../src/tracker/state.js'
import { ago, DAY_MS, entryOf, NOW, ok, probe, rules, timeout } from '../../export/entries.js'
import { appOver } from '../support.js'
import { bodyOf, MASKED_URL, PRIVATE_URL } from './support.js'

const entries = [
  entryOf('udp://b.example:1/announce', {
    status: 'down',
    outcome: timeout,
    uptime: 0.5,
    latencyMs: null,
    group: 'two',
  }),
  entryOf('http://a.example:80/announce', { uptime: 0.99, latencyMs: 90, probes: [probe(6)] }),
  entryOf(PRIVATE_URL, { uptime: null, latencyMs: 10, status: 'degraded' }),
  entryOf('udp://c.example:1/announce', { uptime: 1, latencyMs: 41.23456, outcome: { ...ok, flags: ['slow'] } }),
]

async function get(query: string) {
  const answer = await appOver({ entries }).request(`/api/v1/trackers${query}`)
  return { status: answer.status, body: await bodyOf(answer) }
}

async function hosts(query: string): Promise<readonly string[]> {
  const { body } = await get(query)
  return body.items.map(({ host }) => host.replace('.example', ''))
}

describe('the trackers of the API', () => {
  it.each([
    ['', ['a', 'b', 'c', 'private']],
    ['?q=B.EXAMPLE', ['b']],
    ['?q=no%20answer', ['b']],
    ['?status=down,degraded', ['b', 'private']],
    ['?scheme=udp,http', ['a', 'b', 'c']],
    ['?group=two', ['b']],
    ['?group=three', []],
    ['?family=6', ['a']],
    ['?outcome=failed', ['b']],
    ['?list=alive', ['a', 'c']],
    ['?scheme=udp&status=up', ['c']],
    ['?order=desc', ['private', 'c', 'b', 'a']],
    ['?sort=status', ['b', 'private', 'a', 'c']],
    ['?sort=30d', ['c', 'a', 'b', 'private']],
    ['?sort=30d&order=asc', ['b', 'a', 'c', 'private']],
    ['?sort=latency', ['private', 'c', 'a', 'b']],
  ])('are filtered and sorted as on the status page: %s', async (query, expected) => {
    const found = await hosts(query)
    const isTied = query === '?sort=status'
    expect(isTied ? [...found.slice(0, 2), ...found.slice(2).toSorted()] : found).toEqual(expected)
  })

  it('are not found by a part of a URL that is masked', async () => {
    expect(await hosts('?q=private')).toEqual(['private'])
    expect(await hosts('?q=SecretSecret')).toEqual([])
    expect((await get('?q=private')).body.items[0]?.url).toBe(MASKED_URL)
  })

  it('have only the fields that are asked for, and the id', async () => {
    const { body } = await get('?fields=status,latencyMs&q=c.example')
    expect(body.items).toEqual([{ id: trackerId('udp://c.example:1/announce'), status: 'up', latencyMs: 41.235 }])
  })

  it('say an uptime cut and never rounded up', async () => {
    const almost = entryOf('udp://d.example:1/announce', { uptime: 1 - 1e-9 })
    const answer = await appOver({ entries: [almost] }).request('/api/v1/trackers?fields=uptime')
    expect((await bodyOf(answer)).items[0]?.uptime['30d']).toBe(0.999999)
  })

  it('are told as a list with hysteresis is, where the lists have one', async () => {
    const members = new Map([['stable' as const, new Map([['udp://c.example:1/announce', ago(DAY_MS)]])]])
    const app = appOver({ entries, members }, { listRules: () => rules, now: () => NOW })
    const count = (await bodyOf(await app.request('/api/v1/summary'))).lists.stable
    const listed = (await bodyOf(await app.request('/api/v1/lists/stable'))).items
    const filtered = (await bodyOf(await app.request('/api/v1/trackers?list=stable'))).items
    expect([count, listed.length, filtered.length]).toEqual([1, 1, 1])
  })

  it('are an empty list where none is watched', async () => {
    const answer = await appOver({ entries: [] }).request('/api/v1/trackers')
    expect(await answer.json()).toEqual({ items: [], next: null })
  })
})
