import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { planOf, startWatching, urlOf } from './harness.js'
import { watch } from './support.js'

describe('a monitor that is killed in the middle of a round', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trackerwatch-kill-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('has lost no check that it reported, and the next run checks only the others', async () => {
    const url = `sqlite:${join(folder, 'history.db')}`
    const trackers = Array.from({ length: 30 }, (_, index) => watch(`t${index}`))
    const reported = await runAndKill(url, trackers.length, 15)
    expect(reported.length).toBeGreaterThanOrEqual(15)

    const store = await openStore(url)
    const states = await store.states()
    const recorded = states.filter(({ last }) => last !== null).map(urlOf)
    expect(recorded).toEqual(expect.arrayContaining(reported))
    const next = await startWatching({ store, plan: planOf(trackers) })
    await next.until(() => next.rounds.length === 1)
    await next.monitor.stop()
    await store.close()
    const others = trackers.map(urlOf).filter((tracker) => !recorded.includes(tracker))
    expect(next.started.toSorted()).toEqual(others.toSorted())
  })
})

/** Starts a monitor in a process of its own, kills it after so many reported checks and returns all it reported. */
async function runAndKill(storeUrl: string, trackers: number, enough: number): Promise<string[]> {
  const script = fileURLToPath(new URL('killed-monitor.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script, storeUrl, String(trackers)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const reported: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    reported.push(line)
    if (reported.length === enough) child.kill('SIGKILL')
  }
  expect(await exited).toEqual([null, 'SIGKILL'])
  return reported
}
