import { describe, expect, it } from 'vitest'
import { type ListCriteria, type ListName, listNames, select } from '../../src/tracker/select.js'
import type { Entry } from '../../src/tracker/state.js'
import { DAY_MS, entryOf, NOW, ok, probe, rules, timeout } from '../export/entries.js'

function chosen(entries: readonly Entry[], criteria: Partial<ListCriteria> = {}, at = NOW): string[] {
  const selected = select(entries, { list: 'alive', order: 'uptime', ...criteria }, { rules, at })
  return selected.map(({ tracker }) => tracker.url)
}

const up = entryOf('udp://up.example:1')
const young = entryOf('udp://young.example:1', { ageDays: 9.99 })
const flaky = entryOf('http://flaky.example:80/announce', { uptime: 0.9499 })
const degraded = entryOf('https://degraded.example:443/announce', { status: 'degraded', uptime: 0.96 })
const down = entryOf('udp://down.example:1', { status: 'down', outcome: timeout, uptime: 0.99, latencyMs: null })
const socket = entryOf('wss://socket.example:443/', { uptime: 0.97 })
const unchecked = entryOf('ws://new.example:80/', { unchecked: true, uptime: null, latencyMs: null, ageDays: 0 })
const fleet = [up, young, flaky, degraded, down, socket, unchecked]

const membership: Record<ListName, readonly Entry[]> = {
  alive: [up, young, socket, degraded, flaky],
  stable: [up, socket, degraded],
  best: [up, young, socket, degraded, flaky],
  all: [up, young, down, socket, degraded, flaky, unchecked],
  udp: [up, young],
  http: [flaky],
  https: [degraded],
  ws: [socket],
}

describe('select', () => {
  it.each(listNames)('puts on the list "%s" exactly the trackers of its definition', (list) => {
    expect(chosen(fleet, { list })).toEqual(membership[list].map(({ tracker }) => tracker.url))
  })

  it('keeps a tracker that makes up peers off every list but "all"', () => {
    const faking = entryOf('udp://faking.example:1', { status: 'degraded', outcome: { ...ok, flags: ['fake_peers'] } })
    const on = listNames.filter((list) => chosen([faking], { list }).length > 0)
    expect(on).toEqual(['all'])
  })

  it('keeps a tracker that failed its last check while its status is still up', () => {
    expect(chosen([entryOf('udp://blink.example:1', { outcome: timeout })])).toEqual(['udp://blink.example:1'])
  })

  it('takes the age of the stable list as reached on the day itself', () => {
    const exact = entryOf('udp://exact.example:1', { ageDays: 10 })
    expect(chosen([exact], { list: 'stable' })).toHaveLength(1)
  })

  it('lets the criteria replace the rules of the stable list', () => {
    expect(chosen([young, flaky], { list: 'stable', minAgeMs: 0, minUptime: 0.9 })).toHaveLength(2)
    expect(chosen([up, degraded], { list: 'stable', minUptime: 0.97 })).toEqual([up.tracker.url])
  })

  it('never lets two entries of one URL through', () => {
    const again = entryOf('UDP://UP.example.:1', { group: 'other' })
    expect(chosen([up, again])).toEqual([up.tracker.url])
  })

  it.each([
    'http://private.example/0123456789abcdef0123456789abcdef/announce',
    'https://private.example/announce?passkey=1234567890',
    'https://user:password@private.example/announce',
  ])('keeps %s off every list', (url) => {
    for (const list of listNames) expect(chosen([entryOf(url)], { list })).toEqual([])
  })

  it('puts the stable ones first on the best list, and fills it up with others that are alive', () => {
    const limited = { stable: rules.stable, best: { limit: 2 } }
    const perfectButYoung = entryOf('udp://a.example:1', { ageDays: 1 })
    const best = (entries: readonly Entry[]) =>
      select(entries, { list: 'best', order: 'uptime' }, { rules: limited, at: NOW }).map(({ tracker }) => tracker.host)
    expect(best([perfectButYoung, degraded, socket])).toEqual(['socket.example', 'degraded.example'])
    expect(best([perfectButYoung, socket])).toEqual(['a.example', 'socket.example'])
    expect(best([perfectButYoung])).toEqual(['a.example'])
  })
})

