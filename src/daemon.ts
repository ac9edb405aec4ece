import type { LogConfig } from './config/config.js'
import { loadConfig } from './config/load.js'
import { cuttingShort } from './daemon/cut-short.js'
import { type Daemon, startDaemon } from './daemon/daemon.js'
import { createLog } from './daemon/log.js'
import { ListenError } from './http/server.js'
import type { Logger } from './monitor/log.js'
import { StoreError } from './store/errors.js'

export interface RunOptions {
  readonly configFile: string
  readonly env: NodeJS.ProcessEnv
  /** In place of what the configuration says of the log. */
  readonly logging?: Partial<LogConfig>
  /** Stops the daemon like SIGTERM. */
  readonly signal?: AbortSignal
}

/** The most that a stop may take; what is not over by then is given up. */
const STOP_WITHIN_MS = 9_000
const SAME_WISH_MS = 1_000

/**
 * `trackerwatch run`: loads the configuration, runs until SIGTERM or SIGINT, reloads on SIGHUP. Resolves with the exit
 * code: 0 after a clean stop, 1 where something of ours failed. Rejects with `ConfigError` before anything has started.
 */
export async function runDaemon({ configFile, env, logging, signal }: RunOptions): Promise<number> {
  const loaded = await loadConfig(configFile, env)
  const allLog = createLog({ ...loaded.config.log, ...logging }, process.stderr)
  const log = allLog.of('daemon')
  for (const warning of loaded.warnings) allLog.of('config').warn({ warning }, 'configuration')
  const end = untilEnd(signal)
  const load = async () => (await loadConfig(configFile, env)).config
  const starting = startDaemon({
    ...{ config: loaded.config, loadConfig: load, log: allLog },
    ...{ onCrash: end.crash, signal: end.signal },
  })
  const forgetHangups = reloadOnHangup(starting, end.promise)
  let daemon: Daemon
  try {
    daemon = await cuttingShort(starting, end, log)
  } catch (error) {
    end.forget()
    forgetHangups()
    if (error === end.signal.reason) {
      log.info({}, 'stopped before it had started')
      return 0
    }
    const forOperator = error instanceof StoreError || error instanceof ListenError
    if (!forOperator) throw error
    log.error({ problem: error.message }, 'not started')
    return 1
  }
  announce(daemon, loaded.config.lists.directory, log)
  const reason = await end.promise
  if ('error' in reason) log.error({ err: reason.error }, 'internal error, stopping')
  else log.info({ because: reason.because }, 'stopping')
  const isClean = await withinMs(daemon.stop(), STOP_WITHIN_MS)
  end.forget()
  forgetHangups()
  if (isClean === null) log.error({ withinMs: STOP_WITHIN_MS }, 'not stopped in time, giving up')
  else log.info({}, 'stopped')
  return isClean === true && !('error' in reason) ? 0 : 1
}

function announce({ url }: Daemon, directory: string, log: Logger): void {
  log.info(
    { page: `${url}/`, metrics: `${url}/metrics`, lists: `${url}/lists/`, files: directory },
    'trackerwatch is running',
  )
}

/**
 * Reloads on SIGHUP. Where nobody listens it ends the process: one that comes during the start, as in a long migration,
 * is heeded once that is over, and one that comes during the stop is not.
 */
function reloadOnHangup(starting: Promise<Daemon>, end: Promise<unknown>): () => void {
  let isEnding = false
  void end.then(() => {
    isEnding = true
  })
  const reload = async (): Promise<void> => {
    const daemon = await starting.catch(() => null)
    if (!isEnding) await daemon?.reload()
  }
  const onHangup = (): void => void reload()
  process.on('SIGHUP', onHangup)
  return () => process.off('SIGHUP', onHangup)
}

/** `because`: the signal, where it was one. */
type End = { readonly because: NodeJS.Signals | 'asked to' } | { readonly error: unknown }

/**
 * Waits for a signal, for `stop` to abort, or for a crash. A second signal ends the process at once; but Ctrl-C under
 * `npm start` comes twice, from the terminal and from npm, and that means one wish.
 */
function untilEnd(stop: AbortSignal | undefined): {
  readonly promise: Promise<End>
  /** Aborts when the end is wished for. */
  readonly signal: AbortSignal
  readonly crash: (error: unknown) => void
  readonly forget: () => void
} {
  let finish: (end: End) => void = () => {}
  let askedAtMs: number | null = null
  const wished = new AbortController()
  const promise = new Promise<End>((resolve) => {
    finish = resolve
  })
  const onSignal = (name: NodeJS.Signals): void => {
    const nowMs = performance.now()
    if (askedAtMs !== null && nowMs - askedAtMs > SAME_WISH_MS) process.exit(130)
    askedAtMs ??= nowMs
    finish({ because: name })
    wished.abort()
  }
  const onAbort = (): void => {
    finish({ because: 'asked to' })
    wished.abort()
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  stop?.addEventListener('abort', onAbort)
  if (stop?.aborted === true) onAbort()
  return {
    promise,
    signal: wished.signal,
    crash: (error) => finish({ error }),
    forget: () => {
      process.off('SIGTERM', onSignal)
      process.off('SIGINT', onSignal)
      stop?.removeEventListener('abort', onAbort)
    },
  }
}

/** What `work` resolves with, or null where it takes longer. */
async function withinMs<T>(work: Promise<T>, limitMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, limitMs, null)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
