import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createListFiles } from '../../src/daemon/list-files.js'
import { createMetrics } from '../../src/metrics/metrics.js'
import type { ListChange } from '../../src/tracker/membership.js'
import type { Membership } from '../../src/tracker/select.js'
import type { Entry } from '../../src/tracker/state.js'
import { entryOf, rules } from '../export/entries.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'trackerwatch-lists-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function subject(entries: () => Promise<readonly Entry[]>, members: Membership | null = null, directory = folder) {
  const errors: string[] = []
  const changes: ListChange[] = []
  const metrics = createMetrics({ version: '0' })
  const log = { debug() {}, info() {}, warn() {}, error: (_fields: object, message: string) => errors.push(message) }

  const files = createListFiles({
    store: {
      entries,
      listMembers: async () => members,
      changeLists: async (more) => {
        changes.push(...more)
      },
    },
    rules: () => rules,
    directory: () => directory,
    metrics,
    log,
    now: () => new Date('2026-11-22T12:00:00Z'),
  })
  return { files, errors, metrics, changes }
}

describe('list files', () => {
  it('hold what the store says, in every format, and are counted', async () => {
    const { files, metrics } = subject(async () => [entryOf('udp://tracker.example:6969/announce')])
    files.update()
    await files.settled()
    expect(readFileSync(path.join(folder, 'alive.txt'), 'utf8')).toBe('udp://tracker.example:6969/announce\n')
    expect(JSON.parse(readFileSync(path.join(folder, 'udp.json'), 'utf8'))).toHaveLength(1)
    const page = await metrics.render({ entries: [], info: null, at: new Date() })
    expect(String(page.body)).toContain('trackerwatch_list_entries{list="alive"} 1')
  })

  it('hold who is on a list for having been on it, and what entered and left is kept', async () => {
    const [still, gone] = ['udp://still.example:1', 'udp://gone.example:1']
    const since = new Date('2026-11-01T00:00:00Z')
    const members: Membership = new Map([['stable', new Map([still, gone].map((url) => [url, since]))]])
    const entries = [entryOf(still, { uptime: 0.945 }), entryOf(gone, { uptime: 0.93 }), entryOf('udp://new.example:1')]
    const { files, changes, metrics } = subject(async () => entries, members)
    files.update()
    await files.settled()
    expect(readFileSync(path.join(folder, 'stable.txt'), 'utf8')).toBe('udp://new.example:1\nudp://still.example:1\n')
    const ofStable = changes.filter(({ list }) => list === 'stable').map(({ url, entered }) => [url, entered])
    expect(ofStable.toSorted()).toEqual([
      [gone, false],
      ['udp://new.example:1', true],
    ])
    const page = await metrics.render({ entries: [], info: null, at: new Date() })
    expect(String(page.body)).toContain('trackerwatch_list_entries{list="stable"} 2')
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
