import { rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore, writerOf } from '../../src/store/open.js'
import { startRecorder } from './child.js'
import { BATCH } from './recorder.js'
import { at, checksOf, inDirectory, records, url, watched } from './support.js'

describe('the right to write', () => {
  it('is given to one store of a process at a time, and given back by close', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const store = await use(openStore(`sqlite:${file}`))
      const holder = `${file} is in use by process ${process.pid} on ${hostname()} since 20`
      await expect(openStore(`sqlite:${file}`)).rejects.toThrow(holder)
      expect(await writerOf(`sqlite:${file}`)).toContain(`process ${process.pid} on ${hostname()} since 20`)
      await store.watch([watched('a')], at(0))
      await store.close()
      expect(await writerOf(`sqlite:${file}`)).toBeNull()
      const next = await use(openStore(`sqlite:${file}`))
      expect(await next.states()).toHaveLength(1)
    }))

  it('is refused while another process has it, and free once that is killed', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const recorder = await startRecorder(file, 'hold')
      try {
        await expect(openStore(`sqlite:${file}`)).rejects.toThrow(`is in use by process ${recorder.pid} on`)
      } finally {
        await recorder.kill()
      }
      const store = await use(openStore(`sqlite:${file}`))
      expect(await store.verify()).toEqual([])
    }))

  it('is not needed to read, not even while another process writes', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const recorder = await startRecorder(file)
      try {
        await recorder.line()
        const reader = await use(openStore(`sqlite:${file}`, { readOnly: true }))
        const before = (await reader.info()).checks
        expect(before).toBeGreaterThan(0)
        const [first] = await reader.entries(at(60_000))
        const newest = first?.last?.checkedAt.getTime() ?? 0
        // What it prints lies about for a while: until one that was not there yet.
        const seen = (newest - at(0).getTime()) / BATCH
        while (Number((await recorder.line()) ?? Number.NaN) <= seen);
        expect((await reader.info()).checks).toBeGreaterThan(before)
        const [second] = await reader.entries(at(60_000))
        expect(second?.last?.checkedAt.getTime()).toBeGreaterThan(newest)
      } finally {
        await recorder.kill()
      }
    }))

  it('is missing in a store opened to read', () =>
    inDirectory(async (directory, use) => {
      const file = join(directory, 'history.db')
      const writer = await use(openStore(`sqlite:${file}`))
      await writer.watch([watched('a')], at(0))
      const reader = await use(openStore(`sqlite:${file}`, { readOnly: true }))
      await expect(reader.record(records(checksOf('a', '+')))).rejects.toThrow(`${file} cannot be written`)
      await expect(reader.watch([], at(0))).rejects.toThrow(`${file} cannot be written`)
      expect(await reader.find(url('a'))).toMatchObject({ last: null })
    }))

  it('is refused with a reason where the lock file is something else', () =>
    inDirectory(async (directory) => {
      const file = join(directory, 'history.db')
      writeFileSync(`${file}.lock`, 'no lock, but more than a hundred bytes of text. '.repeat(30))
      await expect(openStore(`sqlite:${file}`)).rejects.toThrow(
        `${file}.lock holds no lock but something else: delete it while no daemon runs`,
      )
      rmSync(`${file}.lock`)
      await (await openStore(`sqlite:${file}`)).close()
    }))
})
