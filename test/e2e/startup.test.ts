import { once } from 'node:events'
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../support/free-port.js'
import { canRunAsNobody, isRoot, NOBODY } from '../support/nobody.js'
import { fingerprint, freshFolder, writeConfig } from './folder.js'
import { cli, launchDaemon, root, startDaemon, trackerwatch } from './program.js'

// Nobody listens there, which a check finds out at once.
const groups = [{ name: 'public', trackers: ['udp://127.0.0.1:1/announce'] }]

// Permissions do not hold for root, who therefore has another user try.
const canBeNobody = canRunAsNobody(cli)
const needsPermissions = !isRoot || canBeNobody

describe('a daemon that cannot start says why in a sentence, and touches nothing', () => {
  it('port in use', async () => {
    const folder = freshFolder()
    const port = await takePort()
    const configFile = writeConfig(folder, { groups, listen: `127.0.0.1:${port}` })
    const { code, stderr } = await trackerwatch(['run', '--config', configFile])
    expect(code).toBe(1)
    expect(message(stderr)).toBe(
      `cannot listen on 127.0.0.1:${port}: another program uses this port; stop it or choose another port with "listen"`,
    )
    expect(readdirSync(folder)).toEqual(['trackerwatch.yaml'])
  })

  it.runIf(needsPermissions)(
    `data directory that may not be written${needsPermissions ? '' : ' (skipped: root may write anywhere)'}`,
    async () => {
      const folder = freshFolder()
      const configFile = writeConfig(folder, { groups })
      const data = join(folder, 'data')
      mkdirSync(data)
      chmodSync(data, 0o555)
      if (isRoot) chownSync(folder, NOBODY, NOBODY)
      const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {}
      const { code, stderr } = await trackerwatch(['run', '--config', configFile], user)
      expect(code).toBe(1)
      expect(message(stderr)).toMatch(/trackerwatch\.db\S* (cannot be (opened|written)|may not be accessed): /)
      expect(readdirSync(data)).toEqual([])
    },
  )

  it('database of a newer version', async () => {
    const { configFile, file, folder } = await recordedHistory()
    const client = new Database(file)
    client.exec("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('of the future', 4102444800000)")
    client.close()
    const before = fingerprint(folder)
    const { code, stderr } = await trackerwatch(['run', '--config', configFile])
    expect(code).toBe(1)
    expect(message(stderr)).toMatch(
      /was written by a newer trackerwatch \(schema \d+, this program knows \d+\): upgrade/,
    )
    expect(fingerprint(folder)).toEqual(before)
  })

  it('damaged database', async () => {
    const { configFile, file, folder } = await recordedHistory()
    const bytes = readFileSync(file)
    // Where nothing of the start would come across it by chance.
    bytes.fill(0xa5, bytes.length - 4096)
    writeFileSync(file, bytes)
    const before = fingerprint(folder)
    const { code, stderr } = await trackerwatch(['run', '--config', configFile])
    expect(code).toBe(1)
    expect(message(stderr)).toMatch(/trackerwatch\.db is damaged: keep a copy and put the newest backup in its place/)
    expect(fingerprint(folder)).toEqual(before)
  })

  it('database of another program', async () => {
    const folder = freshFolder()
    const configFile = writeConfig(folder, { groups })
    mkdirSync(join(folder, 'data'))
    const client = new Database(join(folder, 'data', 'trackerwatch.db'))
    client.exec('CREATE TABLE diary (entry TEXT)')
    client.close()
    const { code, stderr } = await trackerwatch(['run', '--config', configFile])
    expect(code).toBe(1)
    expect(message(stderr)).toMatch(/is a database of another program \(it has the tables diary\): name another file/)
  })

  it('second daemon on one database', async () => {
    const folder = freshFolder()
    const configFile = writeConfig(folder, { groups })
    const first = await startDaemon(configFile)
    const { code, stderr } = await trackerwatch(['run', '--config', configFile])
    expect(code).toBe(1)
    expect(message(stderr)).toContain(`trackerwatch.db is in use by process ${first.pid} on `)
    expect(await first.get('/-/healthy')).toBe('ok\n')
  })

  it('second daemon of one configuration, which meets the port of the first', async () => {
    const folder = freshFolder()
    const port = await freePort()
    const configFile = writeConfig(folder, { groups, listen: `127.0.0.1:${port}` })
    const first = await startDaemon(configFile)
    const { code, stderr } = await trackerwatch(['run', '--config', configFile])
    expect(code).toBe(1)
    expect(message(stderr)).toContain(`cannot listen on 127.0.0.1:${port}: another program uses this port`)
    expect(message(stderr)).toContain(`. The database is in use by process ${first.pid} on `)
  })

  it('configuration with mistakes', async () => {
    const folder = freshFolder()
    const configFile = join(folder, 'trackerwatch.yaml')
    writeFileSync(
      configFile,
      'groups:\n  - name: public\n    trackers: [udp://127.0.0.1:1, ftp://tracker.example]\nprobe:\n  timeout: 5\n',
    )
    const { code, stdout, stderr } = await trackerwatch(['run', '--config', configFile])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^\S+trackerwatch\.yaml:3:35: groups\[0\]\.trackers\[1\]: .*ftp/),
      expect.stringMatching(/^\S+trackerwatch\.yaml:5:12: probe\.timeout: /),
    ])
    expect(readdirSync(folder)).toEqual(['trackerwatch.yaml'])
  })

  it.each([
    ['named', ['--config', 'missing.yaml'], /^missing\.yaml: no such file$/],
    ['by default', [], /config\/trackerwatch\.yaml does not exist, expected it or --config FILE$/],
  ])('configuration that is not there, %s', async (_, flags, sentence) => {
    const folder = freshFolder()
    const { code, stdout, stderr } = await trackerwatch(['run', ...flags], { cwd: folder })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.trimEnd()).toMatch(sentence)
    expect(readdirSync(folder)).toEqual([])
  })
})

