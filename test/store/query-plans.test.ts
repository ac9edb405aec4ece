import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it, vi } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { at, check, checksOf, DAY, HOUR, inDirectory, MINUTE, ok, records, url, watched } from './support.js'

/** Tables that grow with the years, or with trackers times years. */
const LARGE = ['check_result', 'hour_rollup', 'day_rollup', 'status_change', 'gap', 'hour_phase']

/** What may be walked through: a row per tracker or text, and what is no table. Another name is an alias of a large one. */
const SMALL =
  /^SCAN (?:(?:tracker|tracker_state|state|verdict|json_each|late)\b|CONSTANT ROW|\(subquery|\d+-ROW VALUES)/

/** Every statement that was prepared while `body` ran. */
async function preparedIn(body: () => Promise<void>): Promise<readonly string[]> {
  const prepare = vi.spyOn(Database.prototype, 'prepare')
  try {
    await body()
    return [...new Set(prepare.mock.calls.map(([sql]) => sql))]
  } finally {
    prepare.mockRestore()
  }
}

/** The steps in which a statement walks through a large table from its beginning. */
function walks(client: Database.Database, sql: string): readonly string[] {
  const asked = sql.replace(/\?|@\w+/g, '1')
  const steps = client.prepare<[], { readonly detail: string }>(`EXPLAIN QUERY PLAN ${asked}`).all()
  return steps.map(({ detail }) => detail).filter((detail) => detail.startsWith('SCAN') && !SMALL.test(detail))
}

describe('the statements of the sqlite store', () => {
  it('find what they want in large tables by an index', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      await (await use(openStore(`sqlite:${file}`))).close()
      const statements = await preparedIn(async () => {
        const store = await use(openStore(`sqlite:${file}`))
        await store.watch([watched('a'), watched('b')], at(0))
        await store.record(records(checksOf('a', '+--+.....................+--+s+', 0, HOUR)))
        await store.roll(at(3 * DAY))
        const [state] = await store.states()
        if (state?.health == null) throw new Error('no health')
        await store.record([
          { result: check('a', MINUTE, ok), health: state.health, continues: null, change: null, gap: null },
        ])
        await store.roll(at(3 * DAY))
        const window = { from: at(-100 * DAY), to: at(3 * DAY) }
        await store.entries(at(3 * DAY))
        await store.daily(window)
        await store.recent(10)
        await store.latencies(window)
        await store.incidents(window, at(3 * DAY), 100)
        await store.uptime(url('a'), window, at(3 * DAY))
        await store.changes(url('a'), window)
        await store.checks(url('a'), window, 10)
        await store.latency(url('a'), window)
        await store.hours(url('a'), window)
        await store.days(url('a'), window)
        await store.prune({ checks: at(DAY), hours: at(DAY) })
        // A clock that stood ahead.
        await store.roll(at(-10 * DAY))
      })
      for (const table of LARGE) expect(statements.some((sql) => sql.includes(table))).toBe(true)
      const client = new Database(file, { readonly: true })
      const explained = statements.filter((sql) => LARGE.some((table) => sql.includes(table)) && !/^CREATE/i.test(sql))
      const found = explained.flatMap((sql) => walks(client, sql).map((step) => `${step}: ${sql}`))
      client.close()
      expect(found).toEqual([])
    }))

  it('read the checks that a killed process left without states once, however few verdicts the statistics know', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await use(openStore(`sqlite:${file}`))
      await store.watch([watched('a')], at(0))
      await store.record(records(checksOf('a', '+'.repeat(1000))))
      await store.close()
      const client = new Database(file)
      client.exec('ANALYZE')
      client.close()
      const statements = await preparedIn(async () => void (await use(openStore(`sqlite:${file}`))))
      const catchUp = statements.filter((sql) => sql.startsWith('WITH late'))
      const told = new Database(file, { readonly: true })
      const steps = catchUp.flatMap((sql) =>
        told.prepare<[], { readonly detail: string }>(`EXPLAIN QUERY PLAN ${sql.replace(/@\w+/g, '1')}`).all(),
      )
      told.close()
      const tables = steps.flatMap(({ detail }) => /(?:SCAN|SEARCH) (check_result|verdict)\b/.exec(detail)?.[1] ?? [])
      expect(tables).toEqual(['check_result', 'verdict'])
    }))
})
