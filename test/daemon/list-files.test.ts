import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createListFiles } from '../../src/daemon/list-files.js'
import { createMetrics } from '../../src/metrics/metrics.js'
import type { Entry } from '../../src/tracker/state.js'
import { entryOf } from '../export/entries.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'trackerwatch-lists-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function subject(entries: () => Promise<readonly Entry[]>, directory = folder) {
  const errors: string[] = []
  const metrics = createMetrics({ version: '0' })
  const log = { debug() {}, info() {}, warn() {}, error: (_fields: object, message: string) => errors.push(message) }
  const rules = { stable: { minUptime: 0.95, window: '30d' as const, minAgeMs: 0 }, best: { limit: 20 } }
  const files = createListFiles({
    store: { entries },
    rules: () => rules,
    directory: () => directory,
    metrics,
    log,
    now: () => new Date('2026-11-22T12:00:00Z'),
  })
  return { files, errors, metrics }
}

describe('list files', () => {
  it('hold what the store says, in every format, and are counted', async () => {
    const { files, metrics } = subject(async () => [entryOf('udp://tracker.example:6969/announce')])
    files.update()
    await files.settled()
    expect(readFileSync(path.join(folder, 'alive.txt'), 'utf8')).toBe('udp://tracker.example:6969/announce\n')
    expect(JSON.parse(readFileSync(path.join(folder, 'udp.json'), 'utf8'))).toHaveLength(1)
    const page = await metrics.render({ entries: [], info: null, at: new Date() })
    expect(page.body).toContain('trackerwatch_list_entries{list="alive"} 1')
  })

  it('are written once more, not as often as asked, where requests come during a write', async () => {
    let reads = 0
    const { files } = subject(async () => {
      reads++
      return []
    })
    for (let request = 0; request < 10; request++) files.update()
    await files.settled()
    expect(reads).toBe(2)
  })

  it('stay as they are, with an error in the log, where the store cannot be read, and recover', async () => {
    let broken = true
    const { files, errors } = subject(async () => {
      if (broken) throw new Error('disk I/O error')
      return []
    })
    writeFileSync(path.join(folder, 'alive.txt'), 'udp://old.example:1\n')
    files.update()
    await files.settled()
    expect(errors).toEqual(['list files not written'])
    expect(readFileSync(path.join(folder, 'alive.txt'), 'utf8')).toBe('udp://old.example:1\n')
    broken = false
    files.update()
    await files.settled()
    expect(readFileSync(path.join(folder, 'alive.txt'), 'utf8')).toBe('')
  })
})
