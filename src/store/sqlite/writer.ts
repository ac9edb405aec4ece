import type Database from 'better-sqlite3'
import type { AliveWhen } from '../../tracker/policy.js'
import { trackerId, type WatchedTracker } from '../../tracker/state.js'
import { RefusedError } from '../errors.js'
import type { AliasReport, CheckRecord } from '../store.js'
import type { Addresses } from './addresses.js'
import { createAliases } from './aliases.js'
import { createCheckInserts } from './check-inserts.js'
import { checkRows } from './check-rows.js'
import { prepareGapPut } from './gap-puts.js'
import { prepareInsert } from './insert.js'
import type { LateStates } from './late-states.js'
import { phasesOf } from './phases.js'
import { prepareReopen } from './reopened.js'
import type { RollProgress } from './roll.js'
import { statusChange, tracker } from './schema.js'
import type { Verdicts } from './verdicts.js'
import { newer, type Recorded, type Written } from './written.js'

/** The write path: one transaction per call, every statement prepared once. */
export interface Writer {
  watch(trackers: readonly WatchedTracker[], at: Date): readonly AliasReport[]
  record(records: readonly CheckRecord[]): Recorded
  /** Writes the states that wait, see `LateStates`. */
  settle(): void
  /** Forgets what it has in memory of the file, after somebody else has written to it. */
  forget(): void
}

export interface WriterParts {
  readonly client: Database.Database
  readonly verdicts: Verdicts
  readonly addresses: Addresses
  readonly progress: RollProgress
  readonly late: LateStates
}

export function createWriter({ client, verdicts, addresses, progress, late }: WriterParts): Writer {
  const findId = client.prepare<[string], number>('SELECT id FROM tracker WHERE url = ?').pluck()
  const findByAlias = client.prepare<[string], number>('SELECT tracker_id FROM alias WHERE url = ?').pluck()
  const checkInserts = createCheckInserts(client, verdicts)
  const insertChange = prepareInsert(client, statusChange, 'ON CONFLICT DO NOTHING')
  const putGap = prepareGapPut(client)
  const ids = new Map<string, number>()
  const idOf = (url: string): number => {
    const known = ids.get(url)
    if (known !== undefined) return known
    const id = findId.get(url) ?? findByAlias.get(url)
    if (id === undefined) throw new RefusedError(`check of ${url}, which was never watched`)
    ids.set(url, id)
    return id
  }
  const count = prepareCount(client)
  const reopen = prepareReopen(client)

  const write = (record: CheckRecord): Written => {
    const { result, change, gap: closed } = record
    const id = idOf(result.url)
    const atMs = result.checkedAt.getTime()
    for (const row of checkRows(result)) checkInserts.add(id, atMs, row)
    addresses.note(id, result.probes, result.checkedAt)
    const before = late.follow(id, record)
    if (change !== null) insertChange({ ...change, trackerId: id, confirmedAt: later(change.at, result.checkedAt) })
    if (closed !== null) putGap(id, closed, before)
    // A gap needs no mention: its time counted as unobserved before it was closed.
    const fromMs = change === null ? atMs : Math.min(atMs, change.at.getTime())
    if (fromMs < progress.toMs) reopen(id, fromMs)
    return { id, record, atMs, lastOkMs: result.outcome.kind === 'ok' ? atMs : null, phases: phasesOf(result) }
  }
  const recordAll = client.transaction((records: readonly CheckRecord[]) => {
    const written = records.map(write)
    const added = checkInserts.finish()
    count(added)
    const newest = newestOf(written)
    const committed = late.put(newest, written)
    return { written, newest, allNew: added === records.length, committed }
  })
  const putAll = client.transaction(late.putAll)
  const watch = prepareWatch(client)
  const forget = (): void => {
    ids.clear()
    checkInserts.forget()
    verdicts.forget()
    addresses.forget()
    late.forget()
  }
  return {
    forget,
    watch(trackers, at) {
      forget()
      return watch(trackers, at)
    },
    record(records) {
      try {
        const { committed, ...recorded } = recordAll.immediate(records)
        committed()
        return recorded
      } catch (error) {
        forget()
        throw error
      }
    },
    settle() {
      if (late.isEmpty()) return
      try {
        putAll.immediate()()
      } catch (error) {
        late.forget()
        throw error
      }
    },
  }
}

function prepareWatch(client: Database.Database): Writer['watch'] {
  const archiveAll = client.prepare<[number]>('UPDATE tracker SET archived_at_ms = ? WHERE archived_at_ms IS NULL')
  const put = prepareInsert(
    client,
    tracker,
    `ON CONFLICT (url) DO UPDATE SET grp = excluded.grp, alive_when = excluded.alive_when,
      position = excluded.position, archived_at_ms = NULL`,
  )
  const aliases = createAliases(client)
  const reopenJudged = prepareReopenJudged(client)
  const watch = client.transaction((trackers: readonly WatchedTracker[], at: Date) => {
    const reports = aliases.join(trackers)
    archiveAll.run(at.getTime())
    const named = new Set<string>()
    for (const [position, { tracker, group, aliveWhen }] of trackers.entries()) {
      if (named.has(tracker.url)) continue
      named.add(tracker.url)
      reopenJudged(tracker.url, aliveWhen)
      put({ url: tracker.url, publicId: trackerId(tracker.url), group, aliveWhen, addedAt: at, position })
    }
    aliases.keep(trackers, reports)
    return reports
  })
  return (trackers, at) => watch.immediate(trackers, at)
}

/** Has the hours added up again that another policy has judged: a refusal is what policies judge differently. */
function prepareReopenJudged(client: Database.Database): (url: string, aliveWhen: AliveWhen) => void {
  const reopen = prepareReopen(client)
  const refused = client
    .prepare<[string, AliveWhen], [id: number, changedMs: number | null, sinceMs: number | null]>(
      `SELECT id, (SELECT min(at_ms) FROM status_change WHERE tracker_id = id AND to_status = 'rejecting'),
         (SELECT since_ms FROM tracker_state WHERE tracker_id = id AND status = 'rejecting')
       FROM tracker WHERE url = ? AND alive_when <> ?`,
    )
    .raw()
  return (url, aliveWhen) => {
    const [id, changedMs, sinceMs] = refused.get(url, aliveWhen) ?? []
    const fromMs = changedMs ?? sinceMs ?? null
    if (id !== undefined && fromMs !== null) reopen(id, fromMs)
  }
}

/** Where the clock was set back, the check that confirms a change may seem to be the earlier of the two. */
function later(one: Date, other: Date): Date {
  return one > other ? one : other
}

function newestOf(written: readonly Written[]): ReadonlyMap<number, Written> {
  const newest = new Map<number, Written>()
  for (const one of written) newest.set(one.id, newer(newest.get(one.id), one))
  return newest
}

/** Adds to the number of checks kept; inside a transaction of the caller. */
export function prepareCount(client: Database.Database): (added: number) => void {
  const add = client.prepare<[number]>(
    "INSERT INTO meta VALUES ('checks', ?) ON CONFLICT DO UPDATE SET value = value + excluded.value",
  )
  return (added) => {
    if (added !== 0) add.run(added)
  }
}
