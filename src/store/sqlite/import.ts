import type Database from 'better-sqlite3'
import type { CheckTransferRow, TransferRow } from '../transfer.js'
import type { Addresses } from './addresses.js'
import { toUs } from './check-rows.js'
import { familyCodes, HERE } from './codes.js'
import { prepareSums } from './imported-sums.js'
import { prepareTimes } from './imported-times.js'
import { prepareTrackers } from './imported-trackers.js'
import { prepareReopen } from './reopened.js'
import type { RollProgress } from './roll.js'
import type { Rollups } from './rollups.js'
import type { Verdicts } from './verdicts.js'
import { prepareCount } from './writer.js'

export interface ImportParts {
  readonly client: Database.Database
  readonly verdicts: Verdicts
  readonly addresses: Addresses
  readonly progress: RollProgress
  readonly rollups: Rollups
}

/** Adds rows in one transaction, see `Store.import`. Returns the number of rows that were new. */
export function createImport(parts: ImportParts): (rows: readonly TransferRow[], at: Date) => number {
  const { client, verdicts, addresses, rollups } = parts
  const trackers = prepareTrackers(client)
  const times = prepareTimes(client)
  const sums = prepareSums(client, rollups)
  const putCheck = prepareCheck(parts)

  const put = (row: TransferRow, id: number): boolean => {
    switch (row.type) {
      case 'tracker':
        times.narrowGaps(row, id)
        times.addGapBetween(row, id)
        return trackers.put(row, id)
      case 'alias':
        return trackers.putAlias(row, id)
      case 'address':
        return addresses.add(id, row)
      case 'change':
        return times.addChange(row, id)
      case 'gap':
        return times.addGap(row, id)
      case 'check':
        return putCheck(row, id)
      case 'hour':
      case 'day':
        return sums.put(row, id)
    }
  }
  const putAll = client.transaction((rows: readonly TransferRow[], at: Date): number => {
    let added = 0
    for (const row of rows) if (put(row, trackers.idOf(row, at))) added += 1
    sums.finish()
    return added
  })
  return (rows, at) => {
    try {
      return putAll.immediate(rows, at)
    } catch (error) {
      verdicts.forget()
      sums.forget()
      throw error
    }
  }
}

function prepareCheck({ client, verdicts, progress }: ImportParts): (row: CheckTransferRow, id: number) => boolean {
  const insert = client.prepare<[number, number, number, number, number, number | null]>(
    `INSERT INTO check_result (at_ms, tracker_id, family, vantage_id, verdict_id, latency_us)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  )
  const count = prepareCount(client)
  const reopen = prepareReopen(client)
  return (row, id) => {
    const atMs = row.checkedAt.getTime()
    const family = row.family ?? 'none'
    const verdict = verdicts.idOf({ ...row, family }, row.checkedAt.getTime())
    const { changes } = insert.run(atMs, id, familyCodes[family], HERE, verdict, toUs(row.latencyMs))
    if (changes === 0) return false
    if (row.decisive) count(1)
    if (atMs < progress.toMs) reopen(id, atMs)
    return true
  }
}
