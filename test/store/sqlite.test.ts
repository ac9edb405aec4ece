import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { storeContract } from './contract.js'
import {
  at,
  check,
  checksBefore,
  checksOf,
  DAY,
  inDirectory,
  MINUTE,
  ok,
  probe,
  records,
  timeout,
  url,
  watched,
} from './support.js'

storeContract('the sqlite store', {
  open: (file) => openStore(`sqlite:${file}`),
  damage(file) {
    const client = new Database(file)
    client.exec("DELETE FROM tracker_state; DELETE FROM tracker WHERE url LIKE '%//b.%'")
    client.close()
  },
})

describe('a reader beside the program that writes', () => {
  it('sees who has entered a list since', () =>
    inDirectory(async (directory, use) => {
      const file = `sqlite:${join(directory, 'history.db')}`
      const store = await use(openStore(file))
      await store.watch([watched('a')], at(0))
      const reader = await use(openStore(file, { readOnly: true }))
      expect(await reader.listMembers()).toBeNull()
      for (const entered of [true, false]) {
        const change = { list: 'stable', url: url('a'), entered, at: at(entered ? 0 : DAY), uptime: null } as const
        await store.changeLists([{ ...change, reason: entered ? 'qualified' : 'not_alive' }])
        expect((await reader.listMembers())?.get('stable')?.size ?? 0).toBe(entered ? 1 : 0)
      }
    }))
})

describe('the sqlite store finds', () => {
  const run = (file: string, sql: string) => {
    const client = new Database(file)
    client.exec(sql)
    client.close()
  }
  /** Changes a letter in the index of texts, which `PRAGMA quick_check` does not look into. */
  const spoilIndex = (file: string) => {
    const client = new Database(file, { readonly: true })
    const root = client
      .prepare<[], number>("SELECT rootpage FROM sqlite_schema WHERE name = 'verdict_content'")
      .pluck()
      .get()
    client.close()
    const content = readFileSync(file)
    const at = content.indexOf('udp.timeout', ((root ?? 0) - 1) * 4096)
    content.write('udp.tIMEout', at)
    writeFileSync(file, content)
  }

  it.each<[string, (file: string) => void, string]>([
    ['an index that disagrees', spoilIndex, 'missing from index verdict_content'],
    [
      'a row without its parent',
      (file) => run(file, 'PRAGMA foreign_keys = OFF; DELETE FROM tracker'),
      'tracker_state',
    ],
    [
      'history without its tracker',
      (file) => run(file, 'UPDATE gap SET tracker_id = 9'),
      '1 rows of table gap without',
    ],
    [
      'an address without its tracker',
      (file) => run(file, 'UPDATE address SET tracker_id = 9'),
      'rows of table address',
    ],
    ['an unknown outcome', (file) => run(file, 'UPDATE verdict SET outcome = 9'), '3 rows of table verdict'],
    ['an unknown reason', (file) => run(file, 'UPDATE verdict SET reason = 50 WHERE outcome = 2'), 'unknown reason'],
    [
      'checks without their verdict',
      (file) => run(file, 'DELETE FROM verdict WHERE outcome = 3'),
      '1 rows of table check_result without their verdict',
    ],
    ['a wrong count', (file) => run(file, 'UPDATE meta SET value = 99'), '6 checks in the history, but 99 noted'],
  ])('%s', (_, spoil, sentence) =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await use(openStore(`sqlite:${file}`))
      await store.watch([watched('a')], at(0))
      await store.record(records(checksOf('a', '+--+s+')))
      await store.close()
      spoil(file)
      const spoilt = await use(openStore(`sqlite:${file}`))
      expect((await spoilt.verify()).join('\n')).toContain(sentence)
    }),
  )

  it('a word it does not know, instead of showing another', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await use(openStore(`sqlite:${file}`))
      await store.watch([watched('a')], at(0))
      await store.record(records(checksOf('a', '+')))
      run(file, 'UPDATE verdict SET outcome = 9')
      const reading = store.checks(url('a'), { from: at(0), to: at(DAY) }, 1)
      await expect(reading).rejects.toThrow('outcome 9 in the history, expected one that this program knows')
    }))
})

