import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { StoreError } from '../../src/store/errors.js'
import { openStore, requireNodeApi, storeSchemes } from '../../src/store/open.js'
import { at, checksOf, inDirectory, records, watched } from './support.js'

describe('the URL of a store', () => {
  it.each(['postgres://localhost/db', 'data/history.db', '', 'SQLITE:x', 'constructor:x'])(
    'of another kind is refused with the kinds there are: %s',
    async (url) => {
      const opening = openStore(url)
      await expect(opening).rejects.toThrow(`store "${url}" has an unknown scheme, expected one of sqlite:`)
      await expect(opening).rejects.toBeInstanceOf(StoreError)
    },
  )

  it('has one of the schemes that are known', () => {
    expect(storeSchemes).toEqual(['sqlite'])
  })

  it('may name memory, which two stores do not share', () =>
    inDirectory(async (_, use) => {
      const [first, second] = [await use(openStore('sqlite::memory:')), await use(openStore('sqlite::memory:'))]
      await first.watch([watched('a')], at(0))
      await first.record(records(checksOf('a', '+--')))
      expect(await first.states()).toHaveLength(1)
      expect(await second.states()).toHaveLength(0)
      expect(await first.info()).toMatchObject({ location: ':memory:', checks: 3, freeBytes: null })
    }))

  it('may be relative to the working directory, and its directory is made', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'data', 'deep', 'history.db')
      const store = await use(openStore(`sqlite:${relative(process.cwd(), file)}`))
      expect(await store.info()).toMatchObject({ location: file, freeBytes: expect.any(Number) })
      expect(existsSync(file)).toBe(true)
    }))
})

describe('a store that cannot be opened', () => {
  const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')

  /** A database with enough checks to have many pages. */
  const makeHistory = async (file: string): Promise<void> => {
    const store = await openStore(`sqlite:${file}`)
    await store.watch([watched('a')], at(0))
    await store.record(records(checksOf('a', '+--+'.repeat(500))))
    await store.close()
  }
  const overwrite = (file: string, from: number, bytes: Buffer) => {
    const content = readFileSync(file)
    bytes.copy(content, from)
    writeFileSync(file, content)
  }
  const noise = Buffer.from(Array.from({ length: 8192 }, (_, index) => (index * 7919) % 251))

  it.each<[string, (file: string) => void, RegExp]>([
    ['is text', (file) => writeFileSync(file, 'hello '.repeat(1000)), /is not a SQLite database: move it away/],
    ['is noise', (file) => writeFileSync(file, noise), /is not a SQLite database: move it away/],
    ['has lost its end', (file) => truncateSync(file, 20_480), /is damaged: keep a copy/],
    ['has noise in the middle', (file) => overwrite(file, 16_384, noise), /is damaged: keep a copy/],
    ['has noise in its header', (file) => overwrite(file, 20, noise.subarray(0, 80)), /is (damaged|not a SQLite)/],
  ])('because the file %s is named, and left as it was', (_, spoil, sentence) =>
    inDirectory(async (directory) => {
      const file = join(directory, 'history.db')
      await makeHistory(file)
      spoil(file)
      const before = digest(file)
      const opening = openStore(`sqlite:${file}`)
      await expect(opening).rejects.toThrow(sentence)
      await expect(opening).rejects.toBeInstanceOf(StoreError)
      await expect(opening).rejects.toThrow(file)
      expect(digest(file)).toBe(before)
    }),
  )

  it('because it belongs to another program is left to that', () =>
    inDirectory(async (directory) => {
      const file = join(directory, 'other.db')
      const other = new Database(file)
      other.exec('CREATE TABLE bookmark (id INTEGER PRIMARY KEY, url TEXT)')
      other.close()
      const before = digest(file)
      const sentence = `${file} is a database of another program (it has the tables bookmark)`
      await expect(openStore(`sqlite:${file}`)).rejects.toThrow(sentence)
      await expect(openStore(`sqlite:${file}`, { readOnly: true })).rejects.toThrow(sentence)
      expect(digest(file)).toBe(before)
    }))

  it('because it is a directory', () =>
    inDirectory(async (directory) => {
      await expect(openStore(`sqlite:${directory}`)).rejects.toThrow(
        `${directory} is a directory, expected a file name`,
      )
    }))

  it.each([
    ['-wal', false],
    ['-wal', true],
    ['-shm', false],
  ])('because FILE%s is a directory, which is named (readOnly: %s)', (end, readOnly) =>
    inDirectory(async (directory) => {
      const file = join(directory, 'history.db')
      await makeHistory(file)
      mkdirSync(file + end)
      const sentence = `${file}${end} is a directory, expected a file: move it away`
      await expect(openStore(`sqlite:${file}`, { readOnly })).rejects.toThrow(sentence)
    }),
  )

  it('because a directory in its path is a file', () =>
    inDirectory(async (directory) => {
      const file = join(directory, 'file')
      writeFileSync(file, '')
      await expect(openStore(`sqlite:${file}/history.db`)).rejects.toThrow(`${file} is a file, expected a directory`)
    }))

  it('because memory holds nothing to read', async () => {
    await expect(openStore('sqlite::memory:', { readOnly: true })).rejects.toThrow('a store in memory begins empty')
  })

  it('because it has no name', async () => {
    await expect(openStore('sqlite:')).rejects.toThrow('expected sqlite:PATH or sqlite::memory:')
  })

  it('because there is none to read, and makes none', () =>
    inDirectory(async (directory) => {
      const file = join(directory, 'missing', 'history.db')
      await expect(openStore(`sqlite:${file}`, { readOnly: true })).rejects.toThrow(`${file} does not exist`)
      expect(existsSync(join(directory, 'missing'))).toBe(false)
    }))

  it('because another program has locked it', { timeout: 20_000 }, () =>
    inDirectory(async (directory) => {
      const file = join(directory, 'history.db')
      await makeHistory(file)
      const other = new Database(file)
      try {
        other.pragma('locking_mode = EXCLUSIVE')
        other.exec('BEGIN EXCLUSIVE')
        await expect(openStore(`sqlite:${file}`)).rejects.toThrow(`${file} is locked by another program`)
      } finally {
        other.close()
      }
    }),
  )

  it('because Node.js is too old for its native part', () => {
    expect(() => requireNodeApi('8')).toThrow('offers Node-API 8, expected 9 or newer: update Node.js')
    expect(() => requireNodeApi(undefined)).toThrow('offers Node-API none')
    expect(() => requireNodeApi('10')).not.toThrow()
    expect(() => requireNodeApi(process.versions.napi)).not.toThrow()
  })

  it('does not keep its place taken', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      mkdirSync(file)
      await expect(openStore(`sqlite:${file}`)).rejects.toThrow('is a directory')
      const other = join(directory, 'other.db')
      writeFileSync(other, noise)
      await expect(openStore(`sqlite:${other}`)).rejects.toThrow('is not a SQLite database')
      writeFileSync(other, '')
      await use(openStore(`sqlite:${other}`))
    }))
})