it('the shipped configuration starts as it is, makes its database, and says where everything is', async () => {
  const folder = freshFolder()
  cpSync(join(root, 'config'), join(folder, 'config'), { recursive: true })
  // Private addresses are not probed: nothing leaves this machine.
  writeFileSync(join(folder, 'config', 'trackers.txt'), 'udp://127.0.0.1:1/announce\n')
  const { daemon, close } = await launchDaemon('config/trackerwatch.yaml', {
    cwd: folder,
    env: { ...process.env, TRACKERWATCH_LISTEN: '127.0.0.1:0' },
  })
  onTestFinished(close)
  const { url } = daemon
  expect(daemon.log.find(({ msg }) => msg === 'trackerwatch is running')).toMatchObject({
    page: `${url}/`,
    metrics: `${url}/metrics`,
    lists: `${url}/lists/`,
    files: 'data/lists',
  })
  expect(existsSync(join(folder, 'data', 'trackerwatch.db'))).toBe(true)
  expect(await daemon.get('/')).toContain('udp://127.0.0.1:1/announce')
})

/** What the operator is told: one line, and no stack. */
function message(stderr: string): string {
  const lines = stderr.trimEnd().split('\n')
  expect(lines).toHaveLength(1)
  const { problem, ...rest } = JSON.parse(lines[0] ?? '')
  expect(rest).toEqual({ level: 'error', time: expect.any(String), subsystem: 'daemon', msg: 'not started' })
  return problem
}

async function takePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port')
  return address.port
}

/** A database with a check in it, whose daemon has ended. */
async function recordedHistory() {
  const folder = freshFolder()
  const configFile = writeConfig(folder, { groups })
  const daemon = await startDaemon(configFile)
  await daemon.logged(({ msg }) => msg === 'round ended')
  daemon.kill('SIGTERM')
  expect(await daemon.ended).toBe(0)
  return { folder, configFile, file: join(folder, 'data', 'trackerwatch.db') }
}
