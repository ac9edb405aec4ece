import { statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import type { Outcome } from '../../src/tracker/outcome.js'
import { at, check, checksBefore, checksOf, DAY, inDirectory, records, rejected, watched } from './support.js'

const ROWS = 1_200_000
/** From here on a commit takes in the log by itself, in the turn of the event loop in which it is. */
const TAKEN_IN_BY_COMMIT = 4096 * 4096

describe('the deletion of a long history at once', () => {
  it('takes in the log before a commit has to', { timeout: 60_000 }, () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const first = await use(openStore(`sqlite:${file}`))
      await first.watch([watched('a')], at(0))
      await first.record(records(checksOf('a', '+')))
      await first.close()
      const client = new Database(file)
      client.exec(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
         INSERT INTO check_result SELECT at_ms + i * 100, tracker_id, family, vantage_id, verdict_id, latency_us
         FROM n, check_result`,
      )
      client.exec(`UPDATE meta SET value = ${ROWS + 1} WHERE name = 'checks'`)
      client.close()
      const store = await use(openStore(`sqlite:${file}`))
      await store.roll(at(3 * DAY))
      expect(await store.prune(checksBefore(3 * DAY))).toBe(ROWS + 1)
      expect(statSync(`${file}-wal`).size).toBeLessThan(TAKEN_IN_BY_COMMIT * 0.75)
    }),
  )

  it('leaves no text that only deleted checks said, however many there are', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await use(openStore(`sqlite:${file}`))
      await store.watch([watched('a')], at(0))
      const saying = (ms: number): Outcome => ({ ...rejected, message: `no torrent ${ms}` })
      await store.record(records(Array.from({ length: 101 }, (_, ms) => check('a', ms, saying(ms)))))
      await store.record(records([check('a', 2 * DAY, saying(0))]))
      await store.prune(checksBefore(2 * DAY))
      const client = new Database(file, { readonly: true })
      const said = client.prepare<[], string>('SELECT message FROM verdict').pluck().all()
      client.close()
      expect(said).toEqual(['no torrent 0'])
    }))
})
