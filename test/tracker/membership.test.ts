import { describe, expect, it } from 'vitest'
import { nextMembership } from '../../src/tracker/membership.js'
import { type ListName, listNames, type Membership, select } from '../../src/tracker/select.js'
import type { Entry } from '../../src/tracker/state.js'
import { DAY_MS, entryOf, NOW, ok, rules, timeout } from '../export/entries.js'

const MINUTE_MS = 60_000
const minutes = (count: number): Date => new Date(NOW.getTime() + count * MINUTE_MS)
const urlOf = (name: string): string => `udp://${name}.example:1`

interface Moment {
  readonly uptime?: number | null
  readonly latencyMs?: number
  /** How long it has not been alive; absent: it is. */
  readonly downMinutes?: number
  readonly fakes?: boolean
  readonly ageDays?: number
}

/** A tracker as it is at a moment. */
function seen(name: string, at: Date, { downMinutes, fakes = false, ...options }: Moment = {}): Entry {
  const outcome = fakes ? { ...ok, flags: ['fake_peers' as const] } : downMinutes === undefined ? ok : timeout
  const entry = entryOf(urlOf(name), { ...options, outcome, status: downMinutes === undefined ? 'up' : 'down' })
  if (downMinutes === undefined || entry.health === null) return entry
  return { ...entry, health: { ...entry.health, since: new Date(at.getTime() - downMinutes * MINUTE_MS) } }
}

/** The moments of one tracker, ten minutes apart → what each did to its place on a list: `in`, `out`, or nothing. */
function follow(list: ListName, moments: readonly (Moment | null)[], our = rules): string[] {
  let members: Membership = new Map()
  return moments.map((moment, index) => {
    const at = minutes(10 * index)
    const entries = moment === null ? [] : [seen('a', at, moment)]
    const next = nextMembership(members, entries, { rules: our, at })
    members = next.members
    const [change] = next.changes.filter((one) => one.list === list)
    return change === undefined ? '' : `${change.entered ? 'in' : 'out'}: ${change.reason}`
  })
}

const hosts = (members: Membership, list: ListName): string[] =>
  [...(members.get(list)?.keys() ?? [])].map((url) => url.slice('udp://'.length, url.indexOf('.')))

describe('the list stable', () => {
  it('is entered at the threshold, not below it', () => {
    expect(follow('stable', [{ uptime: 0.9499 }, { uptime: 0.95 }, { uptime: 0.96 }])).toEqual([
      '',
      'in: qualified',
      '',
    ])
  })

  it('is left once the uptime is more than a margin below the threshold, and entered again at the threshold alone', () => {
    const uptimes = [0.95, 0.9401, 0.9399, 0.9401, 0.9499, 0.95]
    const expected = ['in: qualified', '', 'out: uptime', '', '', 'in: qualified']
    expect(
      follow(
        'stable',
        uptimes.map((uptime) => ({ uptime })),
      ),
    ).toEqual(expected)
  })

  it('is not left for a blink', () => {
    expect(follow('stable', [{}, { downMinutes: 14.9 }, {}])).toEqual(['in: qualified', '', ''])
  })

  it('is left once the tracker has not been alive for the grace', () => {
    expect(follow('stable', [{}, { downMinutes: 5 }, { downMinutes: 15 }, {}])).toEqual([
      'in: qualified',
      '',
      'out: not_alive',
      'in: qualified',
    ])
  })

  it('is not entered by a tracker that is not alive, however short', () => {
    expect(follow('stable', [{ downMinutes: 0 }])).toEqual([''])
  })

  it('counts time not alive from the first bad check on, whatever bad status has followed', () => {
    const entry = seen('a', minutes(10), { downMinutes: 1 })
    const { health } = entry
    if (health === null) throw new Error('no health')
    const streak = { good: false, count: 9, since: minutes(-10) }
    const before = nextMembership(new Map(), [seen('a', NOW)], { rules, at: NOW }).members
    const { changes } = nextMembership(before, [{ ...entry, health: { ...health, streak } }], {
      rules,
      at: minutes(10),
    })
    expect(changes.find(({ list }) => list === 'stable')).toMatchObject({ entered: false, reason: 'not_alive' })
  })

  it('is entered with age, and left where the rule asks for more', () => {
    expect(follow('stable', [{ ageDays: 9.99 }, { ageDays: 10 }])).toEqual(['', 'in: qualified'])
    const before = nextMembership(new Map(), [seen('a', NOW)], { rules, at: NOW }).members
    const stricter = { ...rules, stable: { ...rules.stable, minAgeMs: 100 * DAY_MS } }
    const { changes } = nextMembership(before, [seen('a', NOW)], { rules: stricter, at: NOW })
    expect(changes.filter(({ list }) => list === 'stable')).toMatchObject([{ entered: false, reason: 'age' }])
  })

  it('is left at once by who makes up peers or is watched no more', () => {
    expect(follow('stable', [{}, { fakes: true }])).toEqual(['in: qualified', 'out: fake_peers'])
    expect(follow('stable', [{}, null])).toEqual(['in: qualified', 'out: unwatched'])
  })

  it('without margin and grace is the plain rule', () => {
    const plain = { ...rules, stable: { ...rules.stable, margin: 0, graceMs: 0 } }
    const moments = [{}, { uptime: 0.9499 }, {}, { downMinutes: 0 }]
    expect(follow('stable', moments, plain)).toEqual([
      'in: qualified',
      'out: uptime',
      'in: qualified',
      'out: not_alive',
    ])
  })
})

