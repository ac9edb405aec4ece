import { chmodSync, chownSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { type Recorder, startRecorder } from '../../src/monitor/recorder.js'
import { RefusedError } from '../../src/store/errors.js'
import { openStore } from '../../src/store/open.js'
import type { CheckRecord, Store } from '../../src/store/store.js'
import { type Logged, logTo } from '../monitor/support.js'
import { canRunAsNobody, NOBODY } from '../support/nobody.js'
import { at, checksOf, DAY, HOUR, inDirectory, records, url, watched } from './support.js'

/** A recorder on a store, which writes when told to. */
function recordTo(store: Store, capacity = 10_000) {
  const errors: string[] = []
  const logged: Logged[] = []
  let dropped = 0
  const recorder = startRecorder({
    store,
    log: logTo(logged),
    limits: { batchMs: HOUR, retryMs: HOUR, capacity, stopMs: 50 },
    onRecorded: () => {},
    onError: (error) => errors.push(String(error)),
    onDropped: (count) => {
      dropped += count
    },
  })
  return { recorder, errors, logged, dropped: () => dropped }
}

function push(recorder: Recorder, more: readonly CheckRecord[]): void {
  for (const record of more) recorder.push(record)
}

async function historyIn(directory: string, days = 3): Promise<string> {
  const file = join(directory, 'history.db')
  const store = await openStore(`sqlite:${file}`)
  await store.watch([watched('a')], at(0))
  for (let day = 0; day < days; day++) await store.record(records(checksOf('a', '+-r+'.repeat(100), day * DAY)))
  await store.close()
  return file
}

describe('a database that another program has locked', () => {
  it('holds nobody up: checks wait in memory, the oldest go when there is no room, the rest is written later', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await use(openStore(`sqlite:${file}`))
      await store.watch([watched('a')], at(0))
      const other = new Database(file)
      other.exec('BEGIN IMMEDIATE')
      const { recorder, errors, dropped } = recordTo(store, 100)
      push(recorder, records(checksOf('a', '+'.repeat(60))))
      let turns = 0
      const turning = setInterval(() => turns++, 1)
      expect(await recorder.flush()).toBe(false)
      clearInterval(turning)
      expect(turns).toBeGreaterThan(20)
      expect(errors).toEqual([expect.stringContaining(`${file} is locked by another program: close whatever else`)])
      push(recorder, records(checksOf('a', '+'.repeat(60), HOUR)))
      expect(recorder.queued()).toBe(100)
      expect(dropped()).toBe(20)
      other.exec('COMMIT')
      other.close()
      expect(await recorder.flush()).toBe(true)
      const kept = await store.checks(url('a'), { from: at(0), to: at(DAY) }, 999)
      expect(kept).toHaveLength(100)
      // The first of all changed the status, and stays.
      expect(kept.at(-1)?.checkedAt).toEqual(at(0))
      expect(await store.verify()).toEqual([])
      await recorder.stop()
    }))

  it('or given a trigger that refuses all loses nobody a check', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await use(openStore(`sqlite:${file}`))
      await store.watch([watched('a')], at(0))
      const other = new Database(file)
      other.exec("CREATE TRIGGER no BEFORE INSERT ON check_result BEGIN SELECT RAISE(ABORT, 'not now'); END")
      const { recorder, errors, dropped } = recordTo(store)
      await expect(store.record(records(checksOf('a', '+')))).rejects.not.toBeInstanceOf(RefusedError)
      push(recorder, records(checksOf('a', '+'.repeat(60))))
      expect(await recorder.flush()).toBe(false)
      expect(errors).toEqual([expect.stringContaining(`${file}: SQLITE_CONSTRAINT_TRIGGER: not now`)])
      other.exec('DROP TRIGGER no')
      other.close()
      expect(await recorder.flush()).toBe(true)
      expect(dropped()).toBe(0)
      expect((await store.info()).checks).toBe(60)
    }))

  it('is waited for where it is locked for a moment', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await use(openStore(`sqlite:${file}`))
      await store.watch([watched('a')], at(0))
      const other = new Database(file)
      other.exec('BEGIN IMMEDIATE')
      const written = store.record(records(checksOf('a', '+++')))
      setTimeout(() => other.exec('COMMIT'), 50)
      await written
      other.close()
      expect((await store.info()).checks).toBe(3)
    }))

  it('is waited for by an import too, and what was still to be written is not lost over it', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await use(openStore(`sqlite:${file}`))
      await store.watch([watched('a')], at(0))
      const seenTwice = records(checksOf('a', '++'))
      for (const record of seenTwice) await store.record([record])
      const seen = await store.addresses(url('a'))
      expect(seen).toMatchObject([{ lastSeen: seenTwice.at(-1)?.result.checkedAt }])
      const other = new Database(file)
      other.exec('BEGIN IMMEDIATE')
      const row = { type: 'change', url: url('b'), at: at(0), confirmedAt: at(0), from: 'unknown', to: 'up' } as const
      const imported = store.import([{ ...row, reason: null, code: null, message: null }], at(HOUR))
      setTimeout(() => other.exec('COMMIT'), 50)
      expect(await imported).toBe(1)
      other.close()
      expect(await store.addresses(url('a'))).toEqual(seen)
    }))

  it('is waited for by the last write', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await openStore(`sqlite:${file}`)
      await store.watch([watched('a')], at(0))
      await store.record(records(checksOf('a', '+++')))
      const told = await store.phases(url('a'), { from: at(0), to: at(HOUR) })
      expect(told).toHaveLength(1)
      const other = new Database(file)
      other.exec('BEGIN IMMEDIATE')
      const closed = store.close()
      setTimeout(() => other.exec('COMMIT'), 50)
      await closed
      other.close()
      const next = await use(openStore(`sqlite:${file}`))
      expect(await next.phases(url('a'), { from: at(0), to: at(HOUR) })).toEqual(told)
    }))

  it('still gives back the file and the right to write to it, where the last write is refused', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await openStore(`sqlite:${file}`)
      await store.watch([watched('a')], at(0))
      await store.record(records(checksOf('a', '+++')))
      const other = new Database(file)
      other.exec('BEGIN IMMEDIATE')
      await expect(store.close()).rejects.toThrow(`${file} is locked by another program`)
      other.close()
      const next = await use(openStore(`sqlite:${file}`))
      expect((await next.info()).checks).toBe(3)
      expect(await next.verify()).toEqual([])
    }))
})

