import { counted, duration, milliseconds, percent, utc } from '../http/pages/text.js'
import type { StoredCheck } from '../store/stored-check.js'
import { type Cause, explain } from '../tracker/explain.js'
import type { StatusChange } from '../tracker/health.js'
import { maskText, maskUrl } from '../tracker/mask.js'
import { conclusiveChecks, lossRatio, successRatio } from '../tracker/ratios.js'
import type { TrackerState } from '../tracker/state.js'
import { barsOf } from './history-bars.js'
import {
  failuresByReason,
  newestChecks,
  skipsByReason,
  type TrackerHistory,
  type WindowFigures,
} from './history-view.js'
import { table } from './table.js'

const WIDTH = 80
const CHECKS_SHOWN = 10
/** A text that is longer is not said twice in a row. */
const SHORT = 20
const FAILURES_SHOWN = 5
const CHANGES_SHOWN = 20

type Masked = (message: string | null) => string | null

/** The history for people: what it is now, its course, figures by window, changes, reasons, the last checks. */
export function historyLines(history: TrackerHistory, env: NodeJS.ProcessEnv): readonly string[] {
  const { state, now, windows, since, changes, checks, failures } = history
  const head = [maskUrl(state.tracker.url), ...stateLines(state, now)]
  if (
    state.health === null &&
    windows.every(({ counts }) => counts.ok + counts.failed + counts.rejected + counts.skipped === 0)
  )
    return [...head, '', 'No check yet.']
  const masked: Masked = (message) => (message === null ? null : maskText(message, state.tracker))
  const newest = newestChecks(checks, CHECKS_SHOWN)
  const oldest = newest.at(-1)?.checkedAt ?? now
  const older = failures.filter(({ checkedAt }) => checkedAt < oldest).slice(0, FAILURES_SHOWN)
  const shown = windows.includes(since) ? windows : [...windows, since].sort((a, b) => a.ms - b.ms)
  return [
    ...head,
    '',
    ...courseLines(history, env),
    '',
    ...figureLines(shown, state),
    ...shorterThan(shown, state, now),
    '',
    ...section(`Changes in ${since.name}`, 'none', changeLines(changes.toReversed(), masked)),
    '',
    ...failureLines(since, state),
    ...skipLines(since),
    '',
    ...section('Last checks', `none in ${since.name}`, checkLines(newest, masked)),
    ...(older.length === 0 ? [] : ['', ...section('Last failures before these', '', checkLines(older, masked))]),
  ]
}

function stateLines({ health, id, group, addedAt, archivedAt }: TrackerState, now: Date): readonly string[] {
  const watched = `group ${group} · watched since ${utc(addedAt)} · id ${id}`
  const status = health?.status ?? 'pending'
  if (archivedAt !== null) {
    const was = health === null ? status : `${status} at the last check, ${utc(health.checkedAt)}`
    return [`no longer watched since ${utc(archivedAt)} · ${was}`, watched]
  }
  const forHow = health === null ? '' : ` for ${duration(now.getTime() - health.since.getTime())}`
  return [`${status}${forHow}`, watched]
}

function section(title: string, empty: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [`${title}: ${empty}`] : [`${title}:`, ...lines.map((line) => `  ${line}`)]
}

/** Two bars over the window, with its ends below. */
function courseLines({ stretches, since, now }: TrackerHistory, env: NodeJS.ProcessEnv): readonly string[] {
  const { availability, latency, legend } = barsOf(stretches, env)
  const known = stretches.flatMap(({ latencyMs }) => latencyMs ?? [])
  const range = known.length === 0 ? '' : `  ${milliseconds(Math.min(...known))} to ${milliseconds(Math.max(...known))}`
  const from = minute(new Date(now.getTime() - since.ms))
  return [
    `Up       ${availability}  ${percent(since.uptime.ratio)}`,
    ...(known.length === 0 ? [] : [`Latency  ${latency}${range}`.trimEnd()]),
    `         ${from}${minute(now).padStart(stretches.length - from.length)}`,
    `         ${legend}`,
  ]
}

