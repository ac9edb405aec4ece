import { setImmediate } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import { numberPragma } from './connection.js'
import type { Details } from './details.js'
import { prepareCount } from './writer.js'

/** Rows and pages per turn of the event loop: a few ms each on a slow disk. */
const ROWS_PER_TURN = 1000
const PAGES_PER_TURN = 50
/** Free pages that are left in the file for the checks of the next hours, 4 MB. */
const SPARE_PAGES = 1000

/**
 * Deletes checks before `before` and gives their space back to the file system, in slices with a turn of the event loop
 * between. Ends early once `signal` aborts. Returns the number of checks deleted.
 */
export async function prune(
  client: Database.Database,
  details: Details,
  before: Date,
  signal: AbortSignal,
): Promise<number> {
  const deleteSlice = prepareSlice(client)
  let deleted = 0
  for (;;) {
    const slice = deleteSlice(before.getTime())
    deleted += slice.checks
    if (slice.rows < ROWS_PER_TURN || signal.aborted) break
    await setImmediate()
  }
  if (!signal.aborted) details.prune(before)
  while (!signal.aborted && numberPragma(client, 'freelist_count') > SPARE_PAGES) {
    await setImmediate()
    client.pragma(`incremental_vacuum(${PAGES_PER_TURN})`)
  }
  if (!signal.aborted) {
    client.pragma('wal_checkpoint(PASSIVE)')
    client.pragma('optimize')
  }
  return deleted
}

interface Slice {
  readonly rows: number
  readonly checks: number
}

function prepareSlice(client: Database.Database): (beforeMs: number) => Slice {
  const oldest = `SELECT at_ms, tracker_id, family, decisive FROM check_result WHERE at_ms < ?
    ORDER BY at_ms, tracker_id, family LIMIT ${ROWS_PER_TURN}`
  const countChecks = client.prepare<[number], number>(`SELECT sum(decisive) FROM (${oldest})`).pluck()
  const deleteRows = client.prepare<[number]>(
    `DELETE FROM check_result WHERE at_ms < ? ORDER BY at_ms, tracker_id, family LIMIT ${ROWS_PER_TURN}`,
  )
  const count = prepareCount(client)
  const slice = client.transaction((beforeMs: number): Slice => {
    const checks = countChecks.get(beforeMs) ?? 0
    const { changes } = deleteRows.run(beforeMs)
    count(-checks)
    return { rows: changes, checks }
  })
  return slice.immediate
}
