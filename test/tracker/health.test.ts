import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Health,
  type HealthPolicy,
  isAliveStatus,
  isObservedStatus,
  nextHealth,
  type Status,
  statuses,
  unobservedStart,
} from '../../src/tracker/health.js'
import { healthStep } from '../../src/tracker/health-step.js'
import type { AnnounceAnswer, CheckResult, Outcome } from '../../src/tracker/outcome.js'

/*
 * A history is a string with one check a minute: `+` ok, `~` ok with a degrading flag, `r` refused, `-` failed,
 * `s` skipped, `o` and `i` skipped for good (an overlay network, an invalid URL), `=` paused, `.` no check at all. What
 * becomes of it is one letter each.
 */
const statusLetters: Readonly<Record<Status, string>> = {
  pending: 'p',
  up: 'U',
  degraded: 'G',
  rejecting: 'R',
  down: 'D',
  unknown: '?',
  unsupported: 'x',
  paused: '=',
}

const announce: AnnounceAnswer = {
  intervalS: 1800,
  minIntervalS: null,
  seeders: 0,
  leechers: 1,
  peers: [],
  peers6: null,
  warningMessage: null,
  trackerId: null,
  externalIp: null,
  extra: {},
}
const outcomes: Readonly<Record<string, Outcome>> = {
  '+': { kind: 'ok', announce, flags: ['packet_loss'] },
  '~': { kind: 'ok', announce, flags: ['packet_loss', 'slow'] },
  r: { kind: 'rejected', code: 'not_registered', message: 'unregistered', flags: [], retryAfterS: null },
  '-': { kind: 'failed', reason: 'timeout', code: 'udp.timeout', phase: 'udp_connect', detail: 'no answer' },
  s: { kind: 'skipped', reason: 'uplink_down', code: 'net.uplink', detail: 'uplink is down' },
  o: { kind: 'skipped', reason: 'overlay_network', code: 'net.overlay_i2p', detail: 'an I2P address' },
  i: { kind: 'skipped', reason: 'invalid_url', code: 'local.invalid_url', detail: 'no URL' },
  '=': { kind: 'skipped', reason: 'paused', code: 'local.paused', detail: 'paused by the configuration' },
}

const usual: HealthPolicy = { downAfter: 2, upAfter: 1, aliveWhen: 'announce', holdMs: 150_000 }
const MINUTE = 60_000
const minute = (minutes: number) => new Date(minutes * MINUTE)
const minuteOf = (date: Date | null | undefined) => (date ? date.getTime() / MINUTE : null)

function checkAt(index: number, outcome: Outcome): CheckResult {
  return { url: 'udp://t.example:1', checkedAt: minute(index), outcome, alive: false, latencyMs: null, probes: [] }
}

/** Every step of a history; `.` leaves a step out. */
function walk(history: string, policy: HealthPolicy = usual) {
  let previous: Health | undefined
  return [...history].flatMap((letter, index) => {
    const outcome = outcomes[letter]
    if (outcome === undefined) return []
    const result = checkAt(index, outcome)
    const step = healthStep(previous, result, policy)
    previous = step.health
    return [step]
  })
}

function statusesOf(history: string, policy?: HealthPolicy): string {
  return walk(history, policy)
    .map(({ health }) => statusLetters[health.status])
    .join('')
}

/** `minute>letter` for each change, such as `1>D`. */
function changesOf(history: string, policy?: HealthPolicy): string {
  return walk(history, policy)
    .flatMap(({ change }) => (change === null ? [] : `${minuteOf(change.at)}>${statusLetters[change.to]}`))
    .join(' ')
}

function gapsOf(history: string, policy?: HealthPolicy): string {
  return walk(history, policy)
    .flatMap(({ gap }) => (gap === null ? [] : `${minuteOf(gap.from)}-${minuteOf(gap.to)}`))
    .join(' ')
}

