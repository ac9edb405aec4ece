import type { Logger } from '../monitor/log.js'
import { maskText, maskUrl } from '../tracker/mask.js'
import { type CheckResult, codeOf, messageOf, type Outcome, reasonOf } from '../tracker/outcome.js'
import { trackerId } from '../tracker/state.js'
import type { Tracker } from '../tracker/tracker.js'

/**
 * Ties together what the log says of one check: the public id of the tracker and the moment at which the check ended, as
 * its page and the history have them.
 */
export function checkId({ url, checkedAt }: Pick<CheckResult, 'url' | 'checkedAt'>): string {
  return `${trackerId(url)}@${checkedAt.toISOString()}`
}

/** What a check found, before anybody judges whether that counts: each probe in a line of its own. */
export function logCheck(log: Logger, tracker: Tracker, result: CheckResult): void {
  const check = checkId(result)
  for (const { family, address, outcome, latencyMs, attempts, packetsLost, phases } of result.probes) {
    const probed = { family, address, ...outcomeFields(outcome, tracker) }
    log.debug({ check, ...probed, latencyMs, attempts, packetsLost, phases }, 'probe ended')
  }
  const { outcome, alive, latencyMs } = result
  log.debug(
    { check, tracker: maskUrl(tracker.url), alive, ...outcomeFields(outcome, tracker), latencyMs },
    'check ended',
  )
}

function outcomeFields(outcome: Outcome, tracker: Tracker) {
  const message = messageOf(outcome)
  return {
    outcome: outcome.kind,
    reason: reasonOf(outcome),
    code: codeOf(outcome),
    phase: outcome.kind === 'failed' ? outcome.phase : null,
    message: message === null ? null : maskText(message, tracker),
  }
}
