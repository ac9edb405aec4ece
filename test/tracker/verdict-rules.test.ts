import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Health, type HealthPolicy, nextHealth } from '../../src/tracker/health.js'
import type { CheckResult, FailedOutcome, Outcome } from '../../src/tracker/outcome.js'
import { explainVerdict } from '../../src/tracker/verdict-rules.js'
import { ok, probe, timeout } from '../export/entries.js'

/** As in health.test.ts: `+` ok, `~` ok with a fault, `r` refused, `-` failed, `s` skipped, `o` skipped for good, `=` paused. */
const outcomes: Readonly<Record<string, Outcome>> = {
  '+': ok,
  '~': { ...ok, flags: ['packet_loss', 'slow'] },
  r: { kind: 'rejected', code: 'not_registered', message: 'unregistered', flags: [], retryAfterS: null },
  '-': timeout,
  s: { kind: 'skipped', reason: 'uplink_down', code: 'net.uplink', detail: 'uplink is down' },
  o: { kind: 'skipped', reason: 'overlay_network', code: 'net.overlay_i2p', detail: 'an I2P address' },
  '=': { kind: 'skipped', reason: 'paused', code: 'local.paused', detail: 'paused by the configuration' },
}
const usual: HealthPolicy = { downAfter: 2, upAfter: 1, aliveWhen: 'announce', holdMs: 150_000 }

function checkOf(outcome: Outcome, index = 0): CheckResult {
  const checkedAt = new Date(index * 60_000)
  return { url: 'udp://t.example:1', checkedAt, outcome, alive: false, latencyMs: null, probes: [] }
}

/** The health after each check of a history. */
function healthsAfter(letters: string, policy: HealthPolicy): readonly { health: Health; last: CheckResult }[] {
  let health: Health | undefined
  return [...letters].flatMap((letter, index) => {
    const outcome = outcomes[letter]
    if (outcome === undefined) return []
    const last = checkOf(outcome, index)
    health = nextHealth(health, last, policy)
    return [{ health, last }]
  })
}

function explained(letters: string, policy = usual) {
  const { health, last } = healthsAfter(letters, policy).at(-1) ?? { health: null, last: null }
  return explainVerdict({ health, last, aliveWhen: policy.aliveWhen }, policy)
}

const sentences = (letters: string, policy = usual) => explained(letters, policy).steps.map(({ sentence }) => sentence)
const decisive = (letters: string, policy = usual) =>
  explained(letters, policy).steps.find(({ decides }) => decides)?.sentence

const policies = fc.record({
  downAfter: fc.integer({ min: 1, max: 4 }),
  upAfter: fc.integer({ min: 1, max: 4 }),
  aliveWhen: fc.constantFrom('announce' as const, 'response' as const),
  holdMs: fc.constantFrom(30_000, 150_000),
})
const histories = fc.string({ unit: fc.constantFrom(...Object.keys(outcomes), '.'), minLength: 1, maxLength: 25 })

