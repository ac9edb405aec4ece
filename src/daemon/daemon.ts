import type { Config } from '../config/config.js'
import { packageVersion } from '../config/version.js'
import { createApp } from '../http/app.js'
import type { AppDeps } from '../http/deps.js'
import { startServer } from '../http/server.js'
import { createMetrics, type Metrics, type MetricsInput } from '../metrics/metrics.js'
import type { MonitorHooks } from '../monitor/hooks.js'
import type { Logger } from '../monitor/log.js'
import { type Monitor, startMonitor } from '../monitor/monitor.js'
import { createIdentity } from '../probe/identity.js'
import { openStore } from '../store/open.js'
import type { Store } from '../store/store.js'
import { maskUrl } from '../tracker/mask.js'
import { startBackups } from './backups.js'
import { type Blindness, createBlindness } from './blindness.js'
import { createListFiles, type ListFiles } from './list-files.js'
import { type Checker, type CheckerHooks, createChecker, monitorPlan } from './plan.js'
import { type Live, openSources, type Reloaded, reload } from './reload.js'
import { startingApp } from './starting-app.js'
import { startUpkeep } from './upkeep.js'
import { createWitnesses } from './witnesses.js'

export interface DaemonOptions {
  readonly config: Config
  /** Reads the configuration again; rejects with `ConfigError`. */
  readonly loadConfig: () => Promise<Config>
  readonly log: Logger
  /** A bug showed: the process should stop. */
  readonly onCrash: (error: unknown) => void
  readonly now?: () => Date
}

/** trackerwatch at work. */
export interface Daemon {
  /** Where the page is, without a trailing slash. */
  readonly url: string
  /** Applies the difference of a changed configuration; a bad one changes nothing. Never rejects. */
  reload(): Promise<Reloaded>
  /** Stops in the order that loses nothing: beats, checks under way, the queue, the port, the store. Idempotent. */
  stop(): Promise<void>
}

/** What belongs to one running daemon. */
interface Parts extends DaemonOptions {
  readonly now: () => Date
  readonly startedAt: Date
  readonly metrics: Metrics
  readonly store: Store
  readonly checker: Checker
  readonly files: ListFiles
  readonly live: Live
  readonly blindness: Blindness
}

/**
 * Config → parts → running. The port comes first, so that a port in use is told before any data is touched, and
 * liveness answers while a migration runs. Rejects with a sentence for the operator; then nothing is left running.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  let app: { fetch(request: Request): Response | Promise<Response> } = startingApp
  const server = await startServer({ fetch: (request) => app.fetch(request) }, options.config.listen)
  const cleanUp: (() => Promise<void>)[] = [server.stop]
  try {
    const store = await openStore(options.config.store)
    cleanUp.push(store.close)
    const parts = await assemble(options, store)
    cleanUp.push(async () => parts.checker.close())
    const monitor = await startMonitor({
      ...parts,
      plan: planOf(parts),
      check: parts.checker.check,
      hooks: hooksOf(parts),
      witnesses: createWitnesses(() => parts.live.config),
    })
    const upkeep = startUpkeep({
      ...parts,
      config: () => parts.live.config,
      refreshLists: () => refresh(parts, monitor),
    })
    const backups = await startBackups({ ...parts, config: () => parts.live.config })
    const reloadInTurn = inTurn(async () => {
      const reloaded = await reload({ ...parts, monitor })
      backups.update()
      return reloaded
    })
    app = createApp(appDeps(parts, monitor, reloadInTurn))
    const stop = once(async () => {
      upkeep.stop()
      backups.stop()
      await parts.live.sources.stop()
      await monitor.stop()
      await Promise.all([upkeep.settled(), parts.files.settled()])
      parts.checker.close()
      await server.stop()
      await store.close() // ends a backup that is under way
      await backups.settled()
    })
    return { url: server.url, reload: reloadInTurn, stop }
  } catch (error) {
    for (const step of cleanUp.reverse()) await step()
    throw error
  }
}

async function assemble(options: DaemonOptions, store: Store): Promise<Parts> {
  const { config, log, now = () => new Date() } = options
  const live: Live = { config, sources: await openSources(config, log) }
  const metrics = createMetrics({ version: packageVersion(), now })
  const rules = () => live.config.lists
  const files = createListFiles({ store, rules, directory: () => live.config.lists.directory, metrics, log, now })
  const blindness = createBlindness()
  const hooks = checkerHooks({ metrics, log, blindness })
  const checker = createChecker(config, createIdentity(await store.installSecret()), hooks)
  return { ...options, now, startedAt: now(), metrics, store, checker, files, live, blindness }
}

/** Who is told what checks find out about ourselves. */
function checkerHooks({ metrics, log, blindness }: Pick<Parts, 'metrics' | 'log' | 'blindness'>): CheckerHooks {
  return {
    onStall: (lengthMs) => {
      metrics.observeLoopStall()
      log.warn({ lengthMs: Math.round(lengthMs) }, 'event loop stood still')
    },
    onResolver: (up) => {
      metrics.setResolver(up)
      blindness.setResolver(up)
      if (up) log.info({}, 'resolver is up')
      else log.warn({}, 'resolver is down: our name servers fail for every name')
    },
  }
}

