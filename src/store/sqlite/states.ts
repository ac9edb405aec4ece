import { asc, eq, isNull, or, sql } from 'drizzle-orm'
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'
import type { TrackerState } from '../../tracker/state.js'
import { parseTracker } from '../../tracker/tracker.js'
import { StoreError } from '../errors.js'
import { decodeCheck } from './check-json.js'
import { withTimes } from './check-times.js'
import { healthOf } from './health-row.js'
import type { LateStates } from './late-states.js'
import { alias, lastCheck, tracker, trackerState } from './schema.js'
import { newer, type Written } from './written.js'

/** A tracker's state with its number in the database. */
export interface Known {
  readonly id: number
  readonly state: TrackerState
}

/** What is known about the watched trackers, read once and then kept in step with what is written. */
export interface States {
  all(): readonly Known[]
  find(urlOrId: string): Known | null
  byNumber(id: number): Known | null
  /** Notes what was written, by number of the tracker. */
  apply(newest: ReadonlyMap<number, Written>): void
  forget(): void
}

/** `late`: what is newer than in the file. */
export function createStates(db: BetterSQLite3Database, late: Pick<LateStates, 'of'>): States {
  let cached: Map<number, Known> | null = null
  /** Newer than what is cached, and seldom asked for before there is something newer still. */
  const fresh = new Map<number, Written>()
  // Prepared: to build a statement takes ten times as long as to run it.
  const byId = select(db)
    .where(eq(tracker.id, sql.placeholder('id')))
    .prepare()
  const name = sql.placeholder('name')
  const named = select(db)
    .where(or(eq(tracker.url, name), eq(tracker.publicId, name)))
    .limit(1)
    .prepare()
  // Under a URL, or the public id of one, that the tracker has had before.
  const aliased = select(db)
    .innerJoin(alias, eq(alias.trackerId, tracker.id))
    .where(or(eq(alias.url, name), eq(alias.publicId, name)))
    .limit(1)
    .prepare()
  const current = (row: Row): Known => {
    const known = knownOf(row)
    const newest = late.of(known.id)
    return newest === null ? known : next(known, newest)
  }
  const load = () => new Map(selectWatched(db).map((row) => [row.tracker.id, current(row)]))
  const upToDate = (): ReadonlyMap<number, Known> => {
    cached ??= load()
    for (const [id, written] of fresh) {
      const known = cached.get(id)
      if (known !== undefined) cached.set(id, next(known, written))
    }
    fresh.clear()
    return cached
  }
  return {
    all: () => [...upToDate().values()],
    find(urlOrId) {
      const row = named.get({ name: urlOrId }) ?? aliased.get({ name: urlOrId })
      return row === undefined ? null : current(row)
    },
    byNumber(id) {
      const known = upToDate().get(id)
      if (known !== undefined) return known
      const row = byId.get({ id })
      return row === undefined ? null : current(row)
    },
    apply(newest) {
      if (cached === null) return
      for (const [id, written] of newest) fresh.set(id, newer(fresh.get(id), written))
    },
    forget() {
      cached = null
      fresh.clear()
    },
  }
}

function next({ id, state }: Known, { record, atMs, lastOkMs }: Written): Known {
  if (state.health !== null && atMs < state.health.checkedAt.getTime()) return { id, state }
  const lastOkAt = lastOkMs === null ? state.lastOkAt : new Date(lastOkMs)
  return { id, state: { ...state, health: record.health, last: record.result, lastOkAt } }
}

function select(db: BetterSQLite3Database) {
  return db
    .select()
    .from(tracker)
    .leftJoin(trackerState, eq(trackerState.trackerId, tracker.id))
    .leftJoin(lastCheck, eq(lastCheck.trackerId, tracker.id))
    .$dynamic()
}

function selectWatched(db: BetterSQLite3Database) {
  return select(db).where(isNull(tracker.archivedAt)).orderBy(asc(tracker.position)).all()
}

type Row = ReturnType<typeof selectWatched>[number]

function knownOf(row: Row): Known {
  const { id, url, publicId, group, aliveWhen, addedAt, archivedAt } = row.tracker
  const parsed = parseTracker(url)
  if (parsed.problem !== undefined) throw new StoreError(`tracker ${id} is no announce URL: ${parsed.problem.message}`)
  const known = row.tracker_state
  const health = known === null ? null : healthOf(known)
  const times = known?.lastTimes ?? null
  const body = row.last_check?.body ?? null
  const last = times === null || body === null ? null : withTimes(decodeCheck(body), times)
  const state = { tracker: parsed.tracker, group, aliveWhen, id: publicId, addedAt, archivedAt, health, last }
  return { id, state: { ...state, lastOkAt: known?.lastOkAt ?? null } }
}
