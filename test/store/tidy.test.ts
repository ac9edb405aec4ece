import { copyFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { tidyFile } from '../../src/store/sqlite/tidy-file.js'
import { at, checksOf, inDirectory, records, watched } from './support.js'

const CHECKS = 2000

/** Pages in the write-ahead log, and those of them that the database has. */
function logOf(file: string): { readonly pages: number; readonly takenIn: number } {
  const client = new Database(file)
  try {
    const [row] = client.pragma('wal_checkpoint(NOOP)') as readonly {
      readonly log: number
      readonly checkpointed: number
    }[]
    return { pages: row?.log ?? Number.NaN, takenIn: row?.checkpointed ?? Number.NaN }
  } finally {
    client.close()
  }
}

/** What the database tells without its log. */
function checksWithoutLog(file: string): unknown {
  const copy = `${file}.copy`
  copyFileSync(file, copy)
  const client = new Database(copy)
  try {
    const table = client.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'check_result'").pluck().get()
    return table === undefined ? 0 : client.prepare('SELECT count(*) FROM check_result').pluck().get()
  } finally {
    client.close()
  }
}

/** A database whose log holds a history. */
function withLog(body: (file: string) => Promise<void>): Promise<void> {
  return inDirectory(async (directory, use) => {
    const file = join(directory, 'history.db')
    const store = await use(openStore(`sqlite:${file}`))
    await store.watch([watched('a')], at(0))
    await store.record(records(checksOf('a', '+--+'.repeat(CHECKS / 4))))
    await body(file)
  })
}

describe('the tidying of a file', () => {
  it('takes in the whole log and leaves it where it is, for whoever replicates it', () =>
    withLog(async (file) => {
      expect(checksWithoutLog(file)).toBe(0)
      const bytes = statSync(`${file}-wal`).size
      tidyFile({ file })
      expect(checksWithoutLog(file)).toBe(CHECKS)
      expect(statSync(`${file}-wal`).size).toBeGreaterThanOrEqual(bytes)
    }))

  it('waits for no reader, and leaves what that one needs', () =>
    withLog(async (file) => {
      const reader = new Database(file, { readonly: true })
      try {
        reader.exec('BEGIN')
        const seen = reader.prepare('SELECT count(*) FROM check_result').pluck().get()
        const writer = new Database(file)
        writer.exec('DELETE FROM check_result')
        writer.close()
        tidyFile({ file })
        const { pages, takenIn } = logOf(file)
        expect(takenIn).toBeLessThan(pages)
        expect(reader.prepare('SELECT count(*) FROM check_result').pluck().get()).toBe(seen)
      } finally {
        reader.close()
      }
    }))
})
