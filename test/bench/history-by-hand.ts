/** Writes what the store writes of checks, with bare statements and nothing that is of use to anybody else. */
import Database from 'better-sqlite3'
import type { CheckRecord } from '../../dist/store/store.js'

/** A floor: one row per check, and the state of each tracker once per transaction. */
export function writeByHand(file: string, records: readonly CheckRecord[], trackers: number, size: number): void {
  const client = new Database(file)
  client.pragma('synchronous = NORMAL')
  const insertCheck = prepareCheck(client)
  const putState = prepareState(client)
  const insertChange = client.prepare('INSERT INTO status_change VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const write = client.transaction((from: number) => {
    const newest = new Map<number, CheckRecord>()
    for (let index = from; index < Math.min(from + size, records.length); index++) {
      const record = records[index]
      if (record === undefined) return
      const id = (index % trackers) + 1
      const atMs = insertCheck(id, record)
      newest.set(id, record)
      if (record.change === null) continue
      const { at, from: before, to, reason, code, message } = record.change
      insertChange.run(id, at.getTime(), atMs, before, to, reason, code, message)
    }
    for (const [id, record] of newest) putState(id, record)
  })
  for (let from = 0; from < records.length; from += size) write.immediate(from)
  client.close()
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