describe('after a clock that stood ahead, a check', () => {
  const DAY = 24 * 60
  /** What a check at a minute makes of a history that was noted a number of minutes later. */
  const setRight = (history: string, aheadMinutes: number, letter: string) => {
    let previous: Health | undefined
    for (const [index, past] of [...history].entries()) {
      const outcome = outcomes[past]
      if (outcome !== undefined) previous = nextHealth(previous, checkAt(aheadMinutes + index, outcome), usual)
    }
    const result = checkAt(0, outcomes[letter] ?? { kind: 'ok', announce, flags: [] })
    return healthStep(previous, result, usual)
  }

  it.each([
    ['goes on with the status', '++', '+', 'U', null],
    ['ends it now, and not in the future', '--', '+', 'U', 0],
    ['begins a bad one now where it was in doubt', '+-', '-', 'D', 0],
    ['ends no stretch without observation that has not begun', '+ss', '+', 'U', null],
    ['that is skipped tells nothing', '+', 's', 'U', null],
    ['that is skipped begins no stretch of them ahead', '+ss', 's', 'U', null],
  ])('%s', (_, history, letter, status, changedAt) => {
    const { health: next, change, gap } = setRight(history, 365 * DAY, letter)
    expect([statusLetters[next.status], minuteOf(change?.at)]).toEqual([status, changedAt])
    expect(gap).toBeNull()
    const moments = [next.since, next.checkedAt, next.unobservedSince, next.streak?.since]
    expect(moments.filter((moment) => moment && moment > minute(0))).toEqual([])
  })

  it('keeps the moments as they are where it was a matter of minutes, so that changes stay in order', () => {
    const { health: next, change, gap } = setRight('--', 3, '+')
    expect(change?.at).toEqual(new Date(minute(3).getTime() + 1)) // after the one before
    expect([minuteOf(next.checkedAt), gap]).toEqual([0, null])
    expect(setRight('+ss', 3, '+').gap).toBeNull()
    expect(setRight('--', 3, '=').change?.at).toEqual(new Date(minute(3).getTime() + 1))
  })
})

describe('the status of a tracker', () => {
  it.each([
    ['is up with the first good check', '+', 'U'],
    ['is pending until enough bad checks say that it is down', '--', 'pD'],
    ['survives a single bad check', '+-+-+', 'UUUUU'],
    ['is down after two bad checks in a row, and up after one good', '+--+--', 'UUDUUD'],
    ['is degraded and up again at once, for both are good', '+~+', 'UGU'],
    ['goes from degraded to down like from up', '~--', 'GGD'],
    ['comes back as degraded', '--~', 'pDG'],
    ['is rejecting after two refusals in a row', '+rr', 'UUR'],
    ['is what the last of two different bad checks says', '+-r', 'UUR'],
    ['is what the last of two different bad checks says', '+r-', 'UUD'],
    ['goes from down to rejecting after two refusals in a row', '--rr', 'pDDR'],
    ['goes from rejecting to down after two failures in a row', 'rr--', 'pRRD'],
    ['stays down while failures and refusals take turns', '--r-r-r', 'pDDDDDD'],
    ['comes back from rejecting', 'rr+', 'pRU'],
    ['is unknown while every check is skipped', 'sss', '???'],
    ['is not touched by skipped checks', '+sss', 'UUUU'],
    ['is not touched by skipped checks', '--ss', 'pDDD'],
    ['stays pending through skipped checks, for one was not skipped', '-s-', 'ppD'],
    ['counts bad checks across skipped ones', '+-ss-', 'UUUUD'],
    ['goes from unknown to up', 's+', '?U'],
    ['goes from unknown to down after two bad checks', 's--', '??D'],
    ['is unsupported where the tracker cannot be checked from here', 'oo', 'xx'],
    ['goes from unsupported to up, should it become possible', 'o+', 'xU'],
    ['is paused with the first check that a pause takes away, whatever it was', '+=', 'U='],
    ['is paused with the first check that a pause takes away, whatever it was', '--=', 'pD='],
    ['is paused with the first check that a pause takes away, whatever it was', 'o=s=', 'x=?='],
    ['is paused from the beginning', '==', '=='],
    ['is up with the first good check after a pause', '--==+', 'pD==U'],
    ['is degraded with the first check after a pause that says so', '+==~', 'U==G'],
    ['is down with enough bad checks after a pause, those before it not counted', '+-=--', 'UU==D'],
    ['is down with enough bad checks after a pause, be it as it was before', '--=--', 'pD==D'],
    ['is rejecting with enough refusals after a pause', 'rr=rr', 'pR==R'],
    ['is unknown where checks are skipped for another reason after a pause', '+=s', 'U=?'],
    ['is unknown where checks are skipped for another reason after a pause', '+=-s-', 'U==?D'],
  ])('%s: %s → %s', (_, history, expected) => {
    expect(statusesOf(history)).toBe(expected)
  })

  it.each([
    ['--+', 'pDD'],
    ['--++', 'pDDU'],
    ['--+-++', 'pDDDDU'],
    ['--+~', 'pDDG'],
    ['+', 'U'],
    ['s+', '?U'],
    ['--+=+', 'pDD=U'],
  ])(
    'needs two good checks to recover where the policy says so, and one to begin with: %s → %s',
    (history, expected) => {
      expect(statusesOf(history, { ...usual, upAfter: 2 })).toBe(expected)
    },
  )

  it.each([
    ['-', 'D'],
    ['+-+', 'UDU'],
    ['r', 'R'],
    ['-r', 'DD'],
    ['-rr', 'DDR'],
  ])('is down with the first bad check where the policy says so: %s → %s', (history, expected) => {
    expect(statusesOf(history, { ...usual, downAfter: 1 })).toBe(expected)
  })

  it.each([
    ['r', 'R'],
    ['+r+', 'URU'],
    ['--r', 'pDR'],
    ['r-r', 'RRR'],
    ['r--', 'RRD'],
  ])('takes a refusal for a good check where any answer is enough: %s → %s', (history, expected) => {
    expect(statusesOf(history, { ...usual, aliveWhen: 'response' })).toBe(expected)
  })
})

