import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Health, HealthPolicy } from '../../src/tracker/health.js'
import { healthStep } from '../../src/tracker/health-step.js'
import type { Outcome } from '../../src/tracker/outcome.js'
import { ok, rejected, skipped, timeout } from '../store/support.js'

const usual: HealthPolicy = { downAfter: 2, upAfter: 1, aliveWhen: 'announce', holdMs: 900_000 }
const degraded: Outcome = { ...ok, flags: ['slow'] }
/** What a tracker says, how often in a row, how many minutes apart, and by which policy. */
const stretch = fc.record({
  outcome: fc.constantFrom<Outcome>(ok, degraded, timeout, rejected, skipped),
  checks: fc.integer({ min: 1, max: 4 }),
  minutes: fc.constantFrom(10, 10, 10, 60, 0, -5, -3000),
  holdMs: fc.constantFrom(900_000, 900_000, 900_000, 1_800_000),
  aliveWhen: fc.constantFrom('announce', 'announce', 'response'),
})

/** The streak turns at the very moment at which it began before the clock was set back. */
const sameMoment = [
  { outcome: rejected, checks: 3, minutes: -5, holdMs: 900_000, aliveWhen: 'response' },
  { outcome: rejected, checks: 1, minutes: 10, holdMs: 900_000, aliveWhen: 'announce' },
] as const

function step(before: Health | undefined, minute: number, outcome: Outcome, policy = usual) {
  const checkedAt = new Date(minute * 60_000)
  const alive = outcome.kind === 'ok'
  return healthStep(
    before,
    { url: 'udp://t.example:1', checkedAt, outcome, alive, latencyMs: null, probes: [] },
    policy,
  )
}

/** All that is neither its moment nor the length of its streak. */
function restOf({ checkedAt: _, streak, ...rest }: Health): unknown {
  return { ...rest, streak: streak && { good: streak.good, since: streak.since } }
}

describe('a check', () => {
  it('continues the health before it exactly where it is later and nothing but the length of the streak is new', () => {
    const seen = { continued: 0, not: 0 }
    fc.assert(
      fc.property(fc.array(stretch, { minLength: 1, maxLength: 12 }), (stretches) => {
        let before: Health | undefined
        let minute = 1_000_000
        for (const { outcome, checks, minutes, holdMs, aliveWhen } of stretches) {
          for (let count = 0; count < checks; count++) {
            minute += minutes
            const { health, continues } = step(before, minute, outcome, { ...usual, holdMs, aliveWhen })
            const goesOn =
              before !== undefined &&
              before.checkedAt < health.checkedAt &&
              JSON.stringify(restOf(before)) === JSON.stringify(restOf(health))
            expect(continues).toBe(goesOn ? before : null)
            seen[goesOn ? 'continued' : 'not'] += 1
            before = health
          }
        }
      }),
      { numRuns: 500, examples: [[[...sameMoment]]] },
    )
    expect(Math.min(seen.continued, seen.not)).toBeGreaterThan(100)
  })

  it.each([
    ['the status', [ok, degraded, degraded]],
    ['the streak', [ok, timeout, timeout]],
  ])('continues nothing where a clock that was set back has moved the beginning of %s alone', (_, said) => {
    let before: Health | undefined
    for (const [index, outcome] of said.entries()) {
      const { health, continues } = step(before, [0, 5000, 1000][index] ?? 0, outcome, { ...usual, downAfter: 3 })
      expect(continues).toBeNull()
      before = health
    }
  })

  it('continues nothing where it is the first', () => {
    expect(step(undefined, 0, ok)).toMatchObject({ continues: null, change: { from: 'pending', to: 'up' }, gap: null })
  })
})
