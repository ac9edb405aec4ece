import type Database from 'better-sqlite3'
import { type Gap, isAliveStatus, type Status, type StatusChange, statuses } from '../../tracker/health.js'
import { isBadStatus } from '../../tracker/incident.js'
import type { AliveWhen } from '../../tracker/policy.js'

/** A place among the status changes of a tracker. */
export interface Position {
  readonly atMs: number
  readonly confirmedMs: number
}

/** Reads what happened to a tracker between two times at which it became alive. */
export interface ChangesAround {
  /**
   * The changes after the last one before `position` that brought it to life, up to the first from `position` on that
   * does; of those from one bad status to another only the first that tells it is down, for there may be thousands.
   */
  changes(trackerId: number, aliveWhen: AliveWhen, position: Position): readonly StatusChange[]
  /** The gaps that are closed and overlap `[from, to)`. */
  gaps(trackerId: number, from: Date, to: Date): readonly Gap[]
}

export function createChangesAround(client: Database.Database): ChangesAround {
  const readers = { announce: prepare(client, 'announce'), response: prepare(client, 'response') }
  const gaps = client
    .prepare<[number, number, number], [number, number]>(
      'SELECT from_ms, to_ms FROM gap WHERE tracker_id = ? AND to_ms > ? AND from_ms < ? ORDER BY to_ms',
    )
    .raw()
  return {
    changes: (trackerId, aliveWhen, position) => readers[aliveWhen](trackerId, position),
    gaps: (trackerId, from, to) =>
      gaps.all(trackerId, from.getTime(), to.getTime()).map(([fromMs, toMs]) => {
        return { from: new Date(fromMs), to: new Date(toMs) }
      }),
  }
}

type Row = [
  atMs: number,
  confirmedMs: number,
  from: Status,
  to: Status,
  reason: StatusChange['reason'],
  code: string | null,
  message: string | null,
]
/** The changes after one place, up to another one. */
interface Ends {
  readonly id: number
  readonly afterMs: number
  readonly afterConfirmedMs: number
  readonly upToMs: number
  readonly upToConfirmedMs: number
}

const BEGINNING = [Number.MIN_SAFE_INTEGER, 0] as const
const END = [Number.MAX_SAFE_INTEGER, 0] as const

function prepare(client: Database.Database, aliveWhen: AliveWhen) {
  const alive = listed((status) => isAliveStatus(status, aliveWhen))
  const bad = listed((status) => isBadStatus(status, aliveWhen))
  const revived = (order: string, compared: string) =>
    client
      .prepare<[number, number, number], [number, number]>(
        `SELECT at_ms, confirmed_at_ms FROM status_change
         WHERE tracker_id = ? AND (at_ms, confirmed_at_ms) ${compared} (?, ?) AND to_status IN (${alive})
         ORDER BY at_ms ${order}, confirmed_at_ms ${order} LIMIT 1`,
      )
      .raw()
  const before = revived('DESC', '<')
  const after = revived('ASC', '>=')
  const within = `SELECT at_ms, confirmed_at_ms, from_status, to_status, reason, code, message FROM status_change
    WHERE tracker_id = @id AND (at_ms, confirmed_at_ms) > (@afterMs, @afterConfirmedMs)
    AND (at_ms, confirmed_at_ms) <= (@upToMs, @upToConfirmedMs)`
  const read = client
    .prepare<[Ends], Row>(
      `${within} AND NOT (from_status IN (${bad}) AND to_status IN (${bad}))
       UNION ALL SELECT * FROM (${within} AND from_status IN (${bad}) AND to_status = 'down'
         ORDER BY at_ms, confirmed_at_ms LIMIT 1)
       ORDER BY 1, 2`,
    )
    .raw()
  return (trackerId: number, { atMs, confirmedMs }: Position): readonly StatusChange[] => {
    const [afterMs, afterConfirmedMs] = before.get(trackerId, atMs, confirmedMs) ?? BEGINNING
    const [upToMs, upToConfirmedMs] = after.get(trackerId, atMs, confirmedMs) ?? END
    const rows = read.all({ id: trackerId, afterMs, afterConfirmedMs, upToMs, upToConfirmedMs })
    return rows.map(([changedMs, , from, to, reason, code, message]) => {
      return { at: new Date(changedMs), from, to, reason, code, message }
    })
  }
}

function listed(belongs: (status: Status) => boolean): string {
  return statuses
    .filter(belongs)
    .map((status) => `'${status}'`)
    .join(', ')
}
