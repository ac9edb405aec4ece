import type Database from 'better-sqlite3'
import type { Status, unobservedStart } from '../../tracker/health.js'
import type { AliveWhen } from '../../tracker/policy.js'
import type { Position } from './changes-around.js'
import type { LateStates } from './late-states.js'

/** A tracker, as far as its incidents ask. */
export interface Subject {
  readonly id: number
  readonly url: string
  readonly aliveWhen: AliveWhen
  readonly archivedAt: Date | null
  /** What `unobservedStart` asks; null without a check. */
  readonly health: Parameters<typeof unobservedStart>[0] | null
}

/** The trackers, archived ones included. */
export interface Subjects {
  get(id: number): Subject | null
  all(): Iterable<Subject>
}

type SubjectRow = [
  id: number,
  url: string,
  aliveWhen: AliveWhen,
  archivedMs: number | null,
  checkedMs: number | null,
  holdMs: number | null,
  unobservedMs: number | null,
]

/** `late`: what is newer than in the file. */
export function createSubjects(client: Database.Database, late: Pick<LateStates, 'of'>): Subjects {
  const rows = client
    .prepare<[], SubjectRow>(
      `SELECT id, url, alive_when, archived_at_ms, checked_at_ms, hold_ms, unobserved_since_ms
       FROM tracker LEFT JOIN tracker_state ON tracker_id = id`,
    )
    .raw()
    .all()
  const subjects = new Map(
    rows.map((row) => {
      const subject = subjectOf(row)
      return [subject.id, { ...subject, health: late.of(subject.id)?.record.health ?? subject.health }]
    }),
  )
  return { get: (id) => subjects.get(id) ?? null, all: () => subjects.values() }
}

function subjectOf([id, url, aliveWhen, archivedMs, checkedMs, holdMs, unobservedMs]: SubjectRow): Subject {
  const checked = checkedMs === null || holdMs === null ? null : { checkedAt: new Date(checkedMs), holdMs }
  return {
    id,
    url,
    aliveWhen,
    archivedAt: dateOf(archivedMs),
    health: checked === null ? null : { ...checked, unobservedSince: dateOf(unobservedMs) },
  }
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms)
}

const CHANGES_PER_PAGE = 500

export interface Place extends Position {
  readonly trackerId: number
}

interface PagedChange extends Place {
  readonly from: Status
  readonly to: Status
}

/** Status changes of all trackers, or of one, from a moment on, those before a place, newest first. */
export type Pages = (fromMs: number, before: Place, only?: number) => readonly PagedChange[]

export function preparePages(client: Database.Database): Pages {
  const text = `SELECT at_ms AS atMs, tracker_id AS trackerId, confirmed_at_ms AS confirmedMs,
    from_status AS "from", to_status AS "to" FROM status_change`
  const page = client.prepare<[number, number, number, number], PagedChange>(
    `${text} WHERE at_ms >= ? AND (at_ms, tracker_id, confirmed_at_ms) < (?, ?, ?)
     ORDER BY at_ms DESC, tracker_id DESC, confirmed_at_ms DESC LIMIT ${CHANGES_PER_PAGE}`,
  )
  const pageOf = client.prepare<[number, number, number, number], PagedChange>(
    `${text} WHERE tracker_id = ? AND at_ms >= ? AND (at_ms, confirmed_at_ms) < (?, ?)
     ORDER BY at_ms DESC, confirmed_at_ms DESC LIMIT ${CHANGES_PER_PAGE}`,
  )
  return (fromMs, { atMs, trackerId, confirmedMs }, only) =>
    only === undefined ? page.all(fromMs, atMs, trackerId, confirmedMs) : pageOf.all(only, fromMs, atMs, confirmedMs)
}
