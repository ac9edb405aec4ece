import { causeOf, explain, statusWords } from './explain.js'
import { flagWords } from './flag-words.js'
import { type Health, type HealthPolicy, isAliveStatus, isObservedStatus, type Status } from './health.js'
import { type CheckResult, flagDegrades, flagsOf, type Outcome, type ProbeResult } from './outcome.js'
import type { AliveWhen } from './policy.js'
import type { TrackerState } from './state.js'

/** One rule on the way to a status. */
export interface VerdictStep {
  /** Without a full stop. Words of the tracker or the network are not in it. */
  readonly sentence: string
  /** Whether this rule made the status what it is; true of exactly one. */
  readonly decides: boolean
}

export interface ExplainedVerdict {
  readonly status: Status
  /** In the order in which the rules apply. */
  readonly steps: readonly VerdictStep[]
}

/** The part of the policy that decides between two statuses; whether a refusal is good is the tracker's own. */
export type Hysteresis = Pick<HealthPolicy, 'downAfter' | 'upAfter'>

type Explained = Pick<TrackerState, 'health' | 'last' | 'aliveWhen'>

type Streak = NonNullable<Health['streak']>

interface Decision {
  readonly status: Status
  readonly sentence: string
}

/**
 * Why a tracker has the status it has, as `nextHealth` decides it: what the last check said, what that counts as, and
 * what the checks before have to do with it. Pure.
 */
export function explainVerdict({ health, last, aliveWhen }: Explained, policy: Hysteresis): ExplainedVerdict {
  if (health === null) return { status: 'pending', steps: [decided('No check has been made yet')] }
  const decision = isSkipped(health) ? afterSkip(health, last) : afterAnswer(health, aliveWhen, policy)
  const steps = [
    ...(last === null ? [noted('The last check was made elsewhere; only its result is known')] : aboutCheck(last)),
    ...(isSkipped(health) ? [] : [...aboutRefusal(health, aliveWhen), ...aboutStreak(health)]),
    decided(decision.sentence),
    ...aboutLists(decision.status, aliveWhen),
  ]
  return { status: decision.status, steps }
}

function afterSkip({ status, lastVerdict }: Health, last: CheckResult | null): Decision {
  if (isObservedStatus(status)) return stays(status, 'A skipped check says nothing about the tracker')
  if (status === 'pending' && lastVerdict !== null) return stays(status, 'A skipped check decides nothing')
  if (last?.outcome.kind !== 'skipped') return stays(status, 'No check has said anything yet')
  const { reason } = last.outcome
  if (reason === 'paused') return { status: 'paused', sentence: 'The operator has paused it, so it is not checked' }
  if (reason === 'overlay_network' || reason === 'invalid_url') {
    return { status: 'unsupported', sentence: 'It cannot be checked from here, which is not the tracker’s fault' }
  }
  return { status: 'unknown', sentence: 'Nothing has been learned about the tracker, so its status is not known' }
}

function afterAnswer(health: Health, aliveWhen: AliveWhen, { downAfter, upAfter }: Hysteresis): Decision {
  const { status: held, lastVerdict: verdict, streak } = health
  if (verdict === null || streak === null) return stays(held, 'It is not known which checks led to it')
  if (verdict === held) return { status: held, sentence: confirmed(held, streak, { downAfter, upAfter }) }
  const heldIsBad = isObservedStatus(held) && !isAliveStatus(held, aliveWhen)
  if (streak.good) {
    const isEnough = !heldIsBad || streak.count >= upAfter
    return isEnough ? lags(held, verdict) : stays(held, `It takes ${inARow(upAfter, 'good')} to be up again`)
  }
  if (heldIsBad) {
    return stays(held, `From ${wordOf(held)} to ${wordOf(verdict)} it takes two checks in a row that say the same`)
  }
  return streak.count >= downAfter
    ? lags(held, verdict)
    : stays(held, `It takes ${inARow(downAfter, 'bad')} to be ${wordOf(verdict)}`)
}

function confirmed(held: Status, { good, count }: Streak, { downAfter, upAfter }: Hysteresis): string {
  const so = `so it is ${wordOf(held)}`
  if (!good)
    return count < downAfter ? `That is the status already, ${so}` : `It takes ${inARow(downAfter, 'bad')}, ${so}`
  if (upAfter === 1) return `One good check is enough, ${so}`
  return count < upAfter ? `That is the status already, ${so}` : `It takes ${inARow(upAfter, 'good')}, ${so}`
}

/** The policy was another one when the last check was made. */
function lags(held: Status, verdict: Status): Decision {
  const sentence = `The rules have changed since the last check; by those of today it may be ${wordOf(verdict)} from the next one on`
  return { status: held, sentence }
}

function stays(status: Status, because: string): Decision {
  const so = status === 'pending' ? 'so nothing is decided yet' : `so it stays ${wordOf(status)}`
  return { status, sentence: `${because}, ${so}` }
}

function aboutCheck({ outcome, probes }: CheckResult): readonly VerdictStep[] {
  const cause = causeIn(outcome)
  const flags = flagsOf(outcome).map((flag) =>
    noted(`${flagWords[flag]}: ${flagDegrades[flag] ? 'an answer with this fault counts as degraded' : 'noted only'}`),
  )
  return [
    ...(probes.length < 2 ? [] : [...probes.map(aboutProbe), noted('The best of these answers counts for the check')]),
    noted(cause === null ? 'The last check was answered' : `The last check ${kindWords[outcome.kind]}: ${cause}`),
    ...flags,
  ]
}

function aboutProbe({ family, address, outcome }: ProbeResult): VerdictStep {
  const cause = causeIn(outcome)
  return noted(`IPv${family} ${address} ${kindWords[outcome.kind]}${cause === null ? '' : `: ${cause}`}`)
}

function causeIn(outcome: Outcome): string | null {
  return explain(causeOf(outcome))?.replace(/^Refuses: /, '') ?? null
}

const kindWords = { ok: 'answered', rejected: 'was refused', failed: 'failed', skipped: 'was skipped' } as const

function aboutRefusal({ lastVerdict }: Health, aliveWhen: AliveWhen): readonly VerdictStep[] {
  if (lastVerdict !== 'rejecting') return []
  return aliveWhen === 'response'
    ? [noted('A refusal counts as alive in this group (alive_when: response)')]
    : [noted('A refusal does not count as alive in this group (alive_when: announce)')]
}

function aboutStreak({ streak }: Health): readonly VerdictStep[] {
  if (streak === null) return []
  const { good, count } = streak
  const word = good ? 'good' : 'bad'
  return [noted(count === 1 ? `It is the first ${word} check in a row` : `The last ${count} checks were all ${word}`)]
}

function aboutLists(status: Status, aliveWhen: AliveWhen): readonly VerdictStep[] {
  if (!isObservedStatus(status)) return [noted('Its time counts neither as up nor as down')]
  return [
    isAliveStatus(status, aliveWhen)
      ? noted('It counts as alive: its time is uptime, and it may be on lists')
      : noted('It does not count as alive: its time is downtime, and it is on no list of trackers alive'),
  ]
}

function isSkipped({ unobservedSince }: Health): boolean {
  return unobservedSince !== null
}

function inARow(count: number, word: string): string {
  return count === 1 ? `1 ${word} check` : `${count} ${word} checks in a row`
}

function wordOf(status: Status): string {
  return statusWords[status].toLowerCase()
}

function noted(sentence: string): VerdictStep {
  return { sentence, decides: false }
}

function decided(sentence: string): VerdictStep {
  return { sentence, decides: true }
}
