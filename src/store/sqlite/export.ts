import { setImmediate } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import type { StatusChange } from '../../tracker/health.js'
import type { Window } from '../../tracker/uptime.js'
import type {
  ChangeRow,
  CheckTransferRow,
  GapRow,
  RollupRow,
  TrackerRow,
  TransferKind,
  TransferRow,
} from '../transfer.js'
import { toMs } from './check-rows.js'
import { familyCodes, familyOf, HERE } from './codes.js'
import { daysOf, type Ends, type History, type Span } from './history.js'
import { HOUR_MS } from './hours.js'
import type { Known } from './states.js'
import { saidOf } from './verdict-words.js'
import { DAY_MS } from './verdicts.js'

/** Rows per turn of the event loop: some ms, some 100 kB. */
const ROWS_PER_SLICE = 1000
const HOURS_PER_SLICE = 10 * 24
const DAYS_PER_SLICE = 60

export interface ExportParts {
  readonly client: Database.Database
  readonly history: History
  readonly ends: Ends
  /** All trackers that there are, by URL. */
  readonly urls: () => readonly string[]
  readonly known: (url: string) => Known
  /** Runs one slice as a call to the store, which waits for it before it closes. */
  readonly run: <T>(slice: () => T) => Promise<T>
}

type Rows = Generator<readonly TransferRow[]>

/** Gives the rows of `kind` slice by slice: between two of them nothing is held open. */
export function createExport(parts: ExportParts) {
  const slicesOf: Readonly<Record<TransferKind, (window: Window, urls: readonly string[] | null) => Rows>> = {
    checks: prepareChecks(parts),
    hours: (window, urls) => rollupSlices(parts, 'hour', window, urls),
    days: (window, urls) => rollupSlices(parts, 'day', window, urls),
    events: prepareEvents(parts),
  }
  return async function* (kind: TransferKind, window: Window, urls?: readonly string[]): AsyncGenerator<TransferRow> {
    const slices = slicesOf[kind](window, urls?.toSorted() ?? null)
    for (;;) {
      const { value: rows, done } = await parts.run(() => slices.next())
      if (done === true) return
      yield* rows
      await setImmediate()
    }
  }
}

type CheckColumns = [
  atMs: number,
  url: string,
  family: number,
  latencyUs: number | null,
  outcome: number,
  reason: number,
  attempts: number,
  packetsSent: number,
  packetsLost: number,
  decisive: number,
  code: string,
  flags: string,
  message: string,
]

/** From where on a slice goes: after this row, or from the beginning of the span. */
interface CheckSlice {
  readonly fromMs: number
  readonly toMs: number
  readonly url: string
  readonly family: number
  /** Numbers of trackers as JSON. */
  readonly ids: string
}

/** By time and then by URL, for the numbers of trackers are another store's own. */
function prepareChecks({ client, ends, known }: ExportParts): (window: Window, urls: readonly string[] | null) => Rows {
  const prepared = (only: string) =>
    client
      .prepare<CheckSlice, CheckColumns>(
        // CROSS: in this order, for the rows are to come by time.
        `SELECT at_ms, url, family, latency_us, outcome, reason, attempts, packets_sent, packets_lost, decisive,
           code, flags, message
         FROM check_result CROSS JOIN tracker ON tracker.id = tracker_id CROSS JOIN verdict ON verdict.id = verdict_id
         WHERE at_ms >= @fromMs AND at_ms < @toMs AND (at_ms > @fromMs OR (url, family) > (@url, @family))
           AND vantage_id = ${HERE} ${only}
         ORDER BY at_ms, url, family LIMIT ${ROWS_PER_SLICE}`,
      )
      .raw()
  const all = prepared('')
  const some = prepared('AND tracker_id IN (SELECT value FROM json_each(@ids))')
  return function* (window, urls) {
    const ids = JSON.stringify((urls ?? []).map((url) => known(url).id))
    for (const span of daysOf(ends.checks(), window)) {
      let slice: CheckSlice = { ...span, url: '', family: familyCodes[4], ids }
      for (;;) {
        const rows = (urls === null ? all : some).all(slice)
        yield rows.map(checkRow)
        const last = rows.at(-1)
        if (last === undefined || rows.length < ROWS_PER_SLICE) break
        slice = { ...slice, fromMs: last[0], url: last[1], family: last[2] }
      }
    }
  }
}

