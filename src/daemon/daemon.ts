import type { Config } from '../config/config.js'
import { packageVersion } from '../config/version.js'
import type { AppDeps } from '../http/deps.js'
import { createResponseCache, type ResponseCache } from '../http/response-cache.js'
import { startServer } from '../http/server.js'
import { createMetrics, type Metrics } from '../metrics/metrics.js'
import type { MonitorHooks } from '../monitor/hooks.js'
import { type Monitor, startMonitor } from '../monitor/monitor.js'
import { createIdentity } from '../probe/identity.js'
import { openStore } from '../store/open.js'
import type { Store } from '../store/store.js'
import { startBackups } from './backups.js'
import { type Blindness, createBlindness } from './blindness.js'
import { checkId, logCheck } from './check-log.js'
import { untilClockIsRight } from './clock.js'
import { closeStore } from './close-store.js'
import { createEventHub, type EventHub } from './events.js'
import { createListFiles, type ListFiles } from './list-files.js'
import { statusEvent, tellRound } from './live-events.js'
import type { Log } from './log.js'
import { createMetricsReader } from './metrics-reader.js'
import { createPlaces, type Places } from './places.js'
import { type Checker, type CheckerHooks, createChecker, groupRules, monitorPlan } from './plan.js'
import { createPlanUpdates } from './plan-updates.js'
import { explainPort } from './port.js'
import { createProbes, type ProbeDesk } from './probes.js'
import { type Live, openSources, type Reloaded, reload } from './reload.js'
import { type App, openSite } from './site.js'
import { startingApp, startingAppThat } from './starting-app.js'
import { openDesk } from './submission-desk.js'
import type { SubmissionDesk } from './submissions.js'
import { inTurn, once } from './turns.js'
import { startUpkeep } from './upkeep.js'
import { createWitnesses } from './witnesses.js'

export interface DaemonOptions {
  readonly config: Config
  /** Reads the configuration again; rejects with `ConfigError`. */
  readonly loadConfig: () => Promise<Config>
  readonly log: Log
  /** A bug showed: the process should stop. */
  readonly onCrash: (error: unknown) => void
  readonly now?: () => Date
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal
}

/** trackerwatch at work. */
export interface Daemon {
  /** Where the page is, without a trailing slash. */
  readonly url: string
  /** Applies the difference of a changed configuration; a bad one changes nothing. Never rejects. */
  reload(): Promise<Reloaded>
  /**
   * Stops in the order that loses nothing: beats, checks under way, the queue, the port, the store. Idempotent. Resolves
   * with whether the store took everything; what it did not take has been logged.
   */
  stop(): Promise<boolean>
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
  readonly cache: ResponseCache
  readonly events: EventHub
  readonly submissions: SubmissionDesk
  readonly probes: ProbeDesk
  readonly places: Places
}

/**
 * Config → parts → running. The port comes first, so that a port in use is told before any data is touched, and
 * liveness answers while a migration runs. Rejects with a sentence for the operator, or `signal.reason`; then nothing is
 * left running.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { log } = options
  let app: App = startingApp
  const cache = createResponseCache()
  const server = await startServer(
    { fetch: (request, connection) => app.fetch(request, connection) },
    options.config.listen,
    cache,
  ).catch((error: unknown) => explainPort(error, options.config.store))
  const cleanUp: (() => Promise<void>)[] = [server.stop]
  try {
    const { signal, now = () => new Date() } = options
    await untilClockIsRight({ now, signal, log: log.of('daemon') }, (sentence) => {
      app = startingAppThat(sentence)
    })
    app = startingApp
    const store = await openStore(options.config.store, { signal })
    cleanUp.push(store.close)
    const parts = await assemble(options, store, cache)
    cleanUp.push(async () => parts.checker.close())
    options.signal?.throwIfAborted()
    const monitor = await startMonitor({
      ...parts,
      log: log.of('monitor'),
      plan: planOf(parts),
      check: parts.checker.check,
      hooks: hooksOf(parts),
      witnesses: createWitnesses(() => parts.live.config),
    })
    cleanUp.push(monitor.stop)
    const updates = createPlanUpdates(() => updatePlan(parts, monitor), log.of('submissions'))
    parts.submissions.follow(updates.ask)
    const upkeep = startUpkeep({
      ...parts,
      log: log.of('store'),
      config: () => parts.live.config,
      refreshLists: () => refresh(parts, monitor),
    })
    cleanUp.push(async () => upkeep.stop())
    const backups = await startBackups({ ...parts, log: log.of('backup'), config: () => parts.live.config })
    const reloadInTurn = inTurn(async () => {
      const reloaded = await reload({ ...parts, monitor })
      backups.update()
      if (reloaded.ok) await parts.places.use(parts.live.config.geo)
      if (reloaded.ok) parts.files.update()
      cache.clear()
      return reloaded
    })
    const deps = appDeps(parts, monitor, reloadInTurn)
    const site = openSite(async () => (await import('../http/app.js')).createApp(deps))
    site.loaded.catch(options.onCrash)
    app = site
    const stop = once(async () => {
      upkeep.stop()
      backups.stop()
      await parts.live.sources.stop()
      await parts.submissions.stop()
      await updates.settled()
      await monitor.stop()
      await Promise.all([upkeep.settled(), parts.files.settled()])
      parts.probes.stop()
      parts.checker.close()
      parts.events.close() // together with the port, so that nobody comes back to this run
      await server.stop()
      try {
        const isClosed = await closeStore(store, log.of('store')) // ends a backup that is under way
        return isClosed && monitor.status().queue === 0
      } finally {
        await backups.settled()
      }
    })
    return { url: server.url, reload: reloadInTurn, stop }
  } catch (error) {
    for (const step of cleanUp.reverse()) await step()
    throw error
  }
}

async function assemble(options: DaemonOptions, store: Store, cache: ResponseCache): Promise<Parts> {
  const { config, log, now = () => new Date() } = options
  const live: Live = { config, sources: await openSources(config, log.of('sources')) }
  const detail = () => live.config.metrics.perTracker
  const metrics = createMetrics({ version: packageVersion(), now, detail, logLines: log.lines })
  const rules = () => live.config.lists
  const directory = () => live.config.lists.directory
  const files = createListFiles({ store, rules, directory, metrics, log: log.of('lists'), now })
  const blindness = createBlindness()
  const places = createPlaces(log.of('geo'))
  await places.use(config.geo)
  const hooks = checkerHooks({ metrics, log, blindness })
  const checker = createChecker(config, createIdentity(await store.installSecret()), hooks)
  const events = createEventHub()
  const submissions = await openDesk({ ...options, log: log.of('submissions'), now, live, checker, metrics })
  return {
    ...options,
    now,
    startedAt: now(),
    metrics,
    store,
    checker,
    files,
    live,
    blindness,
    cache,
    places,
    events,
    submissions,
    probes: createProbes({ config: () => live.config, checker }),
  }
}

/** Who is told what checks find out about ourselves. */
function checkerHooks({ metrics, log, blindness }: Pick<Parts, 'metrics' | 'log' | 'blindness'>): CheckerHooks {
  return {
    onChecked: (tracker, result) => logCheck(log.of('probe'), tracker, result),
    onStall: (lengthMs) => {
      metrics.observeLoopStall()
      log.of('uplink').warn({ lengthMs: Math.round(lengthMs) }, 'event loop stood still')
    },
    onResolver: (up) => {
      metrics.setResolver(up)
      blindness.setResolver(up)
      if (up) log.of('uplink').info({}, 'resolver is up')
      else log.of('uplink').warn({}, 'resolver is down: our name servers fail for every name')
    },
  }
}