describe('a status change', () => {
  it.each([
    ['dates a first status to the first check', '+', '0>U'],
    ['dates an outage back to its first bad check', '++--', '0>U 2>D'],
    ['dates an outage at the very start back too', '--', '0>D'],
    ['dates a recovery to the good check', '++---+', '0>U 2>D 5>U'],
    ['dates back across skipped checks', '+-ss-', '0>U 1>D'],
    ['dates back across skipped checks at the very start', '-s-', '0>D'],
    ['dates back into a time in which the tracker was unknown', 's-s-', '0>? 1>D'],
    ['does not date back before the status that it ends', 's-o-', '0>? 2>x 2>D'],
    ['dates a turn from down to rejecting to the first of the two refusals', '--rr', '0>D 2>R'],
    ['dates it to the second refusal where the time between is unknown', '--rsr', '0>D 4>R'],
    ['dates degraded to the check that shows it', '+~', '0>U 1>G'],
    ['is none while nothing changes', '+++s+', '0>U'],
    ['dates a pause to its first check, and what comes after to the first check after', '+==+', '0>U 1>= 3>U'],
    ['dates nothing back into a pause, nor beyond it', '+-==--', '0>U 2>= 4>D'],
    ['dates nothing back into a pause, nor beyond it', '-=--', '1>= 2>D'],
  ])('%s: %s → %s', (_, history, expected) => {
    expect(changesOf(history)).toBe(expected)
  })

  it('dates a recovery back to the first of the good checks that it took', () => {
    expect(changesOf('--+++', { ...usual, upAfter: 3 })).toBe('0>D 2>U')
  })

  it.each([
    ['--', { from: 'pending', to: 'down', reason: 'timeout', code: 'udp.timeout', message: 'no answer' }],
    ['rr', { from: 'pending', to: 'rejecting', reason: null, code: 'not_registered', message: 'unregistered' }],
    ['+', { from: 'pending', to: 'up', reason: null, code: null, message: null }],
    ['+=', { from: 'up', to: 'paused', reason: null, code: 'local.paused', message: 'paused by the configuration' }],
    ['i', { from: 'pending', to: 'unsupported', reason: null, code: 'local.invalid_url', message: 'no URL' }],
    ['o', { from: 'pending', to: 'unsupported', reason: null, code: 'net.overlay_i2p', message: 'an I2P address' }],
  ])('says why: %s', (history, expected) => {
    expect(walk(history).at(-1)?.change).toMatchObject(expected)
  })

  it('has no message where a tracker refuses without a word', () => {
    const wordless: Outcome = { kind: 'rejected', code: 'other', message: '', flags: [], retryAfterS: null }
    const first = healthStep(undefined, checkAt(0, wordless), usual)
    const { change } = healthStep(first.health, checkAt(1, wordless), usual)
    expect(change).toMatchObject({ to: 'rejecting', code: 'other', message: null })
  })
})

