import { z } from '@hono/zod-openapi'
import { maskUrl } from '../../../tracker/mask.js'
import type { Entry } from '../../../tracker/state.js'
import { naturalOrder, type SortKey, type SortOrder } from '../../pages/status-query.js'
import { keyOf } from '../../pages/status-view.js'
import { type Cursor, cursorOf } from './cursor.js'

/** The orders of the status page, each with the id behind it, so that there is a place after any tracker. */
export interface Order {
  readonly sort: SortKey
  /** Left out: the one that is natural for `sort`. */
  readonly order: SortOrder | undefined
}

type Key = string | number | null

interface Place {
  readonly key: Key
  readonly id: string
}

interface Keyed extends Place {
  readonly entry: Entry
}

export function cursorsOf({ sort, order = naturalOrder(sort) }: Order): Cursor<Place> {
  const place = z.strictObject({ key: z.union([z.string(), z.number(), z.null()]), id: z.string() })
  return cursorOf(`trackers ${sort} ${order}`, place)
}

/** The entries behind a place, in order; all of them without one. What is not known comes last either way. */
export function afterPlace(
  entries: readonly Entry[],
  { sort, order = naturalOrder(sort) }: Order,
  place: Place | null,
): readonly Keyed[] {
  const keyed = entries.map((entry): Keyed => {
    const line = { entry, status: entry.health?.status ?? 'pending', name: maskUrl(entry.tracker.url) }
    return { key: keyOf(line, sort), id: entry.id, entry }
  })
  const compare = (one: Place, other: Place): number => compareKeys(one.key, other.key, order) || byId(one, other)
  return keyed.filter((one) => place === null || compare(one, place) > 0).sort(compare)
}

function compareKeys(one: Key, other: Key, order: SortOrder): number {
  if (one === other) return 0
  if (one === null) return 1
  if (other === null) return -1
  return one < other === (order === 'asc') ? -1 : 1
}

function byId(one: Place, other: Place): number {
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0
}
