import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { incidentId } from '../../src/tracker/incident.js'
import { type LinkableIncident, linkIncidents } from '../../src/tracker/incident-links.js'

const SECOND = 1000
const at = (second: number): Date => new Date(Date.UTC(2026, 2, 1) + second * SECOND)
const url = (name: string): string => `udp://${name}.example:1`

function incident(name: string, from: number, to: number | null, ...addresses: string[]): LinkableIncident {
  return { url: url(name), from: at(from), to: to === null ? null : at(to), addresses }
}

const idOf = ({ url, from }: LinkableIncident): string => incidentId(url, from)

describe('linkIncidents', () => {
  it('leaves an incident alone that has nothing in common with another', () => {
    expect(linkIncidents([])).toEqual([])
    expect(linkIncidents([incident('a', 0, 9, '192.0.2.1'), incident('b', 60, 90, '192.0.2.2')])).toEqual([null, null])
  })

  it('links what begins in the same minute of the clock', () => {
    const [a, b, c] = [incident('a', 60, 70), incident('b', 119.999, 500), incident('c', 120, 500)]
    expect(linkIncidents([c, b, a])).toEqual([null, idOf(a), idOf(a)])
  })

  it.each([
    ['while the other lasts', incident('b', 600, 900, '192.0.2.1'), true],
    ['at the moment when the other is over', incident('b', 1000, 1200, '192.0.2.1'), false],
    ['over the same of several addresses', incident('b', 600, 900, '192.0.2.9', '192.0.2.1'), true],
    ['over another address', incident('b', 600, 900, '192.0.2.9'), false],
  ])('links trackers at one address, of which one begins to fail %s', (_, b, isLinked) => {
    const a = incident('a', 0, 1000, '192.0.2.1', '192.0.2.2')
    expect(linkIncidents([a, b])).toEqual(isLinked ? [idOf(a), idOf(a)] : [null, null])
  })

  it('blames no tracker that has been down for ever for what fails later at its address', () => {
    const dead = incident('dead', 0, null, '192.0.2.1')
    expect(linkIncidents([dead, incident('b', 3600, 9000, '192.0.2.1')])).toEqual([null, null])
    expect(linkIncidents([dead, incident('b', 3599, 9000, '192.0.2.1')])).toEqual([idOf(dead), idOf(dead)])
  })

  it('names the group after its earliest incident, by URL where two begin at once', () => {
    const [a, b, c] = [incident('a', 5, 9), incident('b', 5, 9), incident('c', 6, 9)]
    expect(linkIncidents([c, b, a])).toEqual([idOf(a), idOf(a), idOf(a)])
  })

  it('joins those that each belong together with a third', () => {
    const a = incident('a', 0, 5000, '192.0.2.1')
    const b = incident('b', 1800, 9000, '192.0.2.1', '192.0.2.2')
    const c = incident('c', 5100, 9000, '192.0.2.2')
    const d = incident('d', 5110, 9000)
    expect(linkIncidents([a, b, c, d])).toEqual([idOf(a), idOf(a), idOf(a), idOf(a)])
    expect(linkIncidents([a, c])).toEqual([null, null])
  })

  const incidents = fc
    .array(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
        from: fc.nat(9000),
        length: fc.option(fc.integer({ min: 1, max: 6000 })),
        addresses: fc.subarray(['192.0.2.1', '192.0.2.2', '2001:db8::1']),
      }),
      { maxLength: 14 },
    )
    .map((given) => {
      const distinct = new Map(given.map((it) => [`${it.name} ${it.from}`, it]))
      return [...distinct.values()].map(({ name, from, length, addresses }) =>
        incident(name, from, length === null ? null : from + length, ...addresses),
      )
    })

  it('equals comparing each with each', () => {
    fc.assert(
      fc.property(incidents, (given) => {
        expect(linkIncidents(given)).toEqual(compared(given))
      }),
      { numRuns: 500 },
    )
  })

  it('says the same in any order', () => {
    fc.assert(
      fc.property(
        incidents.chain((given) =>
          fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
        ),
        ([given, shuffled]) => {
          const groups = new Map(linkIncidents(given).map((group, index) => [given[index], group]))
          expect(linkIncidents(shuffled)).toEqual(shuffled.map((one) => groups.get(one)))
        },
      ),
    )
  })

  it('keeps the name of a group when a later incident joins it', () => {
    fc.assert(
      fc.property(incidents, (given) => {
        const sorted = given.toSorted((one, other) => one.from.getTime() - other.from.getTime())
        const newest = sorted.at(-1)
        const before = sorted.slice(0, -1).filter((one) => one.from.getTime() !== newest?.from.getTime())
        const [was, is] = [linkIncidents(before), linkIncidents(sorted)]
        for (const [index, group] of was.entries()) {
          const earliest = before.findIndex((one) => idOf(one) === group)
          if (group !== null && is[earliest] === was[earliest]) expect(is[index]).toBe(group)
        }
      }),
    )
  })
})

/** The reference: compares all pairs, and follows from each incident what can be reached. */
function compared(incidents: readonly LinkableIncident[]): (string | null)[] {
  const related = (one: LinkableIncident, other: LinkableIncident): boolean => {
    const [early, late] = one.from <= other.from ? [one, other] : [other, one]
    const apartMs = late.from.getTime() - early.from.getTime()
    const lasts = early.to === null || late.from < early.to
    const shared = early.addresses.some((address) => late.addresses.includes(address))
    return (
      one.from.toISOString().slice(0, 16) === other.from.toISOString().slice(0, 16) ||
      (shared && lasts && apartMs < 3_600_000)
    )
  }
  return incidents.map((start) => {
    const reached = new Set([start])
    for (const one of reached) for (const other of incidents) if (related(one, other)) reached.add(other)
    const [first] = [...reached].toSorted((a, b) => a.from.getTime() - b.from.getTime() || (a.url < b.url ? -1 : 1))
    return reached.size > 1 && first !== undefined ? idOf(first) : null
  })
}
