import type Database from 'better-sqlite3'
import { type Gap, observedUntil } from '../../tracker/health.js'
import { DAY_MS, HOUR_MS } from '../../tracker/time.js'
import type { ChangeRow, TrackerRow } from '../transfer.js'
import { HERE } from './codes.js'
import { prepareInsert } from './insert.js'
import { prepareReopen } from './reopened.js'
import { gap, statusChange } from './schema.js'

/** What the uptime of the trackers of an import is computed from; each inside a transaction of the caller. */
export interface ImportedTimes {
  /** Whether it was new. */
  addChange(row: ChangeRow, id: number): boolean
  /** Likewise. */
  addGap(closed: Gap, id: number): boolean
  /** The stretch between what was here and what comes; before the row itself is put. */
  addGapBetween(row: TrackerRow, id: number): void
  /** What a store has watched that was at it only within one of our gaps, is a gap no longer. */
  narrowGaps(row: TrackerRow, id: number): void
}

export function prepareTimes(client: Database.Database): ImportedTimes {
  const putChange = prepareInsert(client, statusChange, 'ON CONFLICT DO NOTHING')
  const putGap = prepareInsert(client, gap, 'ON CONFLICT DO NOTHING')
  const findGap = prepareGapBetween(client)
  const reopenTimes = prepareReopenTimes(client)
  const takeGaps = prepareTakeGaps(client)
  const addGap = ({ from, to }: Gap, id: number): boolean => {
    if (putGap({ trackerId: id, from, to }) === 0) return false
    reopenTimes(id, from)
    return true
  }
  return {
    addGap,
    addChange(row, id) {
      if (putChange({ ...row, trackerId: id }) === 0) return false
      reopenTimes(id, row.at)
      return true
    },
    addGapBetween(row, id) {
      const between = findGap(row, id)
      if (between !== null) addGap(between, id)
    },
    narrowGaps({ addedAt, health }, id) {
      if (health === null) return
      const end = observedUntil(health)
      for (const { from, to } of takeGaps(id, { from: addedAt, to: end }, health.holdMs)) {
        if (from < addedAt) addGap({ from, to: addedAt }, id)
        if (end < to) addGap({ from: end, to }, id)
        reopenTimes(id, from)
      }
    },
  }
}

/**
 * The stretch that neither store has observed: from the end of the one whose health is older to where the other began. Had
 * it no gap, the last status of the former would seem to go on until then.
 */
function prepareGapBetween(client: Database.Database): (row: TrackerRow, id: number) => Gap | null {
  type Columns = [addedMs: number, checkedMs: number, unobservedMs: number]
  const select = client
    .prepare<[number], Columns>(
      `SELECT added_at_ms, checked_at_ms, coalesce(unobserved_since_ms, checked_at_ms + hold_ms)
       FROM tracker JOIN tracker_state ON tracker_id = id WHERE id = ?`,
    )
    .raw()
  return ({ addedAt, health }, id) => {
    const here = select.get(id)
    if (here === undefined || health === null) return null
    const [addedMs, checkedMs, unobservedMs] = here
    const there = observedUntil(health).getTime()
    const isNewer = health.checkedAt.getTime() > checkedMs
    const [fromMs, toMs] = isNewer ? [unobservedMs, addedAt.getTime()] : [there, addedMs]
    return fromMs < toMs ? { from: new Date(fromMs), to: new Date(toMs) } : null
  }
}

/**
 * Takes away the gaps that a stretch lies in, and returns them. At both ends it may reach out of them by as much as a check
 * stands for: the next monitor begins before the last check of the one before is out of date.
 */
function prepareTakeGaps(client: Database.Database): (id: number, stretch: Gap, holdMs: number) => readonly Gap[] {
  type Asked = { readonly id: number; readonly fromMs: number; readonly toMs: number; readonly holdMs: number }
  const take = client
    .prepare<[Asked], [number, number]>(
      `DELETE FROM gap WHERE tracker_id = @id AND to_ms > @fromMs AND from_ms < @toMs
       AND from_ms <= @fromMs + @holdMs AND to_ms >= @toMs - @holdMs RETURNING from_ms, to_ms`,
    )
    .raw()
  return (id, { from, to }, holdMs) =>
    take
      .all({ id, fromMs: from.getTime(), toMs: to.getTime(), holdMs })
      .map(([fromMs, toMs]) => ({ from: new Date(fromMs), to: new Date(toMs) }))
}

/** What changes the times of hours that are added up, has them added up again. */
function prepareReopenTimes(client: Database.Database): (id: number, at: Date) => void {
  const reopen = prepareReopen(client)
  const hasLater = client
    .prepare<[number, number, number, number], number>(
      `SELECT EXISTS (SELECT 1 FROM hour_rollup WHERE tracker_id = ? AND vantage_id = ${HERE} AND hour >= ?)
         OR EXISTS (SELECT 1 FROM day_rollup WHERE tracker_id = ? AND vantage_id = ${HERE} AND day >= ?)`,
    )
    .pluck()
  return (id, at) => {
    const ms = at.getTime()
    const isAddedUp = hasLater.get(id, Math.floor(ms / HOUR_MS), id, Math.floor(ms / DAY_MS)) === 1
    if (isAddedUp) reopen(id, ms)
  }
}