/** Who is told what. Everything that reacts to a check or a round is named here. */
function hooksOf(parts: Parts): MonitorHooks {
  const { metrics, files, log, blindness, cache, events, onCrash } = parts
  return {
    onRecorded: (record, watched) => {
      cache.clear()
      metrics.observeCheck(record, watched)
      const { change } = record
      if (change === null) return
      const data = statusEvent(watched.tracker, change)
      const { url, from, to, reason, code, message } = data
      const check = checkId(record.result)
      log.of('monitor').info({ check, tracker: url, from, to, reason, code, message }, 'status changed')
      events.publish({ event: 'status', data })
      files.update()
    },
    onRoundEnd: (end) => {
      const { group, result, durationMs, checked, endedAt } = end
      cache.clear()
      metrics.observeRound({ result, durationMs, endedAt })
      // A beat may find that every tracker wants to be left alone a little longer.
      const level = checked === 0 ? 'debug' : 'info'
      log.of('monitor')[level]({ group, result, checked, durationMs: Math.round(durationMs) }, 'round ended')
      void tellRound(end, { ...parts, log: log.of('http') })
      files.update()
    },
    onBeatMissed: () => metrics.observeBeatMissed(),
    onLag: (lagMs) => metrics.setSchedulerLag(lagMs),
    onUplink: (family, up, detail) => {
      metrics.setUplink(family, up)
      blindness.setUplink(family, up ?? true, detail)
      cache.clear()
      if (up === null) log.of('uplink').info({ family, detail }, 'uplink is watched no more')
      else log.of('uplink')[up ? 'info' : 'warn']({ family, detail }, up ? 'uplink is up' : 'uplink is down')
    },
    onDropped: (checks) => metrics.observeDropped(checks),
    onDatabaseError: (operation) => metrics.observeDatabaseError(operation),
    onCrash,
  }
}

function appDeps(parts: Parts, monitor: Monitor, reloadNow: () => Promise<Reloaded>): AppDeps {
  const { store, metrics, live, startedAt, now, log, blindness, places, events } = parts
  const readForMetrics = createMetricsReader({ ...parts, log: log.of('store') })
  return {
    store,
    now,
    log: log.of('http'),
    placeOf: places.of,
    events,
    submissions: parts.submissions,
    probes: parts.probes,
    token: () => live.config.token,
    publicUrl: () => live.config.publicUrl,
    listRules: () => live.config.lists,
    healthPolicy: () => live.config.health,
    groupRules: (name) => groupRules(live.config, name),
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
      return metrics.render(await readForMetrics(now()))
    },
  }
}

function planOf({ live, submissions }: Parts) {
  return monitorPlan(live.config, live.sources, submissions.accepted())
}

/** A store that refuses is told by the monitor's hooks; the lists are taken up with the next refresh that changes them. */
async function refresh(parts: Parts, monitor: Monitor): Promise<void> {
  const changed = await parts.live.sources.refreshDue(parts.now())
  const log = parts.log.of('sources')
  if (changed) await updatePlan(parts, monitor).catch((err) => log.error({ err }, 'remote lists not taken up'))
}

/** Other trackers are watched from now on, so the lists have others too. */
async function updatePlan(parts: Parts, monitor: Monitor): Promise<void> {
  await monitor.update(planOf(parts))
  parts.cache.clear()
  parts.files.update()
}
