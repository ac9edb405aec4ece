import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { tidyFile } from '../../src/store/sqlite/tidy-file.js'
import { at, checksOf, inDirectory, records, watched } from './support.js'

it('tidying keeps the statistics of the planner up to date as a file grows', () =>
  inDirectory(async (directory, use) => {
    const file = join(directory, 'history.db')
    const store = await use(openStore(`sqlite:${file}`))
    await store.watch([watched('a')], at(0))
    const rows = (): number => {
      const client = new Database(file, { readonly: true })
      const stat = client.prepare("SELECT stat FROM sqlite_stat1 WHERE tbl = 'check_result'").pluck().get()
      client.close()
      return Number(String(stat).split(' ')[0])
    }
    await store.record(records(checksOf('a', '+'.repeat(40))))
    tidyFile({ file })
    expect(rows()).toBe(40)
    await store.record(records(checksOf('a', '+'.repeat(4000), 1e7)))
    tidyFile({ file })
    expect(rows()).toBe(4040)
  }))
