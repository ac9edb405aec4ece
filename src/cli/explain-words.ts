import { flagsOf, type Outcome } from '../tracker/outcome.js'

/** An outcome in a few words: `ok`, `rejected (auth)`, `failed (udp.timeout)`. */
export function wordsOf(outcome: Outcome): string {
  if (outcome.kind === 'ok') return 'ok'
  return outcome.code === 'dns.nodata' ? 'no address' : `${outcome.kind} (${outcome.code})`
}

export interface FamilyOutcome {
  readonly family: 4 | 6
  readonly outcome: Outcome
}

/** How the outcomes of the families became one. */
export function mergeWords(families: readonly FamilyOutcome[], merged: Outcome): string {
  const [first, second] = families
  if (first === undefined) return 'decided by the name alone: nothing was asked, nothing was sent'
  if (second === undefined) return `IPv${first.family} alone was checked, so it decides`
  if (areAlike(first, second.outcome)) return `IPv4 and IPv6 alike: ${wordsOf(merged)}`
  const [decisive, other] = areAlike(second, merged) ? [second, first] : [first, second]
  return `${said(other)}, ${said(decisive)}: ${whyDecisive(decisive, other)}${flagged(decisive, merged)}`
}

function whyDecisive(decisive: FamilyOutcome, { family, outcome }: FamilyOutcome): string {
  const answers = decisive.outcome.kind === 'ok' || decisive.outcome.kind === 'rejected'
  if (outcome.kind === 'skipped') return `IPv${family} says nothing, so IPv${decisive.family} decides`
  if (outcome.kind === 'failed' && outcome.code === 'dns.nodata') {
    return `a family without an address says nothing, so IPv${decisive.family} decides`
  }
  if (!answers) return `neither answers, and IPv${decisive.family} tells more`
  return outcome.kind === 'rejected' ? 'the better answer decides' : 'the family that answers decides'
}

/** What the merge has to say about the other family. The owner of the name is no part of it. */
function flagged({ outcome }: FamilyOutcome, merged: Outcome): string {
  const before = flagsOf(outcome)
  const added = flagsOf(merged).filter((flag) => !before.includes(flag) && !flag.startsWith('bep34.'))
  return added.length === 0 ? '' : `, flagged ${added.join(' and ')}`
}

function said({ family, outcome }: FamilyOutcome): string {
  return outcome.kind === 'failed' && outcome.code === 'dns.nodata'
    ? `IPv${family} has no address`
    : `IPv${family} ${wordsOf(outcome)}`
}

function areAlike({ outcome }: FamilyOutcome, other: Outcome): boolean {
  return wordsOf(outcome) === wordsOf(other)
}
