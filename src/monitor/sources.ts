import { createHash } from 'node:crypto'
import path from 'node:path'
import { ListError, parseTrackerList } from '../tracker/list.js'
import { maskUrl } from '../tracker/mask.js'
import type { Tracker } from '../tracker/tracker.js'
import { ListSourceError, readList } from './list-source.js'
import type { Logger } from './log.js'
import { loadCopy, saveCopy } from './source-copy.js'
import { afterFailure, afterFetch, firstState, isDue, type SourceState } from './source-state.js'

export interface ListSourcesOptions {
  readonly groups: readonly {
    readonly name: string
    readonly sources: readonly { readonly url: string; readonly refreshMs: number }[]
  }[]
  /** Where the last good copies are kept. Created when the first is written. */
  readonly directory: string
  readonly log: Logger
  /** Time for one fetch, ms. Default as in `readList`. */
  readonly timeoutMs?: number
}

/** What became of a list on the web. */
export interface SourceStatus {
  /** Secrets masked. */
  readonly url: string
  readonly trackers: number
  readonly lastSuccessAt: Date | null
  /** Why the newest fetch was of no use; null if it was. */
  readonly lastError: string | null
}

/** The lists on the web that groups name. A list is never emptied because a fetch failed. */
export interface ListSources {
  /** Takes up the copies that an earlier run left. */
  load(): Promise<void>
  /** Fetches what is due. True if the trackers of any group have changed. A call while one is under way joins it. */
  refreshDue(now: Date): Promise<boolean>
  /** Without duplicates, in the order of the group's sources. */
  trackers(group: string): readonly Tracker[]
  status(): readonly SourceStatus[]
  /** Idempotent. Waits for work in flight. */
  stop(): Promise<void>
}

const MAX_FETCHES_AT_ONCE = 4

interface Source {
  readonly url: string
  readonly refreshMs: number
  readonly file: string
  state: SourceState
}

export function createListSources(options: ListSourcesOptions): ListSources {
  const { groups, directory, log, timeoutMs } = options
  const sources = sourcesByUrl(options)
  const stopping = new AbortController()
  let refreshing: Promise<boolean> | null = null

  return {
    async load() {
      for (const source of sources.values()) {
        const copy = await loadCopy(source.file, log)
        if (copy !== null) source.state = { ...firstState, trackers: copy.trackers, lastSuccessAt: copy.fetchedAt }
      }
      log.debug({ directory, sources: sources.size }, 'copies of lists loaded')
    },
    refreshDue(now) {
      if (stopping.signal.aborted) return Promise.resolve(false)
      refreshing ??= refreshSources([...sources.values()], { now, log, timeoutMs, signal: stopping.signal }).finally(
        () => {
          refreshing = null
        },
      )
      return refreshing
    },
    trackers(name) {
      const urls = groups.find((group) => group.name === name)?.sources.map(({ url }) => url) ?? []
      const listed = urls.flatMap((url) => sources.get(url)?.state.trackers ?? [])
      return [...new Map(listed.map((tracker) => [tracker.url, tracker])).values()]
    },
    status: () =>
      [...sources.values()].map(({ url, state: { trackers, lastSuccessAt, lastError } }) => {
        return { url: maskUrl(url), trackers: trackers.length, lastSuccessAt, lastError }
      }),
    async stop() {
      stopping.abort()
      await refreshing?.catch(() => undefined) // whoever called refreshDue has the error
    },
  }
}

interface RefreshOptions {
  readonly now: Date
  readonly log: Logger
  readonly timeoutMs: number | undefined
  readonly signal: AbortSignal
}

/** Fetches those that are due, some at a time. Waits for all of them, also when one fails for a reason of our own. */
async function refreshSources(sources: readonly Source[], options: RefreshOptions): Promise<boolean> {
  const due = sources.filter(({ state, refreshMs }) => isDue(state, refreshMs, options.now))
  let changed = false
  const worker = async () => {
    for (let source = due.shift(); source !== undefined; source = due.shift()) {
      if (await refresh(source, options)) changed = true
    }
  }
  const workers = await Promise.allSettled(Array.from({ length: MAX_FETCHES_AT_ONCE }, worker))
  if (options.signal.aborted) return changed
  for (const ended of workers) if (ended.status === 'rejected') throw ended.reason
  return changed
}

async function refresh(source: Source, options: RefreshOptions): Promise<boolean> {
  const { log } = options
  const before = source.state
  source.state = await nextState(source, options)
  const { lastError, trackers, lastSuccessAt } = source.state
  const fields = { source: maskUrl(source.url), trackers: trackers.length }
  if (lastError !== null || lastSuccessAt === null) {
    log.warn({ ...fields, reason: lastError }, 'list not refreshed, the last good copy stays')
    return false
  }
  await saveCopy(source.file, { from: fields.source, fetchedAt: lastSuccessAt, trackers }).catch((error: unknown) =>
    log.error({ ...fields, file: source.file, err: error }, 'copy of a list not written, a restart will not have it'),
  )
  log.info(fields, 'list refreshed')
  return !sameTrackers(before.trackers, trackers)
}

async function nextState({ url, state }: Source, { now, timeoutMs, signal }: RefreshOptions): Promise<SourceState> {
  try {
    const text = await readList(url, { signal, ...(timeoutMs !== undefined && { timeoutMs }) })
    return afterFetch(state, parseTrackerList(text), now)
  } catch (error) {
    if (!(error instanceof ListSourceError || error instanceof ListError)) throw error
    return afterFailure(state, error.message, now)
  }
}

/** One source per URL, however many groups name it; the most impatient of them decides. */
function sourcesByUrl({ groups, directory }: ListSourcesOptions): Map<string, Source> {
  const sources = new Map<string, Source>()
  for (const { url, refreshMs } of groups.flatMap((group) => group.sources)) {
    const file = path.join(directory, `${createHash('sha256').update(url).digest('hex').slice(0, 16)}.txt`)
    const shortest = Math.min(refreshMs, sources.get(url)?.refreshMs ?? refreshMs)
    sources.set(url, { url, refreshMs: shortest, file, state: firstState })
  }
  return sources
}

function sameTrackers(one: readonly Tracker[], other: readonly Tracker[]): boolean {
  return one.length === other.length && one.every(({ url }, index) => url === other[index]?.url)
}
