import { mkdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { at, checksOf, records, url, watched } from '../store/support.js'
import { fingerprint, freshFolder, writeConfig } from './folder.js'
import { startDaemon, trackerwatch } from './program.js'

// Nobody listens there, which a check finds out at once.
const groups = [{ name: 'public', trackers: ['udp://127.0.0.1:1/announce'] }]
const PAGE = 4096
const noise = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7919 + 13) % 251))

const isDamaged =
  /trackerwatch\.db is damaged: keep a copy and put the newest backup in its place, with no -wal and no -shm beside it/
const isNone = /trackerwatch\.db is not a SQLite database: move it away and put the newest backup in its place if/

/** A history of some hundred kB, in a file that nobody has open. */
async function historyIn(folder: string): Promise<string> {
  const file = join(folder, 'data', 'trackerwatch.db')
  const store = await openStore(`sqlite:${file}`)
  await store.watch([watched('a')], at(0))
  await store.record(records(checksOf('a', '+-r+'.repeat(2000))))
  await store.close()
  return file
}

function overwrite(file: string, from: number, length: number): void {
  const bytes = readFileSync(file)
  noise.copy(bytes, from, 0, length)
  writeFileSync(file, bytes)
}

describe('a database that is damaged', { timeout: 40_000 }, () => {
  it.each<[damage: string, spoil: (file: string) => void, sentence: RegExp, verified: RegExp]>([
    ['truncated', (file) => truncateSync(file, statSync(file).size / 2), isDamaged, /malformed|is damaged|Tree /],
    ['truncated to less than a page', (file) => truncateSync(file, 700), /is (damaged|not a SQLite database)/, /./],
    ['overwritten with noise', (file) => overwrite(file, 0, noise.length), isNone, isNone],
    ['broken in the first bytes', (file) => overwrite(file, 0, 16), isNone, isNone],
    ['broken in the rest of its header', (file) => overwrite(file, 16, 84), /is (damaged|not a SQLite database)/, /./],
    [
      'broken in a page in the middle',
      (file) => overwrite(file, 20 * PAGE, PAGE),
      isDamaged,
      /Tree |malformed|damaged/,
    ],
    ['a text', (file) => writeFileSync(file, 'no database, '.repeat(1000)), isNone, isNone],
    [
      'a directory',
      (file) => {
        rmSync(file)
        mkdirSync(file)
      },
      /trackerwatch\.db is a directory, expected a file name/,
      /is a directory, expected a file name/,
    ],
  ])(
    '%s: the start is refused with a sentence, "db verify" says more, and nothing is touched',
    async (_, spoil, sentence, verified) => {
      const folder = freshFolder()
      const file = await historyIn(folder)
      spoil(file)
      const configFile = writeConfig(folder, { groups })
      const before = fingerprint(folder)
      const started = await trackerwatch(['run', '--config', configFile])
      expect(started.code).toBe(1)
      const lines = started.stderr.trimEnd().split('\n')
      expect(lines).toHaveLength(1)
      expect(JSON.parse(lines[0] ?? '')).toMatchObject({
        level: 'error',
        msg: 'not started',
        problem: expect.stringMatching(sentence),
      })
      expect(fingerprint(folder)).toEqual(before)
      const { code, stdout, stderr } = await trackerwatch(['db', 'verify', '--config', configFile])
      expect(code).toBeGreaterThan(0)
      expect({ stdout, stderr }).toEqual({ stdout: '', stderr: expect.stringMatching(verified) })
      expect(stderr).not.toContain('    at ')
      // A reader notes beside the file that it reads.
      for (const end of ['-wal', '-shm']) rmSync(file + end, { force: true })
      expect(fingerprint(folder)).toEqual(before)
    },
  )

  it.each<[what: string, spoil: (file: string) => void, checks: number]>([
    ['noise in place of its log', (file) => writeFileSync(`${file}-wal`, noise), 8000],
    [
      'noise in place of the memory of its log',
      (file) => writeFileSync(`${file}-shm`, noise.subarray(0, 32_768)),
      8000,
    ],
    ['no byte, as a new one', (file) => truncateSync(file, 0), 0],
  ])('by nothing that matters goes on: %s', async (_, spoil, checks) => {
    const folder = freshFolder()
    const file = await historyIn(folder)
    spoil(file)
    const configFile = writeConfig(folder, { groups })
    const daemon = await startDaemon(configFile)
    await daemon.logged(({ msg }) => msg === 'round ended')
    daemon.kill('SIGTERM')
    expect(await daemon.ended).toBe(0)
    expect(await trackerwatch(['db', 'verify', '--config', configFile])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`ok, 1 tracker, ${checks + 1} check`),
    })
  })

  it('in the log of a process that was killed: what stands in front of the damage is kept, whole writes only', async () => {
    const folder = freshFolder()
    const file = await historyIn(folder)
    const store = await openStore(`sqlite:${file}`)
    for (let batch = 1; batch <= 20; batch++) await store.record(records(checksOf('a', '+'.repeat(50), batch * 1e9)))
    const log = readFileSync(`${file}-wal`)
    const copy = join(folder, 'copy.db')
    writeFileSync(copy, readFileSync(file))
    noise.copy(log, log.length / 2, 0, PAGE)
    writeFileSync(`${copy}-wal`, log)
    await store.close()
    for (const end of ['', '-wal']) renameSync(copy + end, file + end)
    const opened = await openStore(`sqlite:${file}`)
    const { checks } = await opened.info()
    expect(await opened.verify()).toEqual([])
    expect(await opened.checks(url('a'), { from: at(0), to: at(1e12) }, 1)).toHaveLength(1)
    await opened.close()
    expect(checks % 50).toBe(0)
    expect(checks).toBeGreaterThan(8000)
    expect(checks).toBeLessThan(9000)
  })
})
