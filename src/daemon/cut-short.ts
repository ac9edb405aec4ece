import type { Logger } from '../monitor/log.js'

/** Long enough to end between two steps of a copy. */
const END_WITHIN_MS = 1_000

export interface WishToEnd {
  readonly promise: Promise<{ readonly because: NodeJS.Signals | 'asked to' } | { readonly error: unknown }>
  /** Lets go of the signals: the next one ends the process. */
  readonly forget: () => void
}

/**
 * Waits for a start. One that does not end soon after a signal is in the middle of a long statement of a migration, which
 * nothing but the end of the process can stop: it is ended as if nobody had listened to the signal, and as after a power
 * cut the next start undoes what was written by half.
 */
export async function cuttingShort<T>(starting: Promise<T>, end: WishToEnd, log: Logger): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  void end.promise.then((reason) => {
    if (isOver || 'error' in reason || reason.because === 'asked to') return
    const { because } = reason
    log.info({ because }, 'stopping before the start is over')
    timer = setTimeout(() => {
      log.warn({ because }, 'the database is being migrated: cut short and undone, the next start begins again')
      end.forget()
      process.kill(process.pid, because)
    }, END_WITHIN_MS)
  })
  try {
    return await starting
  } finally {
    isOver = true
    clearTimeout(timer)
  }
}
