import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'
import { freshFolder, writeConfig } from './folder.js'
import { startDaemon, trackerwatch } from './program.js'

it('commands that read work beside a daemon that writes, those that write are refused with its name', {
  timeout: 60_000,
}, async () => {
  const { url, stop } = await startUdpTracker(goodTracker)
  onTestFinished(stop)
  const folder = freshFolder()
  const configFile = writeConfig(folder, { schedule: '* * * * * *', groups: [{ name: 'public', trackers: [url] }] })
  const daemon = await startDaemon(configFile)
  const rounds = () => daemon.log.filter(({ msg }) => msg === 'round ended').length
  await daemon.logged(() => rounds() > 1)
  const run = (...args: readonly string[]) => trackerwatch([...args, '--config', configFile])
  const [copy, events] = [join(folder, 'copy.db'), join(folder, 'events.json')]
  const reading = [
    ['history', url],
    ['export', 'alive'],
    ['db', 'backup', copy],
    ['db', 'verify'],
    ['db', 'export', 'events', '--out', events],
  ]
  const read = await Promise.all(reading.map((args) => run(...args)))
  expect(read.map(({ code }) => code)).toEqual(reading.map(() => 0))
  expect(read.slice(0, 2).map(({ stdout }) => stdout.includes(url))).toEqual([true, true])
  expect(existsSync(copy)).toBe(true)
  const holder = `is in use by process ${daemon.pid} on `
  const writing = [['run'], ['db', 'migrate'], ['db', 'import', events]]
  const refused = await Promise.all(writing.map((args) => run(...args)))
  expect(refused.map(({ code }) => code)).toEqual([1, 2, 2])
  for (const { stderr } of refused) expect(stderr).toContain(holder)
  // None of them has kept it from its work.
  const before = rounds()
  await daemon.logged(() => rounds() > before + 1)
  daemon.kill('SIGTERM')
  expect(await daemon.ended).toBe(0)
  expect(daemon.log.filter(({ level }) => level === 'error')).toEqual([])
  expect(readFileSync(events, 'utf8')).toContain('"type":"address"')
})
