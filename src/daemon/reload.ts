import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../config/config.js'
import { ConfigError } from '../config/problem.js'
import type { Metrics } from '../metrics/metrics.js'
import type { Logger } from '../monitor/log.js'
import type { Monitor } from '../monitor/monitor.js'
import { createListSources, type ListSources } from '../monitor/sources.js'
import type { Tracker } from '../tracker/tracker.js'
import type { Log } from './log.js'
import { type Checker, monitorPlan } from './plan.js'

export type Reloaded = { readonly ok: true } | { readonly ok: false; readonly problems: readonly string[] }

/** What a reload replaces. */
export interface Live {
  config: Config
  sources: ListSources
}

export interface ReloadOptions {
  readonly live: Live
  readonly loadConfig: () => Promise<Config>
  readonly monitor: Monitor
  readonly checker: Checker
  readonly metrics: Metrics
  readonly submissions: { readonly accepted: () => readonly Tracker[] }
  readonly log: Log
  readonly now: () => Date
}

/** What a reload cannot change. */
const readAtStart: Readonly<Record<string, (config: Config) => unknown>> = {
  listen: ({ listen }) => listen,
  store: ({ store }) => store,
  log: ({ log }) => log,
  'submissions.file': ({ submissions }) => submissions.file,
}

/** Reads the configuration again and applies the difference. A bad one, or a store that refuses, changes nothing. */
export async function reload(options: ReloadOptions): Promise<Reloaded> {
  const { metrics, now } = options
  const log = options.log.of('config')
  try {
    const config = await options.loadConfig()
    const watched = await apply(config, options)
    metrics.observeReload(true, now())
    log.info({ trackers: watched }, 'configuration reloaded')
    return { ok: true }
  } catch (err) {
    metrics.observeReload(false, now())
    const problems = err instanceof ConfigError ? err.problems : [err instanceof Error ? err.message : String(err)]
    log.error(
      err instanceof ConfigError ? { problems } : { err },
      'configuration not reloaded, the previous one stays in force',
    )
    return { ok: false, problems }
  }
}

async function apply(config: Config, { live, monitor, checker, submissions, log }: ReloadOptions): Promise<number> {
  const before = { ...live }
  const sources = await openSources(config, log.of('sources'))
  const plan = monitorPlan(config, sources, submissions.accepted())
  // First, since the monitor may check what is new at once.
  checker.use(config)
  try {
    await monitor.update(plan)
  } catch (error) {
    checker.use(before.config)
    await sources.stop()
    throw error
  }
  live.config = config
  live.sources = sources
  await before.sources.stop()
  for (const [key, pick] of Object.entries(readAtStart)) {
    const isSame = isDeepStrictEqual(pick(before.config), pick(config))
    if (!isSame) log.of('config').warn({ key }, 'this key takes effect after a restart')
  }
  return plan.watched.length
}

/** The remote lists of a configuration, as far as earlier runs left copies. */
export async function openSources(config: Config, log: Logger): Promise<ListSources> {
  const sources = createListSources({ groups: config.groups, directory: config.sources.directory, log })
  await sources.load()
  return sources
}