function figureLines(windows: readonly WindowFigures[], state: TrackerState): readonly string[] {
  const titles = ['uptime', 'observed', 'checks', 'success', 'loss', 'p50', 'p95', 'p99']
  const columns = [{ title: 'window' }, ...titles.map((title) => ({ title, align: 'right' as const }))]
  const rows = windows.map(({ name, uptime, latency, counts }) => [
    name,
    percent(uptime.ratio),
    duration(uptime.observedMs),
    String(conclusiveChecks(counts)),
    percent(successRatio(counts, state)),
    percent(lossRatio(counts)),
    ...[latency.p50Ms, latency.p95Ms, latency.p99Ms].map(milliseconds),
  ])
  return table(columns, rows)
}

/** That a year says no more than the month for which there is history. */
function shorterThan(windows: readonly WindowFigures[], { addedAt }: TrackerState, now: Date): readonly string[] {
  const knownMs = now.getTime() - addedAt.getTime()
  const longer = windows.filter(({ ms }) => ms > knownMs).map(({ name }) => name)
  if (longer.length === 0) return []
  return [
    `History begins ${duration(knownMs)} ago: ${longer.join(', ')} ${longer.length === 1 ? 'has' : 'have'} no more than that.`,
  ]
}

function changeLines(changes: readonly StatusChange[], masked: Masked): readonly string[] {
  const rows = changes.slice(0, CHANGES_SHOWN).map((change) => ({
    cells: [utc(change.at), `${change.from} → ${change.to}`],
    text: why(explain(change), masked(change.message)),
  }))
  const more = changes.length - rows.length
  return [...wrapped(rows), ...(more > 0 ? [`… and ${counted(more, 'change')} before (--json shows all)`] : [])]
}

/** A refusal has no reason; it stands beside them where the policy does not take it for alive. */
function failureLines({ name, counts }: WindowFigures, { aliveWhen }: TrackerState): readonly string[] {
  const failed = reasonRows(failuresByReason(counts.reasons))
  if (aliveWhen === 'response') return section(`Failed checks in ${name}`, 'none', wrapped(failed))
  const refused = [countRow(counts.rejected, 'rejected', { reason: null, code: 'other' })]
  const rows = counts.rejected === 0 ? failed : [...failed, ...refused]
  return section(`Failed or refused checks in ${name}`, 'none', wrapped(rows))
}

function reasonRows(reasons: ReturnType<typeof failuresByReason>): readonly Row[] {
  return reasons.map(([reason, count]) => countRow(count, reason, { reason, code: null }))
}

function countRow(count: number, name: string, cause: Cause): Row {
  return { cells: [counted(count, 'check'), name], text: explain(cause) ?? '' }
}

function skipLines({ name, counts }: WindowFigures): readonly string[] {
  const skips = skipsByReason(counts.reasons)
  return skips.length === 0 ? [] : ['', ...section(`Skipped checks in ${name}`, '', wrapped(reasonRows(skips)))]
}

function checkLines(checks: readonly StoredCheck[], masked: Masked): readonly string[] {
  return wrapped(
    checks.map((check) => ({
      cells: [
        utc(check.checkedAt),
        check.family === null ? '' : `IPv${check.family}`,
        check.outcome,
        check.latencyMs === null ? '' : milliseconds(check.latencyMs),
      ],
      text: why(explain(check), masked(check.message)),
    })),
  )
}

interface Row {
  readonly cells: readonly string[]
  /** May take several lines. */
  readonly text: string
}

/** Aligned columns without titles, of which the last goes on below itself. */
function wrapped(rows: readonly Row[]): readonly string[] {
  const columns = (rows[0]?.cells ?? []).map(() => ({ title: '' }))
  const cells = table(
    [...columns, { title: '' }],
    rows.map(({ cells }) => [...cells, '|']),
  ).slice(1)
  return rows.flatMap(({ text: whole }, index) => {
    const isRepeated = whole.length > SHORT && whole === rows[index - 1]?.text
    const text = isRepeated ? 'the same' : whole
    const before = (cells[index] ?? '').slice(0, -1)
    const [first = '', ...more] = fold(text, WIDTH - 2 - [...before].length)
    const indent = ' '.repeat([...before].length)
    return [`${before}${first}`.trimEnd(), ...more.map((line) => `${indent}${line}`)]
  })
}

/** Lines of whole words, each of at most `width` characters but for a word that is longer. */
function fold(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || [...last].length + 1 + [...word].length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

function why(sentence: string | null, said: string | null): string {
  if (sentence === null) return said ?? ''
  return said === null ? sentence : `${sentence} (${said})`
}

function minute(at: Date): string {
  return utc(at).replace(/:\d\d UTC$/, ' UTC')
}
