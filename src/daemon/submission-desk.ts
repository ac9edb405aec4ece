import type { Metrics } from '../metrics/metrics.js'
import type { Logger } from '../monitor/log.js'
import { type Checker, monitorPlan } from './plan.js'
import type { Live } from './reload.js'
import { openSubmissions, type SubmissionDesk } from './submissions.js'

export interface DeskParts {
  readonly live: Live
  readonly checker: Checker
  readonly metrics: Metrics
  readonly log: Logger
  readonly now: () => Date
  readonly onCrash: (error: unknown) => void
}

/** The desk of the daemon: by the configuration that is in force, with the checks of its rounds. */
export function openDesk({ live, checker, metrics, log, now, onCrash }: DeskParts): Promise<SubmissionDesk> {
  return openSubmissions({
    config: () => live.config.submissions,
    watched: () => new Set(monitorPlan(live.config, live.sources).watched.map(({ tracker }) => tracker.url)),
    check: (tracker, signal) =>
      checker.check({ tracker, group: live.config.submissions.group.name, aliveWhen: 'announce' }, signal),
    onResult: metrics.observeSubmission,
    onCrash,
    log,
    now,
  })
}
