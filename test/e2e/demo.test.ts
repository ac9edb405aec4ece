import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { root } from './program.js'
import { statusOf } from './samples.js'

const patience = { timeout: 60_000, interval: 100 }
const isAlive = ['up', 'degraded']

const expected: Readonly<Record<string, string>> = {
  'http://healthy': 'up',
  'ws://healthy': 'up',
  'udp://healthy': 'up',
  'http://simple': 'up',
  'udp://slow': 'up',
  'udp://lossy': 'up',
  'udp://faking': 'degraded',
  'udp://rejecting': 'rejecting',
  'http://rejecting': 'rejecting',
  'udp://private': 'rejecting',
  'http://private': 'rejecting',
  'udp://refusing': 'down',
  'udp://dead': 'down',
  'http://html': 'down',
}

beforeAll(() => {
  const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'test/tsconfig.tools.json'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`the demo does not compile:\n${stdout}`)
}, 60_000)

it('each tracker of the demo is found to be what it pretends, and nothing is left behind', {
  timeout: 90_000,
}, async () => {
  const demo = await startDemo()
  expect(demo.trackers).toHaveLength(Object.keys(expected).length + 1)
  const found = await vi.waitFor(async () => {
    const page = await (await fetch(`${demo.page}metrics`)).text()
    const statuses = demo.trackers.map((url) => [nameOf(url), statusOf(page, url)] as const)
    expect(statuses.filter(([, status]) => status === 'pending' || status === null)).toEqual([])
    return Object.fromEntries(statuses)
  }, patience)
  expect(found).toEqual({ ...expected, 'udp://flapping': expect.stringMatching(/^(up|down)$/) })

  const alive = await (await fetch(`${demo.page}lists/alive.txt`)).text()
  const names = alive
    .trim()
    .split('\n')
    .map(nameOf)
    .filter((name) => !name.endsWith('//flapping'))
  const expectedAlive = Object.entries(expected).flatMap(([name, status]) =>
    (isAlive.includes(status) && !name.endsWith('//faking')) || name.endsWith('//private') ? [name] : [],
  )
  expect(names.toSorted()).toEqual(expectedAlive.toSorted())

  demo.interrupt()
  expect(await demo.ended).toEqual([0, null])
  expect(existsSync(demo.folder)).toBe(false)
  await expect(fetch(demo.page)).rejects.toThrow()
})

/** The demo as it runs after `npm run demo` has compiled it, and what it says first. */
async function startDemo() {
  const child = spawn(process.execPath, ['build/demo/demo.js'], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await ended
  })
  const said: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line)
    if (line.startsWith('What follows')) break
  }
  child.stdout.resume()
  const text = said.join('\n')
  const value = (name: string): string => new RegExp(`^  ${name} +(\\S+)`, 'm').exec(text)?.[1] ?? ''
  return {
    page: value('page'),
    folder: value('folder'),
    trackers: said
      .flatMap((line) => /^ {2}((?:udp|https?|wss?):\S+)/.exec(line)?.[1] ?? [])
      .filter((url) => url.includes('.localhost:')),
    ended,
    interrupt: () => child.kill('SIGINT'),
  }
}

/** `udp://healthy` of `udp://healthy.localhost:16970/announce` */
function nameOf(url: string): string {
  return url.replace(/\.localhost:.*/, '')
}