describe('a database that is damaged while it is in use', () => {
  it.each([
    ['truncated', (file: string) => truncateSync(file, 8192)],
    ['overwritten with noise', (file: string) => writeFileSync(file, Buffer.alloc(200_000, 0xa5))],
    ['emptied', (file: string) => truncateSync(file, 0)],
  ])('%s: every call answers or is refused with a sentence, and the next start tells', (_, damage) =>
    inDirectory(async (directory, use) => {
      const file = await historyIn(directory)
      const store = await use(openStore(`sqlite:${file}`))
      damage(file)
      const { recorder, errors } = recordTo(store)
      push(recorder, records(checksOf('a', '+-+-', 5 * DAY)))
      await recorder.flush()
      const calls = [
        store.entries(at(6 * DAY)),
        store.checks(url('a'), { from: at(0), to: at(9 * DAY) }, 9999),
        store.roll(at(6 * DAY)),
        store.prune({ checks: at(DAY), hours: at(0) }),
        store.backup(join(directory, 'copy.db')),
        store.verify(),
      ]
      const refused = (await Promise.allSettled(calls)).flatMap((call) =>
        call.status === 'rejected' ? [call.reason] : [],
      )
      for (const error of [...refused.map(String), ...errors]) expect(error).toMatch(/^StoreError: /)
      await recorder.stop()
      await store.close().catch((error: unknown) => expect(String(error)).toMatch(/^StoreError: /))
    }),
  )
})

describe('a database that was damaged before the start is refused with a sentence, and left as it is', () => {
  const noise = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 167 + 13) % 251))

  it.each([
    ['noise', () => noise, /is not a SQLite database: move it away/],
    ['a part of it', (bytes: Buffer) => bytes.subarray(0, 20_000), /is damaged: keep a copy and put the newest backup/],
    ['less than a page', (bytes: Buffer) => bytes.subarray(0, 700), /is (damaged|not a SQLite database)/],
    [
      'a page of noise in the middle',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 12_288), noise.subarray(0, 4096), bytes.subarray(16_384)]),
      /is damaged: keep a copy and put the newest backup/,
    ],
    [
      'its last page overwritten',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -4096), noise.subarray(0, 4096)]),
      /is damaged: keep a copy and put the newest backup/,
    ],
  ])('%s', (_, damaged, sentence) =>
    inDirectory(async (directory) => {
      const file = await historyIn(directory)
      writeFileSync(file, damaged(readFileSync(file)))
      const before = readFileSync(file)
      await expect(openStore(`sqlite:${file}`)).rejects.toThrow(sentence)
      expect(readFileSync(file).equals(before)).toBe(true)
    }),
  )
})

const canBeNobody = canRunAsNobody(import.meta.filename)
const skipped = canBeNobody ? '' : ' (skipped: not root, or nobody else may read the program)'

describe.runIf(canBeNobody)(`a file that may not be written${skipped}`, () => {
  it('is refused with a sentence, and made so while it is in use it is written on', () =>
    inDirectory(async (directory, use) => {
      const file = await historyIn(directory)
      chownSync(directory, NOBODY, NOBODY)
      for (const name of [file, `${file}.lock`]) chownSync(name, NOBODY, NOBODY)
      process.seteuid?.(NOBODY)
      try {
        const store = await use(openStore(`sqlite:${file}`))
        chmodSync(file, 0o444)
        await store.record(records(checksOf('a', '+', 5 * DAY)))
        await store.close()
        const before = readFileSync(file)
        await expect(openStore(`sqlite:${file}`)).rejects.toThrow(`${file} cannot be written: it, its directory or`)
        expect(readFileSync(file).equals(before)).toBe(true)
      } finally {
        process.seteuid?.(0)
      }
    }))
})
