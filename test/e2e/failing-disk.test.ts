import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { canFail, createFailingDisk, type FailingDisk, type Fault } from '../support/failing-disk.js'
import { goodTracker, type Respond, startUdpTracker } from '../support/udp-tracker.js'
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
      const { daemon, disk, file, configFile, rounds } = await startOnFailingDisk()
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

  it.each<[string, (disk: FailingDisk) => Respond, number]>([
    ['after a while', failingAtPacket(8 * TRACKERS), 1],
    ['from the first check on, so that nothing else waits to be written', failingAtPacket(1), 0],
  ])(
    '%s: where it fails still at a stop, ends with code 1 and says what is lost, in JSON to the last line',
    { timeout: 60_000 },
    async (_, respond, refused) => {
      const { daemon, disk, configFile } = await startOnFailingDisk(respond)
      await daemon.logged(({ msg }) => msg === 'checks cannot be recorded, will be repeated')
      daemon.kill('SIGTERM')
      expect(await daemon.ended).toBe(1)
      expect(daemon.log.filter(({ level }) => level === undefined)).toEqual([])
      const lost = daemon.log.find(({ msg }) => msg === 'stopped with checks that the store did not take')?.lost
      expect(lost).toBeGreaterThanOrEqual(TRACKERS)
      const refusals = daemon.log.filter(({ msg }) => msg.startsWith('store not closed well, '))
      expect(refusals).toHaveLength(refused)
      expect(daemon.log.at(-1)).toMatchObject({ msg: 'stopped' })

      disk.mend()
      expect(await trackerwatch(['db', 'verify', '--config', configFile])).toMatchObject({ code: 0, stderr: '' })
      expect((await exported(configFile)).length + Number(lost)).toBeGreaterThanOrEqual(checksIn(daemon))
    },
  )
})

/** A daemon that checks every second, and has the disk of its database under control. */
async function startOnFailingDisk(respond: (disk: FailingDisk) => Respond = () => goodTracker) {
  const folder = realpathSync(freshFolder())
  const file = join(folder, 'data', 'trackerwatch.db')
  const disk = createFailingDisk(folder, file)
  const configFile = writeConfig(folder, {
    schedule: '* * * * * *',
    groups: [{ name: 'public', trackers: await startTrackers(respond(disk)) }],
    backup: { schedule: 'never' },
  })
  const { daemon, close } = await launchDaemon(configFile, { env: { ...process.env, ...disk.env } })
  onTestFinished(close)
  const ended = () => daemon.log.filter(({ msg }) => msg === 'round ended')
  const rounds = async (more: number): Promise<void> => {
    const enough = ended().length + more
    await daemon.logged(() => ended().length >= enough)
  }
  return { daemon, disk, file, configFile, rounds }
}

/** No write succeeds after the trackers have got so many packets. */
function failingAtPacket(number: number): (disk: FailingDisk) => Respond {
  let received = 0
  return (disk) => (packet, from, send) => {
    received += 1
    if (received === number) disk.fail('ENOSPC', 0)
    return goodTracker(packet, from, send)
  }
}

function checksIn({ log }: Daemon): number {
  return log.reduce((sum, { msg, checked }) => sum + (msg === 'round ended' ? Number(checked) : 0), 0)
}

async function exported(configFile: string): Promise<readonly string[]> {
  const { stdout } = await trackerwatch(['db', 'export', 'checks', '--config', configFile])
  return stdout.trimEnd().split('\n')
}

async function startTrackers(respond: Respond): Promise<readonly string[]> {
  const trackers = await Promise.all(Array.from({ length: TRACKERS }, () => startUdpTracker(respond)))
  onTestFinished(async () => {
    await Promise.all(trackers.map((tracker) => tracker.stop()))
  })
  return trackers.map(({ url }) => url)
}
