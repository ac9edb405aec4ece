import type Database from 'better-sqlite3'
import { DAY_MS } from '../../tracker/time.js'
import type { CheckRow } from './check-rows.js'
import { outcomeCodes, reasonCodes } from './codes.js'

/** Most checks repeat what an earlier one said; beyond this many verdicts the memory of them starts afresh. */
const REMEMBERED = 10_000

/** The dictionary of what the rows of `check_result` say. */
export interface Verdicts {
  /** The number of what a row of a check says. Inside a transaction of the caller. */
  idOf(row: CheckRow, atMs: number): number
  /** Deletes at most `limit` of those that no check from `before` on refers to. Returns the number deleted. */
  prune(before: Date, limit: number): number
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

interface Stored {
  readonly id: number
  readonly usedOn: number
}

/**
 * A content as far as it has been read, piece by piece. No two of them can be taken for one another, whatever texts they
 * have, and to follow one takes less time than to make a text of it.
 */
interface Read {
  next: Map<Piece, Read> | null
  /** Where all of it has been read, what is stored. */
  stored: Stored | null
}

type Piece = number | string | null

export function createVerdicts(client: Database.Database): Verdicts {
  const root = nothingRead()
  let remembered = 0
  const use = client.prepare<[...Content, number], Stored>(
    `INSERT INTO verdict
       (outcome, reason, attempts, packets_sent, packets_lost, decisive, code, flags, message, used_on)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET used_on = max(used_on, excluded.used_on) RETURNING id, used_on AS usedOn`,
  )
  const remove = client.prepare<[number, number]>(
    'DELETE FROM verdict WHERE id IN (SELECT id FROM verdict WHERE used_on < ? LIMIT ?)',
  )
  const forget = (): void => {
    root.next = null
    remembered = 0
  }
  return {
    idOf(row, atMs) {
      if (remembered >= REMEMBERED) forget()
      const read = readThrough(root, row)
      const day = dayOf(atMs)
      if (read.stored !== null && read.stored.usedOn >= day) return read.stored.id
      const stored = use.get(...contentOf(row), day)
      if (stored === undefined) throw new Error('INSERT … RETURNING returned no row')
      if (read.stored === null) remembered += 1
      read.stored = stored
      return stored.id
    },
    prune(before, limit) {
      const { changes } = remove.run(dayOf(before.getTime()), limit)
      if (changes > 0) forget()
      return changes
    },
    forget,
  }
}

function nothingRead(): Read {
  return { next: null, stored: null }
}

function readThrough(root: Read, row: CheckRow): Read {
  const { reason, flags } = row
  let read = next(root, outcomeCodes[row.outcome] * 2 + (row.decisive ? 1 : 0))
  // Nearly always there is none. What comes after it is a number, and after the flags there is always one piece more.
  if (reason !== null) read = next(read, reason)
  read = next(read, row.attempts)
  read = next(read, row.packetsSent)
  read = next(read, row.packetsLost)
  read = next(read, row.code)
  if (flags.length > 0) read = next(read, flags.join(','))
  return next(read, row.message)
}

function next(read: Read, piece: Piece): Read {
  const known = read.next?.get(piece)
  if (known !== undefined) return known
  const fresh = nothingRead()
  read.next ??= new Map()
  read.next.set(piece, fresh)
  return fresh
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

function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS)
}
