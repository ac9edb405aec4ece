import type { RecentCheck } from '../store.js'
import { checkRows, toMs, toUs } from './check-rows.js'
import type { ReadRecent } from './recent.js'
import type { Known } from './states.js'
import type { Written } from './written.js'

/** Per tracker. More than that is read from the file at each call. */
const MOST_KEPT = 100

type List = readonly RecentCheck[]
type Lists = ReadonlyMap<number, List>

/** The newest checks of each tracker, read when somebody first asks and then kept in step with what is written. */
export interface RecentChecks {
  /** See `Store.recent`. The list of a tracker is the same object until it has another check. */
  newest(trackers: readonly Known[], limit: number): Promise<ReadonlyMap<string, List>>
  /** Notes checks that were not there before. */
  note(written: readonly Written[]): void
  forgetAll(): void
}

interface Kept {
  readonly limit: number
  readonly lists: Map<number, List>
}

interface Reading {
  readonly limit: number
  readonly lists: Promise<Lists>
  /** Written since it began: it may have seen them or not. */
  readonly noted: Written[]
}

export function createRecentChecks(read: ReadRecent): RecentChecks {
  let kept: Kept | null = null
  let reading: Reading | null = null

  const keep = async (trackers: readonly Known[], limit: number, noted: readonly Written[]): Promise<Lists> => {
    try {
      const found: Kept = { limit, lists: new Map(await read(trackers, limit)) }
      add(found, noted)
      if (reading?.noted === noted) kept = found
      return found.lists
    } finally {
      if (reading?.noted === noted) reading = null
    }
  }
  const listsOf = (trackers: readonly Known[], limit: number): Lists | Promise<Lists> => {
    if (limit > MOST_KEPT) return read(trackers, limit)
    if (kept !== null && kept.limit >= limit) return kept.lists
    if (reading !== null && reading.limit >= limit) return reading.lists
    const noted: Written[] = []
    reading = { limit, noted, lists: keep(trackers, limit, noted) }
    return reading.lists
  }
  return {
    async newest(trackers, limit) {
      const lists = await listsOf(trackers, limit)
      return new Map(trackers.map(({ id, state }) => [state.tracker.url, cut(lists.get(id) ?? [], limit)]))
    },
    note(written) {
      reading?.noted.push(...written)
      if (kept !== null) add(kept, written)
    },
    forgetAll() {
      kept = null
      reading = null
    },
  }
}

function add({ limit, lists }: Kept, written: readonly Written[]): void {
  for (const { id, record } of written) {
    const list = lists.get(id)
    const check = recentOf(record.result)
    if (list === undefined || check === null) continue
    const atMs = check.checkedAt.getTime()
    const found = list.findIndex(({ checkedAt }) => checkedAt.getTime() <= atMs)
    const place = found === -1 ? list.length : found
    if (list[place]?.checkedAt.getTime() === atMs) continue
    lists.set(id, cut(list.toSpliced(place, 0, check), limit))
  }
}

/** As it would be read. */
function recentOf(result: Written['record']['result']): RecentCheck | null {
  const row = checkRows(result).find(({ decisive }) => decisive)
  if (row === undefined) return null
  const { outcome, reason, flags } = row
  const words = { outcome, reason, code: row.code || null, message: row.message || null, flags }
  return { checkedAt: result.checkedAt, ...words, latencyMs: toMs(toUs(row.latencyMs)) }
}

function cut(list: List, limit: number): List {
  return list.length > limit ? list.slice(0, limit) : list
}
