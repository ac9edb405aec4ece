import type { Flag, OkOutcome, Outcome, RejectedOutcome } from '../tracker/outcome.js'

/** From the outcome that counts most to the one that counts least. */
const RANK = { ok: 0, rejected: 1, failed: 2, skipped: 3 } as const satisfies Record<Outcome['kind'], number>

/** The outcome of several addresses of one family: the best, marked where others did worse. */
export function merge(outcomes: readonly Outcome[]): Outcome {
  const best = bestOf(outcomes)
  const someFailed = outcomes.some((outcome) => outcome.kind === 'failed')
  return someFailed ? withFlag(best, 'partial_addresses') : best
}

/**
 * The outcome over both families: the best. A family without an address says nothing; one that fails beside one that
 * answers is worth a flag: some users cannot reach this tracker.
 */
export function mergeFamilies(families: readonly { readonly outcome: Outcome }[]): Outcome {
  const outcomes = families.map((family) => family.outcome)
  const best = bestOf(outcomes)
  if (best.kind !== 'ok' && best.kind !== 'rejected') return bestFailure(outcomes)
  const oneDown = outcomes.some((outcome) => outcome.kind === 'failed' && outcome.reason !== 'dns')
  if (oneDown) return withFlag(best, 'family_down')
  return outcomes.some(isUnresolved) ? withFlag(best, 'dns.family_unknown') : best
}

/** Whether there may be addresses that nobody could tell us. */
function isUnresolved(outcome: Outcome): boolean {
  return outcome.kind === 'failed' && outcome.reason === 'dns' && !/nodata|nxdomain/.test(outcome.code)
}

function bestOf(outcomes: readonly Outcome[]): Outcome {
  let best = outcomes[0]
  if (best === undefined) throw new RangeError('nothing to merge, expected at least one outcome')
  for (const outcome of outcomes) {
    if (RANK[outcome.kind] < RANK[best.kind]) best = outcome
  }
  return best
}

/**
 * Where nothing answered: what an address did says more than a name that has no address of that family, and "does not
 * exist" or "no answer" more than "none of this kind".
 */
function bestFailure(outcomes: readonly Outcome[]): Outcome {
  const telling = outcomes.filter((outcome) => outcome.kind === 'ok' || outcome.code !== 'dns.nodata')
  const contacted = telling.filter((outcome) => outcome.kind === 'failed' && outcome.reason !== 'dns')
  const skipped = telling.filter((outcome) => outcome.kind === 'skipped')
  return bestOf([contacted, skipped, telling, outcomes].find((group) => group.length > 0) ?? [])
}

function withFlag(outcome: Outcome, flag: Flag): Outcome {
  if (outcome.kind !== 'ok' && outcome.kind !== 'rejected') return outcome
  return addFlags(outcome, [flag])
}

export function addFlags<T extends OkOutcome | RejectedOutcome>(outcome: T, flags: readonly Flag[]): T {
  const missing = flags.filter((flag) => !outcome.flags.includes(flag))
  return missing.length === 0 ? outcome : { ...outcome, flags: [...outcome.flags, ...missing] }
}
