import { setImmediate } from 'node:timers/promises'
import { DAY_MS, HOUR_MS } from '../../tracker/time.js'
import type { Window } from '../../tracker/uptime.js'
import type { CheckTransferRow, RollupRow, TransferKind, TransferRow } from '../transfer.js'
import { toMs } from './check-rows.js'
import { familyCodes, familyOf, HERE } from './codes.js'
import { prepareEvents } from './export-events.js'
import { type ExportParts, ROWS_PER_SLICE, type Rows, type Slices } from './export-parts.js'
import { saidOf } from './verdict-words.js'

const HOURS_PER_SLICE = 10 * 24
const DAYS_PER_SLICE = 60

/** Gives the rows of `kind` slice by slice: between two of them nothing is held open. */
export function createExport(parts: ExportParts) {
  const slicesOf: Readonly<Record<TransferKind, Slices>> = {
    checks: prepareChecks(parts),
    hours: (window, urls) => rollupSlices(parts, 'hour', window, urls),
    days: (window, urls) => rollupSlices(parts, 'day', window, urls),
    events: prepareEvents(parts),
  }
  return async function* (kind: TransferKind, window: Window, urls?: readonly string[]): AsyncGenerator<TransferRow> {
    const own = urls === undefined ? null : await parts.run(() => presentUrls(parts, urls))
    const slices = slicesOf[kind](window, own)
    for (;;) {
      const { value: rows, done } = await parts.run(() => slices.next())
      if (done === true) return
      yield* rows
      await setImmediate()
    }
  }
}

/** Those that the trackers have now, each once, in order. */
function presentUrls({ known }: ExportParts, urls: readonly string[]): readonly string[] {
  return [...new Set(urls.map((url) => known(url).state.tracker.url))].toSorted()
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
function prepareChecks({ client, ends, known }: ExportParts): Slices {
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
    for (const span of ends.days(window)) {
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
  { history, nextContent, urls: allUrls, known }: ExportParts,
  type: RollupRow['type'],
  window: Window,
  urls: readonly string[] | null,
): Rows {
  const [unitMs, perSlice] = type === 'hour' ? [HOUR_MS, HOURS_PER_SLICE] : [DAY_MS, DAYS_PER_SLICE]
  const read = type === 'hour' ? history.hours : history.days
  const beginOf = (ms: number): number => Math.floor(ms / unitMs) * unitMs
  const windowFromMs = window.from.getTime()
  for (const url of urls ?? allUrls()) {
    const tracker = known(url)
    const toMs = beginOf(Math.min(window.to.getTime(), history.endedMs(tracker) + unitMs - 1))
    let fromMs = beginOf(Math.max(windowFromMs, history.beganMs(tracker)))
    while (fromMs < toMs) {
      const endMs = Math.min(fromMs + perSlice * unitMs, toMs)
      const rows = read(tracker, { from: new Date(Math.max(fromMs, windowFromMs)), to: new Date(endMs) })
      yield rows.map((rollup) => ({ type, url, ...rollup }))
      const goesOn = rows.at(-1)?.to.getTime() === endMs
      fromMs = goesOn ? endMs : beginOf(nextContent(tracker.id, endMs / HOUR_MS) * HOUR_MS)
    }
  }
}
