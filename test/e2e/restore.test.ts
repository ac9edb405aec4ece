import { copyFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { freshFolder, writeConfig } from './folder.js'
import { startDaemon, trackerwatch } from './program.js'

// Nobody listens there, which a check finds out at once.
const trackers = ['udp://127.0.0.1:1/announce']
const groups = [{ name: 'public', trackers }]

it('a scheduled backup that is put in the place of a lost database brings the history back', {
  timeout: 60_000,
}, async () => {
  const folder = freshFolder()
  const backups = join(folder, 'data', 'backups')
  const configFile = writeConfig(folder, { groups, backup: { schedule: '* * * * * *', directory: backups, keep: 2 } })
  const daemon = await startDaemon(configFile)
  await daemon.logged(({ msg }) => msg === 'round ended')
  const made = daemon.log.filter(({ msg }) => msg === 'history backed up').length
  await daemon.logged(() => daemon.log.filter(({ msg }) => msg === 'history backed up').length > made + 2)
  expect(await daemon.get('/metrics')).toMatch(/^trackerwatch_backup_last_success_timestamp_seconds [\d.]+$/m)
  daemon.kill('SIGTERM')
  expect(await daemon.ended).toBe(0)
  const copies = readdirSync(backups).filter((name) => name.endsWith('.db'))
  expect(copies.length).toBeLessThanOrEqual(3)
  const copy = join(backups, copies.toSorted().at(-1) ?? '')
  const known = await history(`sqlite:${copy}`)
  expect(known).toContain('127.0.0.1')

  // What README says: the damaged file goes aside, with what belongs to it, and a copy of the backup takes its place.
  const file = join(folder, 'data', 'trackerwatch.db')
  writeFileSync(file, Buffer.alloc(100_000, 0xa5))
  expect((await trackerwatch(['run', '--config', configFile])).stderr).toContain('is not a SQLite database')
  renameSync(file, `${file}.damaged`)
  for (const end of ['-wal', '-shm']) rmSync(file + end, { force: true })
  copyFileSync(copy, file)

  const restored = await startDaemon(writeConfig(folder, { groups, backup: { schedule: 'never' } }))
  expect(await history(`sqlite:${file}`)).toBe(known)
  expect(await restored.get('/')).toContain('udp://127.0.0.1:1/announce')
})

async function history(store: string): Promise<string> {
  const { code, stdout, stderr } = await trackerwatch(['history', ...trackers, '--store', store])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.replaceAll(/ \d+ s\b/g, ' … s') // time goes on
}
