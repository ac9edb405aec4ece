import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startRecorder } from '../../src/monitor/recorder.js'
import { openStore } from '../../src/store/open.js'
import { explain } from '../../src/store/sqlite/explain.js'
import type { CheckRecord } from '../../src/store/store.js'
import { logTo } from '../monitor/support.js'
import { at, checksOf, DAY, HOUR, inDirectory, records, url, watched } from './support.js'

/** Runs `body` in a small file system of its own. */
async function onDisk(directory: string, body: (disk: string) => Promise<void>): Promise<void> {
  const disk = join(directory, 'disk')
  mkdirSync(disk)
  if (!mount(disk, 'size=1m')) throw new Error('mount failed')
  try {
    await body(disk)
  } finally {
    spawnSync('umount', [disk])
  }
}

function mount(disk: string, options: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'trackerwatch-test', disk]).status === 0
}

function mayMount(): boolean {
  const disk = mkdtempSync(join(tmpdir(), 'trackerwatch-mount-'))
  const isMounted = mount(disk, 'size=64k')
  if (isMounted) spawnSync('umount', [disk])
  rmSync(disk, { recursive: true, force: true })
  return isMounted
}

const canMount = mayMount()
const reason = canMount ? '' : ' (skipped: this user may not mount a file system)'

describe.skipIf(!canMount)(`a store whose disk is full${reason}`, () => {
  const fill = (disk: string) => spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'ballast')}`, 'bs=4k'])

  it('says so, keeps what it has and takes the same batch once there is space again', () =>
    inDirectory(async (directory, use) =>
      onDisk(directory, async (disk) => {
        const file = join(disk, 'history.db')
        const store = await use(openStore(`sqlite:${file}`))
        await store.watch([watched('a')], at(0))
        const batch = (index: number): CheckRecord[] => records(checksOf('a', '+'.repeat(500), index * DAY))
        await store.record(batch(0))
        fill(disk)
        let written = 1
        const writeUntilFull = async (): Promise<void> => {
          for (; written < 100; written++) await store.record(batch(written))
        }
        await expect(writeUntilFull()).rejects.toThrow(`no space is left for ${file}: free some`)
        expect((await store.info()).checks).toBe(written * 500)
        expect((await store.find(url('a')))?.health?.checkedAt).toEqual(batch(written - 1).at(-1)?.health.checkedAt)
        rmSync(join(disk, 'ballast'))
        await store.record(batch(written))
        expect((await store.info()).checks).toBe((written + 1) * 500)
        expect(await store.verify()).toEqual([])
        await store.close()
      }),
    ))

  it('has the recorder keep checks in memory, give up the oldest, and write the rest once there is space', () =>
    inDirectory(async (directory, use) =>
      onDisk(directory, async (disk) => {
        const store = await use(openStore(`sqlite:${join(disk, 'history.db')}`))
        await store.watch([watched('a')], at(0))
        fill(disk)
        let dropped = 0
        const errors: string[] = []
        const recorder = startRecorder({
          store,
          log: logTo([]),
          limits: { batchMs: HOUR, retryMs: HOUR, capacity: 5000 },
          onRecorded: () => {},
          onError: (error) => errors.push(String(error)),
          onDropped: (count) => {
            dropped += count
          },
        })
        const all = records(checksOf('a', '+'.repeat(20_000), 0, 10))
        for (const record of all) recorder.push(record)
        await recorder.flush()
        expect(errors.at(-1)).toContain('no space is left for')
        const stored = async () => (await store.info()).checks
        const before = await stored()
        for (const record of records(checksOf('a', '+'.repeat(6000), DAY, 10))) recorder.push(record)
        expect(recorder.queued()).toBeLessThanOrEqual(5000)
        expect(before + recorder.queued() + dropped).toBe(26_000)
        rmSync(join(disk, 'ballast'))
        const queued = recorder.queued()
        expect(await recorder.flush()).toBe(true)
        expect(await stored()).toBe(before + queued)
        const [newest] = await store.checks(url('a'), { from: at(0), to: at(2 * DAY) }, 1)
        expect(newest?.checkedAt).toEqual(at(DAY + 59_990))
        expect(await store.verify()).toEqual([])
        await recorder.stop()
        await store.close()
      }),
    ))

  it('is backed up to another place, and no half copy stays on a full one', () =>
    inDirectory(async (directory, use) =>
      onDisk(directory, async (disk) => {
        const file = join(disk, 'history.db')
        const store = await use(openStore(`sqlite:${file}`))
        await store.watch([watched('a')], at(0))
        fill(disk)
        const copy = join(disk, 'copy.db')
        await expect(store.backup(copy)).rejects.toThrow(new RegExp(`^no space is left for ${copy}: free some \\(`))
        expect(readdirSync(disk).filter((name) => name.startsWith('copy'))).toEqual([])
        await store.backup(join(directory, 'copy.db'))
        await store.close()
      }),
    ))

  it('takes no copy that it has room for, but not for what is beside it while it is read', () =>
    inDirectory(async (directory, use) =>
      onDisk(directory, async (disk) => {
        const file = join(directory, 'history.db')
        const store = await use(openStore(`sqlite:${file}`))
        await store.watch([watched('a')], at(0))
        await store.close()
        const reader = await use(openStore(`sqlite:${file}`, { readOnly: true }))
        const { bavail, bsize } = statfsSync(disk)
        writeFileSync(join(disk, 'ballast'), Buffer.alloc(bavail * bsize - statSync(file).size - 3 * bsize))
        const copy = join(disk, 'copy.db')
        await expect(reader.backup(copy)).rejects.toThrow(`no space is left for ${copy}: free some (`)
        expect(readdirSync(disk)).toEqual(['ballast'])
      }),
    ))

  it('says so though SQLite calls it a failure of the disk', () =>
    inDirectory((directory) =>
      onDisk(directory, async (disk) => {
        fill(disk)
        const error = Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_WRITE' })
        const file = join(disk, 'history.db')
        expect(String(explain(error, file))).toContain(`no space is left for ${file}: free some, or shorten`)
      }),
    ))

  it('says so when it is opened to be read, which takes a file beside it', () =>
    inDirectory(async (directory) =>
      onDisk(directory, async (disk) => {
        const file = join(disk, 'history.db')
        await (await openStore(`sqlite:${file}`)).close()
        fill(disk)
        await expect(openStore(`sqlite:${file}`, { readOnly: true })).rejects.toThrow(
          `no space is left for ${file}: free some, or shorten "retention" (`,
        )
      }),
    ))

  it('says so when it is opened', () =>
    inDirectory(async (directory) =>
      onDisk(directory, async (disk) => {
        fill(disk)
        await expect(openStore(`sqlite:${join(disk, 'history.db')}`)).rejects.toThrow('no space is left for')
      }),
    ))
})

describe.skipIf(!canMount)(`a store on a read-only file system${reason}`, () => {
  it('is refused with a sentence, for reading too, because a reader has to note that it reads', () =>
    inDirectory(async (directory) =>
      onDisk(directory, async (disk) => {
        const file = join(disk, 'history.db')
        await (await openStore(`sqlite:${file}`)).close()
        spawnSync('mount', ['-o', 'remount,ro', disk])
        await expect(openStore(`sqlite:${file}`)).rejects.toThrow(/cannot be (opened|written)/)
        await expect(openStore(`sqlite:${join(disk, 'new', 'history.db')}`)).rejects.toThrow(
          'disk/new does not exist and cannot be made',
        )
        await expect(openStore(`sqlite:${file}`, { readOnly: true })).rejects.toThrow('cannot be opened')
      }),
    ))
})
