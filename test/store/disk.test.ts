import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import type { CheckRecord } from '../../src/store/store.js'
import { at, checksOf, DAY, inDirectory, records, url, watched } from './support.js'

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
