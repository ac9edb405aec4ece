import type Database from 'better-sqlite3'
import type { ListChange } from '../../tracker/membership.js'
import type { ListName, Membership } from '../../tracker/select.js'
import type { Window } from '../../tracker/uptime.js'
import { StoreError } from '../errors.js'
import { prepareInsert, replacing } from './insert.js'
import { listChange, listMember } from './schema.js'

/** Who is on each list, read once and then kept in step, and what entered and left. */
export interface ListMembers {
  /** Null before the first change. */
  all(): Membership | null
  /** One transaction. */
  put(changes: readonly ListChange[]): void
  changes(list: ListName | null, window: Window, limit: number): readonly ListChange[]
  forget(): void
}

type MemberColumns = [list: ListName, url: string, sinceMs: number]
type ChangeColumns = Omit<ListChange, 'at' | 'entered'> & { readonly atMs: number; readonly entered: number }

export function createListMembers(client: Database.Database): ListMembers {
  const selectMembers = client
    .prepare<[], MemberColumns>(
      'SELECT list, url, since_ms FROM list_member JOIN tracker ON tracker.id = tracker_id ORDER BY list, url',
    )
    .raw()
  const hasChanged = client.prepare<[], number>('SELECT EXISTS (SELECT 1 FROM list_change)').pluck()
  const putMember = prepareInsert(client, listMember, 'ON CONFLICT DO NOTHING')
  const removeMember = client.prepare<[ListName, number]>('DELETE FROM list_member WHERE list = ? AND tracker_id = ?')
  const putChange = prepareInsert(client, listChange, replacing(listChange))
  const selectChanges = (list: string) =>
    client.prepare<{ list: ListName | null; fromMs: number; toMs: number; limit: number }, ChangeColumns>(
      `SELECT list, url, at_ms AS atMs, entered, reason, uptime
       FROM list_change JOIN tracker ON tracker.id = tracker_id
       WHERE ${list} at_ms >= @fromMs AND at_ms < @toMs ORDER BY at_ms DESC, list, entered DESC, url LIMIT @limit`,
    )
  const changesOfOne = selectChanges('list = @list AND')
  const changesOfAll = selectChanges('')
  const findId = client.prepare<[string], number>('SELECT id FROM tracker WHERE url = ?').pluck()
  const putAll = client.transaction((changes: readonly ListChange[]): void => {
    for (const change of changes) {
      const trackerId = findId.get(change.url)
      if (trackerId === undefined)
        throw new StoreError(`${change.url} was never watched, or is known by another URL now`)
      if (change.entered) putMember({ list: change.list, trackerId, since: change.at })
      else removeMember.run(change.list, trackerId)
      putChange({ ...change, trackerId })
    }
  })
  let known: Membership | null = null
  return {
    all() {
      known ??= hasChanged.get() === 1 ? membershipOf(selectMembers.all()) : null
      return known
    },
    put(changes) {
      known = null
      putAll.immediate(changes)
    },
    changes: (list, { from, to }, limit) =>
      (list === null ? changesOfAll : changesOfOne)
        .all({ list, fromMs: from.getTime(), toMs: to.getTime(), limit })
        .map(({ atMs, entered, ...change }) => ({ ...change, at: new Date(atMs), entered: entered === 1 })),
    forget() {
      known = null
    },
  }
}

function membershipOf(rows: readonly MemberColumns[]): Membership {
  const lists = new Map<ListName, Map<string, Date>>()
  for (const [list, url, sinceMs] of rows) {
    const members = lists.get(list) ?? new Map<string, Date>()
    lists.set(list, members.set(url, new Date(sinceMs)))
  }
  return lists
}
