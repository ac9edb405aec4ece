import { describe, expect, it } from 'vitest'
import { canLose, inNetwork, LOSE_TENTH, obstacle, titleFor } from './network.js'
import type { RoundsReport, RoundsTask } from './rounds.js'

/*
 * One datagram in ten is lost on either way, each independently of the others.
 *
 *   An attempt fails                    q = 1 − 0.9²                      = 0.19
 *   A phase fails, all three attempts   f = q³                            = 0.006859
 *   A check fails, in either phase      p = 1 − (1 − f)²                  = 0.013671
 *   A round ends with "down": its check and the one before failed, p²     = 0.000187, 1 in 5,351
 *
 * The last holds for every round but the first of a tracker (`down_after: 2`, `up_after: 1`: down is who failed twice
 * in a row, until the next good answer). So fewer than 1 in 1,000 with a wide margin. All three attempts of the second
 * phase fit into the time only from a timeout of 7 s on, where they are sent at 0, 1 and 3 s: with less, one datagram
 * per second comes first. The default is 10 s.
 *
 * The test has 800 trackers with 20 rounds each, as many as it takes to tell. It fails a product that is right with a
 * probability of less than 1e-6, the sum of these:
 *
 *   16 or more of 16,000 rounds end with "down", 2.8 expected: 1.2e-7, exactly, by the distribution of the rounds behind
 *   two failures among 20 in a row (a Markov chain of three states), folded 800 times.
 *   Failed checks beyond 6 standard deviations, 219 ± 88: 1e-8, by the binomial distribution.
 *   Datagrams sent again beyond 6 standard deviations, 7,210 ± 530: below 2e-7 (Bernstein). Per phase there are q + q²
 *   of them, and the second phase happens with probability 1 − f: 0.45065 per check, with a variance of 0.4875.
 *
 * Above the mean a busy machine adds its own: what is answered in time but read late has been sent again. So more than
 * expected counts as too many only from half as much again.
 */
const TRACKERS = 800
const ROUNDS = 20
const CHECKS = TRACKERS * ROUNDS
const expected = {
  failed: { mean: CHECKS * 0.013671, deviation: Math.sqrt(CHECKS * 0.013671 * 0.986329) },
  lost: { mean: CHECKS * 0.45065, deviation: Math.sqrt(CHECKS * 0.4875) },
}

function isLikely(count: number, { mean, deviation }: { mean: number; deviation: number }): boolean {
  return count > mean - 6 * deviation && count < Math.max(mean + 6 * deviation, mean * 1.5)
}

const kernelLoses = canLose()
const how = kernelLoses ? 'lost by the kernel' : 'lost by the trackers, for want of iptables with its statistic match'

describe.skipIf(obstacle !== null)(titleFor('a tracker behind a loss of 10 % each way'), { timeout: 120_000 }, () => {
  it(`is called down in fewer than 1 of 1,000 rounds (${how})`, async () => {
    const task: RoundsTask = {
      trackers: TRACKERS,
      rounds: ROUNDS,
      timeoutMs: 7000,
      downAfter: 2,
      lossRatio: kernelLoses ? 0 : 0.1,
    }
    const setup = ['ip link set lo up', ...(kernelLoses ? [LOSE_TENTH] : [])]
    const report = await inNetwork<RoundsReport>(setup, 'rounds.ts', task)
    const { checks, down, failed, lost } = report
    expect(checks).toBe(CHECKS)
    expect(down).toBeLessThan(CHECKS / 1000)
    expect({ ...report, asExpected: isLikely(failed, expected.failed) }).toMatchObject({ asExpected: true })
    expect({ ...report, asExpected: isLikely(lost, expected.lost) }).toMatchObject({ asExpected: true })
  })
})
