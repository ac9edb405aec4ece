import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { grow } from '../store/grow.js'
import { directory, finished, run, start } from './support.js'
import { url, watchedStore } from './watched-store.js'

/** The database with noise in its first page, but for the header. */
function noisyPage(file: string): Buffer {
  return readFileSync(file).fill(0xa5, 100, 4096)
}

describe('db', () => {
  it('backs up while another process writes, and the copy can be read', async () => {
    const { folder, file, store } = await watchedStore({ t: '++-' })
    const copy = join(folder, 'copy.db')
    const writer = await openStore(store)
    try {
      const { code, stdout } = await run(['db', 'backup', copy, '--store', store])
      expect(code).toBe(0)
      expect(stdout).toBe(`${copy}: copy of ${file}, 3 checks\n`)
    } finally {
      await writer.close()
    }
    expect((await run(['history', url('t'), '--store', `sqlite:${copy}`])).code).toBe(0)
  })

  it('never replaces a file by a backup', async () => {
    const { file, store } = await watchedStore({ t: '+' })
    const { code, stderr } = await run(['db', 'backup', file, '--store', store])
    expect(code).toBe(2)
    expect(stderr).toMatch(new RegExp(`^trackerwatch: ${file} exists already`))
    expect(stderr).not.toContain('    at ')
    expect((await run(['db', 'verify', '--store', store])).code).toBe(0)
  })

  it('verifies', async () => {
    const { file, store } = await watchedStore({ t: '++' })
    const { code, stdout } = await run(['db', 'verify', '--store', store])
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`^${file}: ok, 1 tracker, 2 checks, \\d+\\.\\d MiB\n$`))
  })

  it('says in a sentence that a file is no database', async () => {
    const file = join(directory(), 'noise.db')
    writeFileSync(file, 'noise '.repeat(1000))
    const { code, stderr } = await run(['db', 'backup', join(directory(), 'copy.db'), '--store', `sqlite:${file}`])
    expect(code).toBe(2)
    expect(stderr).toMatch(new RegExp(`^trackerwatch: ${file} is not a SQLite database`))
    expect(stderr).not.toContain('    at ')
  })

  it.each<[string, (file: string) => void, RegExp]>([
    ['noise', (file) => writeFileSync(file, 'noise '.repeat(1000)), /^\S+ is not a SQLite database: move it away/],
    ['half of it', (file) => truncateSync(file, statSync(file).size / 2), /./],
    ['less than a page', (file) => truncateSync(file, 700), /^\S+ is (damaged|not a SQLite database): /],
    ['noise in its schema', (file) => writeFileSync(file, noisyPage(file)), /^\S+ is damaged: keep a copy/],
  ])('verifies with 1 where it finds damage: %s', async (_, spoil, sentence) => {
    const { file, store } = await watchedStore({ t: '++' })
    spoil(file)
    const { code, stdout, stderr } = await run(['db', 'verify', '--store', store])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(sentence)
    expect(stderr).not.toContain('    at ')
  })

  it('verifies with 2 where there is nothing to verify', async () => {
    const { code, stderr } = await run(['db', 'verify', '--store', `sqlite:${join(directory(), 'none.db')}`])
    expect(code).toBe(2)
    expect(stderr).toContain('none.db does not exist')
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('gives a backup up at %s, ends with %i and leaves nothing of it', async (signal, expected) => {
    const { folder, file, store } = await watchedStore({ t: '+' })
    grow(file, 60)
    const copies = join(folder, 'copies')
    const child = start(['db', 'backup', join(copies, 'copy.db'), '--store', store])
    while (!existsSync(copies) || readdirSync(copies).length === 0) await new Promise(setImmediate)
    for (const name of readdirSync(copies)) expect(statSync(join(copies, name)).mode & 0o077).toBe(0)
    child.kill(signal)
    expect(await finished(child)).toEqual({ code: expected, stdout: '', stderr: '' })
    expect(readdirSync(copies)).toEqual([])
  })

  it('migrates, and says when there is nothing to do', async () => {
    const file = join(directory(), 'new.db')
    const first = await run(['db', 'migrate', '--store', `sqlite:${file}`])
    expect(first.code).toBe(0)
    expect(first.stdout).toMatch(/^applied .*\nsqlite:.*: from schema 0 to \d+\n$/s)
    expect(existsSync(file)).toBe(true)
    const second = await run(['db', 'migrate', '--store', `sqlite:${file}`])
    expect(second.stdout).toMatch(/: schema \d+, nothing to do\n$/)
  })

  it('refuses a store of an unknown kind', async () => {
    const { code, stderr } = await run(['db', 'verify', '--store', 'postgres://x'])
    expect(code).toBe(2)
    expect(stderr).toContain('store "postgres://x" has an unknown scheme, expected one of sqlite:')
  })
})
