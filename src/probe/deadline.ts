import { setMaxListeners } from 'node:events'

/** The time given to some work is over. The reason of the signal that `withDeadline` hands out. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
  readonly timeoutMs: number
  constructor(timeoutMs: number) {
    super(`no result within ${timeoutMs} ms`)
    this.timeoutMs = timeoutMs
  }
}

/**
 * Runs `work` with a signal that aborts after `timeoutMs` (reason: `DeadlineError`) or when `parent` aborts (its
 * reason). The timer and the listener are gone when the promise settles.
 *
 * Not `AbortSignal.any` with `AbortSignal.timeout`: on Node 20 that pair is collected by the garbage collector before
 * it fires, and a round hangs on the first silent tracker.
 */
export async function withDeadline<T>(
  timeoutMs: number,
  parent: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  parent?.throwIfAborted()
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(new DeadlineError(timeoutMs)), timeoutMs)
  const onParentAbort = (): void => controller.abort(parent?.reason)
  parent?.addEventListener('abort', onParentAbort, { once: true })
  try {
    return await work(controller.signal)
  } finally {
    clearTimeout(timer)
    parent?.removeEventListener('abort', onParentAbort)
  }
}

/**
 * A signal that follows `parent`, for one of many that share it: a signal with a thousand listeners takes a walk over
 * all of them to remove one. Call `unlink` when done.
 */
export function linkSignal(parent: AbortSignal): { readonly signal: AbortSignal; readonly unlink: () => void } {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  const follow = (): void => controller.abort(parent.reason)
  if (parent.aborted) follow()
  else parent.addEventListener('abort', follow, { once: true })
  return { signal: controller.signal, unlink: () => parent.removeEventListener('abort', follow) }
}

/** Rejects with the signal's reason as soon as it aborts; `promise` goes on unobserved. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let onAbort: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort)
  }
}
