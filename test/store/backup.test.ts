import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { copyDatabase } from '../../src/store/sqlite/copy.js'
import { canRunAsNobody, NOBODY } from '../support/nobody.js'
import { grow } from './grow.js'
import { at, checksOf, HOUR, inDirectory, records, url, watched } from './support.js'

const canBeNobody = canRunAsNobody(import.meta.filename)
const skipped = canBeNobody ? '' : ' (skipped: not root, or nobody else may read the program)'

describe('a backup', () => {
  it('is one file with the permissions of the original, which can be read where nothing can be written', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await use(openStore(`sqlite:${file}`))
      await store.watch([watched('a')], at(0))
      await store.record(records(checksOf('a', '+--+')))
      chmodSync(file, 0o600)
      const copy = join(directory, 'made', 'on', 'demand.db')
      await store.backup(copy)
      expect(statSync(copy).mode & 0o777).toBe(0o600)
      const reader = await use(openStore(`sqlite:${copy}`, { readOnly: true }))
      expect(await reader.checks(url('a'), { from: at(0), to: at(HOUR) }, 9)).toHaveLength(4)
      expect(readdirSync(join(directory, 'made', 'on'))).toEqual(['demand.db'])
    }))

  it.runIf(canBeNobody)(`of a file that may not be written has its permissions, and nothing beside it${skipped}`, () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      await (await openStore(`sqlite:${file}`)).close()
      for (const name of [directory, file]) chownSync(name, NOBODY, NOBODY)
      chmodSync(file, 0o440)
      process.seteuid?.(NOBODY)
      try {
        const store = await use(openStore(`sqlite:${file}`, { readOnly: true }))
        await store.backup(join(directory, 'made', 'copy.db'))
        await store.close()
      } finally {
        process.seteuid?.(0)
      }
      expect(readdirSync(join(directory, 'made'))).toEqual(['copy.db'])
      expect(statSync(join(directory, 'made', 'copy.db')).mode & 0o777).toBe(0o440)
    }),
  )

  it('is made in a thread: the event loop goes on, and writes with it', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await use(openStore(`sqlite:${file}`))
      await store.watch([watched('a')], at(0))
      grow(file, 60)
      let isMade = false
      const made = store.backup(join(directory, 'copy.db')).finally(() => {
        isMade = true
      })
      let written = 0
      for (; !isMade; written++) {
        await store.record(records(checksOf('a', '+', written * 1000)))
        await new Promise(setImmediate)
      }
      await made
      expect(written).toBeGreaterThan(20)
      const copy = await use(openStore(`sqlite:${join(directory, 'copy.db')}`))
      expect(await copy.verify()).toEqual([])
    }))

  it('ends though another program writes all the time, with what was there when it began', ({ signal }) =>
    inDirectory(async (directory) => {
      const file = join(directory, 'history.db')
      await (await openStore(`sqlite:${file}`)).close()
      grow(file, 60)
      const other = new Database(file)
      const write = other.prepare("INSERT INTO ballast (bytes) VALUES ('late')")
      const part = join(directory, 'copy.db.part')
      let isMade = false
      const made = copyDatabase({ file, part }).finally(() => {
        isMade = true
      })
      let writes = 0
      for (; !isMade && !signal.aborted; writes++) {
        await new Promise(setImmediate)
        write.run()
      }
      expect(writes).toBeGreaterThan(5)
      await made
      other.close()
      const copy = new Database(part, { readonly: true })
      expect(copy.prepare("SELECT count(*) FROM ballast WHERE bytes = 'late'").pluck().get()).toBe(0)
      copy.close()
    }))

  it('of a damaged database fails with a sentence and leaves nothing behind', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const made = await openStore(`sqlite:${file}`)
      await made.watch([watched('a')], at(0))
      await made.close()
      grow(file, 40) // too much to be read whole at each start
      const bytes = readFileSync(file)
      bytes.fill(0xa5, bytes.length - 8 * 4096)
      writeFileSync(file, bytes)
      const store = await use(openStore(`sqlite:${file}`))
      const before = readdirSync(directory)
      await expect(store.backup(join(directory, 'copy.db'))).rejects.toThrow(
        `the copy of ${file} is damaged and was deleted: see what "trackerwatch db verify" says of the file itself`,
      )
      expect(readdirSync(directory)).toEqual(before)
    }))

  it('is given up, and leaves nothing behind, where the store is closed meanwhile', () =>
    inDirectory(async (directory) => {
      const file = join(directory, 'history.db')
      const store = await openStore(`sqlite:${file}`)
      grow(file, 60)
      const refused = expect(store.backup(join(directory, 'copy.db'))).rejects.toThrow(`${file} was closed meanwhile`)
      while (!readdirSync(directory).some((name) => name.endsWith('.part'))) await new Promise(setImmediate)
      await store.close()
      await refused
      expect(readdirSync(directory).filter((name) => name.startsWith('copy'))).toEqual([])
    }))

  it('of a store in memory is a file as any other', () =>
    inDirectory(async (directory, use) => {
      const store = await use(openStore('sqlite::memory:'))
      await store.watch([watched('a')], at(0))
      await store.backup(join(directory, 'copy.db'))
      const copy = await use(openStore(`sqlite:${join(directory, 'copy.db')}`))
      expect(await copy.states()).toHaveLength(1)
    }))

  it('takes a name only once', () =>
    inDirectory(async (directory, use) => {
      const store = await use(openStore(`sqlite:${join(directory, 'history.db')}`))
      const copy = join(directory, 'copy.db')
      const made = await Promise.allSettled([store.backup(copy), store.backup(copy)])
      expect(made.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      expect(made.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { message: expect.stringContaining(`${copy} exists already`) },
      })
      expect(existsSync(copy)).toBe(true)
      expect(readdirSync(directory).filter((name) => name.endsWith('.part'))).toEqual([])
    }))
})
