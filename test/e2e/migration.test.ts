import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import Database from 'better-sqlite3'
import { expect, it, onTestFinished } from 'vitest'
import { freePort } from '../support/free-port.js'
import { freshFolder, writeConfig } from './folder.js'
import { execute, root, startDaemon, trackerwatch } from './program.js'

// Nobody listens there, which a check finds out at once.
const groups = [{ name: 'public', trackers: ['udp://127.0.0.1:1/announce'] }]

/** Some seconds of work. */
const SLOW = `CREATE TABLE slow (n INTEGER NOT NULL) STRICT;
  INSERT INTO slow WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < 6000000)
    SELECT max(n) FROM c`

it('while a long migration runs, the port answers that the daemon lives, and that it is not ready yet', {
  timeout: 60_000,
}, async () => {
  const folder = freshFolder()
  await recordHistory(folder)

  const port = await freePort()
  const program = laterProgram(join(folder, 'later'), SLOW)
  const configFile = writeConfig(folder, { groups, listen: `127.0.0.1:${port}` })
  let isOver = false
  const running = execute(process.execPath, [program, 'run', '--config', configFile]).finally(() => {
    isOver = true
  })
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`)
    return `${answer.status} ${(await answer.text()).trim()}`
  }
  while (!isOver && (await get('/-/healthy').catch(() => null)) === null) await new Promise(setImmediate)
  if (isOver) throw new Error((await running).stderr)
  expect(await get('/-/healthy')).toBe('200 ok')
  expect(await get('/-/ready')).toBe('503 trackerwatch is starting')
  const copies = () => readdirSync(join(folder, 'data')).filter((name) => name.endsWith('.backup'))
  while ((await get('/-/ready')).startsWith('503')) await new Promise(setImmediate)
  expect(copies()).toHaveLength(1)
  expect(await get('/')).toContain('udp://127.0.0.1:1/announce')
})

/** Whether a migration is at a certain point, by what lies in the folder of the database. */
type Moment = (folder: string) => boolean
const whileCopying: Moment = (folder) => readdirSync(folder).some((name) => name.endsWith('.part'))
const whileWriting: Moment = (folder) =>
  (statSync(join(folder, 'trackerwatch.db-wal'), { throwIfNoEntry: false })?.size ?? 0) > 2 ** 20

/** Writes more than fits into memory, for longer than anybody waits. */
const SLOWER = SLOW.replace('6000000', '30000000').replace('max(n)', 'n')

it.each<[signal: NodeJS.Signals, when: string, moment: Moment, ends: readonly unknown[]]>([
  // On a slow machine the copy may be complete before the signal is heard.
  ['SIGTERM', 'copies', whileCopying, [0, 'SIGTERM']],
  ['SIGTERM', 'is in the middle of a statement', whileWriting, ['SIGTERM']],
  ['SIGKILL', 'copies', whileCopying, ['SIGKILL']],
  ['SIGKILL', 'is in the middle of a statement', whileWriting, ['SIGKILL']],
])(
  '%s while a migration %s ends it, leaves the database as it was, and the next start does it',
  {
    timeout: 60_000,
  },
  async (signal, _, isNow, ends) => {
    const folder = freshFolder()
    await recordHistory(folder)
    const data = join(folder, 'data')
    const file = join(data, 'trackerwatch.db')
    grow(file, 120)
    const before = hashOf(file)
    const unfinished = () => readdirSync(data).filter((name) => name.includes('.part'))
    const configFile = writeConfig(folder, { groups })
    const slow = laterProgram(join(folder, 'slow'), SLOWER)
    const { ended, stderr } = await interrupted([slow, 'run', '--config', configFile], () => isNow(data), signal)
    expect(ends, stderr).toContain(ended)
    if (ended === 0) {
      expect(stderr).toContain('stopped before it had started')
      expect(unfinished()).toEqual([])
    }
    if (ended === 'SIGTERM') expect(stderr).toContain('cut short and undone, the next start begins again')
    expect(hashOf(file)).toBe(before)
    expect(await trackerwatch(['db', 'verify', '--config', configFile])).toMatchObject({ code: 0, stderr: '' })

    const quick = laterProgram(join(folder, 'quick'), 'CREATE TABLE quick (n INTEGER NOT NULL) STRICT')
    const migrated = await execute(process.execPath, [quick, 'db', 'migrate', '--config', configFile])
    expect(migrated).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('applied 90_later') })
    expect(unfinished()).toEqual([])
    expect(await execute(process.execPath, [quick, 'db', 'verify', '--config', configFile])).toMatchObject({ code: 0 })
  },
)

it('SIGHUP while a migration runs does not end it, and the configuration is read again once it is over', {
  timeout: 60_000,
}, async () => {
  const folder = freshFolder()
  await recordHistory(folder)
  const program = laterProgram(join(folder, 'later'), SLOW)
  const child = spawn(process.execPath, [program, 'run', '--config', writeConfig(folder, { groups })], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const closed = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await closed
  })
  const isBackedUp = () => readdirSync(join(folder, 'data')).some((name) => name.endsWith('.backup'))
  while (!isBackedUp() && child.exitCode === null) await new Promise(setImmediate)
  child.kill('SIGHUP')
  const said: string[] = []
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(JSON.parse(line).msg)
    if (said.at(-1) === 'configuration reloaded') child.kill('SIGTERM')
  }
  expect(await closed).toEqual([0, null])
  expect(said.slice(0, 2)).toEqual(['trackerwatch is running', 'configuration reloaded'])
})

/** A database with a round in it. */
async function recordHistory(folder: string): Promise<void> {
  const first = await startDaemon(writeConfig(folder, { groups }))
  await first.logged(({ msg }) => msg === 'round ended')
  first.kill('SIGTERM')
  await first.ended
}

/** Makes a file larger, so that it takes some time to copy. */
function grow(file: string, megabytes: number): void {
  const client = new Database(file)
  client.exec(
    `CREATE TABLE ballast (id INTEGER PRIMARY KEY, bytes BLOB);
     WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ${megabytes * 256})
     INSERT INTO ballast SELECT i, randomblob(4000) FROM n`,
  )
  client.close()
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

/** Runs a program until `isNow`, and then sends it a signal. */
async function interrupted(args: readonly string[], isNow: () => boolean, signal: NodeJS.Signals) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const closed = once(child, 'close').then(([code, by]): unknown => code ?? by)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await closed
  })
  const said = text(child.stderr)
  while (!isNow() && child.exitCode === null) await new Promise(setImmediate)
  child.kill(signal)
  return { ended: await closed, stderr: await said }
}

/** The program of a time to come, with one migration more. Returns its entry. */
function laterProgram(folder: string, sql: string): string {
  mkdirSync(folder)
  for (const part of ['dist', 'docs', 'migrations', 'package.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const file = join(folder, 'migrations', 'sqlite', 'meta', '_journal.json')
  const journal: { entries: { idx: number; when: number; tag: string }[] } = JSON.parse(readFileSync(file, 'utf8'))
  const newest = journal.entries.at(-1)?.when ?? 0
  journal.entries.push({ ...journal.entries[0], idx: journal.entries.length, when: newest + 1, tag: '90_later' })
  writeFileSync(file, JSON.stringify(journal))
  writeFileSync(join(dirname(dirname(file)), '90_later.sql'), sql)
  return join(folder, 'dist', 'cli.js')
}
