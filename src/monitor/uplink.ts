import { isAliveStatus } from '../tracker/health.js'
import { type CheckResult, flagsOf, type Outcome, type ProbeResult } from '../tracker/outcome.js'
import type { Known } from './due.js'

/**
 * Whose fault it is when nearly everything fails at once: then it is our own network, and the failures say nothing
 * about the trackers. Pure; `uplink-watch.ts` acts on it.
 */

export type Family = ProbeResult['family']
export const families: readonly Family[] = [4, 6]

/** What a round knows of the trackers that were fine over a family before it began. */
export interface UplinkCounts {
  /** How many there are. */
  readonly fine: number
  /** On how many hosts. */
  readonly hosts: number
  /** How many of them have answered, and how many have failed so far. */
  readonly good: number
  readonly failed: number
}

export type UplinkVerdict = 'up' | 'down' | 'undecided'

/** One host that dies is one host, however many announce URLs it has: the fault is ours only if several fail together. */
export const FEWEST_HOSTS = 5

/**
 * `down` where more than 90 % of the fine ones have failed, `up` where 10 % have answered. Always decided once `fine`
 * is `good` plus `failed`, but for too few hosts, which decide nothing.
 */
export function judgeUplink({ fine, hosts, good, failed }: UplinkCounts): UplinkVerdict {
  if (hosts < FEWEST_HOSTS) return 'undecided'
  if (failed * 10 > fine * 9) return 'down'
  return good * 10 >= fine ? 'up' : 'undecided'
}

/** Places that are always there, asked whether they are. */
export interface WitnessCounts {
  readonly asked: number
  readonly answered: number
}

/** One answer shows that the network works, however many trackers fail. */
export function judgeWitnesses({ answered }: WitnessCounts): 'up' | 'down' {
  return answered > 0 ? 'up' : 'down'
}

/** Why a check that failed says nothing about its tracker. */
export function uplinkDetail(family: Family, { failed, fine }: UplinkCounts): string {
  return `${failed} of ${fine} trackers that were fine failed at once over IPv${family}: our own network`
}

/** Why a check that failed says nothing about its tracker, or why it does, by the witnesses of the family. */
export function witnessDetail(family: Family, { asked, answered }: WitnessCounts): string {
  const fault = judgeWitnesses({ asked, answered }) === 'down' ? ': our own network' : ''
  return `${answered} of ${asked} witnesses answered over IPv${family}${fault}`
}

/** Whether a failure of the tracker would be news: it is alive, and its last conclusive check did not say otherwise. */
export function isFine({ health, aliveWhen }: Known): boolean {
  if (health === null || health.lastVerdict === null) return false
  return isAliveStatus(health.status, aliveWhen) && isAliveStatus(health.lastVerdict, aliveWhen)
}

/**
 * The families over which a tracker answered last. During an outage no probe did, so those that were tried stand in
 * (`pardon` keeps no others), and IPv4 where not even the name resolved.
 */
export function familiesOf({ last }: Known): readonly Family[] {
  const probes = last?.probes ?? []
  const answered = families.filter((family) => probes.some((probe) => probe.family === family && isAnswer(probe)))
  if (answered.length > 0) return answered
  const tried = families.filter((family) => probes.some((probe) => probe.family === family))
  return tried.length > 0 ? tried : [4]
}

/** What a check says about our way to a family: a refusal has come back too; null where it says nothing. */
export function sightOf({ outcome, probes }: CheckResult, family: Family): 'good' | 'failed' | null {
  const own = probes.filter((probe) => probe.family === family)
  if (own.some(isAnswer)) return 'good'
  if (outcome.kind === 'failed') return 'failed'
  const outcomes = [outcome, ...own.map((probe) => probe.outcome)]
  return outcomes.some((one) => one.kind === 'failed' || hasNoWay(one, family)) ? 'failed' : null
}

/**
 * The families that could be to blame, instead of the tracker, for what a check says against one that is alive: that
 * it failed, or that one of its families did all of a sudden. Empty where there is nothing to excuse.
 */
export function suspectsOf(known: Known, result: CheckResult): readonly Family[] {
  const { health, last, aliveWhen } = known
  if (health === null || !isAliveStatus(health.status, aliveWhen)) return []
  if (result.outcome.kind === 'failed') return familiesOf(known)
  const isNews = hasFamilyDown(result.outcome) && !(last !== null && hasFamilyDown(last.outcome))
  return isNews ? families.filter((family) => sightOf(result, family) === 'failed') : []
}

/**
 * The result as it counts when some of its suspects were down, which `lost` has the reasons of: a failure becomes
 * skipped, since the family that was blind might have answered; an answer over the other family is whole.
 */
export function pardon(
  result: CheckResult,
  suspects: readonly Family[],
  lost: ReadonlyMap<Family, string>,
): CheckResult {
  const { outcome, probes } = result
  const detail = suspects.map((family) => lost.get(family)).find((reason) => reason !== undefined)
  if (detail === undefined) return result
  if (outcome.kind === 'failed') {
    const skipped: Outcome = { kind: 'skipped', reason: 'uplink_down', code: 'local.uplink_down', detail }
    return { ...result, outcome: skipped, probes: probes.filter(({ family }) => suspects.includes(family)) }
  }
  if (outcome.kind === 'skipped' || !suspects.every((family) => lost.has(family))) return result
  return { ...result, outcome: { ...outcome, flags: outcome.flags.filter((flag) => flag !== 'family_down') } }
}

/** The families over which a check that failed was tried, or those that count without a probe (`familiesOf`). */
export function triedFamilies(known: Known, { probes }: CheckResult): readonly Family[] {
  const tried = families.filter((family) => probes.some((probe) => probe.family === family))
  return tried.length > 0 ? tried : familiesOf(known)
}

function isAnswer({ outcome }: ProbeResult): boolean {
  return outcome.kind === 'ok' || outcome.kind === 'rejected'
}

function hasNoWay(outcome: Outcome, family: Family): boolean {
  return outcome.kind === 'skipped' && outcome.reason === (family === 4 ? 'no_ipv4' : 'no_ipv6')
}

function hasFamilyDown(outcome: Outcome): boolean {
  return flagsOf(outcome).includes('family_down')
}
