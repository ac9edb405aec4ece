import { milliseconds } from '../http/pages/text.js'
import type { TraceEvent } from '../probe/trace.js'
import { causeOf, explain } from '../tracker/explain.js'
import { flagWords } from '../tracker/flag-words.js'
import { nextHealth, type Status } from '../tracker/health.js'
import {
  type CheckResult,
  codeOf,
  type Flag,
  flagDegrades,
  flagsOf,
  messageOf,
  type Outcome,
  reasonOf,
} from '../tracker/outcome.js'
import type { AliveWhen } from '../tracker/policy.js'
import type { Shown } from './explain-shown.js'
import { mergeWords, wordsOf } from './explain-words.js'

/** The rule that decided a check. */
export interface Verdict {
  readonly outcome: Outcome['kind']
  readonly reason: string | null
  readonly code: string | null
  /** Our sentence for it; null for a good answer. */
  readonly means: string | null
  /** The tracker's or the network's own words. */
  readonly message: string | null
  readonly families: readonly FamilyVerdict[]
  /** How the families became one. */
  readonly merge: string
  readonly flags: readonly { readonly flag: Flag; readonly degrades: boolean; readonly means: string }[]
  /** What the daemon would hold it to be after enough checks like this one. */
  readonly status: Status
  readonly alive: boolean
  readonly aliveWhen: AliveWhen
  /** Why it is alive or not. */
  readonly policy: string
  readonly latencyMs: number | null
  /** Seconds before the tracker wants to hear from us again, where it said so. */
  readonly retryAfterS: number | null
}

interface FamilyVerdict {
  readonly family: 4 | 6
  readonly words: string
  readonly addresses: readonly { readonly address: string; readonly words: string; readonly latencyMs: number | null }[]
}

export function verdictOf(
  result: CheckResult,
  events: readonly TraceEvent[],
  { aliveWhen, shown }: { readonly aliveWhen: AliveWhen; readonly shown: Shown },
): Verdict {
  const { outcome, alive, latencyMs } = result
  const message = messageOf(outcome)
  const families = events.filter((event) => event.kind === 'family_settled')
  return {
    outcome: outcome.kind,
    reason: reasonOf(outcome),
    code: codeOf(outcome),
    means: outcome.kind === 'ok' ? null : explain(causeOf(outcome)),
    message: message === null ? null : shown.text(message),
    families: families.map((settled) => familyOf(settled, result)),
    merge: mergeWords(families, outcome),
    flags: flagsOf(outcome).map((flag) => ({ flag, degrades: flagDegrades[flag], means: flagWords[flag] })),
    status: nextHealth(undefined, result, { downAfter: 1, upAfter: 1, aliveWhen, holdMs: 0 }).status,
    alive,
    aliveWhen,
    policy: policyOf(outcome, aliveWhen),
    latencyMs,
    retryAfterS: ('retryAfterS' in outcome ? outcome.retryAfterS : null) ?? null,
  }
}

function familyOf(
  { family, outcome }: { readonly family: 4 | 6; readonly outcome: Outcome },
  { probes }: CheckResult,
): FamilyVerdict {
  const own = probes.filter((probe) => probe.family === family)
  return {
    family,
    words: wordsOf(outcome),
    addresses: own.map(({ address, outcome: one, latencyMs }) => ({ address, words: wordsOf(one), latencyMs })),
  }
}

function policyOf(outcome: Outcome, aliveWhen: AliveWhen): string {
  switch (outcome.kind) {
    case 'ok':
      return `it serves the announce (alive_when: ${aliveWhen})`
    case 'rejected':
      return aliveWhen === 'response'
        ? 'a refusal counts as alive (alive_when: response)'
        : 'a refusal does not count as alive (alive_when: announce)'
    case 'failed':
      return 'it gave no answer that clients could use'
    case 'skipped':
      return 'nothing was learned about it, which counts neither for nor against it'
  }
}

/** Names and texts of the verdict for people, most important first. */
export function verdictRows(verdict: Verdict): readonly (readonly [name: string, text: string])[] {
  const { outcome, means, message, families, merge, retryAfterS, flags, status, alive, policy, latencyMs } = verdict
  return [
    ['outcome', outcomeText(verdict)],
    ...(means === null ? [] : ([['means', means]] as const)),
    ...(message === null ? [] : ([[outcome === 'ok' || outcome === 'rejected' ? 'said' : 'detail', message]] as const)),
    ...(latencyMs === null ? [] : ([['latency', milliseconds(latencyMs)]] as const)),
    ...families.map((family) => [`IPv${family.family}`, familyText(family)] as const),
    ['rule', merge],
    ...(retryAfterS === null ? [] : ([['retry', `wants to be left alone for ${retryAfterS} s`]] as const)),
    ...flags.map(
      ({ flag, degrades, means: words }) => ['flag', `${flag}${degrades ? ' (degrades)' : ''}: ${words}`] as const,
    ),
    ['counts', `as ${status}`],
    ['alive', `${alive ? 'yes' : 'no'}: ${policy}`],
  ]
}

function outcomeText({ outcome, reason, code }: Verdict): string {
  return [outcome, reason, code].filter((part) => part !== null).join(' · ')
}

function familyText({ words, addresses }: FamilyVerdict): string {
  if (addresses.length === 0) return words
  const merged = addresses.length === 1 ? '' : `${words} of ${addresses.length} addresses: `
  const each = addresses.map(({ address, words: one, latencyMs }) => {
    const took = latencyMs === null ? '' : ` in ${milliseconds(latencyMs)}`
    return `${address} ${one}${took}`
  })
  return merged + each.join('; ')
}
