import type Database from 'better-sqlite3'
import { HOUR_MS, HOURS_PER_DAY } from '../../tracker/time.js'
import type { PruneLimits } from '../store.js'
import { HERE } from './codes.js'
import { MEMORY, numberPragma } from './connection.js'
import { dayOfHour, hourOf } from './hours.js'
import { type RollParts, rollTo } from './roll.js'
import { inThread } from './thread.js'
import { inTurns, repeatInTurns } from './turns.js'
import type { Verdicts } from './verdicts.js'
import { prepareCount } from './writer.js'

/** Rows and pages at a time: well below a ms, so that a turn of the event loop ends when it should. */
const ROWS = 100
const PAGES = 8
/** Their texts lie in an index in no order of time, so that each is a page of its own. */
const VERDICTS = 20
/**
 * Trackers and pages after which the log is taken in, in a thread: each of these trackers changes a few pages, and after
 * some thousand of them a commit would take the log in by itself, in one turn.
 */
const TRACKERS_PER_LOG = 250
const PAGES_PER_LOG = 1000
/** Slices of rows likewise: each leaves some pages. */
const SLICES_PER_LOG = 500
/** Free pages that are left in the file for the checks of the next hours, 4 MB. */
const SPARE_PAGES = 1000

export interface PruneParts {
  readonly file: string
  /** The threads open the path, where another file may lie by now: see `rememberFile`. */
  readonly requireSame: () => void
  readonly verdicts: Verdicts
  readonly rolling: RollParts
}

/** What the steps share. */
interface Pruning {
  readonly client: Database.Database
  readonly signal: AbortSignal
  /** Takes the log in. */
  readonly tidyUp: () => Promise<void>
}

/**
 * Deletes the checks of whole hours, which it rolls up first, then phases and hours of whole days, and gives their space
 * back to the file system, in slices with a turn of the event loop between. Ends early once `signal` aborts. Returns the number of
 * checks deleted.
 */
export async function prune(
  { file, requireSame, verdicts, rolling }: PruneParts,
  limits: PruneLimits,
  signal: AbortSignal,
): Promise<number> {
  const beforeHour = hourOf(limits.checks.getTime())
  await rollTo(rolling, beforeHour, signal)
  if (signal.aborted) return 0
  const { client, meta } = rolling
  const beforeMs = beforeHour * HOUR_MS
  // Said first: from now on an hour before it cannot be counted again.
  if (beforeMs > (meta.read('pruned_to_ms') ?? Number.NEGATIVE_INFINITY)) meta.write('pruned_to_ms', beforeMs)
  const tidyUp = async (): Promise<void> => {
    if (signal.aborted || file === MEMORY) return
    requireSame()
    await tidy(file, signal)
  }
  const pruning: Pruning = { client, signal, tidyUp }
  const deleted = await pruneChecks(pruning, beforeMs)
  // A tracker that says something else each time leaves one with every check.
  const before = new Date(beforeMs)
  await repeatWithTidying(pruning, SLICES_PER_LOG, () => verdicts.prune(before, VERDICTS) === VERDICTS)
  const rollups = wholeDays(Math.min(hourOf(limits.hours.getTime()), beforeHour))
  await pruneHours(pruning, { rollups, phases: wholeDays(beforeHour) })
  await giveBackSpace(pruning)
  await tidyUp()
  return deleted
}

/** Hours before these go. */
interface HourLimits {
  readonly rollups: number
  /** With the checks: hour by hour they take more than all else, and nobody asks for them after a year. */
  readonly phases: number
}

function wholeDays(hour: number): number {
  return dayOfHour(hour) * HOURS_PER_DAY
}

async function pruneChecks(pruning: Pruning, beforeMs: number): Promise<number> {
  const deleteSlice = prepareSlice(pruning.client)
  let deleted = 0
  await repeatWithTidying(pruning, SLICES_PER_LOG, () => {
    const { rows, checks } = deleteSlice(beforeMs)
    deleted += checks
    return rows === ROWS
  })
  return deleted
}

/** Repeats something small in turns until it returns false; after so many times the log is taken in. */
async function repeatWithTidying(
  { client, signal, tidyUp }: Pruning,
  timesPerLog: number,
  work: () => boolean,
): Promise<void> {
  let hasMore = true
  while (hasMore && !signal.aborted) {
    let left = timesPerLog
    const again = (): boolean => {
      hasMore = work()
      left -= 1
      return hasMore && left > 0
    }
    await repeatInTurns(client, again, signal)
    if (hasMore) await tidyUp()
  }
}

/** One tracker after the other: each has its hours side by side, and few are too old at a time. */
async function pruneHours({ client, signal, tidyUp }: Pruning, before: HourLimits): Promise<void> {
  if (signal.aborted) return
  const ids = client.prepare<[], number>('SELECT id FROM tracker').pluck().all()
  const prepareRemoval = (table: 'hour_rollup' | 'hour_phase') =>
    client.prepare<[number, number]>(`DELETE FROM ${table} WHERE tracker_id = ? AND vantage_id = ${HERE} AND hour < ?`)
  const removeRollups = prepareRemoval('hour_rollup')
  const removePhases = prepareRemoval('hour_phase')
  let removed = 0
  const removeOf = (id: number): void => {
    removed += removeRollups.run(id, before.rollups).changes + removePhases.run(id, before.phases).changes
  }
  for (let next = 0; next < ids.length && !signal.aborted; next += TRACKERS_PER_LOG) {
    if (removed > 0) await tidyUp()
    removed = 0
    await inTurns(client, ids.slice(next, next + TRACKERS_PER_LOG), removeOf, signal)
  }
}

/** To the file system, but for what the next hours need. */
async function giveBackSpace(pruning: Pruning): Promise<void> {
  const { client } = pruning
  await repeatWithTidying(pruning, PAGES_PER_LOG / PAGES, () => {
    if (numberPragma(client, 'freelist_count') <= SPARE_PAGES) return false
    client.pragma(`incremental_vacuum(${PAGES})`)
    return true
  })
}

/** In a thread: how long the disk takes for it, nobody can tell. */
async function tidy(file: string, signal: AbortSignal): Promise<void> {
  try {
    await inThread('tidy', { file }, signal)
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

interface Slice {
  readonly rows: number
  readonly checks: number
}

/** Inside a transaction of the caller. */
function prepareSlice(client: Database.Database): (beforeMs: number) => Slice {
  const oldest = `FROM check_result WHERE at_ms < ? ORDER BY at_ms, tracker_id, family, vantage_id LIMIT ${ROWS}`
  const countChecks = client
    .prepare<[number], number>(
      `SELECT count(*) FROM (SELECT verdict_id ${oldest}) WHERE verdict_id IN (SELECT id FROM verdict WHERE decisive = 1)`,
    )
    .pluck()
  const deleteRows = client.prepare<[number]>(`DELETE ${oldest}`)
  const count = prepareCount(client)
  return (beforeMs) => {
    const checks = countChecks.get(beforeMs) ?? 0
    const { changes } = deleteRows.run(beforeMs)
    count(-checks)
    return { rows: changes, checks }
  }
}
