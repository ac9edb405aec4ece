import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.js'
import { untilClockIsRight } from '../../src/daemon/clock.js'
import { startDaemon } from '../../src/daemon/daemon.js'
import { createLog } from '../../src/daemon/log.js'
import { freshFolder, writeConfig } from '../e2e/folder.js'
import { type Logged, logTo, noon } from '../monitor/support.js'

/** Waits with a clock that shows these moments one after the other, the last of them for ever. */
async function wait(shown: readonly string[], signal?: AbortSignal) {
  const logged: Logged[] = []
  const sentences: string[] = []
  const left = shown.map((moment) => new Date(moment))
  const now = (): Date => (left.length > 1 ? left.shift() : left[0]) ?? noon
  const waited = untilClockIsRight({ now, log: logTo(logged), signal, lookEveryMs: 1 }, (it) => void sentences.push(it))
  return { waited, logged, sentences, left }
}

describe('a start', () => {
  it('does not wait for a clock that may be right', async () => {
    const { waited, logged, sentences } = await wait(['2026-01-01T00:00:00.000Z'])
    await waited
    expect([logged, sentences]).toEqual([[], []])
  })

  it.each(['1970-01-01T00:00:07.000Z', '2000-01-01T00:00:00.000Z', '2025-12-31T23:59:59.999Z'])(
    'waits for one that shows %s, and says so once',
    async (wrong) => {
      const { waited, logged, sentences, left } = await wait([wrong, wrong, wrong, wrong, noon.toISOString()])
      await waited
      expect(left).toEqual([noon])
      expect(sentences).toEqual([`This monitor’s own clock shows ${wrong}, so nothing is checked until it is set`])
      expect(logged.map(({ level, message }) => [level, message])).toEqual([
        ['warn', 'clock is wrong: waiting until it is set, by NTP or by hand'],
        ['info', 'clock is set'],
      ])
    },
  )

  it('that waits ends with its signal', async () => {
    const stop = new AbortController()
    const { waited } = await wait(['1970-01-01T00:00:00.000Z'], stop.signal)
    const reason = new Error('stopped')
    stop.abort(reason)
    await expect(waited).rejects.toBe(reason)
  })
})

it('a daemon touches no data until its clock is set', async () => {
  const folder = freshFolder()
  const { config } = await loadConfig(
    writeConfig(folder, { groups: [{ name: 'public', trackers: ['udp://127.0.0.1:1/announce'] }] }),
    {},
  )
  const wrong = new Date(7_000)
  const seen: boolean[] = []
  const now = (): Date => {
    if (seen.length > 2) return noon
    seen.push(existsSync(join(folder, 'data')))
    return wrong
  }
  const daemon = await startDaemon({
    config,
    loadConfig: async () => config,
    log: createLog({ ...config.log, level: 'error' }, { write: (line) => expect.unreachable(line) }),
    onCrash: (error) => expect.unreachable(String(error)),
    now,
  })
  // Once to look, once to say it, once more after a while.
  expect(seen).toEqual([false, false, false])
  expect(existsSync(join(folder, 'data', 'trackerwatch.db'))).toBe(true)
  await daemon.stop()
})
