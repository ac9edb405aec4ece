import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { goodTracker, startUdpTracker } from '../support/udp-tracker.js'
import { freshFolder, writeConfig } from './folder.js'
import { startDaemon } from './program.js'

const TOKEN = 'operator-0123456789'
const HELD = 'udp://held.localhost:6969/announce'
const at = '2026-11-22T10:00:00.000Z'

it('list files follow what is accepted and rejected, as the lists over HTTP do', async () => {
  const tracker = await startUdpTracker(goodTracker)
  onTestFinished(tracker.stop)
  const folder = freshFolder()
  const file = join(folder, 'submissions.json')
  mkdirSync(join(folder, 'data'))
  const held = { url: HELD, state: 'held', submittedAt: at, checkedAt: at, latencyMs: 4 }
  writeFileSync(file, JSON.stringify({ submissions: [held] }))
  const daemon = await startDaemon(
    writeConfig(folder, {
      groups: [{ name: 'local', trackers: [tracker.url] }],
      token: TOKEN,
      submissions: { mode: 'open', file },
    }),
  )
  await daemon.logged(({ msg }) => msg === 'round ended')
  const decide = async (decision: string): Promise<void> => {
    const { submissions } = await review({})
    await review({ method: 'POST', body: new URLSearchParams({ [decision]: submissions[0]?.id ?? '' }) })
  }
  const review = async (init: RequestInit): Promise<{ readonly submissions: readonly { readonly id: string }[] }> =>
    JSON.parse(
      await (
        await fetch(`${daemon.url}/submit/review.json`, { ...init, headers: { Authorization: `Bearer ${TOKEN}` } })
      ).text(),
    )
  const written = (): string => readFileSync(join(folder, 'data', 'lists', 'all.txt'), 'utf8')
  const served = (): Promise<string> => daemon.get('/lists/all.txt')

  await decide('accept')
  await expect.poll(served).toContain(HELD)
  await expect.poll(written).toBe(await served())
  await decide('reject')
  await expect.poll(served).not.toContain(HELD)
  await expect.poll(written).toBe(await served())
})