describe('the lists of those alive', () => {
  it('follow the status at once', () => {
    for (const list of ['alive', 'udp'] as const) {
      expect(follow(list, [{}, { downMinutes: 0 }, {}])).toEqual(['in: alive', 'out: not_alive', 'in: alive'])
    }
    expect(follow('http', [{}])).toEqual([''])
  })

  it('have what the plain rule says, for every list but stable and best', () => {
    const entries = [seen('a', NOW), seen('b', NOW, { downMinutes: 5 }), seen('c', NOW, { fakes: true })]
    const { members } = nextMembership(new Map(), entries, { rules, at: NOW })
    for (const list of listNames) {
      const selected = select(entries, { list, order: 'uptime' }, { rules, at: NOW })
      expect([...(members.get(list)?.keys() ?? [])].toSorted()).toEqual(
        selected.map(({ tracker }) => tracker.url).toSorted(),
      )
    }
  })
})

describe('the list all', () => {
  it('has who is watched, whatever the status, and nobody with a secret in the URL', () => {
    expect(follow('all', [{ downMinutes: 5 }, { fakes: true }, null])).toEqual(['in: watched', '', 'out: unwatched'])
    const secret = entryOf('http://private.example/0123456789abcdef0123456789abcdef/announce')
    expect(nextMembership(new Map(), [secret], { rules, at: NOW }).changes).toEqual([])
  })
})

describe('the list best', () => {
  const three = { ...rules, best: { limit: 3 } }
  const fleet = (uptimes: Readonly<Record<string, number>>, at = NOW): Entry[] =>
    Object.entries(uptimes).map(([name, uptime]) => seen(name, at, { uptime }))
  const first = nextMembership(new Map(), fleet({ a: 0.999, b: 0.998, c: 0.997, d: 0.996, e: 0.5 }), {
    rules: three,
    at: NOW,
  })

  it('begins with the first of all', () => {
    expect(hosts(first.members, 'best')).toEqual(['a', 'b', 'c'])
  })

  it('lets nobody be displaced by a challenger that is a little better', () => {
    const entries = fleet({ a: 0.999, b: 0.998, c: 0.997, d: 1, e: 1, f: 1 })
    const { members, changes } = nextMembership(first.members, entries, { rules: three, at: minutes(10) })
    expect(hosts(members, 'best')).toEqual(['a', 'b', 'c'])
    expect(changes.filter(({ list }) => list === 'best')).toEqual([])
  })

  it('lets go who is not among the first of twice the limit any more, for the first that is not on it', () => {
    const entries = fleet({ a: 0.999, b: 0.998, c: 0.997, d: 1, e: 1, f: 1, g: 0.9999 })
    const { members, changes } = nextMembership(first.members, entries, { rules: three, at: minutes(10) })
    expect(hosts(members, 'best')).toEqual(['a', 'b', 'd'])
    const ofBest = changes.filter(({ list }) => list === 'best')
    expect(ofBest.map(({ url, entered, reason }) => [url, entered, reason])).toEqual([
      [urlOf('c'), false, 'rank'],
      [urlOf('d'), true, 'rank'],
    ])
  })

  it('fills the place of who has not been alive for the grace, and not before', () => {
    const at = minutes(20)
    const rest = fleet({ b: 0.998, c: 0.997, d: 0.996 }, at)
    const blink = nextMembership(first.members, [seen('a', at, { downMinutes: 14 }), ...rest], { rules: three, at })
    expect(hosts(blink.members, 'best')).toEqual(['a', 'b', 'c'])
    const gone = nextMembership(first.members, [seen('a', at, { downMinutes: 15 }), ...rest], { rules: three, at })
    expect(hosts(gone.members, 'best')).toEqual(['b', 'c', 'd'])
    expect(gone.changes).toContainEqual(expect.objectContaining({ list: 'best', url: urlOf('a'), reason: 'not_alive' }))
  })

  it('shrinks to a smaller limit by rank', () => {
    const smaller = { ...rules, best: { limit: 1 } }
    const entries = fleet({ a: 0.999, b: 0.9999, c: 0.997 })
    const { members } = nextMembership(first.members, entries, { rules: smaller, at: minutes(10) })
    expect(hosts(members, 'best')).toEqual(['b'])
  })

  it('prefers who is on stable, with what keeps it there', () => {
    const one = { ...rules, best: { limit: 1 } }
    const before = nextMembership(new Map(), fleet({ a: 0.95 }), { rules: one, at: NOW }).members
    const young = seen('b', NOW, { uptime: 1, ageDays: 1 })
    const next = nextMembership(
      new Map([['stable', before.get('stable') ?? new Map()]]),
      [...fleet({ a: 0.945 }), young],
      {
        rules: one,
        at: minutes(10),
      },
    )
    expect(hosts(next.members, 'best')).toEqual(['a'])
  })
})

describe('a change', () => {
  it('tells list, moment and uptime, and a member keeps the moment of its coming', () => {
    const { members, changes } = nextMembership(new Map(), [seen('a', NOW, { uptime: 0.96 })], { rules, at: NOW })
    expect(changes).toContainEqual({
      list: 'stable',
      url: urlOf('a'),
      at: NOW,
      entered: true,
      reason: 'qualified',
      uptime: 0.96,
    })
    const later = nextMembership(members, [seen('a', minutes(10))], { rules, at: minutes(10) })
    expect(later.members.get('stable')?.get(urlOf('a'))).toEqual(NOW)
    expect(later.changes).toEqual([])
  })
})
