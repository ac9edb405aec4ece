import { once } from 'node:events'
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { freshFolder, writeConfig } from './folder.js'
import { execute, root, startDaemon } from './program.js'

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
  const first = await startDaemon(writeConfig(folder, { groups }))
  await first.logged(({ msg }) => msg === 'round ended')
  first.kill('SIGTERM')
  await first.ended

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
  expect(await get('/-/healthy')).toBe('200 healthy')
  expect(await get('/-/ready')).toBe('503 trackerwatch is starting')
  const copies = () => readdirSync(join(folder, 'data')).filter((name) => name.endsWith('.backup'))
  while ((await get('/-/ready')).startsWith('503')) await new Promise(setImmediate)
  expect(copies()).toHaveLength(1)
  expect(await get('/')).toContain('udp://127.0.0.1:1/announce')
})

/** The program of a time to come, with one migration more. Returns its entry. */
function laterProgram(folder: string, sql: string): string {
  mkdirSync(folder)
  for (const part of ['dist', 'migrations', 'package.json'])
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port')
  server.close()
  await once(server, 'close')
  return address.port
}
