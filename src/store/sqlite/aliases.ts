import type Database from 'better-sqlite3'
import { trackerId, type WatchedTracker } from '../../tracker/state.js'
import type { AliasReport } from '../store.js'

/** The row of a tracker. One without history was watched and never checked, and nothing of it was imported. */
interface Row {
  readonly id: number
  readonly url: string
  readonly addedMs: number
  readonly hasHistory: number
}

export interface Aliases {
  /**
   * Gives each of the trackers to be watched the row of the URL that it has had before, whose history then goes on under
   * its own. Inside a transaction of the caller, before the trackers are put in.
   */
  join(trackers: readonly WatchedTracker[]): readonly AliasReport[]
  /** Keeps under which old URLs the trackers, which have their rows now, are found too. Inside the same transaction. */
  keep(trackers: readonly WatchedTracker[], reports: readonly AliasReport[]): void
}

/** Each of these is asked in a µs; checks that are not added up yet are the last ones, and few. */
const PLACES = ['tracker_state', 'hour_rollup', 'day_rollup', 'status_change', 'gap', 'address']
const hasHistory = `(${PLACES.map((table) => `EXISTS (SELECT 1 FROM ${table} WHERE tracker_id = id)`).join(' OR ')}
  OR EXISTS (SELECT 1 FROM check_result WHERE tracker_id = id
    AND at_ms >= coalesce((SELECT value FROM meta WHERE name = 'rolled_to_ms'), ${Number.MIN_SAFE_INTEGER}))
  OR EXISTS (SELECT 1 FROM reopened WHERE tracker_id = id))`

export function createAliases(client: Database.Database): Aliases {
  const rowOf = client.prepare<[string], Row>(
    `SELECT id, url, added_at_ms AS addedMs, ${hasHistory} AS hasHistory FROM tracker WHERE url = ?`,
  )
  const hasRow = client.prepare<[string], number>('SELECT 1 FROM tracker WHERE url = ?').pluck()
  const formerUrl = client
    .prepare<[string], string>(
      'SELECT tracker.url FROM alias JOIN tracker ON tracker.id = alias.tracker_id WHERE alias.url = ?',
    )
    .pluck()
  const remove = client.prepare<[number]>('DELETE FROM tracker WHERE id = ?')
  const rename = client.prepare<[string, string, number, number]>(
    'UPDATE tracker SET url = ?, public_id = ?, added_at_ms = min(added_at_ms, ?) WHERE id = ?',
  )
  const putAlias = client.prepare<[string, string, string]>(
    `INSERT INTO alias SELECT ?, ?, id FROM tracker WHERE url = ?
     ON CONFLICT DO NOTHING`,
  )
  const repoint = client.prepare<[number, number]>('UPDATE alias SET tracker_id = ? WHERE tracker_id = ?')
  const leaveLists = [
    client.prepare<[number]>('DELETE FROM list_member WHERE tracker_id = ?'),
    client.prepare<[number]>('DELETE FROM list_change WHERE tracker_id = ?'),
  ]
  const removeAlias = client.prepare<[string]>('DELETE FROM alias WHERE url = ?')

  const replace = (empty: Row, by: Row): void => {
    repoint.run(by.id, empty.id)
    for (const leave of leaveLists) leave.run(empty.id)
    remove.run(empty.id)
  }
  /** Where the history of an old URL is now. */
  const placeOf = (old: string): string => (hasRow.get(old) === undefined ? (formerUrl.get(old) ?? old) : old)
  const join = (url: string, old: string): AliasReport | null => {
    const own = rowOf.get(url)
    const row = rowOf.get(old)
    if (row === undefined) return null
    if (own?.hasHistory === 1 && row.hasHistory === 1) return { url, alias: old, joined: false }
    if (own?.hasHistory === 1) {
      replace(row, own)
      return null
    }
    if (own !== undefined) replace(own, row)
    rename.run(url, trackerId(url), own?.addedMs ?? row.addedMs, row.id)
    return { url, alias: old, joined: true }
  }
  return {
    join(trackers) {
      const watched = new Set(trackers.map(({ tracker }) => tracker.url))
      return trackers.flatMap(({ tracker: { url }, aliases = [] }) => {
        // The URL itself has moved where it comes back after its history has gone on under another.
        const olds = new Set([url, ...aliases].map(placeOf))
        return [...olds].flatMap((old) => (watched.has(old) ? [] : (join(url, old) ?? [])))
      })
    },
    keep(trackers, reports) {
      const apart = new Set(reports.filter(({ joined }) => !joined).map(({ alias }) => alias))
      // The first one stands: where a history has just gone is known better than who names its old URL.
      for (const { alias, url, joined } of reports) if (joined) putAlias.run(alias, trackerId(alias), url)
      for (const { tracker, aliases = [] } of trackers) {
        for (const old of aliases) if (!apart.has(old)) putAlias.run(old, trackerId(old), tracker.url)
      }
      // Whoever is watched under a URL of its own is found under it.
      for (const { tracker } of trackers) removeAlias.run(tracker.url)
    },
  }
}
