import type Database from 'better-sqlite3'

export const DAY_MS = 86_400_000
/** Most checks repeat what an earlier one said; beyond this many texts the memory of them starts afresh. */
const REMEMBERED = 10_000

/** The dictionary of the texts in `check_result`. */
export interface Details {
  /** The number of a text that a check at `at` refers to. Inside a transaction of the caller. */
  idOf(text: string | null, at: Date): number | null
  /** Deletes the texts that no check from `before` on refers to. Returns the number deleted. */
  prune(before: Date): number
  /** Forgets what a transaction that was rolled back has left in memory. */
  forget(): void
}

interface Detail {
  readonly id: number
  readonly usedOn: number
}

export function createDetails(client: Database.Database): Details {
  const known = new Map<string, Detail>()
  const use = client.prepare<[string, number], Detail>(
    `INSERT INTO detail (text, used_on) VALUES (?, ?)
     ON CONFLICT (text) DO UPDATE SET used_on = max(used_on, excluded.used_on) RETURNING id, used_on AS usedOn`,
  )
  const remove = client.prepare<[number]>('DELETE FROM detail WHERE used_on < ?')
  return {
    idOf(text, at) {
      if (text === null) return null
      const day = dayOf(at)
      const remembered = known.get(text)
      if (remembered !== undefined && remembered.usedOn >= day) return remembered.id
      if (known.size >= REMEMBERED) known.clear()
      const row = use.get(text, day)
      if (row === undefined) throw new Error('INSERT … RETURNING returned no row')
      known.set(text, row)
      return row.id
    },
    prune(before) {
      const { changes } = remove.run(dayOf(before))
      if (changes > 0) known.clear()
      return changes
    },
    forget: () => known.clear(),
  }
}

function dayOf(at: Date): number {
  return Math.floor(at.getTime() / DAY_MS)
}
