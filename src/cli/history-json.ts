import type { StoredCheck } from '../store/store.js'
import { maskText } from '../tracker/mask.js'
import { failuresByReason, newestChecks, type TrackerHistory, type WindowFigures } from './history-view.js'

const CHECKS_SHOWN = 20

/** The history as `history --json` prints it. Ratios 0 to 1, times ms, moments ISO 8601. */
export function historyJson({ state, now, windows, since, changes, checks }: TrackerHistory) {
  const { tracker, id, group, aliveWhen, addedAt, lastOkAt, health } = state
  const said = (message: string | null) => (message === null ? null : maskText(message, tracker))
  return {
    url: tracker.url,
    id,
    group,
    aliveWhen,
    status: health?.status ?? 'pending',
    since: health?.since.toISOString() ?? null,
    addedAt: addedAt.toISOString(),
    lastOkAt: lastOkAt?.toISOString() ?? null,
    at: now.toISOString(),
    uptime: Object.fromEntries(windows.map(({ name, uptime }) => [name, uptime.ratio])),
    window: { from: new Date(now.getTime() - since.ms).toISOString(), to: now.toISOString(), ...figures(since) },
    windows: Object.fromEntries(windows.map((window) => [window.name, figures(window)])),
    changes: changes.map((change) => ({ ...change, message: said(change.message), at: change.at.toISOString() })),
    failures: Object.fromEntries(failuresByReason(checks)),
    checks: newestChecks(checks, CHECKS_SHOWN).map((check) => checkJson(check, said(check.message))),
  }
}

function figures({ uptime, latency }: WindowFigures) {
  return { uptime, latency }
}

function checkJson(check: StoredCheck, message: string | null) {
  return { ...check, message, checkedAt: check.checkedAt.toISOString() }
}
