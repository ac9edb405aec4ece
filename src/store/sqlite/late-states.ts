import type Database from 'better-sqlite3'
import type { Health } from '../../tracker/health.js'
import { DAY_MS } from '../../tracker/time.js'
import type { CheckRecord } from '../store.js'
import { type LateSpan, removeSpan, writeSpan } from './late-span.js'
import type { Meta } from './meta.js'
import { createStatePuts } from './state-puts.js'
import { newer, type Written } from './written.js'

/** A transaction of so many checks tells of load. One with fewer writes all states. */
const LOAD_CHECKS = 500
/** What waits at most. So many checks are read again at the start after a process was killed. */
const MOST_CHECKS = 100_000
const MOST_SPAN_MS = DAY_MS
/** So many states are written together in a few ms. */
const MOST_TRACKERS = 2_000

/**
 * States that are written later than their checks. A state takes as long to write as several checks, and nearly always
 * says that all goes on: under load such a one waits, and the next check of its tracker may take its place. No killed
 * process loses it, for the checks are in the file, and `catchUp` adds them up.
 */
export interface LateStates {
  /** As `StatePuts.follow`; inside the transaction. */
  follow(id: number, record: CheckRecord): Health | null
  /**
   * Inside a transaction that wrote these checks: writes those of the states that must not wait, or all. Returns what is
   * to be called once the transaction is committed.
   */
  put(newest: ReadonlyMap<number, Written>, written: readonly Written[]): () => void
  /** The same with those that wait. */
  putAll(): () => void
  /** The newest state of a tracker, where it waits. */
  of(trackerId: number): Written | null
  /** Whether neither a state waits nor a span is left of those that did. */
  isEmpty(): boolean
  /** Forgets what was written, which may have been rolled back or changed since; but not what waits. */
  forget(): void
}

export function createLateStates(client: Database.Database, meta: Meta): LateStates {
  const puts = createStatePuts(client)
  const waiting = new Map<number, Written>()
  let checks = 0
  let span: LateSpan | null = null

  const putAll = (newest: ReadonlyMap<number, Written>): (() => void) => {
    for (const put of newest.values()) puts.put(newer(waiting.get(put.id), put))
    for (const put of waiting.values()) if (!newest.has(put.id)) puts.put(put)
    if (span !== null) removeSpan(meta)
    return () => {
      waiting.clear()
      checks = 0
      span = null
    }
  }
  const putNews = (newest: ReadonlyMap<number, Written>, added: number, wider: LateSpan): (() => void) => {
    const late: Written[] = []
    const done: number[] = []
    for (const put of newest.values()) {
      const state = newer(waiting.get(put.id), put)
      if (!puts.hasNews(state.id)) {
        late.push(state)
        continue
      }
      puts.put(state)
      done.push(state.id)
    }
    if (late.length > 0) writeSpan(meta, wider)
    return () => {
      for (const id of done) waiting.delete(id)
      if (late.length === 0) return
      for (const state of late) waiting.set(state.id, state)
      checks += added
      span = wider
    }
  }
  return {
    follow: puts.follow,
    put(newest, written) {
      const isLoad = written.length >= LOAD_CHECKS && checks + written.length <= MOST_CHECKS
      if (!isLoad || waiting.size > MOST_TRACKERS) return putAll(newest)
      const wider = widened(span, written)
      return wider.toMs - wider.fromMs > MOST_SPAN_MS ? putAll(newest) : putNews(newest, written.length, wider)
    },
    putAll: () => putAll(new Map()),
    of: (trackerId) => waiting.get(trackerId) ?? null,
    isEmpty: () => span === null,
    forget: puts.forget,
  }
}

function widened(span: LateSpan | null, written: readonly Written[]): LateSpan {
  let { fromMs, toMs } = span ?? { fromMs: Number.POSITIVE_INFINITY, toMs: Number.NEGATIVE_INFINITY }
  for (const { atMs } of written) {
    if (atMs < fromMs) fromMs = atMs
    if (atMs > toMs) toMs = atMs
  }
  return { fromMs, toMs }
}
