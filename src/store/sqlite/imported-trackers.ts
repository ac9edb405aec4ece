import type Database from 'better-sqlite3'
import { getTableColumns } from 'drizzle-orm'
import { trackerId as publicIdOf } from '../../tracker/state.js'
import { parseTracker } from '../../tracker/tracker.js'
import { StoreError } from '../errors.js'
import type { AliasRow, TrackerRow, TransferRow } from '../transfer.js'
import { healthRow } from './health-row.js'
import { prepareInsert } from './insert.js'
import { alias, tracker, trackerState } from './schema.js'

/** Who the trackers of an import are here; each inside a transaction of the caller. */
export interface ImportedTrackers {
  /** The number of the tracker that a row is of. One that is not known yet began with the row, or else `at`. */
  idOf(row: TransferRow, at: Date): number
  /** Whether anything of it was new. */
  put(row: TrackerRow, id: number): boolean
  putAlias(row: AliasRow, id: number): boolean
}

/** A tracker of which only checks or sums came, until its own row tells. */
const UNKNOWN = { group: 'imported', aliveWhen: 'announce', position: 0 } as const

export function prepareTrackers(client: Database.Database): ImportedTrackers {
  return { idOf: prepareIds(client), put: prepareTracker(client), putAlias: prepareAlias(client) }
}

function prepareIds(client: Database.Database): (row: TransferRow, at: Date) => number {
  const find = client.prepare<[string], number>('SELECT id FROM tracker WHERE url = ?').pluck()
  const findByAlias = client.prepare<[string], number>('SELECT tracker_id FROM alias WHERE url = ?').pluck()
  const add = prepareInsert(client, tracker, '')
  return (row, at) => {
    const { url } = row
    const known = find.get(url) ?? findByAlias.get(url)
    if (known !== undefined) return known
    requireCanonical(url)
    add({ ...UNKNOWN, url, publicId: publicIdOf(url), addedAt: beganAt(row) ?? at, archivedAt: at })
    return find.get(url) ?? Number.NaN
  }
}

function requireCanonical(url: string): void {
  if (parseTracker(url).tracker?.url === url) return
  throw new StoreError(`${url} is not the canonical URL of a tracker, expected it as exported`)
}

function beganAt(row: TransferRow): Date | null {
  switch (row.type) {
    case 'tracker':
      return row.addedAt
    case 'check':
      return row.checkedAt
    case 'change':
      return row.at
    case 'address':
      return row.firstSeen
    case 'alias':
      return null
    default:
      return row.from
  }
}

/** Whoever has a place of its own here keeps it. */
function prepareAlias(client: Database.Database): (row: AliasRow, id: number) => boolean {
  const hasPlace = client.prepare<[string], number>('SELECT 1 FROM tracker WHERE url = ?').pluck()
  const add = prepareInsert(client, alias, 'ON CONFLICT DO NOTHING')
  return ({ alias: url }, id) => {
    requireCanonical(url)
    return hasPlace.get(url) === undefined && add({ url, publicId: publicIdOf(url), trackerId: id }) > 0
  }
}

/** What the configuration said of a tracker when its health was this old. */
interface Described extends Pick<TrackerRow, 'group' | 'aliveWhen'> {
  readonly id: number
  readonly checkedMs: number
}

function prepareTracker(client: Database.Database): (row: TrackerRow, id: number) => boolean {
  const meet = client.prepare<[number, number, number]>(
    'UPDATE tracker SET added_at_ms = min(added_at_ms, ?) WHERE id = ? AND added_at_ms > ?',
  )
  const describe = client.prepare<[Described]>(
    `UPDATE tracker SET grp = @group, alive_when = @aliveWhen WHERE id = @id AND archived_at_ms IS NOT NULL
     AND (grp <> @group OR alive_when <> @aliveWhen)
     AND NOT EXISTS (SELECT 1 FROM tracker_state WHERE tracker_id = id AND checked_at_ms > @checkedMs)`,
  )
  const columns = Object.values(getTableColumns(trackerState)).map(({ name }) => name)
  const replaced = columns.filter((name) => name !== 'tracker_id' && name !== 'last_ok_at_ms')
  const putState = prepareInsert(
    client,
    trackerState,
    `ON CONFLICT DO UPDATE SET ${replaced.map((name) => `${name} = excluded.${name}`).join(', ')},
       last_ok_at_ms = coalesce(max(excluded.last_ok_at_ms, last_ok_at_ms), excluded.last_ok_at_ms, last_ok_at_ms)
     WHERE excluded.checked_at_ms > checked_at_ms`,
  )
  return ({ group, aliveWhen, addedAt, health, lastOkAt }, id) => {
    let changed = meet.run(addedAt.getTime(), id, addedAt.getTime()).changes
    const checkedMs = health?.checkedAt.getTime() ?? Number.NEGATIVE_INFINITY
    changed += describe.run({ id, group, aliveWhen, checkedMs }).changes
    if (health !== null) changed += putState({ ...healthRow(health), trackerId: id, lastTimes: null, lastOkAt })
    return changed > 0
  }
}
