import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { startRecorder } from '../../src/monitor/recorder.js'
import { openStore } from '../../src/store/open.js'
import { rememberFile } from '../../src/store/sqlite/same-file.js'
import type { Store } from '../../src/store/store.js'
import { logTo } from '../monitor/support.js'
import { canRunAsNobody, isRoot, NOBODY } from '../support/nobody.js'
import { grow } from './grow.js'
import { at, checksBefore, checksOf, DAY, HOUR, inDirectory, MINUTE, records, url, watched } from './support.js'

const ALL = ['', '-wal', '-shm', '.lock']

/** With all that belongs to it, as README says. */
function move(file: string, directory: string): void {
  mkdirSync(directory, { recursive: true })
  for (const end of ALL) renameSync(file + end, join(directory, `history.db${end}`))
}

function checksIn(file: string): unknown {
  const client = new Database(file, { readonly: true })
  try {
    return client.prepare('SELECT count(*) FROM check_result').pluck().get()
  } finally {
    client.close()
  }
}

interface Scene {
  readonly directory: string
  readonly file: string
  readonly aside: string
  /** Made by the store of its four checks. */
  readonly copy: string
  readonly store: Store
  readonly use: (opening: Promise<Store>) => Promise<Store>
  readonly sentence: string
}

function inScene(body: (scene: Scene) => Promise<void>): Promise<void> {
  return inDirectory(async (directory, use) => {
    const file = join(directory, 'history.db')
    const copy = join(directory, 'backup.db')
    const store = await use(openStore(`sqlite:${file}`))
    await store.watch([watched('a')], at(0))
    await store.record(records(checksOf('a', '+--+')))
    await store.backup(copy)
    const sentence = `${file} was moved, deleted or replaced while it was open: move it back, or stop this program`
    await body({ directory, file, aside: join(directory, 'aside'), copy, store, use, sentence })
  })
}

type Change = [what: string, change: (scene: Scene) => void]
const changes: readonly Change[] = [
  ['moved with all that belongs to it', ({ file, aside }) => move(file, aside)],
  ['deleted', ({ file }) => rmSync(file)],
  ['deleted with its directory', ({ directory }) => rmSync(directory, { recursive: true })],
  [
    'replaced by a backup',
    ({ file, aside, copy }) => {
      move(file, aside)
      copyFileSync(copy, file)
    },
  ],
  [
    'replaced by a directory',
    ({ file, aside }) => {
      move(file, aside)
      mkdirSync(file)
    },
  ],
]

describe.each(changes)('a store whose file was %s', (_, change) => {
  it('refuses whatever writes', () =>
    inScene(async (scene) => {
      const { store, sentence } = scene
      change(scene)
      const step = { list: 'stable', url: url('a'), entered: true, at: at(HOUR), uptime: null } as const
      const refused = [
        () => store.record(records(checksOf('a', '+', HOUR))),
        () => store.watch([watched('b')], at(HOUR)),
        () => store.changeLists([{ ...step, reason: 'qualified' }]),
        () => store.installSecret(),
        () => store.import([], at(HOUR)),
        () => store.roll(at(HOUR)),
        () => store.prune(checksBefore(HOUR)),
      ]
      for (const call of refused) await expect(call()).rejects.toThrow(sentence)
    }))

  it('makes no backup of what lies there', () =>
    inScene(async (scene) => {
      change(scene)
      const made = join(scene.directory, 'made.db')
      await expect(scene.store.backup(made)).rejects.toThrow(scene.sentence)
      expect(existsSync(made)).toBe(false)
    }))

  it('still tells what it knows, and at the end that the file is not where it was', () =>
    inScene(async (scene) => {
      change(scene)
      expect(await scene.store.checks(url('a'), { from: at(0), to: at(DAY) }, 9)).toHaveLength(4)
      await expect(scene.store.close()).rejects.toThrow(scene.sentence)
    }))
})

