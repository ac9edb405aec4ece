/** Writes what the store writes of checks, with bare statements and nothing that is of use to anybody else. */
import Database from 'better-sqlite3'
import type { CheckRecord } from '../../dist/store/store.js'

/** Takes checks of each tracker in turn, again and again. */
export interface ByHand {
  write(records: readonly CheckRecord[]): void
  close(): void
}

/** A floor: one row per check. `size`: checks per transaction. */
export function openBare(file: string, trackers: number, size: number): ByHand {
  const client = open(file)
  const insert = prepareCheck(client)
  let index = 0
  const write = client.transaction((records: readonly CheckRecord[]) => {
    for (const record of records) insert((index++ % trackers) + 1, record)
  })
  return { write: (records) => inPieces(records, size, write.immediate), close: () => client.close() }
}

/** A floor: one row per check, the state of each tracker once per transaction, and the changes. */
export function openByHand(file: string, trackers: number, size: number): ByHand {
  const client = open(file)
  const insertCheck = prepareCheck(client)
  const putState = prepareState(client)
  const insertChange = client.prepare('INSERT INTO status_change VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  let index = 0
  const write = client.transaction((records: readonly CheckRecord[]) => {
    const newest = new Map<number, CheckRecord>()
    for (const record of records) {
      const id = (index++ % trackers) + 1
      const atMs = insertCheck(id, record)
      newest.set(id, record)
      if (record.change === null) continue
      const { at, from, to, reason, code, message } = record.change
      insertChange.run(id, at.getTime(), atMs, from, to, reason, code, message)
    }
    for (const [id, record] of newest) putState(id, record)
  })
  return { write: (records) => inPieces(records, size, write.immediate), close: () => client.close() }
}

function open(file: string): Database.Database {
  const client = new Database(file)
  client.pragma('synchronous = NORMAL')
  return client
}

function inPieces<T>(all: readonly T[], size: number, write: (piece: readonly T[]) => void): void {
  for (let from = 0; from < all.length; from += size) write(all.slice(from, from + size))
}

/** Returns the moment of the check. */
export function prepareCheck(client: Database.Database): (id: number, record: CheckRecord) => number {
  const insert = client.prepare('INSERT INTO check_result VALUES (?, ?, 0, 0, ?, ?)')
  return (id, { result: { checkedAt, latencyMs } }) => {
    const atMs = checkedAt.getTime()
    const us = latencyMs === null ? null : Math.round(latencyMs * 1000)
    insert.run(atMs, id, us === null ? 2 : 1, us)
    return atMs
  }
}

function prepareState(client: Database.Database): (id: number, record: CheckRecord) => void {
  const update = client.prepare(
    'UPDATE tracker_state SET checked_at_ms = ?, streak_count = ?, last_times = ?, last_ok_at_ms = ? WHERE tracker_id = ?',
  )
  const replace = client.prepare('INSERT OR REPLACE INTO tracker_state VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const replaceBody = client.prepare('INSERT OR REPLACE INTO last_check VALUES (?, ?)')
  const outcomes = new Map<number, string>()
  return (id, { result, health }) => {
    const { status, since, streak, lastVerdict, holdMs } = health
    const atMs = health.checkedAt.getTime()
    const okMs = result.latencyMs === null ? null : atMs
    const [probe] = result.probes
    const times = Float64Array.of(atMs, result.latencyMs ?? Number.NaN, ...Object.values(probe?.phases ?? {}))
    const bytes = Buffer.from(times.buffer)
    if (outcomes.get(id) === status + result.outcome.kind) {
      update.run(atMs, streak?.count ?? null, bytes, okMs, id)
      return
    }
    outcomes.set(id, status + result.outcome.kind)
    const streakRow = [streak?.good === true ? 1 : 0, streak?.count ?? null, streak?.since.getTime() ?? null]
    replace.run(id, status, since.getTime(), atMs, ...streakRow, lastVerdict, null, holdMs, bytes, okMs)
    replaceBody.run(id, JSON.stringify(result))
  }
}