describe('why a tracker has its status', () => {
  it('is told of the status that it has, by exactly one rule, whatever happened', () => {
    fc.assert(
      fc.property(histories, policies, (letters, policy) => {
        for (const { health, last } of healthsAfter(letters, policy)) {
          const { status, steps } = explainVerdict({ health, last, aliveWhen: policy.aliveWhen }, policy)
          expect(status).toBe(health.status)
          expect(steps.filter(({ decides }) => decides)).toHaveLength(1)
          expect(steps.map(({ sentence }) => sentence).join('\n')).not.toMatch(/rules have changed|not known which/)
        }
      }),
    )
  })

  it('is that it stays so only where the last check has changed nothing, and against what it said', () => {
    fc.assert(
      fc.property(histories, policies, (letters, policy) => {
        let before: Health | null = null
        for (const { health, last } of healthsAfter(letters, policy)) {
          const { steps } = explainVerdict({ health, last, aliveWhen: policy.aliveWhen }, policy)
          const stays = steps.some(
            ({ decides, sentence }) => decides && /so (?:it stays|nothing is decided)/.test(sentence),
          )
          if (stays) expect(health.status).toBe(before?.status ?? 'pending')
          if (stays && last.outcome.kind !== 'skipped') expect(health.lastVerdict).not.toBe(health.status)
          before = health
        }
      }),
    )
  })

  it('is told of the status there is also where the rules have changed since the check', () => {
    fc.assert(
      fc.property(histories, policies, policies, (letters, then, now) => {
        for (const { health, last } of healthsAfter(letters, then)) {
          expect(explainVerdict({ health, last, aliveWhen: now.aliveWhen }, now).status).toBe(health.status)
        }
      }),
    )
    const [last] = healthsAfter('+-', { ...usual, downAfter: 5 }).slice(-1)
    const told = explainVerdict(
      { health: last?.health ?? null, last: last?.last ?? null, aliveWhen: 'announce' },
      { downAfter: 1, upAfter: 1 },
    )
    expect(told.steps.find(({ decides }) => decides)?.sentence).toMatch(/^The rules have changed .* it may be down/)
  })

  it.each([
    ['', 'No check has been made yet'],
    ['+', 'One good check is enough, so it is up'],
    ['+-', 'It takes 2 bad checks in a row to be down, so it stays up'],
    ['+--', 'It takes 2 bad checks in a row, so it is down'],
    ['+--r', 'From down to rejecting it takes two checks in a row that say the same, so it stays down'],
    ['-', 'It takes 2 bad checks in a row to be down, so nothing is decided yet'],
    ['+s', 'A skipped check says nothing about the tracker, so it stays up'],
    ['s', 'Nothing has been learned about the tracker, so its status is not known'],
    ['o', 'It cannot be checked from here, which is not the tracker’s fault'],
    ['+=', 'The operator has paused it, so it is not checked'],
    ['+-=-', 'It takes 2 bad checks in a row to be down, so it stays paused'],
    ['--=+', 'One good check is enough, so it is up'],
  ])('after "%s" is: %s', (letters, sentence) => {
    expect(decisive(letters)).toBe(sentence)
  })

  it('names how many good checks it takes after a failure', () => {
    const patient = { ...usual, upAfter: 3 }
    expect(decisive('--+', patient)).toBe('It takes 3 good checks in a row to be up again, so it stays down')
    expect(decisive('--+++', patient)).toBe('It takes 3 good checks in a row, so it is up')
    expect(decisive('+', patient)).toBe('That is the status already, so it is up')
  })

  it('tells what a refusal counts as in the group of the tracker', () => {
    expect(sentences('rr')).toEqual([
      'The last check was refused: serves registered torrents only',
      'A refusal does not count as alive in this group (alive_when: announce)',
      'The last 2 checks were all bad',
      'It takes 2 bad checks in a row, so it is rejecting',
      'It does not count as alive: its time is downtime, and it is on no list of trackers alive',
    ])
    expect(sentences('rr', { ...usual, aliveWhen: 'response' })).toContain(
      'A refusal counts as alive in this group (alive_when: response)',
    )
  })

  it('names the faults of an answer, and which of them count', () => {
    expect(sentences('~').slice(0, 3)).toEqual([
      'The last check was answered',
      'Packets were lost on the way: noted only',
      'Answers slowly: an answer with this fault counts as degraded',
    ])
  })

  it('names the answer of each address where there are several', () => {
    const six: FailedOutcome = { ...timeout, reason: 'unreachable', code: 'net.unreachable' }
    const [healthy] = healthsAfter('+', usual)
    const last = { ...checkOf({ ...ok, flags: ['family_down'] }), probes: [probe(4), probe(6, six)] }
    const { steps } = explainVerdict({ health: healthy?.health ?? null, last, aliveWhen: 'announce' }, usual)
    expect(steps.slice(0, 3).map(({ sentence }) => sentence)).toEqual([
      'IPv4 192.0.2.7 answered',
      'IPv6 2001:db8::7 failed: No route to the host',
      'The best of these answers counts for the check',
    ])
  })
})
