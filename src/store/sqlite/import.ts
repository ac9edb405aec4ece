import type Database from 'better-sqlite3'
import { getTableColumns } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Gap } from '../../tracker/health.js'
import { trackerId as publicIdOf } from '../../tracker/state.js'
import { DAY_MS, HOUR_MS } from '../../tracker/time.js'
import { parseTracker } from '../../tracker/tracker.js'
import { StoreError } from '../errors.js'
import type { AliasRow, CheckTransferRow, RollupRow, TrackerRow, TransferRow } from '../transfer.js'
import type { Addresses } from './addresses.js'
import { toUs } from './check-rows.js'
import { familyCodes, HERE } from './codes.js'
import { healthRow } from './health-row.js'
import { prepareInsert, replacing } from './insert.js'
import { prepareReopen } from './reopened.js'
import type { RollProgress } from './roll.js'
import { summaryOf } from './rollup-rows.js'
import type { Rollups } from './rollups.js'
import { alias, dayRollup, gap, hourRollup, statusChange, tracker, trackerState } from './schema.js'
import type { Verdicts } from './verdicts.js'
import { prepareCount } from './writer.js'

export interface ImportParts {
  readonly client: Database.Database
  readonly verdicts: Verdicts
  readonly addresses: Addresses
  readonly progress: RollProgress
  readonly rollups: Rollups
}

/** A tracker of which only checks or sums came, until its own row tells. */
const UNKNOWN = { group: 'imported', aliveWhen: 'announce', position: 0 } as const

/** Adds rows in one transaction, see `Store.import`. Returns the number of rows that were new. */
export function createImport(parts: ImportParts): (rows: readonly TransferRow[], at: Date) => number {
  const { client, verdicts, addresses, rollups } = parts
  const idOf = prepareIds(client)
  const putTracker = prepareTracker(client)
  const findGap = prepareGapBetween(client)
  const putAlias = prepareAlias(client)
  const putCheck = prepareCheck(parts)
  const putChange = prepareInsert(client, statusChange, 'ON CONFLICT DO NOTHING')
  const putGap = prepareInsert(client, gap, 'ON CONFLICT DO NOTHING')
  const putHour = prepareInsert(client, hourRollup, replacingFewer(hourRollup))
  const putDay = prepareInsert(client, dayRollup, replacingFewer(dayRollup))
  const reopenTimes = prepareReopenTimes(client)

  const addGap = (id: number, { from, to }: Gap): boolean => {
    if (putGap({ trackerId: id, from, to }) === 0) return false
    reopenTimes(id, from)
    return true
  }
  const put = (row: TransferRow, id: number, days: Days): boolean => {
    switch (row.type) {
      case 'tracker': {
        const between = findGap(row, id)
        if (between !== null) addGap(id, between)
        return putTracker(row, id)
      }
      case 'alias':
        return putAlias(row, id)
      case 'address':
        return addresses.add(id, row)
      case 'change':
        if (putChange({ ...row, trackerId: id }) === 0) return false
        reopenTimes(id, row.at)
        return true
      case 'gap':
        return addGap(id, row)
      case 'check':
        return putCheck(row, id)
      case 'hour': {
        const hour = numberOf(row, HOUR_MS)
        if (putHour({ trackerId: id, vantageId: HERE, hour, ...summaryOf(row) }) === 0) return false
        days.add(id, Math.floor(row.from.getTime() / DAY_MS))
        return true
      }
      case 'day':
        return putDay({ trackerId: id, vantageId: HERE, day: numberOf(row, DAY_MS), ...summaryOf(row) }) > 0
    }
  }
  const putAll = client.transaction((rows: readonly TransferRow[], at: Date): number => {
    const days = createDays()
    let added = 0
    for (const row of rows) if (put(row, idOf(row, at), days)) added += 1
    for (const [id, day] of days.all()) rollups.putDay(id, day)
    return added
  })
  return (rows, at) => {
    try {
      return putAll.immediate(rows, at)
    } catch (error) {
      verdicts.forget()
      throw error
    }
  }
}

function numberOf({ type, url, from }: RollupRow, unitMs: number): number {
  const number = from.getTime() / unitMs
  if (Number.isInteger(number)) return number
  throw new StoreError(`${type} of ${url} from ${from.toISOString()}, expected the beginning of one`)
}

/** Days of which an hour is new, to be summed up again. */
interface Days {
  add(id: number, day: number): void
  all(): Iterable<readonly [id: number, day: number]>
}

function createDays(): Days {
  const days = new Map<string, readonly [number, number]>()
  return { add: (id, day) => void days.set(`${id} ${day}`, [id, day]), all: () => days.values() }
}

/** Whoever counts the most checks wins. */
function replacingFewer(table: SQLiteTable): string {
  const { ok, rejected, failed, skipped } = getTableColumns(hourRollup)
  const sum = (side: string) => [ok, rejected, failed, skipped].map(({ name }) => `${side}${name}`).join(' + ')
  return `${replacing(table)} WHERE ${sum('excluded.')} > ${sum('')}`
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

function prepareTracker(client: Database.Database): (row: TrackerRow, id: number) => boolean {
  const meet = client.prepare<[number, number, number]>(
    'UPDATE tracker SET added_at_ms = min(added_at_ms, ?) WHERE id = ? AND added_at_ms > ?',
  )
  const describe = client.prepare<[string, string, number, string, string]>(
    `UPDATE tracker SET grp = ?, alive_when = ? WHERE id = ? AND archived_at_ms IS NOT NULL
     AND (grp <> ? OR alive_when <> ?)`,
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
    changed += describe.run(group, aliveWhen, id, group, aliveWhen).changes
    if (health !== null) changed += putState({ ...healthRow(health), trackerId: id, lastTimes: null, lastOkAt })
    return changed > 0
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
    const there = health.unobservedSince?.getTime() ?? health.checkedAt.getTime() + health.holdMs
    const isNewer = health.checkedAt.getTime() > checkedMs
    const [fromMs, toMs] = isNewer ? [unobservedMs, addedAt.getTime()] : [there, addedMs]
    return fromMs < toMs ? { from: new Date(fromMs), to: new Date(toMs) } : null
  }
}

function prepareCheck({ client, verdicts, progress }: ImportParts): (row: CheckTransferRow, id: number) => boolean {
  const insert = client.prepare<[number, number, number, number, number, number | null]>(
    `INSERT INTO check_result (at_ms, tracker_id, family, vantage_id, verdict_id, latency_us)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  )
  const count = prepareCount(client)
  const reopen = prepareReopen(client)
  return (row, id) => {
    const atMs = row.checkedAt.getTime()
    const family = row.family ?? 'none'
    const verdict = verdicts.idOf({ ...row, family }, row.checkedAt)
    const { changes } = insert.run(atMs, id, familyCodes[family], HERE, verdict, toUs(row.latencyMs))
    if (changes === 0) return false
    if (row.decisive) count(1)
    if (atMs < progress.toMs) reopen(id, atMs)
    return true
  }
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
