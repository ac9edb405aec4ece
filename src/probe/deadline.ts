/**
 * What waiting work needs of an `AbortSignal`; a real one fits too. Ours is a light one: an `EventTarget` for each of
 * ten thousand probes costs a third of what the probes themselves cost, and takes a walk over all listeners to remove
 * one.
 */
export interface AbortSignalLike {
  readonly aborted: boolean
  /** Why it was aborted; undefined before. */
  readonly reason: unknown
  throwIfAborted(): void
  /** `listener` is called once, on abort; never where the signal is aborted already. */
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once: true }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** The time given to some work is over. The reason of the signal that `withDeadline` hands out. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
  readonly timeoutMs: number
  constructor(timeoutMs: number) {
    super(`no result within ${timeoutMs} ms`)
    this.timeoutMs = timeoutMs
  }
}

export interface Deadline {
  readonly signal: AbortSignalLike
  /** Takes the timer and the listener away. */
  readonly clear: () => void
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
  parent: AbortSignalLike | undefined,
  work: (signal: AbortSignalLike) => Promise<T>,
): Promise<T> {
  const deadline = startDeadline(timeoutMs, parent)
  try {
    return await work(deadline.signal)
  } finally {
    deadline.clear()
  }
}

/** `withDeadline` for those who need the signal before and after the work. Call `clear` when done. */
export function startDeadline(timeoutMs: number, parent: AbortSignalLike | undefined): Deadline {
  parent?.throwIfAborted()
  const { signal, abort } = createAbort()
  let reading: NodeJS.Immediate | undefined
  const timer = setTimeout(() => {
    // After a stall a timer comes before the answer that lies in the socket's buffer: that is read first.
    reading = setImmediate(() => abort(new DeadlineError(timeoutMs)))
  }, timeoutMs)
  const onParentAbort = (): void => abort(parent?.reason)
  parent?.addEventListener('abort', onParentAbort, { once: true })
  const clear = (): void => {
    clearTimeout(timer)
    clearImmediate(reading)
    parent?.removeEventListener('abort', onParentAbort)
  }
  return { signal, clear }
}

/** A light signal that follows `parent`, for the many that would listen to it. Call `unlink` when done. */
export function linkSignal(parent: AbortSignalLike): {
  readonly signal: AbortSignalLike
  readonly unlink: () => void
} {
  const { signal, abort } = createAbort()
  const follow = (): void => abort(parent.reason)
  if (parent.aborted) follow()
  else parent.addEventListener('abort', follow, { once: true })
  return { signal, unlink: () => parent.removeEventListener('abort', follow) }
}

/** Rejects with the signal's reason as soon as it aborts; `promise` goes on unobserved. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignalLike): Promise<T> {
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

/** Waits. Rejects with the signal's reason as soon as it aborts. */
export function delay(ms: number, signal: AbortSignalLike): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const onAbort = (): void => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

function createAbort(): { readonly signal: AbortSignalLike; readonly abort: (reason: unknown) => void } {
  const listeners = new Set<() => void>()
  const signal = {
    aborted: false,
    reason: undefined as unknown,
    throwIfAborted: () => {
      if (signal.aborted) throw signal.reason
    },
    addEventListener: (_type: 'abort', listener: () => void) => void listeners.add(listener),
    removeEventListener: (_type: 'abort', listener: () => void) => void listeners.delete(listener),
  }
  const abort = (reason: unknown): void => {
    if (signal.aborted) return
    signal.aborted = true
    signal.reason = reason
    for (const listener of listeners) listener()
    listeners.clear()
  }
  return { signal, abort }
}
