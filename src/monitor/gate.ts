/** Lets at most so many checks through at once, whatever round they belong to. First come, first served. */
export interface Gate {
  /** Resolves with true when there is room, with false at once when the signal aborts. Every true needs a `leave`. */
  enter(signal: AbortSignal): Promise<boolean>
  leave(): void
  inFlight(): number
}

/** `limit` is asked at every entry, so that a reload can change it. 1 or more. */
export function createGate(limit: () => number): Gate {
  const waiting: (() => void)[] = []
  let inFlight = 0

  const admit = (): void => {
    while (inFlight < limit()) {
      const next = waiting.shift()
      if (next === undefined) return
      inFlight += 1
      next()
    }
  }

  return {
    enter: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve(false)
        const admitted = (): void => {
          signal.removeEventListener('abort', aborted)
          resolve(true)
        }
        const aborted = (): void => {
          waiting.splice(waiting.indexOf(admitted), 1)
          resolve(false)
        }
        signal.addEventListener('abort', aborted, { once: true })
        waiting.push(admitted)
        admit()
      }),
    leave: () => {
      inFlight -= 1
      admit()
    },
    inFlight: () => inFlight,
  }
}
