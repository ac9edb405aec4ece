import { renderLists } from '../export/lists.js'
import { writeLists } from '../export/write.js'
import type { Metrics } from '../metrics/metrics.js'
import type { Logger } from '../monitor/log.js'
import type { Store } from '../store/store.js'
import { type ListRules, listNames, select } from '../tracker/select.js'

export interface ListFilesOptions {
  readonly store: Pick<Store, 'entries'>
  readonly rules: () => ListRules
  readonly directory: () => string
  readonly metrics: Metrics
  readonly log: Logger
  readonly now: () => Date
}

/** Keeps the list files up to date. */
export interface ListFiles {
  /** Asks for the files to be written; requests during a write become one more write after it. */
  update(): void
  /** When everything asked for has been written. */
  settled(): Promise<void>
}

export function createListFiles(options: ListFilesOptions): ListFiles {
  let running: Promise<void> | null = null
  let again = false
  const run = async (): Promise<void> => {
    do {
      again = false
      await write(options)
    } while (again)
    running = null
  }
  return {
    update: () => {
      if (running === null) running = run()
      else again = true
    },
    settled: async () => {
      await running
    },
  }
}

/** A failure is told and the next round tries again: the files of the last good write stay. */
async function write({ store, rules, directory, metrics, log, now }: ListFilesOptions): Promise<void> {
  const at = now()
  try {
    const entries = await store.entries(at)
    const context = { rules: rules(), at }
    await writeLists(directory(), renderLists(entries, context))
    for (const list of listNames) {
      metrics.observeListWritten(list, select(entries, { list, order: 'uptime' }, context).length, at)
    }
  } catch (err) {
    log.error({ err, directory: directory() }, 'list files not written')
  }
}
