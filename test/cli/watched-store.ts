import { join } from 'node:path'
import { openStore } from '../../src/store/open.js'
import { checksOf, MINUTE, records, start, url, watched } from '../store/support.js'
import { directory } from './support.js'

export interface WatchedStore {
  readonly folder: string
  readonly file: string
  /** As for `--store`. */
  readonly store: string
}

/**
 * A store with one tracker per name and one check per letter and minute, the last a minute ago: `+` ok, `-` failed,
 * `r` refused, `s` skipped.
 */
export async function watchedStore(letters: Readonly<Record<string, string>>): Promise<WatchedStore> {
  const folder = directory()
  const file = join(folder, 'history.db')
  const longest = Math.max(...Object.values(letters).map((text) => text.length))
  const fromMs = Date.now() - start - longest * MINUTE
  const opened = await openStore(`sqlite:${file}`)
  const names = Object.keys(letters)
  await opened.watch(
    names.map((name) => watched(name)),
    new Date(start + fromMs),
  )
  for (const name of names) await opened.record(records(checksOf(name, letters[name] ?? '', fromMs)))
  await opened.close()
  return { folder, file, store: `sqlite:${file}` }
}

export { url }
