import { counted, duration, milliseconds, percent, utc } from '../http/pages/text.js'
import type { StoredCheck } from '../store/store.js'
import { explain } from '../tracker/explain.js'
import type { StatusChange } from '../tracker/health.js'
import { maskText, maskUrl } from '../tracker/mask.js'
import type { TrackerState } from '../tracker/state.js'
import { failuresByReason, newestChecks, type TrackerHistory, type WindowFigures } from './history-view.js'
import { table } from './table.js'

const CHECKS_SHOWN = 10

type Masked = (message: string | null) => string | null

/** The history for people: what it is now, figures by window, changes, failures, the last checks. */
export function historyLines({ state, now, windows, since, changes, checks }: TrackerHistory): readonly string[] {
  const masked: Masked = (message) => (message === null ? null : maskText(message, state.tracker))
  const shown = windows.includes(since) ? windows : [...windows, since].sort((a, b) => a.ms - b.ms)
  return [
    maskUrl(state.tracker.url),
    stateLine(state, now),
    '',
    ...figureLines(shown),
    '',
    ...section(`Changes in ${since.name}`, 'none', changeLines(changes.toReversed(), masked)),
    '',
    ...section(`Failed checks in ${since.name}`, 'none', failureLines(checks)),
    '',
    ...section('Last checks', `none in ${since.name}`, checkLines(newestChecks(checks, CHECKS_SHOWN), masked)),
  ]
}

function stateLine({ health, id, group, addedAt }: TrackerState, now: Date): string {
  const forHow = health === null ? '' : ` for ${duration(now.getTime() - health.since.getTime())}`
  const status = `${health?.status ?? 'pending'}${forHow}`
  return `${status} · group ${group} · watched since ${utc(addedAt)} · id ${id}`
}

function section(title: string, empty: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [`${title}: ${empty}`] : [`${title}:`, ...lines.map((line) => `  ${line}`)]
}

function figureLines(windows: readonly WindowFigures[]): readonly string[] {
  const titles = ['uptime', 'observed', 'p50', 'p95', 'p99', 'answers']
  const columns = [{ title: 'window' }, ...titles.map((title) => ({ title, align: 'right' as const }))]
  const rows = windows.map(({ name, uptime, latency }) => [
    name,
    percent(uptime.ratio),
    duration(uptime.observedMs),
    ...[latency.p50Ms, latency.p95Ms, latency.p99Ms].map(milliseconds),
    String(latency.samples),
  ])
  return table(columns, rows)
}

function changeLines(changes: readonly StatusChange[], masked: Masked): readonly string[] {
  const rows = changes.map((change) => [
    utc(change.at),
    `${change.from} → ${change.to}`,
    why(explain(change), masked(change.message)),
  ])
  return body(rows)
}

function failureLines(checks: readonly StoredCheck[]): readonly string[] {
  const rows = failuresByReason(checks).map(([reason, count]) => [
    counted(count, 'check'),
    reason,
    explain({ reason, code: null }) ?? '',
  ])
  return body(rows)
}

function checkLines(checks: readonly StoredCheck[], masked: Masked): readonly string[] {
  const rows = checks.map((check) => [
    utc(check.checkedAt),
    check.family === null ? '' : `IPv${check.family}`,
    check.outcome,
    check.latencyMs === null ? '' : milliseconds(check.latencyMs),
    why(explain(check), masked(check.message)),
  ])
  return body(rows)
}

/** Aligned columns without titles. */
function body(rows: readonly (readonly string[])[]): readonly string[] {
  const columns = (rows[0] ?? []).map(() => ({ title: '' }))
  return table(columns, rows).slice(1)
}

function why(sentence: string | null, said: string | null): string {
  if (sentence === null) return said ?? ''
  return said === null ? sentence : `${sentence} (${said})`
}
