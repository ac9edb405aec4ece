import { describe, expect, it } from 'vitest'
import { MAX_SIBLINGS, siblingsOf } from '../../src/tracker/siblings.js'
import type { Entry } from '../../src/tracker/state.js'
import { entryOf, probe } from '../export/entries.js'

function at(url: string, ...addresses: string[]): Entry {
  return entryOf(url, { probes: addresses.map((address) => ({ ...probe(4), address })) })
}

/** Host and port of each tracker's siblings. */
function namesOf(entries: readonly Entry[]): Record<string, string[]> {
  const short = (url: string): string => url.replace('udp://', '')
  return Object.fromEntries(
    [...siblingsOf(entries)].map(([url, others]) => [short(url), others.map(({ tracker }) => short(tracker.url))]),
  )
}

describe('the siblings of a tracker', () => {
  it('are those at the same host and those at the same address', () => {
    expect(
      namesOf([
        at('udp://a:1', '192.0.2.1'),
        at('udp://a:2', '192.0.2.2'),
        at('udp://b:1', '192.0.2.1', '192.0.2.3'),
        at('udp://c:1', '192.0.2.3'),
        at('udp://d:1', '192.0.2.4'),
      ]),
    ).toEqual({ 'a:1': ['a:2', 'b:1'], 'a:2': ['a:1'], 'b:1': ['a:1', 'c:1'], 'c:1': ['b:1'] })
  })

  it('are each named once, though they share host and addresses', () => {
    const both = ['192.0.2.1', '192.0.2.2']
    expect(namesOf([at('udp://a:1', ...both), at('udp://a:2', ...both)])).toEqual({ 'a:1': ['a:2'], 'a:2': ['a:1'] })
  })

  it('are known by the host before the first check', () => {
    const unchecked = [1, 2].map((port) => entryOf(`udp://a:${port}`, { unchecked: true }))
    expect(namesOf(unchecked)).toEqual({ 'a:1': ['a:2'], 'a:2': ['a:1'] })
  })

  it('are no more than a hundred', () => {
    const crowd = Array.from({ length: MAX_SIBLINGS + 20 }, (_, i) => at(`udp://t${i}:1`, '192.0.2.1'))
    const sizes = [...siblingsOf(crowd).values()].map((others) => others.length)
    expect(new Set(sizes)).toEqual(new Set([MAX_SIBLINGS]))
    expect(sizes).toHaveLength(crowd.length)
  })
})