describe('unobserved time', () => {
  it.each([
    ['begins when a status ceases to hold and ends with the next check', '+.....+', '2.5-6'],
    ['is none while checks come in time', '+.+.+', ''],
    ['begins with the first skipped check', '+sss+', '1-4'],
    ['begins when the status ceased to hold, even if skipped checks follow', '+....ss+', '2.5-7'],
    ['is not ended by a skipped check', '+sss', ''],
    ['reaches from the first check where all were skipped', 'ss+', '0-2'],
    ['is ended by a bad check as well', '+.....-', '2.5-6'],
    ['comes as often as it happens', '+....+....+s+', '2.5-5 7.5-10 11-12'],
    ['is a pause, until the first check that is made again', '+===+', '1-4'],
    ['is a pause, until the first check that is made again', '--==-', '2-4'],
    ['begins when the status ceased to hold, even if a pause follows', '+....==+', '2.5-7'],
  ])('%s: %s → %s', (_, history, expected) => {
    expect(gapsOf(history)).toBe(expected)
  })

  it('is all that is known in a pause', () => {
    expect(walk('+-===').at(-1)?.health).toEqual({
      status: 'paused',
      since: minute(2),
      checkedAt: minute(4),
      streak: null,
      lastVerdict: null,
      unobservedSince: minute(2),
      holdMs: usual.holdMs,
    })
  })

  it('is open from the end of the hold, or from the skipped check, until now', () => {
    const [held] = walk('+')
    const skipped = walk('+s').at(-1)
    if (held === undefined || skipped === undefined) throw new Error('no steps')
    expect(minuteOf(unobservedStart(held.health, minute(2)))).toBeNull()
    expect(minuteOf(unobservedStart(held.health, minute(2.5)))).toBeNull()
    expect(minuteOf(unobservedStart(held.health, minute(3)))).toBe(2.5)
    expect(minuteOf(unobservedStart(skipped.health, minute(1)))).toBe(1)
  })
})

describe('statuses', () => {
  it('are alive by policy', () => {
    expect(statuses.filter((status) => isAliveStatus(status, 'announce'))).toEqual(['up', 'degraded'])
    expect(statuses.filter((status) => isAliveStatus(status, 'response'))).toEqual(['up', 'degraded', 'rejecting'])
  })

  it('say something about the tracker or not', () => {
    expect(statuses.filter(isObservedStatus)).toEqual(['up', 'degraded', 'rejecting', 'down'])
  })
})

describe('any history', () => {
  const histories = fc
    .array(fc.constantFrom('+', '~', 'r', '-', 's', 'o', '=', '....'), { maxLength: 60 })
    .map((it) => it.join(''))
  const policies = fc.record<HealthPolicy>({
    downAfter: fc.integer({ min: 1, max: 4 }),
    upAfter: fc.integer({ min: 1, max: 4 }),
    aliveWhen: fc.constantFrom('announce', 'response'),
    holdMs: fc.constantFrom(30_000, 90_000, 600_000),
  })

  it('makes changes that ascend and join, none later than its check', () => {
    fc.assert(
      fc.property(histories, policies, (history, policy) => {
        let status: Status = 'pending'
        let at = -1
        for (const { health, change } of walk(history, policy)) {
          expect(health.since.getTime()).toBeLessThanOrEqual(health.checkedAt.getTime())
          if (change === null) continue
          expect(change.from).toBe(status)
          expect(change.at.getTime()).toBeGreaterThanOrEqual(at)
          expect(change.at).toEqual(health.since)
          status = change.to
          at = change.at.getTime()
        }
        expect(walk(history, policy).at(-1)?.health.status ?? 'pending').toBe(status)
      }),
    )
  })

  it('makes gaps that ascend without overlap and end with a conclusive check', () => {
    fc.assert(
      fc.property(histories, policies, (history, policy) => {
        let end = 0
        for (const { health, gap } of walk(history, policy)) {
          if (gap === null) continue
          expect(gap.from.getTime()).toBeGreaterThanOrEqual(end)
          expect(gap.to.getTime()).toBeGreaterThan(gap.from.getTime())
          expect(gap.to).toEqual(health.checkedAt)
          expect(health.unobservedSince).toBeNull()
          end = gap.to.getTime()
        }
      }),
    )
  })

  it('is forgotten with a pause: what follows is as if nothing had been before', () => {
    fc.assert(
      fc.property(histories, histories, policies, (before, after, policy) => {
        const whole = statusesOf(`${before}=${after}`, policy)
        const anew = statusesOf(`=${after}`, policy)
        expect(whole.slice(-anew.length)).toBe(anew)
      }),
    )
  })

  it('is down only after as many bad checks in a row as the policy asks for', () => {
    fc.assert(
      fc.property(histories, policies, (history, policy) => {
        const bad = policy.aliveWhen === 'response' ? '-' : '-r'
        const isBad = (status: Status): boolean => isObservedStatus(status) && !isAliveStatus(status, policy.aliveWhen)
        for (const [index, { change }] of walk(history, policy).entries()) {
          // From one bad status to another it takes two alike, after however few bad ones.
          if (change === null || !isBad(change.to) || isBad(change.from)) continue
          const conclusive = history
            .replaceAll('.', '')
            .slice(0, index + 1)
            .replaceAll(/[so]/g, '')
          const run = conclusive.length - [...conclusive].findLastIndex((letter) => !bad.includes(letter)) - 1
          expect(run).toBeGreaterThanOrEqual(policy.downAfter)
        }
      }),
    )
  })
})
