import type Database from 'better-sqlite3'
import type { Health, Status, StatusChange } from '../../tracker/health.js'
import type { AddressRow, AliasRow, ChangeRow, GapRow, TrackerRow } from '../transfer.js'
import { type ExportParts, ROWS_PER_SLICE, type Slices } from './export-parts.js'
import type { Known } from './states.js'

type ChangeColumns = Omit<StatusChange, 'at'> & { readonly atMs: number; readonly confirmedMs: number }

/** Tracker by tracker: what it is, where it was, its status changes, its gaps. */
export function prepareEvents({ client, addresses, urls: allUrls, known }: ExportParts): Slices {
  const aliases = client.prepare<[number], string>('SELECT url FROM alias WHERE tracker_id = ? ORDER BY url').pluck()
  const changes = client.prepare<[number, number, number, number], ChangeColumns>(
    `SELECT at_ms AS atMs, confirmed_at_ms AS confirmedMs, from_status AS "from", to_status AS "to", reason, code, message
     FROM status_change WHERE tracker_id = ? AND (at_ms, confirmed_at_ms) > (?, ?) AND at_ms < ?
     ORDER BY at_ms, confirmed_at_ms LIMIT ${ROWS_PER_SLICE}`,
  )
  const gaps = client.prepare<[number, number, number], { readonly fromMs: number; readonly toMs: number }>(
    `SELECT from_ms AS fromMs, to_ms AS toMs FROM gap WHERE tracker_id = ? AND to_ms > ? AND to_ms < ?
     ORDER BY to_ms LIMIT ${ROWS_PER_SLICE}`,
  )
  const healthAt = prepareHealthAt(client)
  return function* (window, urls) {
    const [fromMs, endMs] = [window.from.getTime(), window.to.getTime()]
    for (const url of urls ?? allUrls()) {
      const tracker = known(url)
      const former = aliases.all(tracker.id).map((alias): AliasRow => ({ type: 'alias', url, alias }))
      const seen = addresses
        .of(tracker.id)
        .filter(({ firstSeen, lastSeen }) => firstSeen < window.to && lastSeen >= window.from)
        .toReversed()
      yield [
        trackerRow(tracker, window.to, healthAt),
        ...former,
        ...seen.map((address): AddressRow => ({ type: 'address', url, ...address })),
      ]
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

/** As of the end of the window: later checks are not told, so neither is what they made of the tracker. */
function trackerRow({ id, state }: Known, to: Date, healthAt: HealthAt): TrackerRow {
  const { tracker, group, aliveWhen, addedAt, lastOkAt } = state
  const isLater = state.health !== null && state.health.checkedAt >= to
  const health = state.health !== null && isLater ? healthAt(id, state.health, to) : state.health
  const knownOkAt = lastOkAt !== null && lastOkAt < to ? lastOkAt : null
  return { type: 'tracker', url: tracker.url, group, aliveWhen, addedAt, health, lastOkAt: knownOkAt }
}

/** The health of a tracker at an earlier moment, from when on it is taken to be unobserved; null where there was none. */
type HealthAt = (trackerId: number, now: Health, at: Date) => Health | null

function prepareHealthAt(client: Database.Database): HealthAt {
  const lastChange = client
    .prepare<[number, number], [number, Status]>(
      `SELECT at_ms, to_status FROM status_change WHERE tracker_id = ? AND at_ms < ?
       ORDER BY at_ms DESC, confirmed_at_ms DESC LIMIT 1`,
    )
    .raw()
  const gapFrom = client
    .prepare<[number, number, number], number>(
      'SELECT from_ms FROM gap WHERE tracker_id = ? AND to_ms >= ? AND from_ms < ? LIMIT 1',
    )
    .pluck()
  return (trackerId, { holdMs }, at) => {
    const atMs = at.getTime()
    const change = lastChange.get(trackerId, atMs)
    if (change === undefined) return null
    const [sinceMs, status] = change
    const unobservedSince = new Date(gapFrom.get(trackerId, atMs, atMs) ?? atMs)
    const since = new Date(sinceMs)
    return { status, since, checkedAt: at, streak: null, lastVerdict: null, unobservedSince, holdMs }
  }
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
