import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'
import { freshFolder, writeConfig } from './folder.js'
import { startDaemon, trackerwatch } from './program.js'

describe('the log of a running daemon', () => {
  it('leads from a change of status to what the check saw, and counts its lines', async () => {
    const tracker = await startUdpTracker(goodTracker)
    onTestFinished(tracker.stop)
    const groups = [{ name: 'public', trackers: [tracker.url] }]
    const log = { levels: { probe: 'debug', daemon: 'info' }, level: 'info' }
    const daemon = await startDaemon(writeConfig(freshFolder(), { groups, log }))
    const { check, to } = await daemon.logged(({ msg }) => msg === 'status changed')
    expect(to).toBe('up')
    const ofCheck = daemon.log.filter((line) => line.check === check)
    expect(ofCheck.map(({ level, subsystem, msg }) => [level, subsystem, msg])).toEqual([
      ['debug', 'probe', 'probe ended'],
      ['debug', 'probe', 'check ended'],
      ['info', 'monitor', 'status changed'],
    ])
    await daemon.logged(({ msg }) => msg === 'round ended')
    const debugLines = daemon.log.filter(({ level }) => level === 'debug').length
    expect(await daemon.get('/metrics')).toContain(`trackerwatch_log_lines_total{level="debug"} ${debugLines}\n`)
  })
})

describe('the flags of run', () => {
  /** A start that fails because its port is taken, after a warning of the configuration. */
  async function failingStart(...flags: readonly string[]) {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const address = server.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    const folder = freshFolder()
    writeFileSync(join(folder, 'trackers.txt'), 'udp://127.0.0.1:1/announce\nno tracker\n')
    const groups = [{ name: 'public', trackers: [], file: 'trackers.txt' }]
    const configFile = writeConfig(folder, { groups, listen: `127.0.0.1:${port}`, log: { format: 'json' } })
    const { code, stderr } = await trackerwatch(['run', '--config', configFile, ...flags])
    expect(code).toBe(1)
    return stderr.trimEnd().split('\n')
  }

  it('take the format and the level from the configuration where they are absent', async () => {
    const lines = (await failingStart()).map((line) => JSON.parse(line))
    expect(lines.map(({ level, subsystem }) => [level, subsystem])).toEqual([
      ['warn', 'config'],
      ['error', 'daemon'],
    ])
  })

  it('go before the configuration', async () => {
    expect(await failingStart('--log-format', 'pretty', '--log-level', 'error')).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d error daemon {3}not started problem="cannot listen on 127\.0\.0\.1:\d+: /),
    ])
  })

  it.each([
    ['--log-format', 'xml', 'pretty, json'],
    ['--log-level', 'loud', 'debug, info, warn, error'],
  ])('refuse %s %s', async (flag, value, expected) => {
    const { code, stderr } = await trackerwatch(['run', flag, value])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `trackerwatch: ${flag} is "${value}", expected one of ${expected}\n`,
    })
  })
})