/** Who is told what. Everything that reacts to a check or a round is named here. */
function hooksOf({ metrics, files, log, blindness, onCrash }: Parts): MonitorHooks {
  return {
    onRecorded: (record, watched) => {
      metrics.observeCheck(record, watched)
      const { change } = record
      if (change === null) return
      const { from, to, reason, code, message } = change
      log.info({ tracker: maskUrl(record.result.url), from, to, reason, code, message }, 'status changed')
      files.update()
    },
    onRoundEnd: ({ group, result, durationMs, checked, endedAt }) => {
      metrics.observeRound({ result, durationMs, endedAt })
      // A beat may find that every tracker wants to be left alone a little longer.
      const level = checked === 0 ? 'debug' : 'info'
      log[level]({ group, result, checked, durationMs: Math.round(durationMs) }, 'round ended')
      files.update()
    },
    onBeatMissed: () => metrics.observeBeatMissed(),
    onLag: (lagMs) => metrics.setSchedulerLag(lagMs),
    onUplink: (family, up, detail) => {
      metrics.setUplink(family, up)
      blindness.setUplink(family, up, detail)
      log[up ? 'info' : 'warn']({ family, detail }, up ? 'uplink is up' : 'uplink is down')
    },
    onDropped: (checks) => metrics.observeDropped(checks),
    onDatabaseError: (operation) => metrics.observeDatabaseError(operation),
    onCrash,
  }
}

function appDeps(parts: Parts, monitor: Monitor, reloadNow: () => Promise<Reloaded>): AppDeps {
  const { store, metrics, live, startedAt, now, log, blindness } = parts
  const readForMetrics = createMetricsReader(parts)
  return {
    store,
    now,
    log,
    listRules: () => live.config.lists,
    ready: () => ({ ready: true, detail: 'ready' }),
    reload: reloadNow,
    status: () => {
      const { lastRoundAt, nextBeatAt } = monitor.status()
      const blind = blindness.sentences()
      return { startedAt, lastRoundAt, nextRoundAt: nextBeatAt, blind, version: packageVersion() }
    },
    renderMetrics: async () => {
      const { inFlight, queue } = monitor.status()
      metrics.setProbesInFlight(inFlight)
      metrics.setWriteQueue(queue)
      const at = now()
      return metrics.render({ ...(await readForMetrics(at)), at })
    },
  }
}

/** What the page for Prometheus shows. A store that cannot be read must not hide that: then, what it said last. */
function createMetricsReader({ store, metrics, log }: Parts): (at: Date) => Promise<Omit<MetricsInput, 'at'>> {
  let entries: MetricsInput['entries'] = []
  return async (at) => {
    try {
      entries = await store.entries(at)
      return { entries, info: await store.info() }
    } catch (err) {
      metrics.observeDatabaseError('read')
      log.error({ err }, 'history cannot be read for metrics')
      return { entries, info: null }
    }
  }
}

function planOf({ live }: Parts) {
  return monitorPlan(live.config, live.sources)
}

/** A store that refuses is told by the monitor's hooks; the lists are taken up with the next refresh that changes them. */
async function refresh(parts: Parts, monitor: Monitor): Promise<void> {
  const changed = await parts.live.sources.refreshDue(parts.now())
  if (changed) await monitor.update(planOf(parts)).catch((err) => parts.log.error({ err }, 'remote lists not taken up'))
}

/** Calls run one after the other. */
function inTurn<T>(work: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return () => {
    const result = last.then(work)
    last = result.catch(() => {})
    return result
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | undefined
  return () => {
    result ??= work()
    return result
  }
}
