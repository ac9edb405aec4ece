/** Calls run one after the other. */
export function inTurn<T>(work: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return () => {
    const result = last.then(work)
    last = result.catch(() => {})
    return result
  }
}

/** However often it is called, the work is done once. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => {
    result ??= work()
    return result
  }
}

/** Work of which one more go is enough for all that was asked for during one. */
export interface Coalesced {
  /** Asks for the work; requests while it is done become one more go after it. */
  ask(): void
  /** When everything asked for is done. */
  settled(): Promise<void>
}

/** The work tells of its own failures: what it throws is a bug. */
export function coalesced(work: () => Promise<void>): Coalesced {
  let running: Promise<void> | null = null
  let again = false
  const run = async (): Promise<void> => {
    do {
      again = false
      await work()
    } while (again)
    running = null
  }
  return {
    ask: () => {
      if (running === null) running = run()
      else again = true
    },
    settled: async () => {
      await running
    },
  }
}
