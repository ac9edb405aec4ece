import { renderLists } from '../export/lists.js'
import { writeLists } from '../export/write.js'
import type { Metrics } from '../metrics/metrics.js'
import type { Logger } from '../monitor/log.js'
import type { Store } from '../store/store.js'
import type { ListRules } from '../tracker/list-rules.js'
import { nextMembership } from '../tracker/membership.js'
import { listNames, select } from '../tracker/select.js'
import { coalesced } from './turns.js'

export interface ListFilesOptions {
  readonly store: Pick<Store, 'entries' | 'listMembers' | 'changeLists'>
  readonly rules: () => ListRules
  readonly directory: () => string
  readonly metrics: Metrics
  readonly log: Logger
  readonly now: () => Date
}

/** Keeps who is on each list, and the list files, up to date: nobody else decides who enters and leaves. */
export interface ListFiles {
  /** Asks for the files to be written; requests during a write become one more write after it. */
  update(): void
  /** When everything asked for has been written. */
  settled(): Promise<void>
}

export function createListFiles(options: ListFilesOptions): ListFiles {
  const { ask, settled } = coalesced(() => write(options))
  return { update: ask, settled }
}

/** A failure is told and the next round tries again: the files of the last good write stay. */
async function write({ store, rules, directory, metrics, log, now }: ListFilesOptions): Promise<void> {
  const at = now()
  try {
    const [entries, previous] = await Promise.all([store.entries(at), store.listMembers()])
    const { members, changes } = nextMembership(previous ?? new Map(), entries, { rules: rules(), at })
    if (changes.length > 0) await store.changeLists(changes)
    const context = { rules: rules(), at, members }
    await writeLists(directory(), renderLists(entries, context))
    for (const list of listNames) {
      metrics.observeListWritten(list, select(entries, { list, order: 'uptime' }, context).length, at)
    }
  } catch (err) {
    log.error({ err, directory: directory() }, 'list files not written')
  }
}
