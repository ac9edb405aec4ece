import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { ListError, parseTrackerList } from '../tracker/list.js'
import type { Tracker } from '../tracker/tracker.js'
import { ListSourceError, readList } from './list-source.js'
import type { Logger } from './log.js'

/** The last good copy of a list on the web: itself a list, with the moment of the fetch in a comment. */
export interface SourceCopy {
  readonly fetchedAt: Date
  readonly trackers: readonly Tracker[]
}

const FETCHED_AT = /^# fetched at (\S+)$/m

/** The copy in a file, or null if there is none that can be used. */
export async function loadCopy(file: string, log: Logger): Promise<SourceCopy | null> {
  try {
    const text = await readList(file)
    const fetchedAt = new Date(FETCHED_AT.exec(text)?.[1] ?? '')
    const trackers = parseTrackerList(text).trackers.map(({ tracker }) => tracker)
    if (!Number.isNaN(fetchedAt.getTime()) && trackers.length > 0) return { fetchedAt, trackers }
    log.warn({ file }, 'copy of a list is damaged, the list will be fetched')
  } catch (error) {
    if (!(error instanceof ListSourceError || error instanceof ListError)) throw error
    if (!isMissing(error)) log.warn({ file, reason: error.message }, 'copy of a list cannot be read')
  }
  return null
}

/** Writes beside the target and renames: a reader, or a crash, finds the old copy or the new one. */
export async function saveCopy(file: string, copy: SourceCopy & { readonly from: string }): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true })
  const temporary = `${file}.${randomBytes(4).toString('hex')}.tmp`
  const lines = [`# from ${copy.from}`, `# fetched at ${copy.fetchedAt.toISOString()}`]
  try {
    // Announce URLs may carry passkeys: for the owner only.
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(`${[...lines, ...copy.trackers.map(({ url }) => url)].join('\n')}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } finally {
    await rm(temporary, { force: true })
  }
}

function isMissing({ cause }: Error): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
}
