import type { StoredCheck } from '../store/stored-check.js'
import { maskText } from '../tracker/mask.js'
import { lossRatio, successRatio } from '../tracker/ratios.js'
import type { TrackerState } from '../tracker/state.js'
import { failuresByReason, skipsByReason, type TrackerHistory, type WindowFigures } from './history-view.js'

/** The history as `history --json` prints it. Ratios 0 to 1, times ms, moments ISO 8601. */
export function historyJson({ state, now, windows, since, stretches, changes, checks, failures }: TrackerHistory) {
  const { tracker, id, group, aliveWhen, addedAt, archivedAt, lastOkAt, health } = state
  const said = (message: string | null) => (message === null ? null : maskText(message, tracker))
  const checkJson = (check: StoredCheck) => ({
    ...check,
    message: said(check.message),
    checkedAt: check.checkedAt.toISOString(),
  })
  return {
    url: tracker.url,
    id,
    group,
    aliveWhen,
    status: health?.status ?? 'pending',
    since: health?.since.toISOString() ?? null,
    addedAt: addedAt.toISOString(),
    archivedAt: archivedAt?.toISOString() ?? null,
    lastOkAt: lastOkAt?.toISOString() ?? null,
    at: now.toISOString(),
    uptime: Object.fromEntries(windows.map(({ name, uptime }) => [name, uptime.ratio])),
    window: { from: new Date(now.getTime() - since.ms).toISOString(), to: now.toISOString(), ...figures(since, state) },
    windows: Object.fromEntries(windows.map((window) => [window.name, figures(window, state)])),
    stretches: stretches.map((stretch) => ({
      ...stretch,
      from: stretch.from.toISOString(),
      to: stretch.to.toISOString(),
    })),
    changes: changes.map((change) => ({ ...change, message: said(change.message), at: change.at.toISOString() })),
    failures: Object.fromEntries(failuresByReason(since.counts.reasons)),
    skips: Object.fromEntries(skipsByReason(since.counts.reasons)),
    lastFailures: failures.map(checkJson),
    checks: checks.map(checkJson),
  }
}

function figures({ uptime, latency, counts }: WindowFigures, state: TrackerState) {
  const { ok, rejected, failed, skipped, packetsSent, packetsLost } = counts
  return {
    uptime,
    latency,
    checks: { ok, rejected, failed, skipped, successRatio: successRatio(counts, state) },
    packets: { sent: packetsSent, lost: packetsLost, lossRatio: lossRatio(counts) },
  }
}
