import type { Config } from '../config/config.js'
import type { Metrics } from '../metrics/metrics.js'
import type { Logger } from '../monitor/log.js'
import type { Store } from '../store/store.js'

export interface UpkeepOptions {
  readonly store: Pick<Store, 'roll' | 'prune'>
  readonly config: () => Config
  readonly metrics: Metrics
  readonly log: Logger
  readonly now: () => Date
  /** Fetches the remote lists that are due. */
  readonly refreshLists: () => Promise<void>
  readonly onCrash: (error: unknown) => void
}

const REFRESH_EVERY_MS = 60_000
const PRUNE_EVERY_MS = 10 * 60_000

/** What is done beside the checks: remote lists are refreshed, at once and then as they fall due; hours are added up, old
 * checks go. */
export function startUpkeep(options: UpkeepOptions): { stop(): void; settled(): Promise<void> } {
  const refresh = repeating(REFRESH_EVERY_MS, options.refreshLists, options.onCrash)
  const prune = repeating(PRUNE_EVERY_MS, () => tidy(options), options.onCrash)
  refresh.run()
  return {
    stop: () => {
      refresh.stop()
      prune.stop()
    },
    settled: async () => {
      await Promise.all([refresh.settled(), prune.settled()])
    },
  }
}

async function tidy({ store, config, metrics, log, now }: UpkeepOptions): Promise<void> {
  const { checksMs, hourlyMs } = config().retention
  const nowMs = now().getTime()
  const limits = { checks: new Date(nowMs - checksMs), hours: new Date(nowMs - hourlyMs) }
  try {
    await store.roll(now())
    const deleted = await store.prune(limits)
    if (deleted > 0) log.info({ deleted, before: limits.checks }, 'old checks deleted')
  } catch (err) {
    metrics.observeDatabaseError('prune')
    log.error({ err }, 'history not tidied up')
  }
}

/** Runs `work` every `everyMs`, never beside itself. */
function repeating(everyMs: number, work: () => Promise<void>, onCrash: (error: unknown) => void) {
  let running: Promise<void> | null = null
  const run = (): void => {
    running ??= work()
      .catch(onCrash)
      .finally(() => {
        running = null
      })
  }
  const timer = setInterval(run, everyMs)
  return {
    run,
    stop: () => clearInterval(timer),
    settled: async () => {
      await running
    },
  }
}
