import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { directory, run } from './support.js'
import { url, watchedStore } from './watched-store.js'

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
    const { code, stderr } = await run(['db', 'verify', '--store', `sqlite:${file}`])
    expect(code).toBe(2)
    expect(stderr).toMatch(new RegExp(`^trackerwatch: ${file} is not a SQLite database`))
    expect(stderr).not.toContain('    at ')
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
