import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Gap, Status, StatusChange } from '../../src/tracker/health.js'
import { type Incident, incidentId, incidentsOf } from '../../src/tracker/incident.js'
import type { AliveWhen } from '../../src/tracker/policy.js'

const MINUTE = 60_000
const at = (minute: number): Date => new Date(Date.UTC(2026, 2, 1) + minute * MINUTE)

const statusOf = { U: 'up', G: 'degraded', D: 'down', R: 'rejecting', P: 'paused', k: 'unknown', p: 'pending' } as const
type Letter = keyof typeof statusOf
const isLetter = (text: string): text is Letter => Object.hasOwn(statusOf, text)

/** One letter per minute: a status; `-` keeps the status, unobserved. */
function input(text: string) {
  const changes: StatusChange[] = []
  const gaps: Gap[] = []
  let from: Status = 'pending'
  for (const [minute, letter] of [...text].entries()) {
    if (letter === '-') gaps.push({ from: at(minute), to: at(minute + 1) })
    if (!isLetter(letter) || statusOf[letter] === from) continue
    const to: Status = statusOf[letter]
    const isDown = to === 'down'
    changes.push({
      at: at(minute),
      from,
      to,
      reason: isDown ? 'timeout' : null,
      code: isDown ? 'udp.timeout' : to === 'rejecting' ? 'not_registered' : null,
      message: `minute ${minute}`,
    })
    from = to
  }
  return { changes, gaps, until: at(text.length), aliveWhen: 'announce' as AliveWhen, archivedAt: null as Date | null }
}

/** `from..to duration worst`, in minutes; a `+` behind `to` where the tracker recovered. */
function told(incidents: readonly Incident[]): string[] {
  const minute = (date: Date): number => (date.getTime() - at(0).getTime()) / MINUTE
  return incidents.map(
    ({ from, to, recovered, durationMs, worst }) =>
      `${minute(from)}..${to === null ? '' : minute(to)}${recovered ? '+' : ''} ${durationMs / MINUTE} ${worst}`,
  )
}

describe('incidentsOf', () => {
  it.each([
    ['of a tracker that was always well', 'pUUGGUU', []],
    ['of bad time between good', 'UUDDDUURRU', ['2..5+ 3 down', '7..9+ 2 rejecting']],
    ['that begins with the first check', 'DDU', ['0..2+ 2 down']],
    ['that lasts', 'UUDD', ['2.. 2 down']],
    ['of two bad statuses, one incident with the worse of them', 'URRDDRRU', ['1..7+ 6 down']],
    ['not ended by degraded time before it, and ended by it afterwards', 'GGDDGG', ['2..4+ 2 down']],
    ['through skipped time, which is not counted', 'UDD---DDU', ['1..8+ 4 down']],
    ['through a pause, which is not counted', 'UDDPPPDDU', ['1..8+ 4 down']],
    ['through a pause after which it is seen alive, for then it ends', 'UDDPPPU', ['1..6+ 2 down']],
    ['through unknown time that still lasts', 'UDDkkk', ['1.. 2 down']],
    ['that was seen for no time', 'UD--U', ['1..4+ 1 down']],
    ['after a pause of a tracker that was well', 'UUPPDDU', ['4..6+ 2 down']],
  ])('tells %s: %s', (_, text, expected) => {
    expect(told(incidentsOf(input(text)))).toEqual(expected)
  })

  it('leaves out a gap over a change of the status on both sides of it', () => {
    const over = { ...input('URRRDDDU'), gaps: [{ from: at(2), to: at(6) }] }
    expect(told(incidentsOf(over))).toEqual(['1..7+ 2 down'])
  })

  it('calls refusals good where an answer is enough', () => {
    const lenient = { ...input('UURRDDRRU'), aliveWhen: 'response' as const }
    expect(told(incidentsOf(lenient))).toEqual(['4..6+ 2 down'])
  })

  it('names the cause: that of the change that began it', () => {
    const [incident] = incidentsOf(input('URRDDU'))
    expect(incident).toMatchObject({ reason: null, code: 'not_registered', message: 'minute 1', worst: 'down' })
    expect(incidentsOf(input('UDDRRU'))[0]).toMatchObject({
      reason: 'timeout',
      code: 'udp.timeout',
      message: 'minute 1',
    })
  })

  it('ends where the tracker is watched no more, without a recovery', () => {
    expect(told(incidentsOf({ ...input('UDDDD--'), archivedAt: at(4) }))).toEqual(['1..4 3 down'])
    expect(told(incidentsOf({ ...input('UDDUU--'), archivedAt: at(4) }))).toEqual(['1..3+ 2 down'])
  })

  it('is of a length of its own: a status for no time at all is no incident', () => {
    const { changes, ...rest } = input('UDU')
    const instant = changes.map((change) => ({ ...change, at: at(0) }))
    expect(incidentsOf({ ...rest, changes: instant })).toEqual([])
  })

  it('equals counting minute by minute, with and without the changes from bad to bad', () => {
    const letter = fc.constantFrom('U', 'U', 'D', 'D', 'R', 'P', '-', 'k', 'G')
    fc.assert(
      fc.property(
        fc.array(letter, { maxLength: 40 }),
        fc.constantFrom('announce', 'response'),
        (letters, aliveWhen) => {
          const given = { ...input(letters.join('')), aliveWhen }
          expect(told(incidentsOf(given))).toEqual(counted(letters, aliveWhen))
          const isBad = (status: Status) => status === 'down' || (status === 'rejecting' && aliveWhen === 'announce')
          let isTold = false
          const fewer = given.changes.filter(({ from, to }) => {
            if (!isBad(from) || !isBad(to)) isTold = to === 'down'
            else if (to === 'down' && !isTold) isTold = true
            else return false
            return true
          })
          expect(incidentsOf({ ...given, changes: fewer })).toEqual(incidentsOf(given))
        },
      ),
    )
  })
})

/** The reference: walks the minutes and knows neither changes nor gaps. */
function counted(letters: readonly string[], aliveWhen: AliveWhen): string[] {
  const bad = aliveWhen === 'announce' ? 'DR' : 'D'
  const good = aliveWhen === 'announce' ? 'UG' : 'UGR'
  const incidents: string[] = []
  let open: { from: number; minutes: number; worst: string } | null = null
  let status = 'p'
  for (const [minute, letter] of letters.entries()) {
    if (letter !== '-') status = letter
    if (letter !== '-' && good.includes(letter)) {
      if (open !== null) incidents.push(`${open.from}..${minute}+ ${open.minutes} ${open.worst}`)
      open = null
    }
    if (!bad.includes(status)) continue
    if (letter !== '-') open ??= { from: minute, minutes: 0, worst: 'rejecting' }
    if (open === null) continue
    if (letter !== '-') open.minutes += 1
    if (status === 'D') open.worst = 'down'
  }
  if (open !== null) incidents.push(`${open.from}.. ${open.minutes} ${open.worst}`)
  return incidents
}

describe('incidentId', () => {
  it('is the same for the same tracker and moment, and another for any other', () => {
    const url = 'udp://a.example:1'
    expect(incidentId(url, at(0))).toMatch(/^[0-9a-f]{12}$/)
    expect(incidentId(url, at(0))).toBe(incidentId(url, at(0)))
    expect(new Set([incidentId(url, at(0)), incidentId(url, at(1)), incidentId('udp://b.example:1', at(0))]).size).toBe(
      3,
    )
  })
})