describe('a sqlite file', () => {
  it('takes at most 24 bytes for a check, with the dead ones among them written when their time is up', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await use(openStore(`sqlite:${file}`))
      const names = Array.from({ length: 1000 }, (_, index) => index)
      await store.watch(
        names.map((name) => watched(name)),
        at(0),
      )
      for (let round = 0; round < 20; round++) {
        const results = names.map((name) => {
          const ms = round * 10 * MINUTE + name * 60 + ((name * 31 + round * 7) % 50)
          return name % 10 < 3
            ? check(name, ms + 10_000, { ...timeout, detail: `silence of kind ${name % 60}` })
            : check(name, ms, ok, 10 + ((name * 7919 + round * 104_729) % 190_000) / 1000)
        })
        results.sort((a, b) => Number(a.checkedAt) - Number(b.checkedAt))
        await store.record(records(results))
      }
      await store.close()
      const client = new Database(file, { readonly: true })
      const sizeOf = client.prepare<[string], number>('SELECT sum(pgsize) FROM dbstat WHERE name = ?').pluck()
      const bytes = sizeOf.get('check_result') ?? Number.NaN
      client.close()
      expect(bytes / 20_000).toBeLessThanOrEqual(24)
      expect(bytes / 20_000).toBeGreaterThan(15)
    }))

  it('shrinks after pruning, texts included, and leaves no log behind when closed', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await use(openStore(`sqlite:${file}`))
      await store.watch([watched('a')], at(0))
      const long = Array.from({ length: 3000 }, (_, index) =>
        check('a', index, { ...timeout, detail: `${index} ${'x'.repeat(4000)}` }),
      )
      await store.record(records(long))
      const { sizeBytes } = await store.info()
      expect(sizeBytes).toBeGreaterThan(12_000_000)
      expect(await store.prune(checksBefore(DAY))).toBe(3000)
      expect((await store.info()).sizeBytes).toBeLessThan(5_000_000)
      await store.close()
      expect(statSync(file).size).toBeLessThan(5_000_000)
      expect(readdirSync(directory)).toEqual(['history.db', 'history.db.lock'])
    }))

  it('ends pruning early when it is closed, and loses count of nothing', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await use(openStore(`sqlite:${file}`))
      await store.watch([watched('a')], at(0))
      await store.record(records(checksOf('a', '+'.repeat(6000), 0, 1000)))
      const pruning = store.prune(checksBefore(DAY))
      await store.close()
      const pruned = await pruning
      expect(pruned).toBeLessThan(6000)
      const reopened = await use(openStore(`sqlite:${file}`))
      expect(await reopened.info()).toMatchObject({ checks: 6000 - pruned })
      expect(await reopened.verify()).toEqual([])
    }))

  it('sees what another program has changed in it', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await use(openStore(`sqlite:${file}`))
      await store.watch([watched('a')], at(0))
      await store.record(records(checksOf('a', '+')))
      expect(await store.entries(at(1))).toMatchObject([{ group: 'public', latencyMs: expect.any(Number) }])
      const other = new Database(file)
      other.exec("UPDATE tracker SET grp = 'other'; DELETE FROM check_result")
      other.close()
      expect(await store.entries(at(1))).toMatchObject([{ group: 'other', latencyMs: null }])
    }))

  it('is as it was when it is opened and closed without work', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      await (await use(openStore(`sqlite:${file}`))).close()
      const before = readFileSync(file)
      await (await use(openStore(`sqlite:${file}`))).close()
      expect(readFileSync(file).equals(before)).toBe(true)
    }))

  it('is complete without its log once the writer is closed, even while others read', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await use(openStore(`sqlite:${file}`))
      await store.watch([watched('a')], at(0))
      const reader = await use(openStore(`sqlite:${file}`, { readOnly: true }))
      expect(await reader.states()).toHaveLength(1)
      await store.record(records(checksOf('a', '+')))
      expect(statSync(`${file}-wal`).size).toBeGreaterThan(0)
      await store.close()
      expect(statSync(`${file}-wal`).size).toBe(0)
      expect(await reader.info()).toMatchObject({ checks: 1 })
    }))

  it('that a backup cannot be written to is named, and nothing is left of it', () =>
    inDirectory(async (directory, use) => {
      const store = await use(openStore('sqlite::memory:'))
      const file = join(directory, 'file')
      writeFileSync(file, '')
      await expect(store.backup(join(file, 'copy.db'))).rejects.toThrow(`${file} is a file, expected a directory`)
      await expect(store.backup(join(file, 'deep', 'copy.db'))).rejects.toThrow(
        `a part of the path ${join(file, 'deep', 'copy.db')} is a file, expected directories only`,
      )
      expect(readdirSync(directory)).toEqual(['file'])
      await store.backup(join(directory, 'new', 'copy.db'))
      expect(readdirSync(join(directory, 'new'))).toEqual(['copy.db'])
    }))

  it('takes integers of any size among what a tracker sent', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await use(openStore(`sqlite:${file}`))
      await store.watch([watched('a')], at(0))
      const outcome = { ...ok, announce: { ...ok.announce, extra: { uptime: 2n ** 60n } } }
      await store.record(records([{ ...check('a', 0, outcome), probes: [probe(outcome)] }]))
      await store.close()
      const reopened = await use(openStore(`sqlite:${file}`, { readOnly: true }))
      const last = (await reopened.find(url('a')))?.last
      expect(last?.outcome).toMatchObject({ announce: { extra: { uptime: 2 ** 60 } } })
      expect(last?.probes[0]?.outcome).toBe(last?.outcome)
    }))
})
