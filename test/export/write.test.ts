import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeLists } from '../../src/export/write.js'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lists-'))
})

afterEach(async () => {
  await rm(directory, { recursive: true })
})

const longAgo = new Date('2020-01-01T00:00:00Z')

describe('writeLists', () => {
  it('creates the directory and the files, and nothing else', async () => {
    const nested = join(directory, 'data', 'lists')
    const written = await writeLists(nested, [
      { name: 'alive.txt', text: 'udp://a.example:1\n' },
      { name: 'ws.txt', text: '' },
    ])
    expect(written).toEqual({ written: ['alive.txt', 'ws.txt'], unchanged: [] })
    expect((await readdir(nested)).toSorted()).toEqual(['alive.txt', 'ws.txt'])
    expect(await readFile(join(nested, 'alive.txt'), 'utf8')).toBe('udp://a.example:1\n')
  })

  it('leaves a file with the same content alone, modification time included', async () => {
    const path = join(directory, 'alive.txt')
    await writeFile(path, 'same\n')
    await utimes(path, longAgo, longAgo)
    expect(await writeLists(directory, [{ name: 'alive.txt', text: 'same\n' }])).toEqual({
      written: [],
      unchanged: ['alive.txt'],
    })
    expect((await stat(path)).mtime).toEqual(longAgo)
  })

  it('replaces a changed file by another one, so that a reader keeps the old one whole', async () => {
    const path = join(directory, 'alive.txt')
    await writeFile(path, 'old\n')
    const before = await stat(path)
    await writeLists(directory, [{ name: 'alive.txt', text: 'new\n' }])
    expect(await readFile(path, 'utf8')).toBe('new\n')
    expect((await stat(path)).ino).not.toBe(before.ino)
  })

  it('removes nothing that it did not write', async () => {
    await writeFile(join(directory, 'notes.txt'), 'mine')
    await writeLists(directory, [{ name: 'alive.txt', text: '' }])
    expect((await readdir(directory)).toSorted()).toEqual(['alive.txt', 'notes.txt'])
  })

  it('names the file that cannot be written, writes the others, and leaves no temporary file', async () => {
    await mkdir(join(directory, 'alive.txt'))
    const files = [
      { name: 'alive.txt', text: 'a\n' },
      { name: 'udp.txt', text: 'u\n' },
    ]
    await expect(writeLists(directory, files)).rejects.toThrow(
      `1 of 2 list files could not be written: ${join(directory, 'alive.txt')}: EISDIR`,
    )
    expect((await readdir(directory)).toSorted()).toEqual(['alive.txt', 'udp.txt'])
  })

  it('names the directory that cannot be created', async () => {
    await writeFile(join(directory, 'file'), '')
    const below = join(directory, 'file', 'lists')
    await expect(writeLists(below, [])).rejects.toThrow(`list directory ${below} could not be created: ENOTDIR`)
  })

  it.each(['../alive.txt', 'a/b.txt', '', '..'])('refuses "%s" as a file name', async (name) => {
    await expect(writeLists(directory, [{ name, text: '' }])).rejects.toThrow(`"${name}" is no file name`)
  })
})