describe('a store whose file was moved', () => {
  it('writes what waited once the file is back', () =>
    inScene(async ({ file, aside, store, sentence }) => {
      const errors: string[] = []
      const recorder = startRecorder({
        store,
        log: logTo([]),
        limits: { batchMs: HOUR, retryMs: HOUR },
        onRecorded: () => {},
        onError: (error) => errors.push(String(error)),
        onDropped: () => {},
      })
      move(file, aside)
      for (const record of records(checksOf('a', '+-+-+', HOUR))) recorder.push(record)
      expect(await recorder.flush()).toBe(false)
      expect(errors).toEqual([expect.stringContaining(sentence)])
      expect(recorder.queued()).toBe(5)
      expect(checksIn(join(aside, 'history.db'))).toBe(4)
      for (const end of ALL) renameSync(join(aside, `history.db${end}`), file + end)
      expect(await recorder.flush()).toBe(true)
      expect(await store.verify()).toEqual([])
      await recorder.stop()
      await store.close()
      expect(checksIn(file)).toBe(9)
    }))

  it('leaves the file at the path, and who writes to it, alone when it is closed', () =>
    inScene(async ({ file, aside, copy, store, use, sentence }) => {
      await store.record(records(checksOf('a', '+', HOUR)))
      move(file, aside)
      copyFileSync(copy, file)
      const other = await use(openStore(`sqlite:${file}`))
      await other.record(records(checksOf('a', '-', 2 * HOUR)))
      const bytes = statSync(`${file}-wal`).size
      await expect(store.close()).rejects.toThrow(sentence)
      expect(statSync(`${file}-wal`).size).toBe(bytes)
      await other.record(records(checksOf('a', '-', 2 * HOUR + MINUTE)))
      expect(await other.verify()).toEqual([])
      await other.close()
      expect(checksIn(file)).toBe(6)
      rmSync(join(aside, 'history.db-wal'), { force: true })
      expect(checksIn(join(aside, 'history.db'))).toBe(5)
    }))
})

describe('retention', () => {
  it('that began with one file does not tidy up another at its path', () =>
    inScene(async ({ file, aside, copy, store, sentence }) => {
      const pruning = store.prune(checksBefore(HOUR))
      move(file, aside)
      copyFileSync(copy, file)
      await expect(pruning).rejects.toThrow(sentence)
      expect(readFileSync(file).equals(readFileSync(copy))).toBe(true)
    }))
})

const canLoseRights = !isRoot || canRunAsNobody(tmpdir())
const reason = canLoseRights ? '' : ' (skipped: cannot be a user without rights)'

describe.skipIf(!canLoseRights)(`a store whose directory may no longer be read${reason}`, () => {
  it('is written on, for nobody knows of another file', () =>
    inScene(async ({ directory, file, store }) => {
      for (const name of [directory, ...ALL.map((end) => file + end)]) if (isRoot) chownSync(name, NOBODY, NOBODY)
      if (isRoot) process.seteuid?.(NOBODY)
      chmodSync(directory, 0)
      try {
        expect(() => statSync(file)).toThrow('EACCES')
        await store.record(records(checksOf('a', '+', HOUR)))
      } finally {
        chmodSync(directory, 0o755)
        if (isRoot) process.seteuid?.(0)
      }
      await store.close()
      expect(checksIn(file)).toBe(5)
    }))
})

describe('what remembers a file', () => {
  it('tells of one that was deleted before it looked, too', () =>
    inDirectory(async (directory) => {
      const file = join(directory, 'history.db')
      expect(rememberFile(file)).toThrow(`${file} was moved, deleted or replaced`)
    }))
})

describe('a backup', () => {
  it('that was begun of one file and ended with another at its path is deleted', () =>
    inScene(async ({ directory, file, aside, copy, store, sentence }) => {
      grow(file, 60)
      const refused = expect(store.backup(join(directory, 'made.db'))).rejects.toThrow(sentence)
      while (!readdirSync(directory).some((name) => name.endsWith('.part'))) await new Promise(setImmediate)
      move(file, aside)
      copyFileSync(copy, file)
      await refused
      expect(readdirSync(directory).filter((name) => name.startsWith('made'))).toEqual([])
    }))

  it('is refused to who only reads, too', () =>
    inScene(async ({ directory, file, aside, copy, use, sentence }) => {
      const reader = await use(openStore(`sqlite:${file}`, { readOnly: true }))
      move(file, aside)
      copyFileSync(copy, file)
      await expect(reader.backup(join(directory, 'made.db'))).rejects.toThrow(sentence)
      await reader.close()
    }))
})
