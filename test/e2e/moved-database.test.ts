import { copyFileSync, mkdirSync, readdirSync, realpathSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { freshFolder, writeConfig } from './folder.js'
import { startDaemon, trackerwatch } from './program.js'
import { sample } from './samples.js'

// Nobody listens there, which a check finds out at once.
const groups = [{ name: 'public', trackers: ['udp://127.0.0.1:1/announce'], interval_floor: 'none' }]

it('a backup that is put in the place of the database under a daemon is told, and costs no check and no older backup', {
  timeout: 60_000,
}, async () => {
  const folder = realpathSync(freshFolder())
  const data = join(folder, 'data')
  const file = join(data, 'trackerwatch.db')
  const backups = join(folder, 'backups')
  const configFile = writeConfig(folder, {
    groups,
    schedule: '* * * * * *',
    backup: { schedule: '* * * * * *', directory: backups, keep: 2 },
  })
  const daemon = await startDaemon(configFile)
  const count = (wanted: string): number => daemon.log.filter(({ msg }) => msg === wanted).length
  const more = async (wanted: string, times: number): Promise<void> => {
    const enough = count(wanted) + times
    await daemon.logged(() => count(wanted) >= enough)
  }
  await more('history backed up', 3)

  const damaged = join(data, 'damaged')
  mkdirSync(damaged)
  const moved = readdirSync(data).filter((name) => name.startsWith('trackerwatch.db'))
  for (const name of moved) renameSync(join(data, name), join(damaged, name))
  const kept = () => readdirSync(backups).toSorted()
  copyFileSync(join(backups, kept().findLast((name) => name.endsWith('.db')) ?? ''), file)

  const problem = {
    level: 'error',
    err: { message: expect.stringContaining(`${file} was moved, deleted or replaced`) },
  }
  expect(await daemon.logged(({ msg }) => msg === 'history not backed up')).toMatchObject(problem)
  const copies = kept()
  const made = count('history backed up')
  expect(await daemon.logged(({ msg }) => msg === 'checks cannot be recorded, will be repeated')).toMatchObject(problem)
  await more('history not backed up', 2)
  expect(kept()).toEqual(copies)
  expect(count('history backed up')).toBe(made)
  const page = await daemon.get('/metrics')
  for (const operation of ['record', 'backup']) {
    expect(sample(page, `trackerwatch_database_errors_total{operation="${operation}"}`)).toBeGreaterThan(0)
  }
  expect(sample(page, 'trackerwatch_database_write_queue_length')).toBeGreaterThan(0)

  for (const name of moved.toReversed()) renameSync(join(damaged, name), join(data, name))
  await daemon.logged(({ msg }) => msg === 'checks are recorded again')
  await more('history backed up', 1)
  daemon.kill('SIGTERM')
  expect(await daemon.ended).toBe(0)
  expect(await trackerwatch(['db', 'verify', '--config', configFile])).toMatchObject({ code: 0, stderr: '' })
  const checked = daemon.log.reduce((sum, line) => sum + (line.msg === 'round ended' ? Number(line.checked) : 0), 0)
  const { stdout } = await trackerwatch(['db', 'export', 'checks', '--config', configFile])
  expect(stdout.trimEnd().split('\n').length).toBeGreaterThanOrEqual(checked)
})