describe('the criteria of select', () => {
  it.each<[string, Partial<ListCriteria>, readonly Entry[]]>([
    ['schemes', { schemes: ['http', 'wss'] }, [socket, flaky]],
    ['least uptime', { minUptime: 0.97 }, [up, young, socket]],
    ['least age', { minAgeMs: 10 * DAY_MS }, [up, socket, degraded, flaky]],
    ['limit', { limit: 2 }, [up, young]],
  ])('narrow a list by %s', (_what, criteria, expected) => {
    expect(chosen(fleet, criteria)).toEqual(expected.map(({ tracker }) => tracker.url))
  })

  it('measure uptime over the window asked for', () => {
    const recovering = { ...flaky, uptime: { ...flaky.uptime, '24h': 1 } }
    expect(chosen([recovering], { minUptime: 1 })).toEqual([])
    expect(chosen([recovering], { minUptime: 1, window: '24h' })).toHaveLength(1)
  })

  it('drop a tracker without a latency when a highest latency is asked for', () => {
    const silent = entryOf('udp://silent.example:1', { latencyMs: null })
    const slow = entryOf('udp://slow.example:1', { latencyMs: 100.1 })
    const fast = entryOf('udp://fast.example:1', { latencyMs: 100 })
    expect(chosen([silent, slow, fast], { maxLatencyMs: 100 })).toEqual(['udp://fast.example:1'])
  })

  it.each<[string, Entry, readonly (4 | 6)[]]>([
    ['over IPv4 only', entryOf('udp://a.example:1'), [4]],
    ['over both families', entryOf('udp://a.example:1', { probes: [probe(4), probe(6)] }), [4, 6]],
    ['over IPv4 beside a dead IPv6', entryOf('udp://a.example:1', { probes: [probe(4), probe(6, timeout)] }), [4]],
    [
      'over both but for this one check',
      entryOf('udp://a.example:1', { outcome: timeout, probes: [probe(4, timeout), probe(6, timeout)] }),
      [4, 6],
    ],
    ['over nothing known', entryOf('udp://a.example:1', { probes: [] }), []],
  ])('find the families of a tracker that answers %s', (_what, entry, expected) => {
    const families = ([4, 6] as const).filter((family) => chosen([entry], { family }).length > 0)
    expect(families).toEqual(expected)
  })
})

describe('the order of a list', () => {
  const a = entryOf('udp://a.example:1', { uptime: 0.9, latencyMs: 30 })
  const b = entryOf('udp://b.example:1', { uptime: 0.99, latencyMs: 20 })
  const c = entryOf('udp://c.example:1', { uptime: 0.99, latencyMs: 10 })
  const d = entryOf('udp://d.example:1', { uptime: 0.99, latencyMs: null })
  const e = entryOf('udp://e.example:1', { uptime: 0.99, latencyMs: null })
  const f = entryOf('udp://f.example:1', { uptime: null, latencyMs: 5 })
  const hosts = (urls: string[]) => urls.map((url) => url.charAt(6)).join('')

  it('by uptime is settled by latency, then by URL, and puts the unknown last', () => {
    expect(hosts(chosen([e, f, a, d, c, b]))).toBe('cbdeaf')
  })

  it('by latency puts the unknown last', () => {
    expect(hosts(chosen([e, f, a, d, c, b], { order: 'latency' }))).toBe('fcbade')
  })

  it('shuffled is the same for an hour whatever the input order, and another one in the next', () => {
    const many = Array.from({ length: 30 }, (_, i) => entryOf(`udp://t${i}.example:1`))
    const shuffled = (entries: Entry[], at: string) => chosen(entries, { order: 'shuffle' }, new Date(at))
    const first = shuffled(many, '2026-11-22T10:00:00Z')
    expect(shuffled(many.toReversed(), '2026-11-22T10:59:59.999Z')).toEqual(first)
    expect(shuffled(many, '2026-11-22T11:00:00Z')).not.toEqual(first)
    expect(first.toSorted()).toEqual(chosen(many).toSorted())
  })
})
