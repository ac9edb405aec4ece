import { StoreError } from '../errors.js'
import { explain, explained } from './explain.js'

/** The calls under way on an open store. */
export interface Work {
  /** Runs a call; `signal` aborts when the store is to be closed. Errors are explained. */
  run<T>(body: (signal: AbortSignal) => T | Promise<T>): Promise<T>
  /** Refuses new calls, waits for those under way, then runs `last`, once. */
  close(last: () => void): Promise<void>
}

export function createWork(file: string): Work {
  const underWay = new Set<Promise<unknown>>()
  const closing = new AbortController()
  let closed: Promise<void> | null = null
  const perform = async <T>(body: (signal: AbortSignal) => T | Promise<T>): Promise<T> => {
    if (closing.signal.aborted) throw new StoreError(`${file} is closed`)
    try {
      return await body(closing.signal)
    } catch (error) {
      throw explain(error, file)
    }
  }
  const finish = async (last: () => void): Promise<void> => {
    closing.abort()
    await Promise.allSettled(underWay)
    explained(file, last)
  }
  return {
    run(body) {
      const call = perform(body)
      underWay.add(call)
      const done = () => void underWay.delete(call)
      call.then(done, done)
      return call
    },
    close(last) {
      closed ??= finish(last)
      return closed
    },
  }
}
