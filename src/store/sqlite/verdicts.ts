import type Database from 'better-sqlite3'
import { DAY_MS } from '../../tracker/time.js'
import type { CheckRow } from './check-rows.js'
import { outcomeCodes, reasonCodes } from './codes.js'

/** Most checks repeat what an earlier one said; beyond this many verdicts the memory of them starts afresh. */
const REMEMBERED = 10_000

/** The dictionary of what the rows of `check_result` say. */
export interface Verdicts {
  /** The number of what a row of a check at `at` says. Inside a transaction of the caller. */
  idOf(row: CheckRow, at: Date): number
  /** Deletes what no check from `before` on refers to. Returns the number deleted. */
  prune(before: Date): number
  /** Forgets what a transaction that was rolled back has left in memory. */
  forget(): void
}

/** The columns of the table `verdict` without its number and the day of its use. */
type Content = readonly [
  outcome: number,
  reason: number,
  attempts: number,
  packetsSent: number,
  packetsLost: number,
  decisive: number,
  code: string,
  flags: string,
  message: string,
]

interface Remembered {
  readonly id: number
  readonly usedOn: number
}

export function createVerdicts(client: Database.Database): Verdicts {
  const known = new Map<string, Remembered>()
  const use = client.prepare<[...Content, number], Remembered>(
    `INSERT INTO verdict
       (outcome, reason, attempts, packets_sent, packets_lost, decisive, code, flags, message, used_on)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET used_on = max(used_on, excluded.used_on) RETURNING id, used_on AS usedOn`,
  )
  const remove = client.prepare<[number]>('DELETE FROM verdict WHERE used_on < ?')
  return {
    idOf(row, at) {
      const content = contentOf(row)
      const key = content.join('\n') // only the last of them, the message, may have a line end in it
      const day = dayOf(at)
      const remembered = known.get(key)
      if (remembered !== undefined && remembered.usedOn >= day) return remembered.id
      if (known.size >= REMEMBERED) known.clear()
      const stored = use.get(...content, day)
      if (stored === undefined) throw new Error('INSERT … RETURNING returned no row')
      known.set(key, stored)
      return stored.id
    },
    prune(before) {
      const { changes } = remove.run(dayOf(before))
      if (changes > 0) known.clear()
      return changes
    },
    forget: () => known.clear(),
  }
}

function contentOf(row: CheckRow): Content {
  const { outcome, reason, code, message, flags, decisive, attempts, packetsSent, packetsLost } = row
  return [
    outcomeCodes[outcome],
    reason === null ? 0 : reasonCodes[reason],
    attempts,
    packetsSent,
    packetsLost,
    decisive ? 1 : 0,
    code ?? '',
    flags.length === 0 ? '' : flags.join(','),
    message ?? '',
  ]
}

function dayOf(at: Date): number {
  return Math.floor(at.getTime() / DAY_MS)
}
