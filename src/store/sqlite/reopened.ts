import type Database from 'better-sqlite3'
import { HOUR_MS } from '../../tracker/time.js'
import { dayOfHour, type Hours, hourOf, piecesOf, type Tallies } from './hours.js'
import type { Meta } from './meta.js'
import type { NextContent } from './next-content.js'
import { createTally, isEmpty } from './rollup-rows.js'
import type { Rollups } from './rollups.js'
import { inTurns } from './turns.js'

export interface ReopenedParts {
  readonly client: Database.Database
  readonly hours: Hours
  readonly rollups: Rollups
  readonly meta: Meta
  readonly nextContent: NextContent
}

/** Has the hours of a tracker from a moment on rolled up again; inside a transaction of the caller. */
export function prepareReopen(client: Database.Database): (trackerId: number, fromMs: number) => void {
  const reopen = client.prepare<[number, number]>(
    'INSERT INTO reopened VALUES (?, ?) ON CONFLICT DO UPDATE SET from_ms = min(from_ms, excluded.from_ms)',
  )
  // From the beginning of the hour: before the end of it at which one that is being rolled up is marked.
  return (trackerId, fromMs) => void reopen.run(trackerId, hourOf(fromMs) * HOUR_MS)
}

/**
 * Rolls up the reopened hours before `endHour` again, each of them for all trackers at once. A tracker is reopened from the
 * first hour on that is still to be done, so a read is right in between, and what is left when `signal` aborts stays so.
 */
export async function rollReopened(parts: ReopenedParts, endHour: number, signal: AbortSignal): Promise<void> {
  const { client } = parts
  const endMs = endHour * HOUR_MS
  const first = client.prepare<[number], number | null>('SELECT min(from_ms) FROM reopened WHERE from_ms < ?').pluck()
  for (;;) {
    const fromMs = first.get(endMs) ?? null
    if (fromMs === null) break
    await rollAgain(parts, hourOf(fromMs), endHour, signal)
    if (signal.aborted) return
  }
  client.prepare<[number]>('DELETE FROM reopened WHERE from_ms >= ?').run(endMs)
}

/**
 * One hour of the trackers that are reopened from it on. They are marked with its last ms: what comes of one of them while
 * its checks are being counted takes the mark away, and it has its turn once more.
 */
async function rollAgain(parts: ReopenedParts, hour: number, endHour: number, signal: AbortSignal): Promise<void> {
  const { client, hours, rollups, meta, nextContent } = parts
  const [beginMs, markMs] = [hour * HOUR_MS, (hour + 1) * HOUR_MS - 1]
  client
    .prepare<[number, number, number]>('UPDATE reopened SET from_ms = ? WHERE from_ms BETWEEN ? AND ?')
    .run(markMs, beginMs, markMs)
  const marked = client.prepare<[number], number>('SELECT tracker_id FROM reopened WHERE from_ms = ?').pluck()
  const advance = client.prepare<[number, number]>('UPDATE reopened SET from_ms = ? WHERE tracker_id = ?')
  const isMarked = client
    .prepare<[number, number], number>('SELECT 1 FROM reopened WHERE tracker_id = ? AND from_ms = ?')
    .pluck()
  const tallies: Tallies = new Map()
  const count = ([fromMs, toMs]: readonly [number, number]): void => hours.addReopenedTo(tallies, fromMs, toMs, markMs)
  await inTurns(client, piecesOf(hour), count, signal)
  if (signal.aborted) return
  const arePruned = beginMs < (meta.read('pruned_to_ms') ?? Number.NEGATIVE_INFINITY)
  const put = (id: number): void => {
    if (isMarked.get(id, markMs) === undefined) return
    const tally = tallies.get(id) ?? createTally()
    const hadContent = rollups.putHour(id, hour, arePruned && isEmpty(tally) ? null : tally)
    const next = hadContent ? hour + 1 : Math.min(nextContent(id, hour + 1), endHour)
    if (dayOfHour(next) > dayOfHour(hour)) rollups.putDay(id, dayOfHour(hour))
    advance.run(next * HOUR_MS, id)
  }
  await inTurns(client, marked.all(markMs), put, signal)
}
