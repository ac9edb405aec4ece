import { refuseName } from '../probe/address-policy.js'
import { causeOf, explain } from '../tracker/explain.js'
import { maskUrl } from '../tracker/mask.js'
import type { CheckResult } from '../tracker/outcome.js'
import type { Tracker } from '../tracker/tracker.js'

/** What a submitted tracker may not be, whatever it answers: a sentence without a full stop, or null. */
export function refuseTracker(tracker: Tracker): string | null {
  // Whoever watches it would use somebody's account, and show it to everybody who reads the file.
  if (maskUrl(tracker.url) !== tracker.url) return 'carries a password or passkey, which must not be shared'
  return refuseName(tracker.host, false)?.detail ?? null
}

/** Why a tracker is not taken after its check, or null if it is. */
export function refuseResult({ outcome, alive }: CheckResult): string | null {
  if (alive) return null
  const sentence = explain(causeOf(outcome)) ?? 'no reason is known'
  return `${outcome.kind === 'skipped' ? 'cannot be checked' : 'does not serve an announce'}: ${sentence}`
}