function checkRow(columns: CheckColumns): CheckTransferRow {
  const [atMs, url, family, us, outcome, reason, attempts, packetsSent, packetsLost, decisive, code, flags, message] =
    columns
  return {
    type: 'check',
    url,
    checkedAt: new Date(atMs),
    family: familyOf(family),
    ...saidOf({ outcome, reason, code, message, flags }),
    latencyMs: toMs(us),
    attempts,
    packetsSent,
    packetsLost,
    decisive: decisive === 1,
  }
}

function* rollupSlices(
  { history, urls: allUrls, known }: ExportParts,
  type: RollupRow['type'],
  window: Window,
  urls: readonly string[] | null,
): Rows {
  const [unitMs, perSlice] = type === 'hour' ? [HOUR_MS, HOURS_PER_SLICE] : [DAY_MS, DAYS_PER_SLICE]
  const read = type === 'hour' ? history.hours : history.days
  const toMs = Math.floor(window.to.getTime() / unitMs) * unitMs
  for (const url of urls ?? allUrls()) {
    const tracker = known(url)
    const fromMs = Math.max(window.from.getTime(), history.beganMs(tracker))
    for (const span of sliced({ fromMs: Math.floor(fromMs / unitMs) * unitMs, toMs }, perSlice * unitMs)) {
      const rows = read(tracker, {
        from: new Date(Math.max(span.fromMs, window.from.getTime())),
        to: new Date(span.toMs),
      })
      yield rows.map((rollup) => ({ type, url, ...rollup }))
    }
  }
}

function* sliced({ fromMs, toMs }: Span, lengthMs: number): Generator<Span> {
  for (let from = fromMs; from < toMs; from += lengthMs) yield { fromMs: from, toMs: Math.min(from + lengthMs, toMs) }
}

type ChangeColumns = Omit<StatusChange, 'at'> & { readonly atMs: number; readonly confirmedMs: number }

/** Tracker by tracker: what it is, its status changes, its gaps. */
function prepareEvents({
  client,
  urls: allUrls,
  known,
}: ExportParts): (window: Window, urls: readonly string[] | null) => Rows {
  const changes = client.prepare<[number, number, number, number], ChangeColumns>(
    `SELECT at_ms AS atMs, confirmed_at_ms AS confirmedMs, from_status AS "from", to_status AS "to", reason, code, message
     FROM status_change WHERE tracker_id = ? AND (at_ms, confirmed_at_ms) > (?, ?) AND at_ms < ?
     ORDER BY at_ms, confirmed_at_ms LIMIT ${ROWS_PER_SLICE}`,
  )
  const gaps = client.prepare<[number, number, number], { readonly fromMs: number; readonly toMs: number }>(
    `SELECT from_ms AS fromMs, to_ms AS toMs FROM gap WHERE tracker_id = ? AND to_ms > ? AND to_ms < ?
     ORDER BY to_ms LIMIT ${ROWS_PER_SLICE}`,
  )
  return function* (window, urls) {
    const [fromMs, endMs] = [window.from.getTime(), window.to.getTime()]
    for (const url of urls ?? allUrls()) {
      const tracker = known(url)
      yield [trackerRow(tracker)]
      let after: [number, number] | null = [fromMs - 1, Number.MAX_SAFE_INTEGER]
      while (after !== null) {
        const rows = changes.all(tracker.id, ...after, endMs)
        yield rows.map((row) => changeRow(url, row))
        const last = rows.at(-1)
        after = last === undefined || rows.length < ROWS_PER_SLICE ? null : [last.atMs, last.confirmedMs]
      }
      let afterMs: number | null = fromMs - 1
      while (afterMs !== null) {
        const rows = gaps.all(tracker.id, afterMs, endMs)
        yield rows.map(({ fromMs, toMs }): GapRow => ({ type: 'gap', url, from: new Date(fromMs), to: new Date(toMs) }))
        afterMs = rows.length < ROWS_PER_SLICE ? null : (rows.at(-1)?.toMs ?? null)
      }
    }
  }
}

function trackerRow({ state }: Known): TrackerRow {
  const { tracker, group, aliveWhen, addedAt, health, lastOkAt } = state
  return { type: 'tracker', url: tracker.url, group, aliveWhen, addedAt, health, lastOkAt }
}

function changeRow(url: string, { atMs, confirmedMs, from, to, reason, code, message }: ChangeColumns): ChangeRow {
  return {
    type: 'change',
    url,
    at: new Date(atMs),
    from,
    to,
    reason,
    code,
    message,
    confirmedAt: new Date(confirmedMs),
  }
}
