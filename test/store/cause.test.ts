import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import type { ChangeRow } from '../../src/store/transfer.js'
import { at, checksOf, DAY, inDirectory, MINUTE, records, timeout, url, watched } from './support.js'

const always = { from: at(-DAY), to: at(DAY) }

describe('a status change', () => {
  it('tells when it began, and which check brought it about, over a restart', () =>
    inDirectory(async (directory, use) => {
      const location = `sqlite:${join(directory, 'history.db')}`
      const first = await use(openStore(location))
      await first.watch([watched('a')], at(0))
      await first.record(records(checksOf('a', '++--+')))
      await first.close()
      const second = await use(openStore(location))
      const rows: ChangeRow[] = []
      for await (const row of second.export('events', always)) if (row.type === 'change') rows.push(row)
      const { reason, code, detail: message } = timeout
      const nothing = { reason: null, code: null, message: null }
      const said = (from: string, to: string, minute: number, confirmed: number, why: object) => ({
        ...{ type: 'change', url: url('a'), from, to, at: at(minute * MINUTE), confirmedAt: at(confirmed * MINUTE) },
        ...why,
      })
      expect(rows).toEqual([
        said('pending', 'up', 0, 0, nothing),
        said('up', 'down', 2, 3, { reason, code, message }),
        said('down', 'up', 4, 4, nothing),
      ])
      const moments = (await second.checks(url('a'), always, 9)).map(({ checkedAt }) => checkedAt)
      for (const { confirmedAt } of rows) expect(moments).toContainEqual(confirmedAt)
    }))
})
