import { loadConfig } from './config/load.js'
import { type Daemon, startDaemon } from './daemon/daemon.js'
import { createLog } from './daemon/log.js'
import { ListenError } from './http/server.js'
import type { Logger } from './monitor/log.js'
import { StoreError } from './store/errors.js'

export interface RunOptions {
  readonly configFile: string
  readonly env: NodeJS.ProcessEnv
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
export async function runDaemon({ configFile, env, signal }: RunOptions): Promise<number> {
  const loaded = await loadConfig(configFile, env)
  const log = createLog(loaded.config.log, process.stderr)
  for (const warning of loaded.warnings) log.warn({ warning }, 'configuration')
  const end = untilEnd(signal)
  const load = async () => (await loadConfig(configFile, env)).config
  let daemon: Daemon
  try {
    daemon = await startDaemon({ config: loaded.config, loadConfig: load, log, onCrash: end.crash })
  } catch (error) {
    end.forget()
    const forOperator = error instanceof StoreError || error instanceof ListenError
    if (!forOperator) throw error
    log.error({}, error.message)
    return 1
  }
  const onHangup = (): void => void daemon.reload()
  process.on('SIGHUP', onHangup)
  announce(daemon, loaded.config.lists.directory, log)
  const reason = await end.promise
  process.off('SIGHUP', onHangup)
  if ('error' in reason) log.error({ err: reason.error }, 'internal error, stopping')
  else log.info({ because: reason.because }, 'stopping')
  const clean = await withinMs(daemon.stop(), STOP_WITHIN_MS)
  end.forget()
  if (!clean) log.error({ withinMs: STOP_WITHIN_MS }, 'not stopped in time, giving up')
  else log.info({}, 'stopped')
  return clean && !('error' in reason) ? 0 : 1
}

function announce({ url }: Daemon, directory: string, log: Logger): void {
  log.info(
    { page: `${url}/`, metrics: `${url}/metrics`, lists: `${url}/lists/`, files: directory },
    'trackerwatch is running',
  )
}

type End = { readonly because: string } | { readonly error: unknown }

/**
 * Waits for a signal, for `stop` to abort, or for a crash. A second signal ends the process at once; but Ctrl-C under
 * `npm start` comes twice, from the terminal and from npm, and that means one wish.
 */
function untilEnd(stop: AbortSignal | undefined): {
  readonly promise: Promise<End>
  readonly crash: (error: unknown) => void
  readonly forget: () => void
} {
  let finish: (end: End) => void = () => {}
  let askedAtMs: number | null = null
  const promise = new Promise<End>((resolve) => {
    finish = resolve
  })
  const onSignal = (name: NodeJS.Signals): void => {
    const nowMs = performance.now()
    if (askedAtMs !== null && nowMs - askedAtMs > SAME_WISH_MS) process.exit(130)
    askedAtMs ??= nowMs
    finish({ because: name })
  }
  const onAbort = (): void => finish({ because: 'asked to' })
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  stop?.addEventListener('abort', onAbort)
  if (stop?.aborted === true) onAbort()
  return {
    promise,
    crash: (error) => finish({ error }),
    forget: () => {
      process.off('SIGTERM', onSignal)
      process.off('SIGINT', onSignal)
      stop?.removeEventListener('abort', onAbort)
    },
  }
}

/** Whether `work` ended in time. */
async function withinMs(work: Promise<void>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, limitMs, false)
  })
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
