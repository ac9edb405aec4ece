import type Database from 'better-sqlite3'
import { trackerId, type WatchedTracker } from '../../tracker/state.js'
import { StoreError } from '../errors.js'
import type { CheckRecord } from '../store.js'
import { encodeCheck } from './check-json.js'
import { type CheckRow, checkRows, toUs } from './check-rows.js'
import { outcomeCodes, reasonCodes } from './codes.js'
import type { Details } from './details.js'
import { healthRow } from './health-row.js'
import { prepareInsert, replaceState } from './insert.js'
import { checkResult, gap, statusChange, tracker, trackerState } from './schema.js'

/** A record together with the number of its tracker. */
export interface Written {
  readonly id: number
  readonly record: CheckRecord
}

/** The write path: one transaction per call, every statement prepared once. */
export interface Writer {
  watch(trackers: readonly WatchedTracker[], at: Date): void
  record(records: readonly CheckRecord[]): readonly Written[]
}

export function createWriter(client: Database.Database, details: Details): Writer {
  const findId = client.prepare<[string], number>('SELECT id FROM tracker WHERE url = ?').pluck()
  const insertCheck = prepareCheckInsert(client, details)
  const insertChange = prepareInsert(client, statusChange, 'ON CONFLICT DO NOTHING')
  const insertGap = prepareInsert(client, gap, 'ON CONFLICT DO NOTHING')
  const putState = prepareInsert(client, trackerState, replaceState())
  const count = prepareCount(client)

  const write = (record: CheckRecord): Written => {
    const { result, health, change, gap: closed } = record
    const id = findId.get(result.url)
    if (id === undefined) throw new StoreError(`check of ${result.url}, which was never watched`)
    for (const row of checkRows(result)) {
      const added = insertCheck(id, result.checkedAt, row)
      if (row.decisive) count(added)
    }
    if (change !== null) insertChange({ ...change, trackerId: id, confirmedAt: result.checkedAt })
    if (closed !== null) insertGap({ ...closed, trackerId: id })
    const lastOkAt = result.outcome.kind === 'ok' ? result.checkedAt : null
    putState({ ...healthRow(health), trackerId: id, lastCheck: encodeCheck(result), lastOkAt })
    return { id, record }
  }
  const recordAll = client.transaction((records: readonly CheckRecord[]) => records.map(write))
  return {
    watch: prepareWatch(client),
    record(records) {
      try {
        return recordAll.immediate(records)
      } catch (error) {
        details.forget()
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
  const watch = client.transaction((trackers: readonly WatchedTracker[], at: Date) => {
    archiveAll.run(at.getTime())
    const named = new Set<string>()
    for (const [position, { tracker, group, aliveWhen }] of trackers.entries()) {
      if (named.has(tracker.url)) continue
      named.add(tracker.url)
      put({ url: tracker.url, publicId: trackerId(tracker.url), group, aliveWhen, addedAt: at, position })
    }
  })
  return (trackers, at) => watch.immediate(trackers, at)
}

function prepareCheckInsert(client: Database.Database, details: Details) {
  const insert = prepareInsert(client, checkResult, 'ON CONFLICT DO NOTHING')
  return (trackerId: number, at: Date, { probe, ...row }: CheckRow): number =>
    insert({
      atMs: at.getTime(),
      trackerId,
      family: row.family,
      outcome: outcomeCodes[row.outcome],
      reason: row.reason === null ? null : reasonCodes[row.reason],
      codeId: details.idOf(row.code, at),
      messageId: details.idOf(row.message, at),
      flagsId: details.idOf(row.flags.length === 0 ? null : row.flags.join(','), at),
      decisive: row.decisive ? 1 : 0,
      latencyUs: toUs(row.latencyMs),
      attempts: probe?.attempts ?? 0,
      packetsSent: probe?.packetsSent ?? 0,
      packetsLost: probe?.packetsLost ?? 0,
      resolveUs: toUs(probe?.phases.resolve),
      connectUs: toUs(probe?.phases.connect),
      tlsUs: toUs(probe?.phases.tls),
      sendUs: toUs(probe?.phases.send),
      processingUs: toUs(probe?.phases.processing),
      transferUs: toUs(probe?.phases.transfer),
      udpConnectUs: toUs(probe?.phases.udp_connect),
      udpAnnounceUs: toUs(probe?.phases.udp_announce),
      udpScrapeUs: toUs(probe?.phases.udp_scrape),
      wsUpgradeUs: toUs(probe?.phases.ws_upgrade),
      wsReplyUs: toUs(probe?.phases.ws_reply),
    })
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
