import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A fresh folder that goes with the test. */
export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trackerwatch-e2e-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Keys of the configuration in place of `usual`; a group's trackers with everything a test on loopback needs. */
export interface Settings {
  readonly groups: readonly Group[]
  readonly [key: string]: unknown
}

interface Group {
  readonly name: string
  readonly trackers: readonly string[]
  readonly alive_when?: 'announce' | 'response'
}

/** A round at the start and none after it, a free port, and everything that is written in `folder`. */
const usual = (folder: string) => ({
  schedule: '0 0 1 1 *',
  round: { spread: '0s' },
  listen: '127.0.0.1:0',
  store: `sqlite:${join(folder, 'data', 'trackerwatch.db')}`,
  probe: { timeout: '5s', allow_private: true },
  lists: { directory: join(folder, 'data', 'lists'), stable: { min_age: '0s' } },
  sources: { directory: join(folder, 'data', 'sources') },
})

/** Writes `trackerwatch.yaml` (JSON is YAML) and returns its path. */
export function writeConfig(folder: string, settings: Settings): string {
  const file = join(folder, 'trackerwatch.yaml')
  writeFileSync(file, JSON.stringify({ ...usual(folder), ...settings }, null, 2))
  return file
}

/** Every file below a folder with the hash of its content, but for the lock file, which names whoever tried last. */
export function fingerprint(folder: string): Readonly<Record<string, string>> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.lock'))
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .map((file) => [file, createHash('sha256').update(readFileSync(file)).digest('hex')]),
  )
}
