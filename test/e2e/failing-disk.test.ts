import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { canFail, createFailingDisk, type Fault } from '../support/failing-disk.js'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'
import { freshFolder, writeConfig } from './folder.js'
import { type Daemon, launchDaemon, trackerwatch } from './program.js'
import { sample } from './samples.js'

const TRACKERS = 20
const noSpace = (file: string): string => `no space is left for ${file}: free some, or shorten "retention"`
const reason = canFail ? '' : ' (skipped: no gcc, which compiles the failing disk)'

describe.skipIf(!canFail)(`a daemon whose disk fails in the middle of a transaction${reason}`, () => {
  it.each<[Fault, (file: string) => string]>([
    ['EIO', (file) => `${file} cannot be read or written: check the disk`],
    ['ENOSPC', noSpace],
    ['SHORT', noSpace],
  ])(
    '%s: goes on checking, keeps the checks in memory, writes them once it works, and none by half',
    {
      timeout: 60_000,
    },
    async (fault, sentence) => {
      const folder = realpathSync(freshFolder())
      const file = join(folder, 'data', 'trackerwatch.db')
      const disk = createFailingDisk(folder, file)
      const configFile = writeConfig(folder, {
        schedule: '* * * * * *',
        groups: [{ name: 'public', trackers: await startTrackers() }],
        backup: { schedule: 'never' },
      })
      const { daemon, close } = await launchDaemon(configFile, { env: { ...process.env, ...disk.env } })
      onTestFinished(close)
      const ended = () => daemon.log.filter(({ msg }) => msg === 'round ended')
      const rounds = async (more: number): Promise<void> => {
        const enough = ended().length + more
        await daemon.logged(() => ended().length >= enough)
      }
      await rounds(2)

      disk.fail(fault, 2)
      const told = await daemon.logged(({ msg }) => msg === 'checks cannot be recorded, will be repeated')
      expect(told).toMatchObject({ level: 'error', err: { message: expect.stringContaining(sentence(file)) } })
      await rounds(3)
      const page = await daemon.get('/metrics')
      expect(sample(page, 'trackerwatch_database_errors_total{operation="record"}')).toBeGreaterThan(0)
      expect(sample(page, 'trackerwatch_database_write_queue_length')).toBeGreaterThanOrEqual(TRACKERS)
      expect(sample(page, 'trackerwatch_database_rows_dropped_total')).toBe(0)
      // Whole rounds or nothing, for whoever reads the file meanwhile.
      expect(await trackerwatch(['db', 'verify', '--config', configFile])).toMatchObject({ code: 0, stderr: '' })

      disk.mend()
      await daemon.logged(({ msg }) => msg === 'checks are recorded again')
      await rounds(1)
      daemon.kill('SIGTERM')
      expect(await daemon.ended).toBe(0)
      const verified = await trackerwatch(['db', 'verify', '--config', configFile])
      expect(verified).toMatchObject({ code: 0, stderr: '' })
      const checked = await exported(configFile)
      expect(checked.length).toBeGreaterThanOrEqual(checksIn(daemon))
      expect(new Set(checked).size).toBe(checked.length)
    },
  )
})

function checksIn({ log }: Daemon): number {
  return log.reduce((sum, { msg, checked }) => sum + (msg === 'round ended' ? Number(checked) : 0), 0)
}

async function exported(configFile: string): Promise<readonly string[]> {
  const { stdout } = await trackerwatch(['db', 'export', 'checks', '--config', configFile])
  return stdout.trimEnd().split('\n')
}

async function startTrackers(): Promise<readonly string[]> {
  const trackers = await Promise.all(Array.from({ length: TRACKERS }, () => startUdpTracker(goodTracker)))
  onTestFinished(async () => {
    await Promise.all(trackers.map((tracker) => tracker.stop()))
  })
  return trackers.map(({ url }) => url)
}
